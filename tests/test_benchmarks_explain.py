"""The benchmark of explanations."""

import sys
from pathlib import Path

import pytest

# As for `python benchmarks/NAME.py`, so that the files find each other.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "benchmarks"))

import explain as benchmark

from .pipelines import POSITIVE, textcat_pipeline, train


def test_measures_of_a_method():
    nlp = textcat_pipeline()
    train(nlp)
    docs = [nlp.make_doc(text) for text in POSITIVE[:4]]
    scores = benchmark.measure_method(nlp, docs, "integrated_gradients")
    assert scores["n_texts"] == 4
    assert 0 <= scores["mean_gap"] <= scores["largest_gap"] <= 0.01
    assert scores["deletion_beats_random"] in (0.25, 0.5, 0.75, 1.0)
    assert scores["deletion_gain"] > 0
    assert "largest_gap" not in benchmark.measure_method(nlp, docs, "occlusion")


def test_table():
    scores = {
        "n_texts": 200,
        "deletion_beats_random": 0.985,
        "insertion_beats_random": 0.99,
        "deletion_gain": 0.2511,
        "insertion_gain": -0.1,
        "seconds": 0.05,
    }
    both = {"integrated_gradients": {**scores, "largest_gap": 0.00912}, "occlusion": scores}
    lines = benchmark.table({"SST-2": {"0": both}}).splitlines()
    curves = "98.5 % (+0.251) | 99.0 % (-0.100)"
    assert lines[2] == f"| SST-2 | integrated_gradients | 200 | {curves} | 0.91 % | 0.050 |"
    assert lines[3] == f"| SST-2 | occlusion | 200 | {curves} |  | 0.050 |"


@pytest.mark.parametrize("row", benchmark.ROWS)
def test_configs_are_there(row):
    _, make_config = benchmark.ROWS[row]
    max_epochs = make_config()["training"]["max_epochs"]
    assert not max_epochs or max_epochs > benchmark.N_EPOCHS
