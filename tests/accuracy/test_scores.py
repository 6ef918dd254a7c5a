"""The scores of categories and entities."""

import numpy
import pytest
import spacy
from spacy.tokens import Doc
from spacy.training import Example

from .paths import ROOT  # noqa: F401  # isort: skip

from accuracy import scores
from accuracy.tasks import MULTILABEL, NER, TEXTCAT


def annotated(*all_cats):
    docs = []
    for cats in all_cats:
        doc = spacy.blank("en").make_doc("A text")
        doc.cats = cats
        docs.append(doc)
    return docs


def test_accuracy_and_macro_f():
    docs = annotated(*({"A": 1.0, "B": 0.0},) * 3, {"A": 0.0, "B": 1.0})
    rows = numpy.array([[0.9, 0.1], [0.6, 0.4], [0.3, 0.7], [0.4, 0.6]])
    examples = scores.predicted(docs, ["A", "B"], rows)
    found = scores.scores_of(TEXTCAT, {"dev": examples[:1], "test": examples})
    # A: precision 2/2, recall 2/3. B: precision 1/2, recall 1/1.
    assert found["test"] == pytest.approx({"accuracy": 3 / 4, "macro_f": (4 / 5 + 2 / 3) / 2})
    assert found["dev"]["accuracy"] == 1.0
    assert found["chosen"] == {}
    assert set(found["test"]) == set(TEXTCAT.scores)


def test_threshold_is_chosen_on_dev_where_macro_f_is_best():
    docs = annotated(
        {"A": 1.0, "B": 0.0}, {"A": 0.0, "B": 1.0}, {"A": 1.0, "B": 0.0}, {"A": 0.0, "B": 0.0}
    )
    rows = numpy.array([[0.35, 0.1], [0.1, 0.3], [0.4, 0.2], [0.2, 0.1]])
    examples = scores.predicted(docs, ["A", "B"], rows)
    lower = scores.predicted(docs, ["A", "B"], rows - 0.1)
    found = scores.scores_of(MULTILABEL, {"dev": examples, "test": lower})
    # All from 0.21 to 0.3 are right everywhere on dev.
    assert found["chosen"] == {"threshold": 0.3}
    expected = {"macro_auc": 1.0, "micro_f": 0.0, "macro_f": 0.0}
    assert found["dev"] == pytest.approx({**expected, "micro_f_chosen": 1.0, "macro_f_chosen": 1.0})
    # On test the threshold is that of dev: one A of two is found, and no B.
    assert found["test"]["macro_f_chosen"] == pytest.approx((2 / 3) / 2)
    assert set(found["test"]) == set(MULTILABEL.scores)


def test_entities_that_are_not_annotated_count_for_nothing():
    vocab = spacy.blank("en").vocab
    truth = Doc(vocab, words=["Ann", "in", "York", "Bo"], ents=["B-PER", "O", "B-LOC", ""])
    guess = Doc(vocab, words=["Ann", "in", "York", "Bo"], ents=["B-PER", "B-LOC", "O", "B-PER"])
    found = scores.scores_of(NER, {"test": [Example(guess, truth)]})
    assert found["test"] == {"p": 0.5, "r": 0.5, "f": 0.5, "labels": {"LOC": 0.0, "PER": 1.0}}
    assert set(NER.scores) < set(found["test"])
