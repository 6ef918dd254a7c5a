"""What the tests of the statistics of a corpus share: annotated docs, and their statistics."""

import spacy
from spacy.tokens import Doc, DocBin

from spacy_lstm.training.splits import SPLITS

from .projects import corpus_counts, corpus_statistics

NLP = spacy.blank("en")


def doc_of(text, cats=(), *, labels=(), names=(), words=None, starts=None):
    """A doc with the categories that apply, and with names by their text and type."""
    doc = NLP.make_doc(text) if words is None else Doc(NLP.vocab, words=words, sent_starts=starts)
    doc.cats = {label: float(label in cats) for label in labels or cats}
    for name, kind in names:
        start = doc.text.index(name)
        doc.set_ents([doc.char_span(start, start + len(name), label=kind)], default="unmodified")
    return doc


def save(folder, train, dev=None, test=None):
    """Write a preprocessed corpus; dev and test are as train where they aren't given."""
    folder.mkdir(parents=True, exist_ok=True)
    for split, docs in zip(SPLITS, (train, dev or train, test or train), strict=True):
        DocBin(docs=docs).to_disk(folder / f"{split}.spacy")
    return folder


def statistics_of(train, dev=None, test=None, **settings):
    counts = {
        split: corpus_counts.count_docs(docs)
        for split, docs in zip(SPLITS, (train, dev or train, test or train), strict=True)
    }
    return corpus_statistics.describe_corpus(counts, **settings)
