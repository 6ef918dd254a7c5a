"""Scores of any size: whatever a pass can't hold must be found out, and computed in another way."""

import numpy
import pytest

from spacy_lstm.layers import crf_passes
from spacy_lstm.layers.crf_log import LogMessages
from spacy_lstm.layers.crf_losses import crf_loss
from spacy_lstm.layers.crf_passes import run_passes
from spacy_lstm.layers.crf_posterior import log_partition, posterior
from spacy_lstm.layers.crf_scaled import ScaledMessages
from spacy_lstm.layers.crf_span_loss import span_loss
from spacy_lstm.layers.crf_viterbi import best_path, k_best

from ..crf_reference import (
    SCHEMES,
    doc_rows,
    log_partitions,
    log_partitions_by_step,
    marginals,
    paths,
    random_allowed,
    random_scores,
    span_probabilities,
)

LENGTHS = [3, 0, 4, 1, 3]
PARAMS = ("emissions", "transitions", "start", "end")
sizes = pytest.mark.parametrize("size", [10.0, 100.0, 1e4])
dtypes = pytest.mark.parametrize("dtype", ["float32", "float64"])
schemes = pytest.mark.parametrize("scheme", SCHEMES)


def extreme(scheme, size, dtype, *, only="", n_labels=2):
    scores = random_scores(LENGTHS, n_labels, scheme, seed=5, dtype=dtype, size=size)
    if only == "emissions":
        scores.transitions = scores.transitions / size
    elif only == "transitions":
        scores.emissions = scores.emissions / size
    return scores


@schemes
@dtypes
@sizes
@pytest.mark.parametrize("only", ["", "emissions", "transitions"])
@pytest.mark.parametrize("limited", [False, True])
def test_any_size_of_scores(scheme, dtype, size, only, limited):
    scores = extreme(scheme, size, dtype, only=only)
    allowed = random_allowed(scores, seed=2, rate=0.6) if limited else None
    # Float32 holds 7 digits of a score: an error of a score is one of the log-probability.
    tolerance = size * 1e-5 if dtype == "float32" else 1e-9
    found = posterior(scores, allowed)
    expected = log_partitions(scores, allowed)
    numpy.testing.assert_allclose(found.log_partition, expected, rtol=1e-6, atol=tolerance)
    wanted = marginals(scores, allowed)
    numpy.testing.assert_allclose(found.marginals, wanted, atol=max(tolerance, 1e-9))
    spans = span_probabilities(scores, allowed)
    p = found.span_marginals(numpy.array(list(spans)))
    numpy.testing.assert_allclose(p, list(spans.values()), atol=max(tolerance, 1e-9))
    path, ranked = best_path(scores, allowed), k_best(scores, 2, allowed)
    for doc, rows in enumerate(doc_rows(scores)):
        ways = paths(scores, rows, allowed)
        if not ways:
            assert (path[rows] == -1).all()
            assert ranked[doc] == []
            continue
        best = max(ways.values())
        assert ways[tuple(path[rows].tolist())] == pytest.approx(best, rel=1e-6, abs=1e-5)
        assert ranked[doc][0][1] == pytest.approx(best - expected[doc], abs=1e-6)


@schemes
@dtypes
@sizes
def test_losses_of_any_size(scheme, dtype, size):
    scores = extreme(scheme, size, dtype)
    allowed = random_allowed(scores, seed=2, rate=0.6)
    allowed[-1] = False
    losses, gradients = crf_loss(scores, allowed)
    wanted = log_partitions(scores, allowed)
    possible = numpy.isfinite(wanted)
    assert 1 < possible.sum() < len(possible)
    expected = numpy.where(possible, log_partitions(scores) - wanted, 0.0)
    numpy.testing.assert_allclose(losses, expected, rtol=1e-5, atol=size * 1e-5)
    d_emissions = marginals(scores) - marginals(scores, allowed)
    doc = numpy.repeat(possible, scores.lengths)
    numpy.testing.assert_allclose(
        gradients.emissions, d_emissions * doc[:, None], atol=size * 1e-5 + 1e-9
    )
    for name in PARAMS:
        assert numpy.isfinite(getattr(gradients, name)).all()


@schemes
@dtypes
@sizes
def test_span_losses_of_any_size(scheme, dtype, size):
    scores = extreme(scheme, size, dtype, n_labels=1)
    spans = list(span_probabilities(scores))
    losses, gradients = span_loss(scores, numpy.array(spans))
    for name in PARAMS:
        assert numpy.isfinite(getattr(gradients, name)).all()
    rows = doc_rows(scores)
    for span, loss in zip(spans, losses.tolist(), strict=True):
        expected = -log_not(scores, rows[span[0]], span)
        assert loss == pytest.approx(expected, rel=1e-5, abs=size * 1e-5)


def log_not(scores, rows, span):
    """The log-probability that a span is not an entity, without a difference from 1."""
    _, start, end, _ = span
    ways = paths(scores, rows)
    others = [score for path, score in ways.items() if not is_entity(scores, path, start, end)]
    everything = numpy.array(list(ways.values()))
    return numpy.logaddexp.reduce(others) - numpy.logaddexp.reduce(everything)


def is_entity(scores, path, start, end):
    if scores.scheme == "BILUO":
        tags = [4] if end - start == 1 else [1, *[2] * (end - start - 2), 3]
        return list(path[start:end]) == tags
    tags = [1, *[2] * (end - start - 1)]
    return list(path[start:end]) == tags and (end == len(path) or path[end] != 2)


@schemes
def test_span_loss_where_the_entity_is_sure(scheme):
    # 1 - p is far below what 1.0 - p could hold, and so is its gradient's share of each tag.
    for dtype, height in (("float32", 40.0), ("float64", 40.0), ("float32", 4000.0)):
        scores = random_scores([4], 1, scheme, dtype=dtype, seed=4)
        scores.emissions[1, 1] += height
        scores.emissions[2, 2 if scheme == "BIO" else 3] += height
        scores.emissions[3, 0] += height
        span = (0, 1, 3, 0)
        losses, gradients = span_loss(scores, numpy.array([span]))
        assert losses[0] == pytest.approx(-log_not(scores, slice(0, 4), span), rel=1e-5)
        assert losses[0] > height / 2
        ways = paths(scores, slice(0, 4))
        d_emissions = numpy.zeros(scores.emissions.shape)
        for entity, sign in ((True, 1.0), (False, -1.0)):
            these = {w: s for w, s in ways.items() if is_entity(scores, w, 1, 3) == entity}
            total = numpy.logaddexp.reduce(list(these.values()))
            for way, score in these.items():
                d_emissions[numpy.arange(4), list(way)] += sign * numpy.exp(score - total)
        numpy.testing.assert_allclose(gradients.emissions, d_emissions, atol=2e-4)


def test_each_pass_takes_what_the_one_before_cannot_hold():
    scores = random_scores([5, 4, 6], 2, "BILUO", dtype="float32", seed=1)
    scores.emissions[5:9] *= 60.0
    scores.emissions[9:] *= 3000.0
    parts = run_passes(scores, None)
    assert [type(part.messages) for part in parts] == [ScaledMessages, ScaledMessages, LogMessages]
    assert [part.docs.tolist() for part in parts] == [[0, 1, 2], [1, 2], [2]]
    assert [part.messages.doubtful.tolist() for part in parts] == [[1, 2], [1], []]
    numpy.testing.assert_allclose(log_partition(scores), log_partitions_by_step(scores), rtol=1e-6)


def test_nothing_is_lost_without_notice():
    # One way is far ahead at first and the other at last, slowly enough that no step looks odd.
    n_tokens = 40
    scores = random_scores([n_tokens], 1, "BILUO", dtype="float32", size=0.0)
    allowed = numpy.zeros(scores.emissions.shape, dtype=bool)
    allowed[:, 2] = True
    allowed[0] = [True, True, False, False, False]
    allowed[:, 0] = True
    allowed[-1] = [True, False, False, True, False]
    scores.emissions[1:-1, 0] = numpy.repeat([-12.0, 12.0], (n_tokens - 2) // 2)
    scores.transitions[:] = -300.0
    scores.transitions[0, 0] = scores.transitions[1, 2] = scores.transitions[2, 2] = 0.0
    scores.transitions[2, 3] = 0.0
    scores.emissions[20:-1, 0] += 1.0
    expected = numpy.logaddexp(scores.emissions[1:-1, 0].sum(dtype="float64"), 0.0)
    assert log_partition(scores, allowed)[0] == pytest.approx(expected, rel=1e-5)
    assert len(run_passes(scores, allowed)) > 1


@schemes
@pytest.mark.parametrize("limited", [False, True])
def test_scaled_and_log_messages_agree(scheme, limited):
    scores = random_scores([6, 0, 9, 1, 4], 3, scheme, seed=9)
    allowed = random_allowed(scores, rate=0.8) if limited else None
    scaled, log = ScaledMessages(scores, allowed, "float64"), LogMessages(scores, allowed)
    assert not len(scaled.doubtful)
    for name in ("marginals", "transition_counts"):
        numpy.testing.assert_allclose(
            getattr(scaled, name)(), getattr(log, name)(), rtol=1e-9, atol=1e-12
        )
    mass = numpy.random.default_rng(0).random(scores.emissions.shape) * log.marginals()
    for name in ("spread_left", "spread_right"):
        for got, expected in zip(
            getattr(scaled, name)(mass), getattr(log, name)(mass), strict=True
        ):
            numpy.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-12)


@schemes
def test_float32_is_near_float64(scheme):
    lengths = [30, 4, 0, 60, 1]
    single = random_scores(lengths, 4, scheme, dtype="float32", size=2.0)
    double = random_scores(lengths, 4, scheme, dtype="float64", size=2.0)
    found, exact = posterior(single), posterior(double)
    assert found.marginals.dtype == "float32"
    numpy.testing.assert_allclose(found.log_partition, exact.log_partition, rtol=1e-5)
    numpy.testing.assert_allclose(found.marginals, exact.marginals, atol=1e-5)
    numpy.testing.assert_array_equal(best_path(single), best_path(double))
    spans, p = exact.candidates(0.01)
    numpy.testing.assert_allclose(found.span_marginals(spans), p, atol=1e-5)


@schemes
@dtypes
def test_a_long_document(scheme, dtype):
    scores = random_scores([5000], 3, scheme, dtype=dtype, size=3.0)
    expected = log_partitions_by_step(scores)
    numpy.testing.assert_allclose(log_partition(scores), expected, rtol=1e-6)
    reference = LogMessages(scores)
    tolerance = 1e-4 if dtype == "float32" else 1e-9
    numpy.testing.assert_allclose(
        posterior(scores).marginals, reference.marginals(), atol=tolerance
    )
    [(path, log_p)] = k_best(scores, 1)[0]
    assert best_path(scores).tolist() == path.tolist()
    assert log_p <= 0.0


def test_documents_of_several_passes_are_put_together(monkeypatch):
    scores = random_scores([4, 3, 0, 5, 2], 2, "BILUO", seed=3)
    expected = posterior(scores)
    spans, p = expected.candidates(0.01)
    losses, gradients = span_loss(scores, spans)

    class Picky(ScaledMessages):
        def _doubt(self, scores, allowed):
            super()._doubt(scores, allowed)
            self.doubtful = numpy.array([1, 3])
            self.dropped = numpy.isin(self.steps.doc, self.doubtful)
            self.log_partition[self.doubtful] = 0.0
            self.joint[self.dropped] = 0.0
            for array in (self.arriving, self.states):
                array[0, self.steps.row_ahead[self.dropped]] = 0.0
                array[1, self.steps.row_back[self.dropped]] = 0.0

    monkeypatch.setattr(crf_passes, "ScaledMessages", Picky)
    found = posterior(scores)
    assert len(found._parts) == 2
    numpy.testing.assert_allclose(found.log_partition, expected.log_partition)
    numpy.testing.assert_allclose(found.marginals, expected.marginals)
    numpy.testing.assert_array_equal(found.candidates(0.01)[0], spans)
    numpy.testing.assert_allclose(found.span_marginals(spans), p)
    again, gradients_again = span_loss(scores, spans)
    numpy.testing.assert_allclose(again, losses)
    for name in PARAMS:
        numpy.testing.assert_allclose(
            getattr(gradients_again, name), getattr(gradients, name), atol=1e-12
        )
