"""`lstm_ner` with `mode = "posterior"`: entities are chosen by their probability."""

import numpy
import pytest

from spacy_lstm.layers.crf_posterior import posterior
from spacy_lstm.layers.crf_types import scale
from spacy_lstm.pipeline.ner_calibrate import best_threshold, calibrate_pipeline
from spacy_lstm.pipeline.ner_decode import LEAST_PROBABILITY, choose_probable
from spacy_lstm.pipeline.ner_settings import DEFAULT_THRESHOLD

from ..ner_pipelines import TEXTS, entities, found, ner_pipeline, scores, train_ner
from .test_calibration import noisy

A, B, C, D = (0, 2, "X"), (1, 3, "X"), (2, 4, "Y"), (1, 2, "Y")


def unsure(**settings):
    """A recognizer that is sure of nothing."""
    nlp = ner_pipeline(mode="posterior", **settings)
    train_ner(nlp)
    nlp.get_pipe("ner").cfg["temperature"] = 6.0
    return nlp


def test_the_most_probable_first_and_none_over_another():
    assert choose_probable({A: 0.4, B: 0.5, C: 0.2, D: 0.1}, 0.05, 4) == [B]
    assert choose_probable({A: 0.5, B: 0.4, C: 0.2, D: 0.1}, 0.05, 4) == [A, C]
    assert choose_probable({A: 0.5, C: 0.2}, 0.3, 4) == [A]
    assert choose_probable({A: 0.3}, 0.3, 4) == [A]
    assert choose_probable({}, 0.3, 4) == []


@pytest.mark.parametrize("threshold", [0.0, 0.1, 0.3, 0.5, 0.9])
def test_chooses_what_is_probable_enough(threshold):
    nlp = unsure(threshold=threshold)
    pipe = nlp.get_pipe("ner")
    for text, _ in TEXTS:
        doc = nlp(text)
        result = posterior(scale(pipe.score_tags([nlp.make_doc(text)]), 6.0))
        every = [
            (start, end, pipe.labels[label])
            for start in range(len(doc))
            for end in range(start + 1, len(doc) + 1)
            for label in range(len(pipe.labels))
        ]
        spans = [[0, start, end, pipe.labels.index(label)] for start, end, label in every]
        marginals = result.span_marginals(numpy.array(spans)).tolist()
        known = dict(zip(every, marginals, strict=True))
        expected = choose_probable(known, max(threshold, LEAST_PROBABILITY), len(doc))
        assert entities(doc) == expected
        assert scores(doc) == pytest.approx({entity: known[entity] for entity in expected})
        assert [ent._.confidence for ent in doc.ents] == pytest.approx([*map(known.get, expected)])


def test_finds_what_the_best_tagging_as_a_whole_does_not():
    nlp = unsure(threshold=0.05)
    many = found(nlp)
    nlp.get_pipe("ner").mode = "marginals"
    few = found(nlp)
    assert sum(map(len, many)) > sum(map(len, few))


def test_the_threshold_where_none_is_set():
    pipe = unsure(threshold=None).get_pipe("ner")
    assert pipe.decoding().threshold == DEFAULT_THRESHOLD
    for mode in ("marginals", "viterbi"):
        pipe.mode = mode
        assert pipe.decoding().threshold == 0.0


def test_candidates_are_noted_beside_them():
    nlp = unsure(threshold=0.4, candidates=True, candidate_threshold=0.1)
    doc = nlp(TEXTS[0][0])
    noted = scores(doc)
    assert min(noted.values()) >= 0.1
    assert set(entities(doc)) < set(noted)
    assert all(noted[entity] >= 0.4 for entity in entities(doc))


def test_the_best_threshold_is_the_best_of_all():
    rng = numpy.random.default_rng(0)
    for _ in range(20):
        p = rng.integers(1, 12, size=30) / 12  # some are equal
        correct = (rng.random(30) < p).astype("float64")
        n_gold = int(correct.sum()) + 5

        def f(threshold, p=p, correct=correct, n_gold=n_gold):
            kept = p >= threshold
            return 2 * correct[kept].sum() / (n_gold + kept.sum())

        chosen = best_threshold(p, correct, n_gold)
        assert f(chosen) == pytest.approx(max(map(f, [0.001, *p])))
        assert chosen not in p
    assert best_threshold(p, 0 * correct, 5) == LEAST_PROBABILITY
    assert best_threshold(p[:0], p[:0], 5) == LEAST_PROBABILITY


@pytest.mark.parametrize("threshold", [0.9, None])
def test_calibration_finds_the_threshold(threshold):
    nlp = ner_pipeline(mode="posterior", threshold=threshold)
    train_ner(nlp)
    data = noisy(nlp)
    (result,) = calibrate_pipeline(nlp, data)
    pipe = nlp.get_pipe("ner")
    assert result.before.threshold == (threshold or DEFAULT_THRESHOLD)
    assert result.after.threshold == pipe.cfg["threshold"] < 0.9
    reached = nlp.evaluate(data)["ents_f"]
    assert result.after.f == pytest.approx(reached)
    for other in numpy.linspace(0.02, 0.98, 25).tolist():
        pipe.cfg["threshold"] = other
        assert nlp.evaluate(data)["ents_f"] <= reached + 1e-9
