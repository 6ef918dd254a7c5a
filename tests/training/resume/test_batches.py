"""Batches that are gone through again, and random numbers that go on."""

import random
from itertools import count

import numpy
import pytest
import torch
from thinc.api import fix_random_seed

from spacy_lstm.training.resume.batches import Replayable
from spacy_lstm.training.resume.random_states import get_states, set_states


def of_numpy():
    return numpy.random.random_sample(), numpy.random.randn()  # noqa: NPY002


def draws():
    numbers = [random.random(), random.gauss(0, 1), *of_numpy()]
    return [*numbers, torch.rand(1).item(), torch.randn(1).item()]


def test_random_numbers_go_on():
    fix_random_seed(3)
    draws()  # of the pairs of normal numbers, one is left
    states = get_states()
    expected = [draws() for _ in range(400)]
    fix_random_seed(4)
    set_states({**states, "python": [*states["python"]]}, step=5)
    assert [draws() for _ in range(400)] == expected


def stream(use_numpy):
    """Numbers at random, some of them without drawing any."""
    for number in count():
        if number % 3:
            yield of_numpy() if use_numpy else random.random()
        else:
            yield float(number)


@pytest.mark.parametrize("use_numpy", [True, False])
@pytest.mark.parametrize("others_draw", [True, False])
@pytest.mark.parametrize("n_items", [0, 1, 7])
def test_replay(use_numpy, others_draw, n_items):
    def take(items, n):
        taken = []
        for _ in range(n):
            taken.append(next(items))
            if others_draw:
                draws()
        return taken

    fix_random_seed(1)
    items = Replayable(stream(use_numpy))
    seen = take(items, n_items)
    states, journal = get_states(), {name: list(notes) for name, notes in items.journal.items()}
    n_notes = sum(map(len, journal.values()))
    assert n_notes == (n_items * 2 // 3 if others_draw else min(n_items // 2, 1))
    expected = take(items, 10)
    # Resumed, and resumed once more.
    for _ in range(2):
        fix_random_seed(2)
        again = Replayable(stream(use_numpy))
        assert list(again.replay(n_items, journal)) == seen
        assert again.n_items == n_items
        set_states(states, step=0)
        journal = {name: list(notes) for name, notes in again.journal.items()}
    assert take(again, 10) == expected
    assert again.journal == items.journal


def test_replay_of_fewer_items():
    items = Replayable(iter("ab"))
    assert list(items.replay(3, {"python": [], "numpy": []})) == ["a", "b"]
