"""Tiny corpora and results for the tests of benchmarks/accuracy."""

import spacy
from spacy.tokens import Doc

from .paths import ROOT  # noqa: F401

GOOD = ("a good film", "good and warm", "so good it was", "a warm play", "warm and good too")
BAD = ("a bad film", "bad and cold", "so bad it was", "a cold play", "cold and bad too")


def cats_docs(times=1):
    """Docs with one of two categories."""
    nlp = spacy.blank("en")
    docs = []
    for i in range(times):
        for label, texts in (("good", GOOD), ("bad", BAD)):
            for text in texts:
                doc = nlp.make_doc(f"{text} {i}")
                doc.cats = {"bad": float(label == "bad"), "good": float(label == "good")}
                docs.append(doc)
    return docs


def ents_docs():
    """Docs with entities."""
    vocab = spacy.blank("en").vocab
    names = ("Ann", "Bo", "Cy", "Di")
    docs = []
    for name in names:
        docs.append(Doc(vocab, words=[name, "ate", "soup"], ents=["B-PER", "O", "O"]))
        words = ["in", "York", "we", "saw", name, "Lee"]
        docs.append(Doc(vocab, words=words, ents=["O", "B-LOC", "O", "O", "B-PER", "I-PER"]))
    return docs


def same_everywhere(docs):
    """The same docs as train, dev and test."""
    return {"train": docs, "dev": docs, "test": docs}


def cell(value, *, key="accuracy", others=("macro_f",), cpu=60.0, **more):
    """A cell of results."""
    found = {key: value, **dict.fromkeys(others, 0.5)}
    times = {"train_seconds": 90.0, "train_cpu_seconds": cpu, "words_per_second": 20_000}
    return {"dev": found, "test": found, "megabytes": 1.5, **times, **more}
