"""Dropout that is the same along a sequence, and dropout of recurrent weights."""

import numpy
import pytest
from thinc.api import Model, fix_random_seed, set_dropout_rate

from spacy_lstm.layers import lstm as lstm_module
from spacy_lstm.layers import lstm_kernel
from spacy_lstm.layers.lstm import LSTM
from spacy_lstm.layers.lstm_variants import Variant
from spacy_lstm.models.encoder import BiLSTMEncoder

from ..gradients import check_gradient, to_float64
from . import onednn_double
from .reference import lstm as reference_lstm

VARIANTS = [Variant(), Variant(peepholes=True), Variant(forget_gate=False)]


@pytest.fixture(params=["segments", "packed"])
def path(request, monkeypatch):
    """Both ways through the kernel, whatever this machine would choose."""
    onednn_double.install(monkeypatch)
    segments = request.param == "segments"
    monkeypatch.setattr(lstm_kernel, "uses_onednn", lambda X, dtype: segments)


def make(nO=6, nI=5, *, dtype="float32", **settings) -> Model:
    fix_random_seed(0)
    model = LSTM(nO, nI, **settings)
    model.initialize()
    return to_float64(model) if dtype == "float64" else model


def sequences(lengths, width=5, dtype="float32", seed=1):
    rng = numpy.random.default_rng(seed)
    return [rng.normal(size=(n, width)).astype(dtype) for n in lengths]


def trained(model, Xs, seed=3):
    """A pass in training, always with the same draws."""
    fix_random_seed(seed)
    return model(Xs, is_train=True)


def test_one_mask_a_sequence():
    model = make(400, dropout=0.3, variational=True)
    Xs = sequences([30, 0, 1, 30])
    Ys, _ = trained(model, Xs)
    masks = []
    for Y in (Ys[0], Ys[2], Ys[3]):
        zero = Y == 0
        assert (zero == zero[0]).all()  # along the sequence
        assert 0.2 < zero[0].mean() < 0.4
        masks.append(zero[0])
    assert Ys[1].shape == (0, 400)
    for i, j in ((0, 1), (0, 2), (1, 2)):  # but not across
        assert (masks[i] != masks[j]).any()
    assert (numpy.vstack(trained(model, Xs, seed=4)[0]) != numpy.vstack(Ys)).any()


def test_inputs_and_outputs_of_each_layer_are_dropped(monkeypatch):
    seen = []
    run = lstm_module.run_layer

    def spy(states, *args, **kwargs):
        seen.append(states.numpy().copy())
        return run(states, *args, **kwargs)

    monkeypatch.setattr(lstm_module, "run_layer", spy)
    model = make(200, 300, depth=2, dropout=0.5, variational=True)
    [X] = sequences([20], 300)
    trained(model, [X])
    for states in seen:
        zero = states == 0
        assert (zero == zero[0]).all()
        assert 0.3 < zero[0].mean() < 0.7
    kept = seen[0][0] != 0
    numpy.testing.assert_allclose(seen[0][:, kept], 2 * X[:, kept], rtol=1e-6)
    seen.clear()
    plain = make(200, 300, depth=2, dropout=0.5)
    trained(plain, [X])
    numpy.testing.assert_array_equal(seen[0], X)
    assert (seen[1] == 0).any()


def mean_of_passes(rate, *, n_passes=1000, n_equal=50, **settings):
    """The mean output of many passes of a layer that is nearly linear, for many equal sequences,
    and the clean output."""
    model = make(4, 3, **settings)
    for name in model.param_names:
        if not name.startswith("R"):  # which work only once, with small states
            model.set_param(name, model.get_param(name) * 0.01)
    set_dropout_rate(model, rate)
    Xs = sequences([2], 3) * n_equal
    fix_random_seed(0)
    total = sum(numpy.mean(model(Xs, is_train=True)[0], axis=0) for _ in range(n_passes))
    return total / n_passes, model.predict(Xs)[0]


@pytest.mark.parametrize(
    ("rate", "settings"),
    [(0.3, {"variational": True}), (0.1, {"dropout": None, "recurrent_dropout": 0.3})],
)
def test_the_expectation_is_what_is_predicted(rate, settings):
    mean, clean = mean_of_passes(rate, **settings)
    assert numpy.abs(clean).max() > 0.001
    numpy.testing.assert_allclose(mean, clean, atol=0.02 * numpy.abs(clean).max())


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda v: "-".join(map(str, v)))
def test_recurrent_weights_are_dropped_as_if_they_were_zero(variant, path):
    """The output is that of the equations, with weights that are multiplied by the mask."""
    model = make(dtype="float64", depth=2, recurrent_dropout=0.4, **variant._asdict())
    Xs = sequences([5, 1, 0, 9], dtype="float64")
    Ys, _ = trained(model, Xs)
    fix_random_seed(3)
    for layer in range(2):
        for direction in ("forward", "backward"):
            R = model.get_param(f"R{layer}_{direction}")
            mask = model.ops.get_dropout_mask(R.shape, 0.4)
            assert 0.1 < (mask == 0).mean() < 0.7
            model.set_param(f"R{layer}_{direction}", R * mask)
    for X, Y in zip(Xs, Ys, strict=True):
        numpy.testing.assert_allclose(Y, reference_lstm(model, X), rtol=0, atol=1e-12)


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda v: "-".join(map(str, v)))
@pytest.mark.parametrize(
    "settings",
    [
        {"dropout": 0.4, "variational": True},
        {"recurrent_dropout": 0.4},
        {"dropout": 0.3, "variational": True, "recurrent_dropout": 0.4},
    ],
    ids=lambda settings: "-".join(settings),
)
def test_gradients_with_a_fixed_mask(settings, variant, path):
    model = make(4, 3, dtype="float64", depth=2, **settings, **variant._asdict())
    Xs = sequences([3, 0, 1, 4], 3, "float64")
    Ys, backprop = trained(model, Xs)
    rng = numpy.random.default_rng(7)
    weights = [rng.normal(size=Y.shape) for Y in Ys]

    def loss():
        outputs, _ = trained(model, Xs)
        return float(sum((Y * w).sum() for Y, w in zip(outputs, weights, strict=True)))

    for X, dX in zip(Xs, backprop(weights), strict=True):
        check_gradient(loss, X, dX)
    dropped = []
    for name in model.param_names:
        gradient = model.get_grad(name)
        dropped.extend((gradient == 0).ravel() if name.startswith("R") else [])
        check_gradient(loss, model.get_param(name), gradient)
    assert (numpy.mean(dropped) > 0.2) == ("recurrent_dropout" in settings)


def test_prediction_drops_nothing():
    settings = {"dropout": 0.5, "variational": True, "recurrent_dropout": 0.5}
    Xs = sequences([7, 2])
    for Y, expected in zip(make(**settings).predict(Xs), make().predict(Xs), strict=True):
        numpy.testing.assert_array_equal(Y, expected)


def test_rates_of_spacy():
    """The larger rate counts for values, the LSTM's own for weights, and 0 is none at all."""
    model = make(200, dropout=0.3, variational=True, recurrent_dropout=0.5)
    [X] = Xs = sequences([40])

    def shares():
        return (trained(model, Xs)[0][0] == 0).mean()

    assert 0.2 < shares() < 0.4  # which `set_dropout_rate` wasn't called for
    set_dropout_rate(model, 0.1)
    assert 0.2 < shares() < 0.4
    set_dropout_rate(model, 0.7)
    assert 0.6 < shares() < 0.8
    set_dropout_rate(model, 0.0)
    numpy.testing.assert_allclose(trained(model, Xs)[0][0], model.predict([X])[0], atol=1e-6)


@pytest.mark.parametrize("drop", [None, 0.1, 0.8])
def test_recurrent_dropout_is_its_own_rate(drop, monkeypatch):
    seen = []
    run = lstm_module.run_layer

    def spy(states, weights, *args, **kwargs):
        seen.extend(w.R.numpy() for w in weights)
        return run(states, weights, *args, **kwargs)

    monkeypatch.setattr(lstm_module, "run_layer", spy)
    model = make(100, dropout=None, recurrent_dropout=0.25)
    if drop is not None:
        set_dropout_rate(model, drop)
    trained(model, sequences([3]))
    names = ["R0_forward", "R0_backward"]
    for name, R in zip(names, seen, strict=True):
        zero = R == 0
        assert 0.22 < zero.mean() < 0.28
        numpy.testing.assert_allclose(R[~zero], model.get_param(name)[~zero] / 0.75, rtol=1e-6)
    assert ((seen[0] == 0) != (seen[1] == 0)).any()  # each direction for itself
    seen.clear()
    set_dropout_rate(model, 0.0)
    trained(model, sequences([3]))
    for name, R in zip(names, seen, strict=True):
        assert numpy.shares_memory(R, model.get_param(name))  # nothing is computed where it is off


def test_no_dropout_of_values_is_none_of_inputs_either():
    model = make(dropout=None, variational=True)
    set_dropout_rate(model, 0.8)
    Xs = sequences([7, 2])
    for Y, expected in zip(trained(model, Xs)[0], model.predict(Xs), strict=True):
        numpy.testing.assert_allclose(Y, expected, atol=1e-6)


def test_empty_sequences():
    model = make(dropout=0.5, variational=True, recurrent_dropout=0.5)
    Ys, backprop = trained(model, sequences([0, 0]))
    assert [Y.shape for Y in Ys] == [(0, 6), (0, 6)]
    assert [dX.shape for dX in backprop(Ys)] == [(0, 5), (0, 5)]


def test_in_bfloat16():
    """In bfloat16 or not, the masks are the same."""
    settings = {"dropout": 0.3, "variational": True, "recurrent_dropout": 0.3}
    Xs = sequences([7, 2])
    results = []
    for precision in ("float32", "bfloat16"):
        model = make(precision=precision, **settings)
        Ys, backprop = trained(model, Xs)
        dXs = backprop([numpy.ones_like(Y) for Y in Ys])
        results.append([*Ys, *dXs, *(model.get_grad(name) for name in model.param_names)])
    for exact, close in zip(*results, strict=True):
        numpy.testing.assert_allclose(close, exact, rtol=0.1, atol=0.1)


def test_settings_are_saved():
    settings = {"variational": True, "recurrent_dropout": 0.4}
    model = BiLSTMEncoder(6, nI=5, dropout=0.2, **settings)
    model.initialize()
    again = BiLSTMEncoder(6, nI=5).from_bytes(model.to_bytes())
    assert {name: again.attrs[name] for name in settings} == settings
    Xs = sequences([7, 2])
    for Y, expected in zip(trained(again, Xs)[0], trained(model, Xs)[0], strict=True):
        numpy.testing.assert_array_equal(Y, expected)


@pytest.mark.parametrize("rate", [-0.1, 1.0, float("nan")])
def test_refuses_a_rate(rate):
    with pytest.raises(ValueError, match="L003.*recurrent dropout"):
        LSTM(6, recurrent_dropout=rate)
