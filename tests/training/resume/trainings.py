"""Small trainings that crash after a step, and how they come out."""

import io
from pathlib import Path

import pytest
import spacy
from spacy.tokens import DocBin, Span
from spacy.training.initialize import init_nlp
from spacy.training.loop import train as train_with_spacy
from spacy.util import load_config
from thinc.api import Config

from spacy_lstm.training.resume.pace import Pace
from spacy_lstm.training.resume.train import train

from ...pipelines import CNN, EMBED, examples, listener, size_of_batches
from ...soak.kills import compare

ROOT = Path(__file__).resolve().parents[3]
OURS = {"@loggers": "spacy_lstm.ProgressLogger.v1"}


class Crash(BaseException):
    """As if the process were killed: nothing that can be caught."""


class CrashAfter(Pace):
    """A checkpoint after some steps, and a crash."""

    def __init__(self, n_steps):
        super().__init__()
        self.left = n_steps

    @property
    def is_due(self):
        self.left -= 1
        return self.left == 0

    def see(self, seconds):
        raise Crash


def write_texts(folder):
    path = folder / "texts.spacy"
    docs = [eg.reference for eg in examples(spacy.blank("en"))]
    for doc in docs:
        ents = [Span(doc, 0, 2, "START"), Span(doc, len(doc) - 1, len(doc), "END")]
        doc.ents = ents[: len(doc) - 1]
        for token in doc:
            token.tag_ = "LONG" if len(token) > 4 else "SHORT"
    DocBin(docs=docs).to_disk(path)
    return path


def project_config(name, texts, **overrides):
    path = ROOT / "project" / "configs" / f"{name}.cfg"
    whole = load_config(path)
    size = size_of_batches(whole)
    overrides = {
        "paths.train": str(texts),
        "paths.dev": str(texts),
        "training.max_steps": 8,
        "training.eval_frequency": 3,
        f"training.batcher.{size}": 8,
        **dict(_small(whole["components"], "components")),
        **overrides,
    }
    return load_config(path, overrides=overrides, interpolate=False)


def _small(section, name):
    """Tables of features with few rows: the rest is as large as it is."""
    for key, value in section.items():
        if isinstance(value, dict):
            yield from _small(value, f"{name}.{key}")
        elif key == "rows" and isinstance(value, list):
            yield f"{name}.{key}", [n // 100 for n in value]
        elif key == "length":
            yield f"{name}.{key}", 512


def config_of(nlp, texts, **training):
    config = Config().from_str(nlp.config.to_str())
    for split in ("train", "dev"):
        config["corpora"][split]["path"] = str(texts)
    config["training"].update(max_steps=8, eval_frequency=3, logger=OURS)
    config["training"].update(training)
    return config


def spacys_own(texts, encode=None):
    """spaCy's entity recognizer, which draws random numbers at each update, and tagger, on a shared
    tok2vec; sizes of batches and a learning rate by schedules."""
    tok2vec = CNN
    if encode is not None:
        embed = {**EMBED, "width": 24}
        tok2vec = {"@architectures": "spacy.Tok2Vec.v2", "embed": embed, "encode": encode}
    nlp = spacy.blank("en")
    nlp.add_pipe("tok2vec", config={"model": tok2vec})
    tagger = {"@architectures": "spacy.Tagger.v2", "tok2vec": listener(), "nO": None}
    nlp.add_pipe("tagger", config={"model": tagger})
    parser = {
        "@architectures": "spacy.TransitionBasedParser.v2",
        "state_type": "ner",
        "extra_state_tokens": False,
        "hidden_width": 16,
        "maxout_pieces": 2,
        "use_upper": True,
        "nO": None,
        "tok2vec": listener(),
    }
    nlp.add_pipe("ner", config={"model": parser, "update_with_oracle_cut_size": 2})
    config = config_of(
        nlp, texts, accumulate_gradient=2, annotating_components=["tagger"], patience=6
    )
    schedule = {"@schedules": "compounding.v1", "start": 8, "stop": 30, "compound": 1.2}
    config["training"]["batcher"]["size"] = schedule
    config["training"]["optimizer"].update(
        learn_rate={"@schedules": "decaying.v1", "base_rate": 0.01, "decay": 0.1},
        use_averages=True,
    )
    return config


def run(config, output, **settings):
    """RETURNS: What it printed."""
    stdout = io.StringIO()
    output.mkdir(exist_ok=True)
    train(config, output, stdout=stdout, stderr=io.StringIO(), **settings)
    return stdout.getvalue()


def run_spacys(config, output):
    output.mkdir()
    train_with_spacy(init_nlp(config), output, stdout=io.StringIO(), stderr=io.StringIO())


def crash(config, output, after, **settings):
    with pytest.raises(Crash):
        run(config, output, pace=CrashAfter(after), **settings)


def equal(one, other):
    """Whether both pipelines have the same bytes, and the logs the same figures but for times."""
    difference = compare(one, other)
    assert difference is None, difference
    return True
