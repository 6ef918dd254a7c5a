"""Texts that are almost the same."""

import random

import pytest

from spacy_lstm.training.near_duplicates import near_duplicates


def test_near_duplicates_are_exact():
    source = random.Random(0)
    texts = [" ".join(source.choices("abcdefgh", k=source.randint(1, 6))) for _ in range(60)]
    sets = [set(t.split()) for t in texts]
    expected = [
        (i, j, len(sets[i] & sets[j]) / len(sets[i] | sets[j]))
        for i in range(60)
        for j in range(i + 1, 60)
        if len(sets[i] & sets[j]) >= 0.6 * len(sets[i] | sets[j])
    ]
    found = near_duplicates(texts, 0.6)
    assert [(i, j, pytest.approx(share)) for i, j, share in found] == expected
    assert len(found) > 20
    assert near_duplicates(["🙂", "🙂", "🙃"], 0.5) == [(0, 1, 1.0)]
    assert near_duplicates([], 0.5) == []
