"""A layer that gives what it is told."""

import numpy
import pytest
from thinc.api import Linear, chain

from spacy_lstm.layers.substitute import Substitute


def two_layers():
    model = chain(Linear(3, 2), Linear(1, 3))
    return model.initialize(X=numpy.zeros((1, 2), dtype="float32"))


def test_what_comes_after_reads_the_substitute_and_its_gradient_is_kept():
    model = two_layers()
    first, second = model.layers
    given = numpy.arange(6, dtype="float32").reshape(2, 3)
    with Substitute(first, given) as substitute:
        Y, backprop = model(numpy.zeros((5, 2), dtype="float32"), is_train=True)
        assert substitute.gradient is None
        backprop(numpy.ones((2, 1), dtype="float32"))
    numpy.testing.assert_allclose(Y, second.predict(given))
    numpy.testing.assert_allclose(substitute.gradient, numpy.repeat(second.get_param("W"), 2, 0))
    assert not first.has_grad("W")


def test_the_layer_is_itself_again_after_an_exception():
    model = two_layers()
    func = model.layers[0]._func
    with pytest.raises(RuntimeError), Substitute(model.layers[0]):
        raise RuntimeError
    assert model.layers[0]._func is func
