"""Categories: counts beside spaCy's scorer, confusions, curves, cases."""

import numpy
import pytest
import spacy
from spacy.scorer import Scorer
from spacy.tokens import Doc
from spacy.training import Example

from spacy_lstm.report.cases import category_cases
from spacy_lstm.report.categories import (
    category_curves,
    confuse_categories,
    count_categories,
    has_category,
    read_categories,
)
from spacy_lstm.report.scores import score, score_labels

LABELS = ["A", "B", "C"]


def example(found, golds):
    vocab = spacy.blank("en").vocab
    guess, truth = Doc(vocab, words=["x"]), Doc(vocab, words=["x"])
    guess.cats, truth.cats = dict(zip(LABELS, found, strict=True)), golds
    return Example(guess, truth)


EXCLUSIVE = [
    example([0.7, 0.2, 0.1], {"A": 1.0, "B": 0.0, "C": 0.0}),
    example([0.5, 0.4, 0.1], {"B": 1.0}),
    example([0.1, 0.8, 0.1], {"A": 0.0, "B": 0.0, "C": 1.0}),
    example([0.2, 0.2, 0.6], {"C": 1.0, "other": 0.0}),
]
INDEPENDENT = [
    example([0.7, 0.8, 0.1], {"A": 1.0, "B": 0.0, "C": 0.0}),
    example([0.5, 0.4, 0.1], {"B": 1.0}),
    example([0.61, 0.8, 0.9], {"A": 1.0, "B": 1.0, "C": 1.0}),
]


@pytest.mark.parametrize(("examples", "threshold"), [(EXCLUSIVE, None), (INDEPENDENT, 0.6)])
def test_counts_are_those_of_spacys_scorer(examples, threshold):
    counts = count_categories(read_categories(examples, LABELS, threshold))
    expected = Scorer.score_cats(
        examples,
        "cats",
        labels=LABELS,
        multi_label=threshold is not None,
        threshold=threshold,
    )
    for label in score_labels(LABELS, counts, None):
        of_spacy = expected["cats_f_per_type"][label.label]
        assert {"p": label.precision, "r": label.recall, "f": label.f} == pytest.approx(of_spacy)
    assert score(counts.sum(axis=1)).value == pytest.approx(expected["cats_micro_f"])


def test_f_over_all_labels_is_the_accuracy():
    counts = count_categories(read_categories(EXCLUSIVE, LABELS, None))
    assert score(counts.sum(axis=1)).value == 0.5


def test_confusion():
    confusion = confuse_categories(read_categories(EXCLUSIVE, LABELS, None))
    assert confusion.counts == [[1, 0, 0], [1, 0, 0], [0, 1, 1]]


def test_what_is_annotated():
    (eg,) = [example([0.5, 0.4, 0.1], {"A": 0.0, "other": 1.0})]
    assert has_category(eg, LABELS, 0.5)
    assert not has_category(eg, LABELS, None)
    assert not has_category(eg, ["B"], 0.5)
    assert numpy.isnan(read_categories([eg], LABELS, 0.5).golds).tolist() == [[False, True, True]]


def test_curves_of_all_and_of_each():
    top, *each = category_curves(read_categories(EXCLUSIVE, LABELS, None))
    assert (top.label, top.n_true, top.suggestion) == ("", 4, None)
    assert sum(part.n for part in top.bins) == 4
    assert [(curve.label, curve.n_true) for curve in each] == [("A", 1), ("B", 1), ("C", 2)]
    pooled, a, b, c = category_curves(read_categories(INDEPENDENT, LABELS, 0.6))
    assert (pooled.n_true, sum(part.n for part in pooled.bins)) == (5, 7)
    assert (a.suggestion.f, a.suggestion.f_now) == (1.0, 1.0)
    # B is found twice, once rightly, and is there twice.
    assert b.suggestion.f_now == 0.5
    assert c.suggestion.threshold == pytest.approx(0.5)


def test_worst_and_least_sure_of_one_category_a_text():
    worst, unsure = category_cases(read_categories(EXCLUSIVE, LABELS, None), 2)
    assert [(case.text, case.kind, case.expected, case.found) for case in worst] == [
        (2, "wrong", "C", "B"),
        (1, "wrong", "B", "A"),
    ]
    assert [case.probability for case in worst] == [0.8, 0.5]
    assert [(case.text, case.kind) for case in unsure] == [(1, "wrong"), (3, "right")]


def test_worst_and_least_sure_of_any_number():
    worst, unsure = category_cases(read_categories(INDEPENDENT, LABELS, 0.6), 5)
    assert [(case.text, case.kind, case.expected, case.found) for case in worst] == [
        (0, "spurious", "not B", "B"),
        (1, "missed", "B", "not B"),
    ]
    assert (unsure[0].text, unsure[0].label, unsure[0].kind) == (2, "A", "right")
