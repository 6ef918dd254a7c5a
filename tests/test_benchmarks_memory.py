"""What the benchmark of memory makes of its measurements."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# As for `python benchmarks/NAME.py`, so that the files find each other.
sys.path.insert(0, str(ROOT / "benchmarks"))

import memory  # noqa: E402
import speed_memory  # noqa: E402


def test_lengths_go_from_short_to_the_longest():
    assert set(memory.mixed(1_000_000)) == {10, 100, 1_000, 10_000, 100_000, 1_000_000}
    assert max(memory.mixed(1_000)) == 1_000


def test_each_row_says_whether_it_is_within_its_bound(monkeypatch):
    monkeypatch.setattr(speed_memory, "peak", lambda kind, **settings: 200.0)
    rows = memory.measure(1_000)
    assert [row.is_within for row in rows[:1]] == [rows[0].bound >= 200.0]
    assert any(row.n_tokens == sum(memory.mixed(1_000)) for row in rows)
    assert memory.table(rows).count("\n") == len(rows) + 1


def test_the_bound_of_a_layer_grows_with_the_tokens_and_not_faster():
    small, large = (memory.layer_bound([n], is_train=False) for n in (100_000, 1_000_000))
    per_token = 4 * memory.WIDTH + 128
    assert large - small == pytest.approx(900_000 * per_token / memory.MIB)
