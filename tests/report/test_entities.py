"""Entities: what is wrong with them, beside hand-made cases and spaCy's scorer."""

import numpy
import pytest
import spacy
from spacy.scorer import get_ner_prf
from spacy.tokens import Doc, Span
from spacy.training import Example

from spacy_lstm.pipeline.ner_spans import Prediction, write_scores
from spacy_lstm.report.entities import (
    confuse_entities,
    count_entities,
    count_errors,
    entity_cases,
    entity_curves,
    labels_of,
    match_entities,
    pair_entities,
)
from spacy_lstm.report.scores import score, score_labels

WORDS = ["Anna", "saw", "New", "York", "City", "and", "Ben", "at", "Acme", "in", "May"]
GOLD = [(0, 1, "PERSON"), (2, 5, "PLACE"), (6, 7, "PERSON"), (8, 9, "ORG"), (10, 11, "DATE")]
FOUND = {
    (0, 1, "PERSON"): 0.95,
    (1, 2, "PERSON"): 0.7,
    (2, 4, "PLACE"): 0.9,
    (6, 7, "PLACE"): 0.6,
    (7, 9, "PERSON"): 0.8,
}


def example(found, golds=GOLD, *, missing=(), words=WORDS):
    vocab = spacy.blank("en").vocab
    guess, truth = Doc(vocab, words=words), Doc(vocab, words=WORDS)
    guess.set_ents([Span(guess, *entity) for entity in found])
    if isinstance(found, dict):
        write_scores(guess, Prediction(list(found), found), "lstm_ner")
    blank = [truth[i : i + 1] for i in missing]
    truth.set_ents([Span(truth, *entity) for entity in golds], missing=blank)
    return Example(guess, truth)


def test_kinds_of_errors():
    pairs = pair_entities([example(FOUND)])
    assert [pair.kind for pair in pairs] == [
        "right",
        "spurious",
        "boundary",
        "type",
        "boundary and type",
        "missed",
    ]
    assert count_errors(pairs) == dict.fromkeys(
        ["boundary", "type", "boundary and type", "spurious", "missed"], 1
    )
    assert [pair.probability for pair in pairs[:2]] == [pytest.approx(0.95), pytest.approx(0.7)]
    assert pairs[-1].span == (10, 11)


def test_each_entity_is_paired_once_and_with_the_best():
    # The same tokens go before the same label, and that before more common tokens.
    assert match_entities([(0, 3, "A"), (3, 5, "B")], [(0, 3, "B"), (2, 4, "A")]) == [
        ((0, 3, "A"), (0, 3, "B")),
        ((3, 5, "B"), (2, 4, "A")),
    ]
    assert match_entities([(0, 4, "A")], [(0, 1, "A"), (1, 4, "B")]) == [
        ((0, 4, "A"), (0, 1, "A")),
        (None, (1, 4, "B")),
    ]
    assert match_entities([], []) == []


def test_counts_are_those_of_spacys_scorer():
    examples = [
        example(FOUND),
        example([(0, 1, "PERSON"), (5, 6, "ORG")], missing=[5]),
        example([]),
    ]
    pairs = pair_entities(examples)
    labels = labels_of(pairs, ["PERSON"])
    assert labels == ["DATE", "ORG", "PERSON", "PLACE"]
    counts = count_entities(pairs, labels, 3)
    expected = get_ner_prf(examples)
    for label in score_labels(labels, counts, None):
        of_spacy = expected["ents_per_type"][label.label]
        assert {"p": label.precision, "r": label.recall, "f": label.f} == pytest.approx(of_spacy)
    assert score(counts.sum(axis=1)).value == pytest.approx(expected["ents_f"])


def test_what_is_unknown_is_neither_right_nor_wrong():
    pairs = pair_entities([example([(1, 2, "PERSON")], [], missing=[1])])
    assert pairs == []


def test_confusion_has_a_row_and_a_column_for_none():
    pairs = pair_entities([example(FOUND)])
    labels = labels_of(pairs, [])
    confusion = confuse_entities(pairs, labels)
    assert confusion.labels == ["DATE", "ORG", "PERSON", "PLACE", ""]
    assert confusion.counts == [
        [0, 0, 0, 0, 1],  # DATE is missed
        [0, 0, 1, 0, 0],  # ORG becomes PERSON
        [0, 0, 1, 1, 0],
        [0, 0, 0, 1, 0],
        [0, 0, 1, 0, 0],  # spurious
    ]


def test_curves_are_those_of_what_was_found():
    pairs = pair_entities([example(FOUND)])
    whole, person, place = entity_curves(pairs, ["PERSON", "PLACE"], 0.5)
    assert (whole.n_true, person.n_true, place.n_true) == (5, 2, 1)
    assert whole.points[0] == (pytest.approx(0.95), 1.0, 0.2)
    assert whole.points[-1] == (pytest.approx(0.6), 0.2, 0.2)
    assert 0.9 < whole.suggestion.threshold < 0.95
    assert whole.suggestion.f == pytest.approx(1 / 3)
    assert place.suggestion is None
    assert entity_curves(pair_entities([example(list(FOUND))]), ["PERSON"], None) == []


def test_cases():
    examples = [example([]), example(FOUND)]
    worst, unsure = entity_cases(examples, pair_entities(examples), 6)
    shown = [(case.text, case.kind, case.expected, case.found) for case in worst]
    assert shown == [
        (1, "boundary", "New York City (PLACE)", "New York (PLACE)"),
        (1, "boundary and type", "Acme (ORG)", "at Acme (PERSON)"),
        (1, "spurious", "none", "saw (PERSON)"),
        (1, "type", "Ben (PERSON)", "Ben (PLACE)"),
        (0, "missed", "New York City (PLACE)", "none"),
        (0, "missed", "Anna (PERSON)", "none"),
    ]
    assert [case.label for case in worst[-2:]] == ["PLACE", "PERSON"]
    assert [case.kind for case in unsure[:2]] == ["type", "spurious"]
    assert numpy.all(numpy.diff([case.probability for case in unsure]) > 0)


def test_other_tokens():
    words = ["Anna", "saw", "New", "York", "City", "and", "Ben", "at", "AcmeinMay"]
    vocab = spacy.blank("en").vocab
    guess = Doc(vocab, words=words)
    guess.set_ents([Span(guess, 2, 5, "PLACE")])
    truth = Doc(vocab, words=["Anna", "saw", "NewYork", "City", "and", "Ben", "at", "AcmeinMay"])
    truth.set_ents([Span(truth, 2, 4, "PLACE"), Span(truth, 5, 6, "PERSON")])
    right, missed = pair_entities([Example(guess, truth)])
    assert (right.kind, right.found, right.span) == ("right", (2, 4, "PLACE"), (2, 5))
    assert (missed.kind, missed.gold, missed.span) == ("missed", (5, 6, "PERSON"), (6, 7))
