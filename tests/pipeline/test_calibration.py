"""Whether probabilities agree with how often they are right."""

import math

import numpy
import pytest
import spacy
from spacy.tokens import Doc, Span
from spacy.training import Example

from spacy_lstm.pipeline.calibration import (
    calibration_error,
    golden_section,
    measure_calibration,
)
from spacy_lstm.pipeline.ner_calibrate import calibrate_component, calibrate_pipeline
from spacy_lstm.pipeline.ner_scorer import judged_entities, ner_score

from ..ner_pipelines import (
    TEXTS,
    annotated,
    found,
    ner_examples,
    ner_pipeline,
    shared_ner_pipeline,
    train_ner,
)


def test_error_by_hand():
    # 20 answers make two bins of ten.
    p = numpy.array([0.2] * 10 + [0.9] * 10)
    y = numpy.array([1, 1, 1, 1, 0, 0, 0, 0, 0, 0] + [1] * 8 + [0] * 2, dtype=float)
    expected = (10 * abs(0.2 - 0.4) + 10 * abs(0.9 - 0.8)) / 20
    assert calibration_error(p, y) == pytest.approx(expected)
    order = numpy.random.default_rng(0).permutation(20)
    assert calibration_error(p[order], y[order]) == pytest.approx(expected)
    # Fewer than 20 make one, in which faults may cancel each other out.
    assert calibration_error(numpy.array([1.0, 0.0]), numpy.array([0.0, 1.0])) == 0.0
    assert calibration_error(numpy.array([0.75]), numpy.array([0.0])) == 0.75


def test_perfect_probabilities_are_at_the_floor_and_others_above():
    rng = numpy.random.default_rng(1)
    p = rng.random(2000)
    perfect = measure_calibration(p, rng.random(2000) < p)
    assert perfect.value < 1.6 * perfect.floor
    assert perfect.low < perfect.value * 1.5
    sure = measure_calibration(p**0.2, rng.random(2000) < p)
    assert sure.value > 0.2
    assert sure.low < sure.value < sure.high
    assert sure.low > 3 * sure.floor
    # The floor falls with the root of the number of answers.
    few = measure_calibration(p[:200], rng.random(200) < p[:200])
    assert few.floor > 2 * perfect.floor


def test_is_reproducible_and_takes_nothing():
    p, y = numpy.linspace(0, 1, 50), numpy.arange(50) % 2
    assert measure_calibration(p, y) == measure_calibration(p, y)
    assert measure_calibration(p, y) != measure_calibration(p, y, seed=1)
    assert measure_calibration(numpy.zeros(0), numpy.zeros(0)) is None


@pytest.mark.parametrize("lowest", [-3.0, 0.1, 2.9])
def test_golden_section(lowest):
    calls = []

    def function(x):
        calls.append(x)
        return (x - lowest) ** 2

    assert golden_section(function, -3, 3, tolerance=1e-4) == pytest.approx(lowest, abs=1e-4)
    assert len(calls) < 30


def test_scores_of_entities():
    nlp = ner_pipeline()
    train_ner(nlp, steps=12)
    golds = [eg.reference for eg in ner_examples(nlp)]
    golds[0] = annotated(nlp, TEXTS[0][0], [(0, 1, "PLACE")], default="missing")
    golds[1] = nlp.make_doc(TEXTS[1][0])
    predicted = list(nlp.pipe(text for text, _ in TEXTS))
    examples = [Example(a, b) for a, b in zip(predicted, golds, strict=True)]
    p, y = judged_entities(examples)
    expected = [
        (ent._.confidence, (ent.start, ent.end, ent.label_) in TEXTS[i][1])
        for i, doc in enumerate(predicted)
        for ent in doc.ents
        if i > 1
    ]
    # Of the first text only "Anna" is known, as something else; of the second nothing.
    first = [(ent._.confidence, False) for ent in predicted[0].ents if ent.start == 0]
    assert list(zip(p, y.astype(bool), strict=True)) == first + expected
    scored = ner_score(examples)
    assert scored["ents_ece"] == pytest.approx(calibration_error(p, y))
    assert scored["ents_ece_low"] <= scored["ents_ece_high"]
    assert scored["ents_ece_floor"] > 0
    nothing = ner_score([Example(nlp.make_doc("a"), nlp.make_doc("a"))])
    assert set(nothing) == set(scored)
    assert set(nothing.values()) == {None}


def test_scores_with_other_tokens():
    nlp = ner_pipeline()
    train_ner(nlp)
    predicted = nlp.get_pipe("ner")(Doc(nlp.vocab, ["Anna", "lives", "in", "Berlin"]))
    reference = Doc(nlp.vocab, ["An", "na", "lives", "in", "Berlin"])
    reference.ents = [Span(reference, 0, 2, "PERSON")]
    p, y = judged_entities([Example(predicted, reference)])
    assert len(p) == 2
    assert y.tolist() == [1.0, 0.0]


def noisy(nlp):
    """Texts of which a third have another label than they look like."""
    data = []
    for i, (text, spans) in enumerate(TEXTS * 6):
        swap = {"PERSON": "PLACE", "PLACE": "PERSON"} if i % 3 == 0 else {}
        wrong = [(start, end, swap.get(label, label)) for start, end, label in spans]
        data.append(Example(nlp.make_doc(text), annotated(nlp, text, wrong)))
    return data


@pytest.mark.parametrize("make", [ner_pipeline, shared_ner_pipeline])
def test_calibrates_a_model_that_is_too_sure(make):
    nlp = make()
    train_ner(nlp)
    before = found(nlp)
    data = noisy(nlp)
    (result,) = calibrate_pipeline(nlp, data, batch_size=7)
    pipe = nlp.get_pipe("ner")
    assert result.name == "ner"
    assert result.n_texts == len(data)
    assert result.before.temperature == 1.0
    assert result.after.temperature == pipe.cfg["temperature"] > 1.5
    assert result.after.log_loss < result.before.log_loss / 2
    assert result.after.error.value < result.before.error.value
    assert found(nlp) == before
    # What the losses say, the loss of training says too.
    docs = list(nlp.pipe(eg.text for eg in data))
    examples = [Example(doc, eg.reference) for doc, eg in zip(docs, data, strict=True)]
    if make is ner_pipeline:
        loss = nlp.update(examples, sgd=False)["ner"] / len(data)
        assert result.before.log_loss == pytest.approx(loss, rel=1e-4)
    assert nlp.evaluate(data)["ents_ece"] == pytest.approx(result.after.error.value, abs=1e-6)
    # It is the best: a little more or less is worse.
    for factor in (0.9, 1.1):
        other = make(seed=1).from_bytes(nlp.to_bytes())
        other.get_pipe("ner").cfg["temperature"] *= factor
        (again,) = calibrate_pipeline(other, data)
        assert again.before.log_loss > result.after.log_loss
        assert again.after.temperature == pytest.approx(result.after.temperature, rel=0.01)


def test_partial_annotation_counts_what_is_known():
    nlp = ner_pipeline()
    train_ner(nlp, steps=10)
    data = [*noisy(nlp), *(Example(doc, doc) for doc in [nlp.make_doc("so what")])]
    result = calibrate_component(nlp.get_pipe("ner"), data)
    assert result.n_texts == len(data) - 1
    assert math.isfinite(result.after.log_loss)


def test_nothing_is_known():
    nlp = ner_pipeline()
    train_ner(nlp, steps=1)
    doc = nlp.make_doc("Anna lives")
    assert calibrate_pipeline(nlp, [Example(doc, doc)]) == []
    assert calibrate_pipeline(spacy.blank("en"), [Example(doc, doc)]) == []
    assert nlp.get_pipe("ner").cfg["temperature"] == 1.0


def test_without_probabilities():
    nlp = ner_pipeline(mode="viterbi")
    train_ner(nlp)
    (result,) = calibrate_pipeline(nlp, noisy(nlp))
    assert result.after.error is None
    assert result.after.temperature > 1.5
