"""Numeric gradients, in float64, of the inputs and of every parameter of a layer."""

from typing import Callable, Dict, List

import numpy
from thinc.api import Model

EPSILON = 1e-6
N_DIRECTIONS = 3


def to_float64(model: Model) -> Model:
    """Make every parameter a float64 array."""
    for node in model.walk():
        for name in node.param_names:
            node.set_param(name, node.get_param(name).astype("float64"))
    return model


def numeric_gradient(function: Callable[[], float], array: numpy.ndarray) -> numpy.ndarray:
    """The gradient of `function` with respect to an array that it reads, by central differences."""
    gradient = numpy.zeros_like(array)
    for index in numpy.ndindex(*array.shape):
        value = array[index]
        array[index] = value + EPSILON
        above = function()
        array[index] = value - EPSILON
        below = function()
        array[index] = value
        gradient[index] = (above - below) / (2 * EPSILON)
    return gradient


def check_gradient(
    function: Callable[[], float], array: numpy.ndarray, gradient: numpy.ndarray
) -> None:
    """Compare the gradient of `function` with respect to an array that it reads with central
    differences along random directions: every element is in each of them, so that a wrong one
    shows, in a few evaluations instead of two for each element."""
    assert gradient.shape == array.shape
    rng = numpy.random.default_rng(11)
    before = array.copy()
    for _ in range(N_DIRECTIONS):
        direction = rng.normal(size=array.shape)
        array[...] = before + EPSILON * direction
        above = function()
        array[...] = before - EPSILON * direction
        below = function()
        array[...] = before
        expected = (above - below) / (2 * EPSILON)
        numpy.testing.assert_allclose((gradient * direction).sum(), expected, rtol=1e-5, atol=1e-6)


def check_sequence_gradients(model: Model, Xs: List[numpy.ndarray]) -> Dict[str, numpy.ndarray]:
    """Compare what the layer's backward pass gives, for a random linear loss, with numeric
    gradients of its inputs and of every parameter."""
    rng = numpy.random.default_rng(7)
    Ys, backprop = model(Xs, is_train=True)
    weights = [rng.normal(size=Y.shape) for Y in Ys]

    def loss() -> float:
        outputs = model.predict(Xs)
        return float(sum((Y * w).sum() for Y, w in zip(outputs, weights, strict=True)))

    dXs = backprop([w.copy() for w in weights])
    for X, dX in zip(Xs, dXs, strict=True):
        check_gradient(loss, X, dX)
    gradients = {}
    for name in model.param_names:
        array = model.get_param(name)
        gradients[name] = model.get_grad(name) if model.has_grad(name) else array * 0
        check_gradient(loss, array, gradients[name])
    return gradients
