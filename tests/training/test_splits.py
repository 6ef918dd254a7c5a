"""Splits of texts with any number of categories."""

import pytest

from spacy_lstm.training.readers.records import DataError, Record
from spacy_lstm.training.splits import SPLITS, split_at_random


def records(*numbers):
    """So many texts with these categories."""
    return [
        Record(f"{labels} {i}", dict.fromkeys(labels.split(), 1.0), "")
        for labels, n in numbers
        for i in range(n)
    ]


def counts(splits, labels):
    """How many texts with exactly these categories are in train, dev and test."""
    return [sum(" ".join(r.cats) == labels for r in splits[split]) for split in SPLITS]


def test_one_category_for_each_text_is_split_as_ever():
    texts = records(("a", 30), ("b", 20), ("c", 3))
    assert split_at_random(texts, 3, "") == split_at_random(texts, 3, "", categories="any")
    assert split_at_random(texts, 3, "") != split_at_random(texts, 4, "", categories="any")


def test_the_rarest_category_counts():
    texts = records(("a", 100), ("a b", 10), ("", 20), ("c", 1), ("d", 1))
    splits = split_at_random(texts, 0, "", categories="any")
    assert counts(splits, "a") == [80, 10, 10]
    assert counts(splits, "a b") == [8, 1, 1]  # each split has the rare one
    assert counts(splits, "") == [16, 2, 2]
    # "c" and "d" are too rare to be split, so they are learned.
    assert counts(splits, "c") == counts(splits, "d") == [1, 0, 0]


def test_too_few_of_the_rest_are_learned_from():
    splits = split_at_random(records(("a", 10), ("b", 2)), 0, "", categories="any")
    assert counts(splits, "b") == [2, 0, 0]
    assert counts(splits, "a") == [8, 1, 1]


@pytest.mark.parametrize("labels", ["", "a b"])
def test_copies_stay_together_and_nothing_is_lost(labels):
    texts = records((labels, 30)) * 2
    splits = split_at_random(texts, 0, "", categories="any")
    found = [{record.text for record in splits[split]} for split in SPLITS]
    assert [len(texts) for texts in found] == [24, 3, 3]
    assert len(set.union(*found)) == 30
    assert sum(map(len, splits.values())) == 60


def test_too_few_texts():
    with pytest.raises(DataError, match=r"^\[L403\] mine has 2 different texts"):
        split_at_random(records(("a", 2)) * 5, 0, "mine", categories="any")
