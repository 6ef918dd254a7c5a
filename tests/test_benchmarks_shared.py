"""The benchmark of a shared encoder: its configs, and its table."""

import sys
from pathlib import Path

import pytest

# As for `python benchmarks/NAME.py`, so that the files find each other.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "benchmarks"))

import shared


@pytest.mark.parametrize(
    ("heads", "weights"),
    [(("textcat",), (1.0, 0.0)), (("ner",), (0.0, 1.0)), (("textcat", "ner"), (0.5, 0.5))],
)
def test_heads_are_kept_and_the_others_left_out(heads, weights):
    config = shared.config_of(*heads)
    assert config["nlp"]["pipeline"] == ["tok2vec", *heads]
    assert list(config["components"]) == ["tok2vec", *heads]
    scores = config["training"]["score_weights"]
    assert (scores["cats_score"], scores["ents_f"]) == weights
    assert not any(scores[name] for name in scores.keys() - {"cats_score", "ents_f"})


def test_table():
    def scores(value, seconds):
        found = {"textcat": value, "ner": value / 2}
        return {"dev": found, "test": found, "train_cpu_seconds": seconds}

    cells = {
        str(seed): {**scores(0.6 + seed / 5, 50.0), "apart": scores(0.5, 90.0), "faster": 2.0}
        for seed in (0, 1)
    }
    lines = shared.table(dict.fromkeys(shared.ROWS, cells)).splitlines()
    one = "70.0 ± 14.1 | 70.0 ± 14.1 | 35.0 ± 7.1 | 35.0 ± 7.1 | 50 s |"
    two = "50.0 ± 0.0 | 50.0 ± 0.0 | 25.0 ± 0.0 | 25.0 ± 0.0 | 90 s |"
    assert lines[2] == f"| one encoder, two heads | 2 | {one}"
    assert lines[3] == f"| two pipelines | 2 | {two}"
    assert "2.0 ± 0.0 times as fast" in lines[-1]
