import numpy
import pytest

from spacy_lstm.layers.losses import exclusive_loss, multilabel_loss, sigmoid, softmax

from ..gradients import numeric_gradient

YES, NO = True, False


def some_scores(shape=(1, 4), scale=2.0, seed=0):
    return numpy.random.default_rng(seed).normal(scale=scale, size=shape)


CASES = {
    "one applies": ([[0, 1, 0, 0]], [[YES, YES, YES, YES]]),
    "soft": ([[0.7, 0.2, 0.1, 0]], [[YES, YES, YES, YES]]),
    "two do not": ([[0, 0, 0, 0]], [[YES, NO, YES, NO]]),
    "all but one do not": ([[0, 0, 0, 0]], [[YES, YES, YES, NO]]),
    "soft with unknown": ([[0.5, 0, 0, 0]], [[YES, YES, NO, NO]]),
    "nothing known": ([[0, 0, 0, 0]], [[NO, NO, NO, NO]]),
}


@pytest.mark.parametrize("loss", [exclusive_loss, multilabel_loss])
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_gradients(loss, case, smoothing):
    truths, known = map(numpy.array, CASES[case])
    truths = truths.astype("float64")
    scores = some_scores()
    weights = numpy.array([1.0, 2.0, 0.5, 3.0])
    args = (truths, known, weights, smoothing)
    _, gradient = loss(scores, *args)
    expected = numeric_gradient(lambda: float(loss(scores, *args)[0].sum()), scores)
    numpy.testing.assert_allclose(gradient, expected, atol=1e-7)


def exclusive(case, scores, weights=None, smoothing=0.0):
    truths, known = map(numpy.array, CASES[case])
    weights = numpy.ones(4) if weights is None else weights
    losses, gradient = exclusive_loss(scores, truths.astype(float), known, weights, smoothing)
    return losses[0], gradient[0]


def test_exclusive_values():
    scores = some_scores()
    p = softmax(scores)[0]
    assert exclusive("one applies", scores)[0] == pytest.approx(-numpy.log(p[1]))
    assert exclusive("two do not", scores)[0] == pytest.approx(-numpy.log(1 - p[0] - p[2]))
    assert exclusive("all but one do not", scores)[0] == pytest.approx(-numpy.log(p[3]))
    soft = -(0.7 * numpy.log(p[0]) + 0.2 * numpy.log(p[1]) + 0.1 * numpy.log(p[2]))
    assert exclusive("soft", scores)[0] == pytest.approx(soft)
    rest = -(0.5 * numpy.log(p[0]) + 0.5 * numpy.log(p[2] + p[3]))
    assert exclusive("soft with unknown", scores)[0] == pytest.approx(rest)
    loss, gradient = exclusive("nothing known", scores)
    assert loss == pytest.approx(0, abs=1e-12)
    numpy.testing.assert_allclose(gradient, 0, atol=1e-12)


def test_exclusive_weight_and_smoothing_values():
    scores = some_scores()
    log_p = numpy.log(softmax(scores)[0])
    weights = numpy.array([1.0, 2.0, 0.5, 3.0])
    assert exclusive("one applies", scores, weights)[0] == pytest.approx(-2 * log_p[1])
    smoothed = -(0.9 * log_p[1] + 0.1 * log_p.mean())
    assert exclusive("one applies", scores, smoothing=0.1)[0] == pytest.approx(smoothed)


def test_multilabel_values():
    scores = some_scores()
    p = sigmoid(scores)[0]
    weights = numpy.array([1.0, 2.0, 1.0, 1.0])
    truths, known = numpy.array([[0, 1, 0, 0.3]]), numpy.array([[YES, YES, NO, YES]])
    losses, gradient = multilabel_loss(scores, truths, known, weights)
    soft = -0.3 * numpy.log(p[3]) - 0.7 * numpy.log(1 - p[3])
    assert losses[0] == pytest.approx(-numpy.log(1 - p[0]) - 2 * numpy.log(p[1]) + soft)
    assert gradient[0, 2] == 0


@pytest.mark.parametrize("loss", [exclusive_loss, multilabel_loss])
@pytest.mark.parametrize("case", CASES)
def test_extreme_scores_stay_finite(loss, case):
    truths, known = map(numpy.array, CASES[case])
    for scores in ([[1e4, -1e4, 0, 0]], [[-1e4, 1e4, -1e4, 1e4]], [[1e4] * 4]):
        losses, gradient = loss(
            numpy.array(scores, float), truths.astype(float), known, numpy.ones(4)
        )
        assert numpy.isfinite(losses).all()
        assert numpy.isfinite(gradient).all()


def test_probabilities():
    scores = numpy.array([[1e4, 0.0], [-1e4, -1e4], [0.0, numpy.log(3.0)]])
    numpy.testing.assert_allclose(softmax(scores), [[1, 0], [0.5, 0.5], [0.25, 0.75]])
    numpy.testing.assert_allclose(sigmoid(scores), [[1, 0.5], [0, 0], [0.5, 0.75]])
