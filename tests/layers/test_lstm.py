import numpy
import pytest
import torch
from thinc.api import Adam, Model, fix_random_seed, registry, set_dropout_rate

from spacy_lstm.layers import lstm_kernel, lstm_plan
from spacy_lstm.layers.lstm import GATES, LSTM

from ..gradients import check_sequence_gradients, to_float64
from . import onednn_double
from .reference import lstm as reference_lstm

LENGTHS = [3, 0, 1, 7, 2, 7, 1, 12, 0, 5]

chosen_by = {"segments": lambda X, dtype: True, "packed": lambda X, dtype: False}


@pytest.fixture(params=["segments", "packed"])
def path(request, monkeypatch):
    """Both ways through the kernel, whatever this machine would choose."""
    onednn_double.install(monkeypatch)
    monkeypatch.setattr(lstm_kernel, "uses_onednn", chosen_by[request.param])
    return request.param


def make(nO=6, nI=5, *, dtype="float64", **settings) -> Model:
    fix_random_seed(0)
    model = LSTM(nO, nI, **settings)
    model.initialize()
    # Random biases, so that every one of them matters.
    rng = numpy.random.default_rng(0)
    for name in model.param_names:
        if name.startswith(("b", "gain", "shift")):
            b = model.get_param(name)
            model.set_param(name, (b + rng.normal(size=b.shape)).astype("float32"))
    return to_float64(model) if dtype == "float64" else model


def sequences(lengths=LENGTHS, width=5, dtype="float64", seed=1):
    rng = numpy.random.default_rng(seed)
    return [rng.normal(size=(n, width)).astype(dtype) for n in lengths]


@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize("bidirectional", [True, False])
@pytest.mark.parametrize("layer_norm", [True, False])
def test_equals_reference(path, depth, bidirectional, layer_norm):
    model = make(depth=depth, bidirectional=bidirectional, layer_norm=layer_norm)
    Xs = sequences()
    for X, Y in zip(Xs, model.predict(Xs), strict=True):
        assert Y.shape == (len(X), 6)
        numpy.testing.assert_allclose(Y, reference_lstm(model, X), rtol=0, atol=1e-12)


@pytest.mark.parametrize("depth", [1, 2])
@pytest.mark.parametrize("bidirectional", [True, False])
@pytest.mark.parametrize("lengths", [[0], [1], [4], [1, 1], [3, 3, 3], [0, 3, 1, 5, 3, 0]])
@pytest.mark.parametrize("layer_norm", [True, False])
def test_gradients(path, depth, bidirectional, lengths, layer_norm):
    model = make(4, 3, depth=depth, bidirectional=bidirectional, layer_norm=layer_norm)
    gradients = check_sequence_gradients(model, sequences(lengths, 3))
    if max(lengths) > 1:
        for name, gradient in gradients.items():
            assert numpy.abs(gradient).max() > 0, name


@pytest.mark.parametrize("layer_norm", [True, False])
@pytest.mark.parametrize("bidirectional", [True, False])
def test_residual_connections(path, bidirectional, layer_norm):
    settings = {"bidirectional": bidirectional, "layer_norm": layer_norm, "depth": 3}
    model = make(4, 3, residual=True, **settings)
    Xs = sequences([0, 3, 1, 5, 3, 0], 3)
    plain = make(4, 3, **settings).predict(Xs)
    for X, Y, without in zip(Xs, model.predict(Xs), plain, strict=True):
        numpy.testing.assert_allclose(Y, reference_lstm(model, X), rtol=0, atol=1e-12)
        assert not len(X) or not numpy.allclose(Y, without)
    check_sequence_gradients(model, Xs)


def test_gradients_add_up(path):
    model = make()
    Xs = sequences()
    Ys, backprop = model(Xs, is_train=True)
    backprop(Ys)
    once = {name: model.get_grad(name).copy() for name in model.param_names}
    backprop(Ys)
    for name, gradient in once.items():
        numpy.testing.assert_allclose(model.get_grad(name), 2 * gradient)


@pytest.mark.parametrize("depth", [1, 2])
def test_same_alone_in_a_batch_and_in_any_order(path, depth):
    model = make(16, 8, dtype="float32", depth=depth)
    rng = numpy.random.default_rng(3)
    Xs = sequences(rng.integers(0, 90, 40), 8, "float32")
    together = model.predict(Xs)
    order = rng.permutation(len(Xs))
    shuffled = model.predict([Xs[i] for i in order])
    for i, X in enumerate(Xs):
        numpy.testing.assert_allclose(model.predict([X])[0], together[i], rtol=0, atol=2e-6)
    for j, i in enumerate(order):
        numpy.testing.assert_allclose(shuffled[j], together[i], rtol=0, atol=2e-6)


def test_training_output_equals_prediction(path):
    model = make(dtype="float32")
    Xs = sequences(dtype="float32")
    Ys, _ = model(Xs, is_train=True)
    for predicted, trained in zip(model.predict(Xs), Ys, strict=True):
        numpy.testing.assert_allclose(trained, predicted, rtol=0, atol=1e-6)


def test_paths_agree(monkeypatch):
    model = make(32, 16, dtype="float32", depth=2)
    Xs = sequences([50, 3, 0, 17, 17, 120, 1], 16, "float32")
    results = {}
    for name, chosen in chosen_by.items():
        monkeypatch.setattr(lstm_kernel, "uses_onednn", chosen)
        for param in model.param_names:
            model.set_grad(param, model.get_param(param) * 0)
        Ys, backprop = model(Xs, is_train=True)
        dXs = backprop(Ys)
        results[name] = [*Ys, *dXs, *(model.get_grad(param) for param in model.param_names)]
    for a, b in zip(results["segments"], results["packed"], strict=True):
        numpy.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-4)


def test_packs_without_onednn(monkeypatch):
    X = torch.zeros(1, 1)
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: True)
    assert lstm_kernel.uses_onednn(X, torch.float32)
    assert not lstm_kernel.uses_onednn(X, torch.float64)
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: False)
    assert not lstm_kernel.uses_onednn(X, torch.float32)


def test_packs_where_onednn_is_switched_off(monkeypatch):
    monkeypatch.setattr(torch.backends.mkldnn, "enabled", False)
    assert not lstm_kernel.uses_onednn(torch.zeros(1, 1), torch.float32)


def test_runs_without_onednn(monkeypatch):
    model = make(dtype="float32")
    Xs = sequences(dtype="float32")
    expected = model.predict(Xs)

    def refuse(*args):
        raise AssertionError("oneDNN was called")

    monkeypatch.setattr(torch.ops.aten, "mkldnn_rnn_layer", refuse)
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: False)
    for a, b in zip(model.predict(Xs), expected, strict=True):
        numpy.testing.assert_allclose(a, b, rtol=0, atol=1e-6)


@pytest.mark.parametrize("lengths", [[9, 9, 9, 9], [20], [1, 1, 1], [12, 3, 0, 7, 7, 10, 1]])
def test_many_small_calls_agree_with_one(lengths, monkeypatch, path):
    model = make(4, 3, depth=2)
    monkeypatch.setattr(lstm_plan, "MAX_UNITS", 8)
    monkeypatch.setattr(lstm_plan, "MAX_UNITS_TRAINING", 8)
    Xs = sequences(lengths, 3)
    for X, Y in zip(Xs, model.predict(Xs), strict=True):
        numpy.testing.assert_allclose(Y, reference_lstm(model, X), rtol=0, atol=1e-12)
    check_sequence_gradients(model, Xs)


def test_empty_batches():
    model = make()
    assert model.predict([]) == []
    Ys, backprop = model(sequences([0, 0]), is_train=True)
    assert [Y.shape for Y in Ys] == [(0, 6), (0, 6)]
    assert [dX.shape for dX in backprop(Ys)] == [(0, 5), (0, 5)]


def test_outputs_are_views_on_one_array():
    model = make(dtype="float32")
    Ys = model.predict(sequences([3, 4], dtype="float32"))
    assert Ys[0].base is Ys[1].base
    assert numpy.shares_memory(Ys[0].base, Ys[1])


def test_initial_weights():
    fix_random_seed(0)
    model = LSTM(64, 32)
    model.initialize()
    n = 32
    for direction in ("forward", "backward"):
        R = model.get_param(f"R0_{direction}")
        W = model.get_param(f"W0_{direction}")
        b = model.get_param(f"b0_{direction}")
        assert R.shape == (4 * n, n)
        assert W.shape == (4 * n, 32)
        for i, gate in enumerate(GATES):
            block = R[i * n : (i + 1) * n]
            numpy.testing.assert_allclose(block @ block.T, numpy.eye(n), atol=1e-5)
            bound = numpy.sqrt(6 / (n + 32))
            w = W[i * n : (i + 1) * n]
            assert 0.9 * bound < numpy.abs(w).max() <= bound
            assert set(b[i * n : (i + 1) * n]) == {1.0 if gate == "forget" else 0.0}
    assert not numpy.array_equal(model.get_param("R0_forward"), model.get_param("R0_backward"))


def test_layer_norm_starts_with_values_around_one():
    model = LSTM(64, 32, depth=2, layer_norm=True)
    model.initialize()
    for layer in range(2):
        numpy.testing.assert_array_equal(model.get_param(f"gain{layer}"), numpy.ones(64))
        numpy.testing.assert_array_equal(model.get_param(f"shift{layer}"), numpy.zeros(64))
    [Y] = model.predict(sequences([50], 32, "float32"))
    numpy.testing.assert_allclose(Y.mean(axis=1), 0, atol=1e-5)
    numpy.testing.assert_allclose(Y.std(axis=1), 1, atol=1e-2)


def test_infers_widths():
    model = LSTM()
    model.initialize(X=sequences([2], 7, "float32"), Y=sequences([2], 8, "float32"))
    assert (model.get_dim("nI"), model.get_dim("nO")) == (7, 8)
    assert model.predict(sequences([2], 7, "float32"))[0].shape == (2, 8)


def test_same_seed_same_weights():
    assert make(dtype="float32").to_bytes() == make(dtype="float32").to_bytes()


def test_serializes():
    model = make(dtype="float32", depth=2)
    again = LSTM(6, 5, depth=2).from_bytes(model.to_bytes())
    Xs = sequences(dtype="float32")
    for a, b in zip(model.predict(Xs), again.predict(Xs), strict=True):
        numpy.testing.assert_array_equal(a, b)


def test_dropout_only_in_training_and_only_where_asked():
    model = make(dtype="float32")
    Xs = sequences([400], dtype="float32")
    clean = model.predict(Xs)[0]
    numpy.testing.assert_allclose(model(Xs, is_train=True)[0][0], clean, atol=1e-6)
    set_dropout_rate(model, 0.4)
    numpy.testing.assert_array_equal(model.predict(Xs)[0], clean)
    dropped = model(Xs, is_train=True)[0][0]
    zero = dropped == 0
    assert 0.35 < zero.mean() < 0.45
    numpy.testing.assert_allclose(dropped[~zero], clean[~zero] / 0.6, rtol=1e-4)


def test_own_dropout_is_the_least_and_zero_switches_off():
    model = make(dtype="float32", dropout=0.5)
    Xs = sequences([400], dtype="float32")

    def share():
        return (model(Xs, is_train=True)[0][0] == 0).mean()

    assert 0.45 < share() < 0.55
    set_dropout_rate(model, 0.1)
    assert 0.45 < share() < 0.55
    set_dropout_rate(model, 0.7)
    assert 0.65 < share() < 0.75
    set_dropout_rate(model, 0.0)
    assert share() == 0


def test_no_dropout_is_none_whatever_spacy_sets():
    model = make(dtype="float32", dropout=None)
    Xs = sequences(dtype="float32")
    set_dropout_rate(model, 0.7)
    for Y, expected in zip(model(Xs, is_train=True)[0], model.predict(Xs), strict=True):
        numpy.testing.assert_array_equal(Y, expected)


def test_dropout_gradient_uses_the_same_mask(path):
    model = make(depth=2, dropout=0.5)
    Xs = sequences()
    Ys, backprop = model(Xs, is_train=True)
    kept = numpy.concatenate(Ys) != 0
    dXs = backprop([numpy.where(Y == 0, 1.0, 0.0) for Y in Ys])
    # The gradient of outputs that were dropped goes nowhere.
    assert not kept.all()
    assert all((dX == 0).all() for dX in dXs)


def test_averages_change_and_restore_predictions():
    model = make(dtype="float32")
    optimizer = Adam(0.1, use_averages=True)
    Xs = sequences(dtype="float32")
    for _ in range(3):
        Ys, backprop = model(Xs, is_train=True)
        backprop(Ys)
        model.finish_update(optimizer)
    before = numpy.concatenate(model.predict(Xs))
    with model.use_params(optimizer.averages):
        averaged = numpy.concatenate(model.predict(Xs))
    assert numpy.abs(averaged - before).max() > 1e-3
    numpy.testing.assert_array_equal(numpy.concatenate(model.predict(Xs)), before)


def test_registered():
    assert registry.layers.get("spacy_lstm.LSTM.v1") is LSTM


def test_takes_read_only_and_strided_input():
    model = make(dtype="float32")
    (X,) = sequences([4], 10, "float32")
    strided = X[:, ::2]
    frozen = numpy.ascontiguousarray(strided)
    frozen.flags.writeable = False
    numpy.testing.assert_array_equal(model.predict([strided])[0], model.predict([frozen])[0])


@pytest.mark.parametrize(
    ("code", "settings"),
    [
        ("L001", {"nO": 7}),
        ("L002", {"nO": 0}),
        ("L002", {"depth": 0}),
        ("L002.*an integer.*'2'", {"depth": "2"}),
        ("L002.*input width.*-1", {"nI": -1}),
        ("L003.*'0.1'", {"dropout": "0.1"}),
        ("L003", {"dropout": 1.0}),
        ("L003", {"dropout": -0.1}),
        ("L007", {"precision": "float16"}),
        ("L018", {"residual": True}),
    ],
)
def test_refuses_impossible_settings(code, settings):
    with pytest.raises(ValueError, match=code):
        LSTM(**{"nO": 8, **settings})


def test_refuses_input_of_another_width():
    with pytest.raises(ValueError, match="L004.*width 5.*width 4"):
        make(dtype="float32").predict(sequences(width=4, dtype="float32"))
