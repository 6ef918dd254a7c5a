from itertools import pairwise

import numpy
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from spacy_lstm.layers.lstm_plan import Plan, call_cost, choose_cuts, max_cells

CALL = 20.0
CPU = torch.device("cpu")
some_lengths = st.lists(st.integers(0, 200), max_size=60)


def cost(lengths, cuts):
    lengths = numpy.asarray(lengths)
    return sum((b - a) * (lengths > a).sum() + CALL for a, b in pairwise([0, *cuts]))


@given(some_lengths)
def test_segments_follow_one_another(lengths):
    plan = Plan(lengths, CPU, call_cost=CALL, max_cells=300)
    first = 0
    n_docs = len(lengths)
    for segment in plan.segments:
        assert segment.first == first
        assert 0 < segment.n_docs <= n_docs
        assert segment.n_cells <= 300 or segment.n_steps == 1
        first, n_docs = segment.cells.stop, segment.n_docs
    assert sum(segment.n_steps for segment in plan.segments) == max(lengths, default=0)
    assert plan.n_cells == first >= plan.n_rows == sum(lengths)


@given(some_lengths)
def test_cells_hold_each_document_in_both_orders(lengths):
    plan = Plan(lengths, CPU, call_cost=CALL)
    found = {"forward": [[] for _ in plan.lengths], "backward": [[] for _ in plan.lengths]}
    for name, docs in found.items():
        layout = getattr(plan, name)
        for segment, rows, targets in zip(plan.segments, layout.rows, layout.targets, strict=True):
            real = targets < plan.n_rows
            assert torch.equal(rows[real], targets[real])
            for cell in real.nonzero().flatten().tolist():
                docs[cell % segment.n_docs].append(int(rows[cell]))
    for start, n, forward, backward in zip(
        plan.starts, plan.lengths, found["forward"], found["backward"], strict=True
    ):
        assert forward == list(range(start, start + n))
        assert backward == forward[::-1]


@given(some_lengths)
def test_padding_is_what_belongs_to_no_row(lengths):
    plan = Plan(lengths, CPU, call_cost=CALL, max_cells=100)
    for layout in (plan.forward, plan.backward):
        for targets, padding in zip(layout.targets, plan.padding, strict=True):
            assert torch.equal((targets == plan.n_rows).nonzero().flatten(), padding)


@given(some_lengths)
def test_packed_layout_is_torchs(lengths):
    plan = Plan(lengths, CPU)
    filled = [torch.arange(n) for n in lengths if n]
    starts = [sum(lengths[:i]) for i, n in enumerate(lengths) if n]
    if not filled:
        assert len(plan.packed) == 0
        return
    rows = [start + row for start, row in zip(starts, filled, strict=True)]
    expected = torch.nn.utils.rnn.pack_sequence(rows, enforce_sorted=False)
    assert torch.equal(plan.batch_sizes, expected.batch_sizes)
    # Documents of one length may stand in either order, so compare each step's rows as a set.
    start = 0
    for size in plan.batch_sizes.tolist():
        step = plan.packed[start : start + size]
        assert torch.equal(step.sort().values, expected.data[start : start + size].sort().values)
        start += size


@given(st.lists(st.integers(1, 12), min_size=1, max_size=9))
def test_cuts_are_the_cheapest(lengths):
    lengths = numpy.array(sorted(lengths, reverse=True))
    inner, last = range(1, lengths[0]), int(lengths[0])
    choices = [
        [*(at for i, at in enumerate(inner) if mask >> i & 1), last]
        for mask in range(2 ** len(inner))
    ]
    cuts = choose_cuts(lengths, CALL)
    assert cost(lengths, cuts) == pytest.approx(min(cost(lengths, choice) for choice in choices))


def test_one_length_one_segment():
    assert choose_cuts(numpy.full(100, 20), CALL) == [20]


def test_a_long_document_does_not_pad_the_short_ones():
    assert choose_cuts(numpy.array([1000] + [10] * 99), CALL) == [10, 1000]


def test_many_lengths_are_cut_well():
    rng = numpy.random.default_rng(0)
    lengths = numpy.sort(rng.integers(1, 5000, 3000))[::-1]
    assert cost(lengths, choose_cuts(lengths, CALL)) < 1.03 * lengths.sum()


def test_a_call_costs_more_rows_where_rows_are_cheap():
    wide = call_cost(128, 128, torch.float32)
    assert wide < call_cost(48, 48, torch.float32)
    assert wide < call_cost(128, 128, torch.bfloat16)


def test_calls_are_smaller_in_training_and_never_empty():
    assert 1 <= max_cells(128, True) < max_cells(128, False)
    assert max_cells(10**9, True) == 1
