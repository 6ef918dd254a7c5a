"""Every shipped config: filled, trained for a few steps, the same twice, saved and loaded."""

from pathlib import Path

import numpy
import pytest
import spacy
from spacy.cli.init_config import fill_config
from spacy.tokens import DocBin, Span
from spacy.training.initialize import init_nlp
from spacy.training.loop import train
from spacy.util import load_config
from thinc.api import Config

from .pipelines import NEGATIVE, POSITIVE, examples, size_of_batches

CONFIGS = sorted((Path(__file__).resolve().parent.parent / "project" / "configs").glob("*.cfg"))


@pytest.fixture
def corpus(tmp_path):
    path = tmp_path / "texts.spacy"
    docs = [eg.reference for eg in examples(spacy.blank("en"))]
    for doc in docs:  # something for entity recognizers too
        doc.ents = [Span(doc, 0, 2, "START"), Span(doc, len(doc) - 1, len(doc), "END")][
            : len(doc) - 1
        ]
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
        f"training.batcher.{size_of_batches(load_config(path))}": 8,
    }
    labels = {"NEG", "POS"}
    if path.stem == "textbook":  # which has a single output
        overrides["initialize.components.textcat.labels"] = ["POS"]
        labels = {"POS"}
    weights = []
    for run in ("one", "two"):
        nlp = init_nlp(load_config(path, overrides=overrides, interpolate=False))
        (tmp_path / run).mkdir()
        with (tmp_path / f"{run}.log").open("w") as log:
            _, output = train(nlp, tmp_path / run, stdout=log)
        loaded = spacy.load(output)
        doc = loaded(POSITIVE[0])
        has_categories = any("textcat" in name for name in loaded.pipe_names)
        assert set(doc.cats) == (labels if has_categories else set())
        if "ner" in loaded.pipe_names:
            assert set(loaded.get_pipe("ner").labels) == {"START", "END"}
            assert doc.has_annotation("ENT_IOB")
        weights.append({name: pipe.model.to_bytes() for name, pipe in loaded.pipeline})
    assert weights[0] == weights[1]


def test_textbook_is_the_textbooks_model():
    config = load_config(CONFIGS[0].parent / "textbook.cfg")
    nlp = init_nlp_on(config, examples)
    model = nlp.get_pipe("textcat").model
    encode = model.get_ref("tok2vec").get_ref("encode")
    assert encode.get_dim("nO") == 128
    assert encode.attrs["directions"] == ["forward"]
    assert encode.attrs["activation"] == "relu"
    dense = [node for node in model.walk() if node.name in ("relu", "linear")]
    assert [(node.name, node.get_param("W").shape) for node in dense] == [
        ("relu", (64, 128)),
        ("linear", (1, 64)),
    ]
    assert not model.has_ref("linear_model")
    assert config["training"]["optimizer"]["@optimizers"] == "Adam.v1"
    assert config["training"]["optimizer"]["use_averages"] is False
    # The last state goes into the hidden layer, and the one output through a sigmoid.
    [doc] = [nlp.make_doc("a great film")]
    [states] = model.get_ref("tok2vec").predict([doc])
    hidden = dense[0].predict(states[-1:])
    logit = dense[1].predict(hidden)
    numpy.testing.assert_allclose(
        nlp(doc.text).cats["POS"], 1 / (1 + numpy.exp(-logit[0, 0])), rtol=1e-5
    )


def init_nlp_on(config, make_examples):
    nlp = spacy.util.load_model_from_config(config)
    data = make_examples(nlp)
    nlp.config["initialize"]["components"]["textcat"]["labels"] = ["POS"]
    nlp.initialize(lambda: data)
    return nlp
