"""The texts themselves: how many there are, and how long they are."""

from typing import Dict

import numpy
from spacy.cli.debug_data import BLANK_MODEL_MIN_THRESHOLD, BLANK_MODEL_THRESHOLD

from .corpora import DEV, TRAIN, Corpora
from .findings import Finding, Level, Section, Table, check, spread

#: From how many tokens on the recipe `long` is for a text, rather than `accuracy`.
LONG = 1000
#: How many times longer than in training texts may be on which a model is measured, by the median.
MOST_LENGTHENING = 3
#: The batcher of spaCy that counts texts, however long they are.
UNBOUNDED = "spacy.batch_by_sequence.v1"


def look_at_sizes(corpora: Corpora) -> Section:
    """Look at how many texts there are, and how long they are.

    corpora (Corpora): The texts.
    RETURNS (Section): What was found.
    """
    lengths = {
        split: numpy.array([len(eg.predicted) for eg in examples])
        for split, examples in corpora.splits.items()
    }
    rows = [
        (
            split,
            len(n),
            int(n.sum()),
            *map(round, numpy.percentile(n if len(n) else [0], [50, 95, 100]).tolist()),
        )
        for split, n in lengths.items()
    ]
    header = ("split", "texts", "tokens", "median length", "95 %", "longest")
    findings = [
        _judge_number(len(corpora.train), corpora.is_new),
        check("no-dev", not corpora.dev, "No texts in dev", "Dev has texts", level=Level.fail),
        _find_empty(corpora),
        _judge_longest(corpora, lengths),
    ]
    if len(lengths[TRAIN]) and len(lengths[DEV]):
        findings.append(_compare_lengths(*(float(numpy.median(n)) for n in lengths.values())))
    return Section("Texts", findings, Table(header, rows))


def _judge_number(n: int, is_new: bool) -> Finding:
    name = "few-texts"
    advice = (
        f"At least {BLANK_MODEL_THRESHOLD:,} texts are recommended for a new pipeline, and "
        f"{BLANK_MODEL_MIN_THRESHOLD} are the minimum."
    )
    if not n or (is_new and n < BLANK_MODEL_MIN_THRESHOLD):
        return Finding(Level.fail, name, f"Too few texts in train ({n})", advice)
    if is_new and n < BLANK_MODEL_THRESHOLD:
        return Finding(Level.warn, name, f"Low number of texts in train ({n:,})", advice)
    return Finding(Level.good, name, f"Enough texts in train ({n:,})")


def _find_empty(corpora: Corpora) -> Finding:
    empty = {
        split: sum(not eg.predicted.text.strip() for eg in examples)
        for split, examples in corpora.splits.items()
    }
    bad = f"{spread(empty, 'text')} empty, or nothing but whitespace"
    advice = "Nothing can be learnt from them. Remove them."
    return check("empty", sum(empty.values()), bad, "No empty texts", advice=advice)


def _judge_longest(corpora: Corpora, lengths: Dict[str, numpy.ndarray]) -> Finding:
    longs = {split: int((n > LONG).sum()) for split, n in lengths.items()}
    name, text = "long", f"{spread(longs, 'text')} with more than {LONG:,} tokens"
    if not any(longs.values()):
        return Finding(Level.good, name, f"No texts of more than {LONG:,} tokens")
    batcher = corpora.nlp.config["training"]["batcher"].get("@batchers")
    if batcher != UNBOUNDED:
        return Finding(Level.info, name, text)
    advice = (
        f"{UNBOUNDED} puts as many of them into a batch as of short ones, which may take a lot of "
        "memory. `spacy lstm init-config --optimize long` makes a config that bounds it."
    )
    return Finding(Level.warn, name, text, advice)


def _compare_lengths(train: float, dev: float) -> Finding:
    name = "other-lengths"
    longer, shorter = max(train, dev), min(train, dev)
    return check(
        name,
        longer > MOST_LENGTHENING * shorter,
        f"Texts in train and dev differ in length: the medians are {train:g} and {dev:g} tokens",
        "Texts in train and dev are of similar length",
        advice="Texts to learn from should be like those that the pipeline is for: documents, or "
        "sentences.",
    )
