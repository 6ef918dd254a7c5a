"""Batches, schedules, averages and clipping from one config, in spaCy's own loop."""

from io import StringIO
from pathlib import Path

import pytest
import spacy
from spacy.tokens import DocBin
from spacy.training.initialize import init_nlp
from spacy.training.loop import train
from spacy.util import load_config

from ..pipelines import examples

CONFIG = Path(__file__).resolve().parents[2] / "project" / "configs" / "textcat.cfg"


def train_with(path, output, *, max_grad_norm=5.0, averages_decay=0.9):
    overrides = {
        "paths.train": str(path),
        "paths.dev": str(path),
        "training.max_steps": 12,
        "training.eval_frequency": 6,
        "training.accumulate_gradient": 2,
        "components.textcat.max_grad_norm": max_grad_norm,
    }
    config = load_config(CONFIG, overrides=overrides, interpolate=False)
    config["training"]["optimizer"] = {
        "@optimizers": "spacy_lstm.Adam.v1",
        "averages_decay": averages_decay,
        "grad_clip": 0.0,
        "learn_rate": {
            "@schedules": "spacy_lstm.warmup_cosine.v1",
            "base_rate": 0.01,
            "warmup_steps": 3,
            "total_steps": 12,
        },
    }
    config["training"]["batcher"] = {
        "@batchers": "spacy_lstm.batch_by_tokens_and_docs.v1",
        "max_tokens": 30,
        "max_docs": 8,
    }
    output.mkdir()
    log = StringIO()
    _, best = train(init_nlp(config), output, stdout=log)
    return spacy.load(best), log.getvalue()


@pytest.fixture
def path(tmp_path):
    docs = [eg.reference for eg in examples(spacy.blank("en"))]
    DocBin(docs=docs).to_disk(tmp_path / "texts.spacy")
    return tmp_path / "texts.spacy"


def test_trains(path, tmp_path):
    nlp, log = train_with(path, tmp_path / "trained")
    assert nlp.evaluate(examples(nlp))["cats_micro_f"] > 0.8, log
    assert nlp.get_pipe("textcat").max_grad_norm == 5.0


def test_each_setting_makes_a_difference(path, tmp_path):
    trained = [
        train_with(path, tmp_path / name, **settings)[0].get_pipe("textcat").model.to_bytes()
        for name, settings in {
            "same": {},
            "again": {},
            "clipped": {"max_grad_norm": 0.01},
            "averaged": {"averages_decay": 0.2},
        }.items()
    ]
    assert trained[0] == trained[1]
    assert len(set(trained)) == 3
