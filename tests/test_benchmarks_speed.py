"""What the benchmark of speed makes of its times. The times are its own to measure."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# As for `python benchmarks/NAME.py`, so that the files find each other.
sys.path.insert(0, str(ROOT / "benchmarks"))

import alternate  # noqa: E402
import speed_targets  # noqa: E402
import speed_trees  # noqa: E402
from alternate import Pairs, Spread  # noqa: E402
from speed_layer import PACKED, SPACY  # noqa: E402


def test_ratios_are_of_pairs():
    found = Pairs(ours=[1.0, 2.0, 4.0], peer=[3.0, 2.0, 8.0])
    # 3, 1, 2: not the ratio of the medians, which is 1.5
    assert found.ratio == Spread(median=2.0, low=1.0, high=3.0)


def test_ours_and_the_peer_take_turns():
    done = []
    found = alternate.alternate(
        lambda: done.append("A"), lambda: done.append("B"), pairs=3, clock="wall", least=0.0
    )
    assert "".join(done) == "AABB" + "ABABAB"
    assert len(found.ours) == len(found.peer) == 3


def test_short_work_is_repeated(monkeypatch):
    ticks = iter(range(100))
    monkeypatch.setitem(alternate.CLOCKS, "cpu", lambda: next(ticks) / 8)
    done = []
    repeats = alternate.repeats_for(lambda: done.append(1), clock="cpu", least=0.9)
    assert (repeats, len(done)) == (8, 2)  # a call takes a tick
    assert alternate.seconds(lambda: done.append(1), 4, clock="cpu") == 1 / 32


def test_slow_work_is_done_less_often(monkeypatch):
    now = [0.0]

    def work():
        now[0] += 9.0

    monkeypatch.setitem(alternate.CLOCKS, "cpu", lambda: now[0])
    monkeypatch.setattr(alternate.time, "perf_counter", lambda: now[0])
    found = alternate.alternate(work, work, pairs=9, most=20.0)
    assert found == Pairs([9.0, 9.0], [9.0, 9.0])  # the third pair would begin after 36 s
    assert now[0] == 6 * 9.0  # no second warm-up
    assert len(alternate.alternate(work, work, pairs=9, most=0.0).ours) == 1


@pytest.mark.parametrize("power", [0.0, 1.0, 2.0])
def test_slope_is_the_power(power):
    sizes = [10, 100, 1000]
    assert alternate.slope(sizes, [3 * size**power for size in sizes]) == pytest.approx(power)


def test_a_ratio_shows_its_range():
    assert alternate.times(Spread(1.854, 1.7, 2.0)) == "1.85× (1.70–2.00)"
    assert alternate.times(Spread(25.04, 19.0, 31.0)) == "25.0× (19.00–31.0)"


def row(peer, lengths, mode, ratio, precision="float32"):
    return {
        "peer": peer,
        "lengths": lengths,
        "mode": mode,
        "width": 256,
        "precision": precision,
        "ratio": [ratio, ratio, ratio],
    }


def test_targets_say_what_is_missed_and_what_was_not_measured():
    rows = [
        row(PACKED, "mixed", "inference", 1.95),
        row(PACKED, "mixed", "training", 3.2),
        row(SPACY, "uniform", "inference", 0.96),
        row(SPACY, "uniform", "training", 1.2),
        row(SPACY, "mixed", "inference", 0.99),
    ]
    lines = speed_targets.tables({"layer": {"rows": rows}}).splitlines()[2:]
    found = {tuple(line.strip("| ").split(" | ")[:2]): line for line in lines}
    assert len(found) == len(speed_targets.TARGETS)
    packed = f"{PACKED}, width 256, mixed lengths"
    assert found[packed, "inference, float32"].endswith("| 1.95× | aim reached |")
    assert found[packed, "training step, float32"].endswith("| 3.20× | **missed** |")
    assert found[packed, "inference, bfloat16"].endswith("|  | not measured |")
    assert found[SPACY, "the least at uniform length"].endswith("| 0.96× | reached |")
    assert found[SPACY, "the least where lengths differ"].endswith("| 0.99× | **missed** |")


def test_less_memory_is_better():
    [target] = [target for target in speed_targets.TARGETS if target.less]
    assert speed_targets.verdict(target, 1500.0) == "**missed**"
    assert speed_targets.verdict(target, 500.0) == "reached"


def test_trees_by_rule():
    #        0    1    2    3    4    5    6
    tags = ["D", "N", "V", "D", "N", "V", "F"]
    heads, labels = speed_trees.rule_tree(tags)
    assert heads == [1, 2, 2, 4, 2, 2, 5]
    assert labels == ["inner", "noun", "ROOT", "inner", "noun", "verb", "tail"]
    assert speed_trees.rule_tree(["N", "D", "N"])[0] == [0, 2, 0]
    assert speed_trees.rule_tree(["F", "F"]) == ([0, 0], ["ROOT", "tail"])
