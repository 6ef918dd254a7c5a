import numpy
import pytest

from spacy_lstm.layers.crf_losses import crf_loss
from spacy_lstm.layers.crf_span_loss import span_loss
from spacy_lstm.layers.crf_types import ChainGradients

from ..crf_reference import (
    SCHEMES,
    doc_rows,
    log_partitions,
    paths,
    random_allowed,
    random_scores,
    span_probabilities,
)
from ..gradients import numeric_gradient

LENGTHS = [3, 0, 1, 4, 2]
PARAMS = ("emissions", "transitions", "start", "end")
schemes = pytest.mark.parametrize("scheme", SCHEMES)


def known(scores, seed=0):
    """One legal tagging of each document."""
    rng = numpy.random.default_rng(seed)
    allowed = numpy.zeros(scores.emissions.shape, dtype=bool)
    for rows in doc_rows(scores):
        ways = sorted(paths(scores, rows))
        path = ways[rng.integers(len(ways))]
        allowed[numpy.arange(rows.start, rows.stop), list(path)] = True
    return allowed


def check_gradients(scores, function, gradients):
    for name in PARAMS:
        expected = numeric_gradient(function, getattr(scores, name))
        numpy.testing.assert_allclose(
            getattr(gradients, name), expected, rtol=1e-5, atol=1e-7, err_msg=name
        )


@schemes
@pytest.mark.parametrize("kind", ["known", "partial", "mixed", "random"])
def test_losses_and_gradients(scheme, kind):
    scores = random_scores(LENGTHS, 2, scheme, seed=6)
    allowed = known(scores)
    if kind == "partial":
        allowed[[1, 3, 6]] = True
    elif kind == "mixed":
        allowed[4:8] = True
    elif kind == "random":
        allowed = random_allowed(scores, seed=1, rate=0.5)
    losses, gradients = crf_loss(scores, allowed)
    wanted = log_partitions(scores, allowed)
    possible = numpy.isfinite(wanted)
    expected = numpy.where(possible, log_partitions(scores) - wanted, 0.0)
    numpy.testing.assert_allclose(losses, expected, rtol=1e-9, atol=1e-9)
    assert gradients.impossible == tuple(numpy.flatnonzero(~possible).tolist())
    assert possible.all() == (kind != "random")
    check_gradients(scores, lambda: crf_loss(scores, allowed)[0].sum(), gradients)
    if kind == "mixed":
        # The document of which nothing is known.
        assert losses[3] == 0.0
        assert not gradients.emissions[4:8].any()


@schemes
def test_nothing_known_is_exactly_no_gradient(scheme):
    scores = random_scores(LENGTHS, 2, scheme, dtype="float32")
    losses, gradients = crf_loss(scores, numpy.ones(scores.emissions.shape, dtype=bool))
    assert losses.tolist() == [0.0] * len(LENGTHS)
    assert not any(getattr(gradients, name).any() for name in PARAMS)


@schemes
def test_illegal_truths_are_left_out(scheme):
    scores = random_scores([2, 2, 2], 1, scheme, seed=3)
    allowed = numpy.zeros(scores.emissions.shape, dtype=bool)
    # O O, then O I, then a token that may have no tag.
    allowed[[0, 1, 2], 0] = True
    allowed[3, 2] = True
    allowed[4] = True
    losses, gradients = crf_loss(scores, allowed)
    assert gradients.impossible == (1, 2)
    assert losses[1:].tolist() == [0.0, 0.0]
    assert not gradients.emissions[2:].any()
    alone = random_scores([2], 1, scheme)
    alone.emissions = scores.emissions[:2]
    alone.transitions, alone.start, alone.end = scores.transitions, scores.start, scores.end
    alone_loss, alone_gradients = crf_loss(alone, allowed[:2])
    assert losses[0] == pytest.approx(alone_loss[0])
    numpy.testing.assert_allclose(gradients.transitions, alone_gradients.transitions)
    numpy.testing.assert_allclose(gradients.start, alone_gradients.start)


def test_gradients_add_up():
    scores = random_scores([2, 1], 1, "BILUO")
    allowed = known(scores)
    gradients = crf_loss(scores, allowed)[1]
    both = gradients + gradients * 0.5
    assert isinstance(both, ChainGradients)
    for name in PARAMS:
        numpy.testing.assert_allclose(getattr(both, name), getattr(gradients, name) * 1.5)
    impossible = ChainGradients(*(getattr(gradients, name) for name in PARAMS), (1,))
    assert (impossible + both).impossible == (1,)
    assert (impossible * 2.0).impossible == (1,)


@schemes
@pytest.mark.parametrize("n_labels", [1, 2])
def test_span_loss(scheme, n_labels):
    scores = random_scores([4, 0, 1, 3], n_labels, scheme, seed=8)
    expected = span_probabilities(scores)
    spans = numpy.array(list(expected))
    losses, _ = span_loss(scores, spans)
    numpy.testing.assert_allclose(losses, -numpy.log1p(-numpy.array(list(expected.values()))))
    # Several entities at once, one of them twice, and each shape of entity alone.
    for some in (spans[[0, 3, 3, -1]], *(spans[i : i + 1] for i in range(0, len(spans), 3))):
        gradients = span_loss(scores, some)[1]
        check_gradients(scores, lambda some=some: span_loss(scores, some)[0].sum(), gradients)


def test_span_loss_of_nothing():
    scores = random_scores([2], 1, "BILUO")
    losses, gradients = span_loss(scores, numpy.zeros((0, 4), dtype="int32"))
    assert losses.shape == (0,)
    assert not any(getattr(gradients, name).any() for name in PARAMS)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_broken_model_is_seen(dtype):
    scores = random_scores([2, 3], 1, "BILUO", dtype=dtype)
    allowed = known(scores)
    scores.emissions[3, 1] = numpy.nan
    for truths in (allowed, allowed | (numpy.arange(5) == 3)[:, None]):
        losses, gradients = crf_loss(scores, truths)
        assert numpy.isnan(losses).tolist() == [False, True]
        assert numpy.isnan(gradients.emissions[2:]).any()
        assert not numpy.isnan(gradients.emissions[:2]).any()
        assert gradients.impossible == ()


def test_errors():
    scores = random_scores([2], 1, "BILUO")
    with pytest.raises(ValueError, match="L610.*`allowed`"):
        crf_loss(scores, numpy.ones((3, 5), dtype=bool))
    with pytest.raises(ValueError, match=r"L612.*number 0 of.*tokens 1 to 3"):
        span_loss(scores, numpy.array([[0, 1, 3, 0]]))
