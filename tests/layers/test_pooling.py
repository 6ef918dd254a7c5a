import numpy
import pytest
from thinc.api import NumpyOps, Ragged

from spacy_lstm.layers.pooling import POOLINGS, pooling

from ..gradients import numeric_gradient, to_float64

LENGTHS = [2, 0, 1, 4, 0]


def ragged(lengths=LENGTHS, width=4, seed=0):
    rng = numpy.random.default_rng(seed)
    data = rng.normal(size=(sum(lengths), width)).astype("float32")
    return Ragged(data, numpy.array(lengths, dtype="int32"))


def docs_of(Xr):
    return numpy.split(Xr.data, numpy.cumsum(Xr.lengths)[:-1])


def initialized(kinds, **settings):
    model = pooling(kinds, **settings)
    model.initialize(X=ragged())
    return model


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("max", lambda X: X.max(axis=0)),
        ("mean", lambda X: X.mean(axis=0)),
        ("last", lambda X: numpy.hstack((X[-1, :2], X[0, 2:]))),
    ],
)
def test_values(kind, expected):
    Xr = ragged()
    for X, y in zip(docs_of(Xr), initialized(kind).predict(Xr), strict=True):
        numpy.testing.assert_allclose(y, expected(X) if len(X) else numpy.zeros(4), rtol=1e-6)


def test_attention_is_a_weighted_mean():
    Xr = ragged()
    model = initialized("attention")
    (Q,) = [node.get_param("Q") for node in model.walk() if node.has_param("Q")]
    for X, y in zip(docs_of(Xr), model.predict(Xr), strict=True):
        weights = numpy.exp(X @ Q)
        expected = (weights[:, None] * X).sum(axis=0) / weights.sum() if len(X) else numpy.zeros(4)
        numpy.testing.assert_allclose(y, expected, rtol=1e-5)


def test_last_of_one_direction_is_the_last_token():
    Xr = ragged()
    model = initialized("last", ends_apart=False)
    for X, y in zip(docs_of(Xr), model.predict(Xr), strict=True):
        numpy.testing.assert_allclose(y, X[-1] if len(X) else numpy.zeros(4))


def test_several_are_concatenated_in_order():
    Xr = ragged()
    both = initialized(["mean", "last", "max"]).predict(Xr)
    assert both.shape == (5, 12)
    for i, kind in enumerate(["mean", "last", "max"]):
        single = initialized(kind).predict(Xr)
        numpy.testing.assert_allclose(both[:, 4 * i : 4 * i + 4], single)


@pytest.mark.parametrize("kinds", [*POOLINGS, list(POOLINGS)])
@pytest.mark.parametrize("lengths", [[3], LENGTHS])
def test_gradients(kinds, lengths):
    model = to_float64(initialized(kinds))
    for node in model.walk():
        node.ops = NumpyOps(use_blis=False)  # BLIS knows float32 only
    Xr = ragged(lengths)
    Xr = Ragged(Xr.data.astype("float64"), Xr.lengths)
    Y, backprop = model(Xr, is_train=True)
    weights = numpy.random.default_rng(5).normal(size=Y.shape)

    def loss():
        return float((model.predict(Xr) * weights).sum())

    dX = backprop(weights).data
    numpy.testing.assert_allclose(dX, numeric_gradient(loss, Xr.data), rtol=1e-3, atol=1e-4)
    for node in model.walk():
        for name in node.param_names:
            expected = numeric_gradient(loss, node.get_param(name))
            numpy.testing.assert_allclose(node.get_grad(name), expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("kinds", [*POOLINGS, list(POOLINGS)])
def test_only_empty_documents(kinds):
    model = initialized(kinds)
    Xr = ragged([0, 0])
    Y, backprop = model(Xr, is_train=True)
    assert Y.shape == (2, 4 * (1 if isinstance(kinds, str) else len(kinds)))
    assert not Y.any()
    assert backprop(Y).dataXd.shape == (0, 4)


@pytest.mark.parametrize("kinds", ["median", [], ["max", "median"], ["max", "max"]])
def test_refuses_unknown_kinds(kinds):
    with pytest.raises(ValueError, match=r"L005.*max, mean, attention, last"):
        pooling(kinds)
