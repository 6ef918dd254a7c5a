from itertools import pairwise

import numpy
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from spacy_lstm.layers.lstm_plan import STEP_COST, Plan, choose_edges

some_lengths = st.lists(st.integers(0, 200), max_size=60)


def cost(lengths, edges):
    bounds = [0, *edges, len(lengths)]
    return sum(lengths[a] * (b - a + STEP_COST) for a, b in pairwise(bounds))


@given(some_lengths)
def test_buckets_hold_every_row_once(lengths):
    plan = Plan(lengths, torch.device("cpu"))
    rows = [bucket.rows for bucket in plan.buckets]
    seen = torch.cat(rows).tolist() if rows else []
    assert sorted(seen) == list(range(sum(lengths)))


@given(some_lengths)
def test_cells_lead_back_to_their_rows(lengths):
    plan = Plan(lengths, torch.device("cpu"))
    ends = {int(end) - 1 for end in numpy.cumsum(lengths)}
    for bucket in plan.buckets:
        assert len(bucket.forward) == bucket.n_steps * bucket.n_docs
        assert torch.equal(bucket.forward[bucket.forward_cells], bucket.rows)
        assert torch.equal(bucket.backward[bucket.backward_cells], bucket.rows)
        # The backward direction begins at each document's last row, and not in padding.
        assert set(bucket.backward[: bucket.n_docs].tolist()) <= ends


@given(some_lengths)
def test_packed_layout_is_torchs(lengths):
    plan = Plan(lengths, torch.device("cpu"))
    filled = [torch.arange(n) for n in lengths if n]
    starts = [start for start, n in zip(plan.starts, lengths, strict=True) if n]
    if not filled:
        assert len(plan.packed) == 0
        return
    rows = [int(start) + row for start, row in zip(starts, filled, strict=True)]
    expected = torch.nn.utils.rnn.pack_sequence(rows, enforce_sorted=False)
    assert torch.equal(plan.batch_sizes, expected.batch_sizes)
    # Documents of one length may stand in either order, so compare each step's rows as a set.
    start = 0
    for size in plan.batch_sizes.tolist():
        step = plan.packed[start : start + size]
        assert torch.equal(step.sort().values, expected.data[start : start + size].sort().values)
        start += size


@given(st.lists(st.integers(1, 40), min_size=1, max_size=9))
def test_edges_are_the_cheapest(lengths):
    lengths = numpy.array(sorted(lengths, reverse=True))
    n = len(lengths)
    choices = [[i + 1 for i in range(n - 1) if mask >> i & 1] for mask in range(2 ** (n - 1))]
    best = min(cost(lengths, edges) for edges in choices)
    assert cost(lengths, choose_edges(lengths)) == pytest.approx(best)


def test_one_length_one_bucket():
    assert choose_edges(numpy.full(100, 20)) == []


def test_a_long_document_does_not_pad_the_short_ones():
    assert choose_edges(numpy.array([1000] + [10] * 99)) == [1]


def test_many_lengths_are_cut_quickly_and_well():
    rng = numpy.random.default_rng(0)
    lengths = numpy.sort(rng.integers(1, 5000, 3000))[::-1]
    edges = choose_edges(lengths)
    assert 5 < len(edges) < 64
    assert cost(lengths, edges) < 1.15 * lengths.sum()
