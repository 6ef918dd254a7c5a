"""What the benchmarks share: cells, and the course of a training. The figures are their own."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
import spacy

ROOT = Path(__file__).resolve().parent.parent
# As for `python benchmarks/NAME.py`, so that the files find each other.
sys.path.insert(0, str(ROOT / "benchmarks"))

import cells  # noqa: E402
import curve  # noqa: E402


def test_cells_run_alone_with_one_thread(tmp_path):
    script = tmp_path / "cell.py"
    script.write_text(
        "import json, os, sys\nprint('talk')\n"
        "print(json.dumps([os.environ['OMP_NUM_THREADS'], os.getpid(), sys.argv[1:]]))\n"
    )
    threads, first, args = cells.run_cell(str(script), "a b", "c")
    assert (threads, args) == ("1", ["a b", "c"])
    assert cells.run_cell(str(script))[1] != first
    script.write_text("raise SystemExit(3)")
    with pytest.raises(subprocess.CalledProcessError):
        cells.run_cell(str(script))


def test_what_is_done_is_not_done_again(tmp_path, monkeypatch):
    measured = []

    def run_cell(script, name, *args):
        measured.append(args)
        return {"test": 0.5}

    monkeypatch.setattr(cells, "run_cell", run_cell)
    path = tmp_path / "folder" / "c.json"
    cells.measure_missing("script", path, "c", ["a", "ß"], [1])
    results = cells.measure_missing("script", path, "c", ["a", "ß"], [1, 10, 2])
    assert measured == [
        ("--cell", row, "--seeds", seed)
        for row, seed in [("a", "1"), ("ß", "1"), ("a", "10"), ("a", "2"), ("ß", "10"), ("ß", "2")]
    ]
    assert results == {row: {seed: {"test": 0.5} for seed in ("1", "2", "10")} for row in "aß"}
    assert list(results["a"]) == ["1", "2", "10"]  # by number
    # A line for each cell, so that a change of one is a change of one line.
    assert '  "10": {"test": 0.5}\n' in path.read_text("utf8")
    assert [file.name for file in path.parent.iterdir()] == ["c.json"]


def test_cells_of_other_settings_go(tmp_path):
    path = tmp_path / "c.json"
    for row, column, mark in [("a", "0", "x"), ("a", "1", "x"), ("b", "0", "x"), ("a", "1", "y")]:
        cells.keep_scores(path, row, column, {"fingerprint": mark})
    assert json.loads(path.read_text("utf8")) == {
        "a": {"1": {"fingerprint": "y"}},
        "b": {"0": {"fingerprint": "x"}},
    }


def test_times_add_up():
    both = cells.Took(1.04, 0.5).plus(cells.Took(2.0, 0.25))
    assert both.rounded("train_") == {"train_seconds": 3.0, "train_cpu_seconds": 0.8}


def test_the_course_of_a_training_is_kept():
    log, finish = curve.curve_logger()(spacy.blank("en"), io.StringIO(), io.StringIO())
    log({"step": 0, "score": 0.0})
    log(None)
    log({"step": 200, "score": 0.51239})
    finish()
    assert [(point["step"], point["score"]) for point in curve.points] == [(0, 0.0), (200, 0.5124)]
    assert 0 <= curve.points[0]["seconds"] <= curve.points[1]["seconds"]
    # Another training begins anew.
    curve.curve_logger()(spacy.blank("en"), io.StringIO(), io.StringIO())
    assert curve.points == []
