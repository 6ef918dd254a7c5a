"""What is explained is what a component says, and gradients are right."""

from dataclasses import replace

import numpy
import pytest
from spacy.tokens import Span

from spacy_lstm.explain.heads import find_head, run_until
from spacy_lstm.explain.targets import CategoryTarget, EntityTarget, Piece

from ..gradients import numeric_gradient
from ..ner_pipelines import scores as entity_scores
from ..pipelines import blank, example, textcat_model, train
from .pipes import NAMES, NERS, TEXT, TEXTCATS, trained


def three_labels():
    nlp = blank()
    nlp.add_pipe("lstm_textcat", config={"model": textcat_model()})
    data = [
        example(nlp, text, {label: float(label == gold) for label in "ABC"})
        for text, gold in (("one two", "A"), ("three four", "B"), ("five", "C"))
    ]
    train(nlp, data, steps=5)
    return nlp


@pytest.mark.parametrize("kind", TEXTCATS)
def test_log_odds_are_those_of_the_probability(kind):
    nlp = trained(kind)
    for label, p in nlp(TEXT).cats.items():
        target = CategoryTarget(nlp, find_head(nlp, None), label)
        scores = target.scores([nlp.make_doc(TEXT), nlp.make_doc("other words")])
        assert scores[0] == pytest.approx(numpy.log(p / (1 - p)), abs=1e-4)
        assert target.probabilities(scores)[0] == pytest.approx(p, abs=1e-6)


@pytest.mark.parametrize("make", [three_labels, lambda: trained("multilabel")])
def test_gradient_of_log_odds(make):
    nlp = make()
    head = find_head(nlp, None)
    logits = numpy.random.default_rng(0).normal(size=(2, len(head.labels))) * 3
    pieces = [Piece(nlp.make_doc("a"), 0)] * 2
    for label in head.labels:
        target = CategoryTarget(nlp, head, label)
        _, gradient = target.evaluate(logits, pieces)
        numeric = numeric_gradient(
            lambda target=target: target.evaluate(logits, pieces)[0].sum(), logits
        )
        numpy.testing.assert_allclose(gradient, numeric, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", NERS)
def test_log_probability_is_what_the_component_writes(kind):
    nlp = trained(kind)
    pipe = nlp.get_pipe("ner")
    pipe.cfg["temperature"] = 1.7
    try:
        doc = nlp(NAMES)
        found = entity_scores(doc)
        assert found
        for (start, end, label), p in found.items():
            target = EntityTarget(nlp, find_head(nlp, None), label, (start, end))
            scores = target.scores([nlp.make_doc(NAMES)])
            assert target.probabilities(scores)[0] == pytest.approx(p, rel=1e-4)
    finally:
        pipe.cfg["temperature"] = 1.0


@pytest.mark.parametrize("kind", ["biluo", "bio"])
def test_gradient_of_log_probability(kind):
    nlp = trained(kind)
    head = find_head(nlp, None)
    # One piece where the tokens allow everything, and one with a blank in it.
    docs = [nlp.make_doc("Ben Moss ran"), nlp.make_doc("Ben Moss  ran")]
    target = EntityTarget(nlp, head, "PERSON", (0, 2))
    pieces = [target.piece(doc) for doc in docs]
    scores = head.pipe.model.predict(docs)
    emissions = scores.emissions.astype("float64")
    scores = replace(scores, emissions=emissions)
    _, gradients = target.evaluate(scores, pieces)
    numeric = numeric_gradient(lambda: target.evaluate(scores, pieces)[0].sum(), emissions)
    numpy.testing.assert_allclose(gradients.emissions, numeric, rtol=1e-4, atol=1e-6)


def test_what_was_set_before_is_given():
    """The probability is that with the entities of earlier components, which are kept."""
    nlp = trained("biluo")
    ruled = blank()
    ruled.add_pipe("entity_ruler").add_patterns([{"label": "THING", "pattern": "Moss"}])
    ruled.add_pipe("ner", source=nlp)
    doc = ruled.make_doc(NAMES)
    found = entity_scores(ruled(NAMES))
    (start, end, label), p = next(iter(found.items()))
    target = EntityTarget(ruled, find_head(ruled, "ner"), label, (start, end))
    assert target.probabilities(target.scores([doc]))[0] == pytest.approx(p, rel=1e-4)
    impossible = EntityTarget(ruled, find_head(ruled, "ner"), "PERSON", (2, 4))
    (done,) = run_until(ruled, [ruled.make_doc(NAMES)], "ner", through=False)
    assert Span(done, 3, 4, label="THING") in done.ents
    scores = ruled.get_pipe("ner").model.predict([done])
    assert impossible.evaluate(scores, [impossible.piece(done)])[0] == -numpy.inf
