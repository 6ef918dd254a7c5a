"""Every shipped config: filled, trained for a few steps, the same twice, saved and loaded."""

from pathlib import Path

import pytest
import spacy
from spacy.cli.init_config import fill_config
from spacy.tokens import DocBin
from spacy.training.initialize import init_nlp
from spacy.training.loop import train
from spacy.util import load_config
from thinc.api import Config

from .pipelines import NEGATIVE, POSITIVE, examples

CONFIGS = sorted((Path(__file__).resolve().parent.parent / "project" / "configs").glob("*.cfg"))


@pytest.fixture
def corpus(tmp_path):
    path = tmp_path / "texts.spacy"
    docs = [eg.reference for eg in examples(spacy.blank("en"))]
    assert len(docs) == len(POSITIVE + NEGATIVE)
    DocBin(docs=docs).to_disk(path)
    return path


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_is_filled(path, tmp_path):
    _, filled = fill_config(tmp_path / "filled.cfg", path, silent=True)
    assert filled == Config().from_disk(path, interpolate=False)


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_trains_the_same_twice_and_loads(path, corpus, tmp_path):
    overrides = {
        "paths.train": str(corpus),
        "paths.dev": str(corpus),
        "training.max_steps": 4,
        "training.eval_frequency": 2,
        "training.batcher.size": 8,
    }
    weights = []
    for run in ("one", "two"):
        nlp = init_nlp(load_config(path, overrides=overrides, interpolate=False))
        (tmp_path / run).mkdir()
        with (tmp_path / f"{run}.log").open("w") as log:
            _, output = train(nlp, tmp_path / run, stdout=log)
        loaded = spacy.load(output)
        doc = loaded(POSITIVE[0])
        assert set(doc.cats) == {"NEG", "POS"}
        weights.append({name: pipe.model.to_bytes() for name, pipe in loaded.pipeline})
    assert weights[0] == weights[1]
