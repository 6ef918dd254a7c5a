"""A model that is run forward and back, and keeps its gradients and settings."""

import numpy
import pytest
import torch
from thinc.api import Dropout, Linear, Model, PyTorchWrapper, chain, set_dropout_rate, with_array
from thinc.shims import Shim

from spacy_lstm.layers.undisturbed import undisturbed
from spacy_lstm.models.encoder import BiLSTMEncoder

X = [numpy.ones((3, 2), dtype="float32")]


def make_model():
    torch.manual_seed(0)
    dense = with_array(chain(Linear(4, 2), PyTorchWrapper(torch.nn.Linear(4, 4)), Dropout(0.5)))
    encoder = BiLSTMEncoder(6, dropout=0.5, recurrent_dropout=0.5, precision="bfloat16")
    return chain(dense, encoder).initialize(X=X)


def run(model):
    Ys, backprop = model.begin_update(X)
    backprop([numpy.ones_like(Ys[0])])
    return Ys[0]


def fail(Ys, backprop):
    backprop([numpy.ones_like(Ys[0])])
    raise ValueError("no gradient")


def gradients(model):
    found = {}
    for i, node in enumerate(model.walk()):
        found.update({(i, name): node.get_grad(name).tobytes() for name in node.grad_names})
        for shim in node.shims:
            grads = [p.grad for p in shim._model.parameters()]
            found[i] = [None if g is None else g.numpy().tobytes() for g in grads]
    return found


@pytest.mark.parametrize("has_gradients", [False, True])
def test_gradients_stay_as_they_are(has_gradients):
    model = make_model()
    if has_gradients:
        run(model)
    before = gradients(model)
    assert any(isinstance(key, tuple) for key in before) == has_gradients
    with undisturbed(model):
        run(model)
    with pytest.raises(ValueError, match="no gradient"), undisturbed(model):
        fail(*model.begin_update(X))
    assert gradients(model) == before
    run(model)
    assert gradients(model) != before


def test_nothing_is_dropped_and_settings_come_back():
    model = make_model()
    set_dropout_rate(model, 0.3)
    before = [dict(node.attrs) for node in model.walk()]
    with undisturbed(model):
        first, second = run(model), run(model)
    numpy.testing.assert_array_equal(first, second)
    assert [dict(node.attrs) for node in model.walk()] == before
    assert not numpy.array_equal(run(model), run(model))


def test_weights_that_are_set_meanwhile_are_set():
    model = Linear(1, 1).initialize()
    with undisturbed(model), model.use_params({(model.id, "b"): numpy.ones(1, dtype="float32")}):
        assert model.get_param("b") == 1
    assert model.get_param("b") == 0


def test_refuses_gradients_that_it_does_not_know():
    model = Model("other", lambda model, X, is_train: (X, lambda dY: dY), shims=[Shim(None)])
    with pytest.raises(ValueError, match=r"L851.*other.*Shim"), undisturbed(model):
        pass
