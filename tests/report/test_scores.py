"""Scores from counts, and of parts of the texts."""

from collections import Counter

import numpy
import pytest
import spacy

from spacy_lstm.report.scores import LabelScores, f_of, score, score_labels
from spacy_lstm.report.slices import slice_all, slice_labels, slice_texts, unseen_share

# Two labels, four texts: right, wrong and missed.
COUNTS = numpy.array(
    [
        [[1, 0, 0], [0, 0, 0]],
        [[0, 1, 0], [0, 0, 1]],
        [[2, 0, 0], [0, 0, 0]],
        [[0, 0, 1], [0, 2, 0]],
    ]
)


def test_f():
    assert f_of(3, 1, 1) == 0.75
    assert f_of(0, 0, 0) is None


def test_labels():
    a, b = score_labels(["A", "B"], COUNTS, [7, 0])
    assert a == LabelScores("A", 0.75, 0.75, 0.75, 4, 4, 7)
    assert b == LabelScores("B", 0.0, 0.0, 0.0, 1, 2, 0)


def test_interval_holds_the_score_and_narrows():
    counts = COUNTS.sum(axis=1)
    few, many = score(counts), score(numpy.tile(counts, (50, 1)))
    assert few.value == many.value == 6 / 11
    assert few.low <= many.low < 6 / 11 < many.high <= few.high
    # 200 texts, half of them without a mistake: two standard errors are about 0.07.
    assert (many.low, many.high) == (pytest.approx(0.475, abs=0.02), pytest.approx(0.617, abs=0.02))
    assert score(counts[:1])[1:] == (1.0, 1.0)


def test_nothing_to_score():
    assert score(numpy.zeros((3, 3), dtype=int)) == (None, None, None)
    assert score(numpy.zeros((0, 3), dtype=int)) == (None, None, None)


def test_texts_are_cut_at_quartiles():
    values = numpy.array([3, 9, 1, 5])
    cut = slice_texts("length", values, COUNTS, "{:g} to {:g}".format)
    assert [(part.name, part.n) for part in cut.parts] == [
        ("1 to 1", 1),
        ("3 to 3", 1),
        ("5 to 5", 1),
        ("9 to 9", 1),
    ]
    assert [part.score.value for part in cut.parts] == [1.0, 1.0, 0.0, 0.0]
    same = slice_texts("length", numpy.full(4, 2), COUNTS, "{:g} to {:g}".format)
    (part,) = same.parts
    assert (part.name, part.n, part.score.value) == ("2 to 2", 4, 6 / 11)


def test_labels_are_cut_by_frequency():
    labels = score_labels(["A", "B"], COUNTS, None)
    cut = slice_labels(labels, COUNTS)
    assert cut.by == "frequency of the label in these texts"
    assert [(part.name, part.score.value) for part in cut.parts] == [("1: B", 0.0), ("4: A", 0.75)]
    in_training = slice_labels(score_labels(["A", "B"], COUNTS, [3, 9]), COUNTS)
    assert [part.name for part in in_training.parts] == ["3: A", "9: B"]


def test_new_words():
    nlp = spacy.blank("en")
    docs = [nlp(text) for text in ("the cat", "The dog", "", "a \n cat")]
    known = Counter(["the", "cat"])
    assert [unseen_share(doc, known) for doc in docs] == [0.0, 0.5, 0.0, 0.5]
    labels = score_labels(["A", "B"], COUNTS, None)
    assert len(slice_all(docs, labels, COUNTS, None)) == 2
    _, by_words, _ = slice_all(docs, labels, COUNTS, known)
    assert [(part.name, part.n) for part in by_words.parts] == [("0 %", 2), ("50 %", 2)]
