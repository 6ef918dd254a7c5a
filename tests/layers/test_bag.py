import numpy
import pytest

from spacy_lstm.layers.bag import BagLinear

from ..gradients import numeric_gradient, to_float64

N_FEATURES, N_SCORES = 7, 3
BAGS = [[0, 3, 6], [], [3], [1, 2, 3, 4], []]


def as_bags(bags):
    features = [feature for bag in bags for feature in bag]
    lengths = [len(bag) for bag in bags]
    return numpy.array(features, dtype="int64"), numpy.array(lengths, dtype="int64")


def dense(bags):
    X = numpy.zeros((len(bags), N_FEATURES))
    for row, bag in zip(X, bags, strict=True):
        row[bag] = 1.0
    return X


def make(dtype="float64"):
    model = BagLinear(N_SCORES, n_features=N_FEATURES)
    model.initialize()
    rng = numpy.random.default_rng(0)
    for name in ("W", "b"):
        model.set_param(name, rng.normal(size=model.get_param(name).shape).astype(dtype))
    return model


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("bags", [BAGS, [[], []], [[5]], []])
def test_equals_a_dense_layer(bags, dtype):
    model, X = make(dtype), dense(bags)
    Y, backprop = model(as_bags(bags), is_train=True)
    assert Y.dtype == dtype
    tolerance = {"rtol": 1e-5, "atol": 1e-6} if dtype == "float32" else {"rtol": 1e-12}
    expected = X @ model.get_param("W").T + model.get_param("b")
    numpy.testing.assert_allclose(Y, expected, **tolerance)
    dY = numpy.random.default_rng(1).normal(size=Y.shape).astype(dtype)
    for n_passes in (1, 2):  # gradients add up
        backprop(dY)
        numpy.testing.assert_allclose(model.get_grad("W"), n_passes * dY.T @ X, **tolerance)
        numpy.testing.assert_allclose(model.get_grad("b"), n_passes * dY.sum(axis=0), **tolerance)
    assert model.get_grad("W").dtype == dtype


def test_gradients_are_those_by_differences():
    model = to_float64(make())
    Y, backprop = model(as_bags(BAGS), is_train=True)
    weights = numpy.random.default_rng(2).normal(size=Y.shape)
    backprop(weights.copy())
    for name in ("W", "b"):
        expected = numeric_gradient(
            lambda: float((model.predict(as_bags(BAGS)) * weights).sum()), model.get_param(name)
        )
        numpy.testing.assert_allclose(model.get_grad(name), expected, rtol=1e-6, atol=1e-8)


def test_no_features_at_all():
    model = BagLinear(N_SCORES)
    model.initialize()
    model.set_param("b", numpy.array([1.0, 2.0, 3.0], dtype="float32"))
    Y, backprop = model(as_bags([[], []]), is_train=True)
    assert Y.tolist() == [[1.0, 2.0, 3.0]] * 2
    backprop(numpy.ones_like(Y))
    assert model.get_grad("W").shape == (N_SCORES, 0)
    assert model.get_grad("b").tolist() == [2.0] * 3


def test_learns_after_it_got_other_weights():
    """Initialized again, or loaded, with another number of features."""
    model = make("float32")
    Y, backprop = model(as_bags(BAGS), is_train=True)
    backprop(Y)
    for node in model.walk():  # as a step of the optimizer leaves it
        for name in node.param_names:
            node.set_grad(name, node.get_grad(name) * 0)
    before = model.to_bytes()
    model.attrs["n_features"] = 2
    model.initialize()
    assert not model.get_grad("W").any()
    for n_features in (2, N_FEATURES):
        if n_features == N_FEATURES:
            model.from_bytes(before)
        Y, backprop = model(as_bags([[1], [0, 1]]), is_train=True)
        backprop(numpy.ones_like(Y))
        expected = numpy.zeros((N_SCORES, n_features))
        expected[:, :2] = [1, 2]
        numpy.testing.assert_array_equal(model.get_grad("W"), expected)


def test_infers_the_number_of_scores():
    model = BagLinear(n_features=2)
    model.initialize(Y=numpy.zeros((4, 5), dtype="float32"))
    assert model.get_param("W").shape == (5, 2)
    assert not model.get_param("W").any()
