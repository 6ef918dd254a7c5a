"""Long documents: work that is cut in time, memory that is bounded, gradients that are cut off."""

import numpy
import pytest
import torch
from thinc.api import fix_random_seed

from spacy_lstm.layers import lstm_kernel, lstm_segments
from spacy_lstm.layers.lstm import LSTM
from spacy_lstm.layers.lstm_limits import Limits
from spacy_lstm.layers.lstm_variants import Variant, run_step
from spacy_lstm.models.encoder import BiLSTMEncoder

from ..gradients import to_float64
from . import onednn_double

MIXED = [3, 0, 1, 7, 11, 7, 2]
SAME = [8, 8, 8]


@pytest.fixture(params=["onednn", "torch", "peepholes", "no forget gate", "relu"])
def variant(request, monkeypatch):
    """Every kernel, whatever this machine would choose."""
    onednn_double.install(monkeypatch)
    is_onednn = request.param == "onednn"
    monkeypatch.setattr(lstm_kernel, "uses_onednn", lambda X, dtype: is_onednn)
    return {
        "peepholes": Variant(peepholes=True),
        "no forget gate": Variant(forget_gate=False),
        "relu": Variant(activation="relu"),
    }.get(request.param, Variant())


STANDARD = Variant()


def make(variant=STANDARD, nO=6, nI=5, *, dtype="float64", **settings):
    fix_random_seed(0)
    model = LSTM(nO, nI, **variant._asdict(), **settings)
    model.initialize()
    rng = numpy.random.default_rng(0)
    for name in model.param_names:
        if name[0] in "bP":
            param = model.get_param(name)
            model.set_param(name, (param + rng.normal(size=param.shape)).astype("float32"))
    return to_float64(model) if dtype == "float64" else model


def sequences(lengths, width=5, dtype="float64"):
    rng = numpy.random.default_rng(1)
    return [rng.normal(size=(n, width)).astype(dtype) for n in lengths]


def trained(model, Xs, seed=3):
    """The outputs and all gradients of a random linear loss, always with the same draws."""
    fix_random_seed(seed)
    Ys, backprop = model(Xs, is_train=True)
    rng = numpy.random.default_rng(7)
    dXs = backprop([rng.normal(size=Y.shape).astype(Y.dtype) for Y in Ys])
    gradients = {name: model.get_grad(name).copy() for name in model.param_names}
    for name in model.param_names:
        model.set_grad(name, model.get_grad(name) * 0)
    return Ys, dXs, gradients


def reference(model, Xs, tbptt):
    """The same by the equations, one document and one step at a time, with the states detached."""
    variant = Variant(*(model.attrs[name] for name in Variant._fields))
    params = {n: torch.tensor(model.get_param(n), requires_grad=True) for n in model.param_names}
    inputs = [torch.tensor(X, requires_grad=True) for X in Xs]
    outputs = []
    for states in inputs:
        for layer in range(model.attrs["depth"]):
            sides = []
            for direction in model.attrs["directions"]:
                W, R, b, *P = (params[f"{p}{layer}_{direction}"] for p in variant.params)
                peepholes = dict(zip(variant.peeping, P[0], strict=True)) if P else {}
                hidden = cell = torch.zeros(1, R.shape[1], dtype=torch.float64)
                rows = []
                is_backward = direction == "backward"
                for i, x in enumerate(states.flip(0) if is_backward else states):
                    if i % tbptt == 0:
                        hidden, cell = hidden.detach(), cell.detach()
                    step = run_step(W @ x + b + hidden @ R.T, cell, peepholes, variant)
                    hidden, cell = step.hidden, step.cell
                    rows.append(hidden)
                side = torch.cat([hidden[:0], *rows])
                sides.append(side.flip(0) if is_backward else side)
            states = torch.cat(sides, dim=1)
        outputs.append(states)
    rng = numpy.random.default_rng(7)
    loss = sum((Y * torch.tensor(rng.normal(size=tuple(Y.shape)))).sum() for Y in outputs)
    loss.backward()
    gradients = {name: param.grad.numpy() for name, param in params.items()}
    dXs = [x.grad.numpy() if x.grad is not None else numpy.zeros(x.shape) for x in inputs]
    return [Y.detach().numpy() for Y in outputs], dXs, gradients


def assert_same(results, expected, atol):
    for kind, wanted in zip(results[:2], expected[:2], strict=True):
        for a, b in zip(kind, wanted, strict=True):
            numpy.testing.assert_allclose(a, b, rtol=0, atol=atol)
    for name, gradient in expected[2].items():
        numpy.testing.assert_allclose(results[2][name], gradient, rtol=0, atol=atol, err_msg=name)


@pytest.mark.parametrize("lengths", [MIXED, SAME])
@pytest.mark.parametrize("tbptt", [1, 3])
@pytest.mark.parametrize("max_tokens_per_batch", [1, 5, 1000])
@pytest.mark.parametrize("bidirectional", [True, False])
def test_truncated_gradients(variant, lengths, tbptt, max_tokens_per_batch, bidirectional):
    settings = {"tbptt": tbptt, "max_tokens_per_batch": max_tokens_per_batch}
    model = make(variant, depth=2, bidirectional=bidirectional, **settings)
    Xs = sequences(lengths)
    expected = reference(model, Xs, tbptt)
    assert_same(trained(model, Xs), expected, atol=1e-10)
    for Y, wanted in zip(model.predict(Xs), expected[0], strict=True):
        numpy.testing.assert_allclose(Y, wanted, rtol=0, atol=1e-12)


def test_truncation_changes_gradients_only(variant):
    Xs = sequences(MIXED)
    whole, cut = trained(make(variant), Xs), trained(make(variant, tbptt=3), Xs)
    for a, b in zip(whole[0], cut[0], strict=True):
        numpy.testing.assert_allclose(a, b, rtol=0, atol=1e-12)
    assert all(numpy.abs(whole[2][name] - cut[2][name]).max() > 1e-3 for name in whole[2])


@pytest.mark.parametrize("lengths", [MIXED, SAME])
@pytest.mark.parametrize("tbptt", [0, None, 11, 100])
def test_without_cuts_it_is_the_full_gradient(variant, lengths, tbptt):
    Xs = sequences(lengths)
    results = trained(make(variant, depth=2, tbptt=tbptt), Xs)
    assert_same(results, reference(make(variant, depth=2), Xs, 1000), atol=1e-10)


@pytest.mark.parametrize("lengths", [MIXED, SAME])
@pytest.mark.parametrize("tbptt", [None, 4])
def test_what_is_computed_again_is_the_same(variant, lengths, tbptt):
    """With all dropout that there is: the masks of both passes are the same."""
    dropout = {"dropout": 0.3, "variational": True, "recurrent_dropout": 0.3}
    settings = {**dropout, "layer_norm": True, "residual": True}
    Xs = sequences(lengths)
    expected = trained(make(variant, depth=2, tbptt=tbptt, **settings), Xs)
    for limit in (1, 6, 12):
        model = make(variant, depth=2, tbptt=tbptt, max_tokens_per_batch=limit, **settings)
        assert_same(trained(model, Xs), expected, atol=1e-10)


def test_prediction_cut_in_time_is_that_of_the_whole(variant):
    Xs = sequences([300, 5, 40], dtype="float32")
    settings = {"depth": 2, "layer_norm": True, "residual": True, "dtype": "float32"}
    expected = make(variant, **settings).predict(Xs)
    for limit in (1, 7, 64):
        found = make(variant, max_tokens_per_batch=limit, **settings).predict(Xs)
        for a, b in zip(found, expected, strict=True):
            numpy.testing.assert_allclose(a, b, rtol=0, atol=1e-5)


def test_what_is_kept_is_bounded(variant, monkeypatch):
    """The last segments are kept, up to the limit, and the others run without notes."""
    seen = []
    choose = lstm_segments._Side._kept

    def spy(side, is_train):
        seen.append(([s.n_cells for s in side.plan.segments], choose(side, is_train)))
        return seen[-1][1]

    monkeypatch.setattr(lstm_segments._Side, "_kept", spy)
    trained(make(variant, max_tokens_per_batch=10), sequences([34]))
    assert len(seen) == 2
    for n_cells, kept in seen:
        assert sum(n_cells) == 34
        assert max(n_cells) <= 10
        assert kept == sorted(kept)
        assert 0 < sum(n for n, is_kept in zip(n_cells, kept, strict=True) if is_kept) <= 10


def test_a_loaded_layer_keeps_the_limits_of_its_config():
    saved = make(dtype="float32", max_tokens_per_batch=9, tbptt=2).to_bytes()
    assert LSTM(6, 5, tbptt=7).from_bytes(saved).attrs["limits"] == Limits(2**15, 7)


def test_the_encoder_passes_them_on():
    model = BiLSTMEncoder(8, max_tokens_per_batch=100, tbptt=5)
    assert model.attrs["limits"] == Limits(100, 5)


def test_prediction_keeps_nothing():
    Ys, backprop = make()(sequences(MIXED), is_train=False)
    with pytest.raises(ValueError, match="L017"):
        backprop(Ys)


@pytest.mark.parametrize("settings", [{"max_tokens_per_batch": 0}, {"tbptt": -1}])
@pytest.mark.parametrize("make_layer", [LSTM, BiLSTMEncoder])
def test_refuses_what_cannot_be(make_layer, settings):
    with pytest.raises(ValueError, match=f"L002.*{next(iter(settings))}"):
        make_layer(8, **settings)
