import numpy
import pytest
import torch
from thinc.api import fix_random_seed, set_dropout_rate

from spacy_lstm.layers import lstm_kernel, precision
from spacy_lstm.layers.lstm import LSTM
from spacy_lstm.layers.precision import compute_type, fast_bfloat16

from .reference import lstm as reference_lstm

X32, X64 = torch.zeros(1, 1), torch.zeros(1, 1, dtype=torch.float64)
LENGTHS = [50, 3, 0, 17, 17, 120, 1]

# bfloat16 keeps 8 bits: a hidden state, at most 1, is rounded by at most 1/512, and the error of
# one step is carried into the next. In these tests it stays below this.
TOLERANCE = 0.02


@pytest.fixture(params=["segments", "packed"])
def path(request, monkeypatch):
    if request.param == "packed":
        monkeypatch.setattr(lstm_kernel, "uses_onednn", lambda X, dtype: False)


@pytest.fixture(autouse=True)
def forget():
    fast_bfloat16.cache_clear()
    yield
    fast_bfloat16.cache_clear()


def make(chosen, nO=64, nI=32, **settings):
    fix_random_seed(0)
    model = LSTM(nO, nI, precision=chosen, **settings)
    model.initialize()
    return model


def sequences(lengths=LENGTHS, width=32, seed=1):
    rng = numpy.random.default_rng(seed)
    return [rng.normal(size=(n, width)).astype("float32") for n in lengths]


def step(model, Xs):
    """All outputs and gradients of one training step."""
    Ys, backprop = model(Xs, is_train=True)
    dXs = backprop(sequences([len(X) for X in Xs], model.get_dim("nO"), seed=2))
    return [*Ys, *dXs, *(model.get_grad(name) for name in model.param_names)]


@pytest.mark.parametrize("depth", [1, 2])
@pytest.mark.parametrize("lengths", [LENGTHS, [9, 9, 9], [30]])
def test_bfloat16_is_near_and_everything_around_it_float32(path, lengths, depth):
    model = make("bfloat16", depth=depth)
    Xs = sequences(lengths)
    Ys = model.predict(Xs)
    for X, Y in zip(Xs, Ys, strict=True):
        assert Y.dtype == numpy.float32
        numpy.testing.assert_allclose(Y, reference_lstm(model, X), rtol=0, atol=TOLERANCE)
    exact = make("float32", depth=depth).predict(Xs)
    assert any((a != b).any() for a, b in zip(Ys, exact, strict=True))


@pytest.mark.parametrize("lengths", [LENGTHS, [9, 9, 9], [30]])
def test_bfloat16_gradients_are_near(path, lengths):
    Xs = sequences(lengths)
    exact = step(make("float32"), Xs)
    for a, b in zip(step(make("bfloat16"), Xs), exact, strict=True):
        assert a.dtype == numpy.float32
        if b.size:
            assert numpy.abs(a - b).max() < 0.03 * numpy.abs(b).max()


def test_bfloat16_alone_and_in_a_batch(path):
    model = make("bfloat16")
    Xs = sequences()
    for X, together in zip(Xs, model.predict(Xs), strict=True):
        numpy.testing.assert_allclose(model.predict([X])[0], together, rtol=0, atol=TOLERANCE)


def test_weights_are_read_anew_at_each_call():
    model = make("bfloat16")
    Xs = sequences([20, 3, 40, 40, 11])
    before = model.predict(Xs)
    params = {(model.id, name): model.get_param(name) * 0 for name in model.param_names}
    with model.use_params(params):
        assert all((Y == 0).all() for Y in model.predict(Xs))
    for a, b in zip(model.predict(Xs), before, strict=True):
        numpy.testing.assert_array_equal(a, b)


def test_dropout_in_bfloat16(path):
    model = make("bfloat16", depth=2)
    set_dropout_rate(model, 0.5)
    kept = numpy.concatenate(model(sequences(), is_train=True)[0]) != 0
    assert 0.4 < kept.mean() < 0.6


@pytest.mark.parametrize("fast", [True, False])
def test_auto_is_what_the_processor_is_fast_at(fast, monkeypatch):
    monkeypatch.setattr(precision, "fast_bfloat16", lambda device: fast)
    assert compute_type("auto", X32) == (torch.bfloat16 if fast else torch.float32)
    assert compute_type("bfloat16", X32) == torch.bfloat16
    assert compute_type("float32", X32) == torch.float32
    assert compute_type("auto", X64) == compute_type("bfloat16", X64) == torch.float64


@pytest.mark.parametrize("native", [True, False])
@pytest.mark.parametrize("supported", [True, False])
@pytest.mark.parametrize("available", [True, False])
def test_bfloat16_is_fast_with_instructions_and_onednn(native, supported, available, monkeypatch):
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: available)
    monkeypatch.setattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda: supported)
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: native)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: False)
    assert fast_bfloat16("cpu") == (native and supported and available)


def test_a_torch_that_cannot_tell_means_float32(monkeypatch):
    monkeypatch.delattr(torch.cpu, "_is_avx512_bf16_supported")
    monkeypatch.delattr(torch.cpu, "_is_amx_tile_supported")
    assert not fast_bfloat16("cpu")


@pytest.mark.parametrize(("capability", "fast"), [((7, 5), False), ((8, 0), True), ((9, 0), True)])
def test_bfloat16_on_a_gpu(capability, fast, monkeypatch):
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda: capability)
    assert fast_bfloat16("cuda") == fast


def test_auto_predicts_on_any_processor():
    Xs = sequences()
    for a, b in zip(make("auto").predict(Xs), make("float32").predict(Xs), strict=True):
        numpy.testing.assert_allclose(a, b, rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("now", ["float32", "auto", "bfloat16"])
def test_a_loaded_layer_keeps_the_precision_of_its_config(now):
    saved = make("float32", depth=2)
    again = LSTM(64, 32, depth=2, precision=now).from_bytes(saved.to_bytes())
    assert again.attrs["precision"] == now
    assert again.copy().attrs["precision"] == now
    for name in saved.param_names:
        numpy.testing.assert_array_equal(again.get_param(name), saved.get_param(name))
