"""The variants of the LSTM: each against the equations, and its gradients against numeric ones."""

from itertools import product

import numpy
import pytest
from thinc.api import Adam, Model, fix_random_seed

from spacy_lstm.layers import lstm as lstm_module
from spacy_lstm.layers.lstm import LSTM
from spacy_lstm.layers.lstm_variants import ACTIVATIONS, CELL_LIMIT, Variant, run_variant
from spacy_lstm.models.encoder import BiLSTMEncoder

from ..gradients import check_sequence_gradients, to_float64
from .reference import lstm as reference_lstm

LENGTHS = [3, 0, 1, 7, 2, 7, 1, 12, 0, 5]
ALL = [
    Variant(forget_gate, peepholes, activation)
    for forget_gate, peepholes, activation in product([True, False], [True, False], ACTIVATIONS)
    if forget_gate or activation == "tanh"
]
each_variant = pytest.mark.parametrize(
    "variant", [v for v in ALL if not v.is_standard], ids=lambda v: "-".join(map(str, v))
)


def make(variant, nO=6, nI=5, *, dtype="float64", **settings) -> Model:
    fix_random_seed(0)
    model = LSTM(nO, nI, **variant._asdict(), **settings)
    model.initialize()
    # Random biases and peepholes, so that every one of them matters.
    rng = numpy.random.default_rng(0)
    for name in model.param_names:
        if name[0] in "bP":
            param = model.get_param(name)
            model.set_param(name, (param + rng.normal(size=param.shape)).astype("float32"))
    return to_float64(model) if dtype == "float64" else model


def sequences(lengths=LENGTHS, width=5, dtype="float64", seed=1):
    rng = numpy.random.default_rng(seed)
    return [rng.normal(size=(n, width)).astype(dtype) for n in lengths]


def test_all_but_the_impossible():
    assert len(ALL) == 6
    assert sum(v.is_standard for v in ALL) == 1


@each_variant
@pytest.mark.parametrize("depth", [1, 2])
@pytest.mark.parametrize("bidirectional", [True, False])
def test_equals_reference(variant, depth, bidirectional):
    model = make(variant, depth=depth, bidirectional=bidirectional)
    Xs = sequences()
    for X, Y in zip(Xs, model.predict(Xs), strict=True):
        assert Y.shape == (len(X), 6)
        numpy.testing.assert_allclose(Y, reference_lstm(model, X), rtol=0, atol=1e-12)


@each_variant
@pytest.mark.parametrize("depth", [1, 2])
@pytest.mark.parametrize("bidirectional", [True, False])
@pytest.mark.parametrize("lengths", [[0], [1], [0, 3, 1, 5, 3, 0]])
def test_gradients(variant, depth, bidirectional, lengths):
    model = make(variant, 4, 3, depth=depth, bidirectional=bidirectional)
    gradients = check_sequence_gradients(model, sequences(lengths, 3))
    if max(lengths) > 1:
        for name, gradient in gradients.items():
            assert numpy.abs(gradient).max() > 0, name


@pytest.mark.parametrize("bidirectional", [True, False])
def test_the_slow_kernel_runs_the_standard_lstm_too(bidirectional, monkeypatch):
    """The two kernels are written apart, and each checks the other."""
    model = make(Variant(), depth=2, bidirectional=bidirectional)
    results = []
    for run in (lstm_module.run_layer, slow_standard):
        monkeypatch.setattr(lstm_module, "run_layer", run)
        Ys, backprop = model(sequences(), is_train=True)
        dXs = backprop(Ys)
        results.append([*Ys, *dXs, *(model.get_grad(name).copy() for name in model.param_names)])
        for name in model.param_names:
            model.set_grad(name, model.get_grad(name) * 0)
    for fast, slow in zip(*results, strict=True):
        numpy.testing.assert_allclose(slow, fast, rtol=0, atol=1e-10)


def slow_standard(X, directions, plan, is_train, **settings):
    return run_variant(X, directions, plan, is_train, variant=Variant())


@pytest.mark.parametrize("variant", ALL, ids=lambda v: "-".join(map(str, v)))
def test_which_kernel_runs(variant, monkeypatch):
    ran = []

    def spy(X, directions, *args, **kwargs):
        ran.append(kwargs["variant"])
        return run_variant(X, directions, *args, **kwargs)

    monkeypatch.setattr(lstm_module, "run_variant", spy)
    make(variant).predict(sequences())
    assert ran == ([] if variant.is_standard else [variant])


@each_variant
def test_same_alone_in_a_batch_and_in_any_order(variant):
    # In float64: a relu LSTM with weights as large as these makes rounding errors grow.
    model = make(variant, 16, 8, depth=2)
    rng = numpy.random.default_rng(3)
    Xs = sequences(rng.integers(0, 60, 30), 8)
    together = model.predict(Xs)
    order = rng.permutation(len(Xs))
    shuffled = model.predict([Xs[i] for i in order])
    for i, X in enumerate(Xs):
        numpy.testing.assert_allclose(model.predict([X])[0], together[i], rtol=0, atol=1e-9)
    for j, i in enumerate(order):
        numpy.testing.assert_allclose(shuffled[j], together[i], rtol=0, atol=1e-9)


@each_variant
def test_training_output_equals_prediction_and_gradients_add_up(variant):
    model = make(variant, dtype="float32", depth=2)
    Xs = sequences(dtype="float32")
    Ys, backprop = model(Xs, is_train=True)
    for predicted, trained in zip(model.predict(Xs), Ys, strict=True):
        numpy.testing.assert_array_equal(trained, predicted)
    backprop(Ys)
    once = {name: model.get_grad(name).copy() for name in model.param_names}
    backprop(Ys)
    for name, gradient in once.items():
        assert gradient.dtype == "float32"
        numpy.testing.assert_allclose(model.get_grad(name), 2 * gradient, rtol=1e-6)


@each_variant
def test_empty_batches(variant):
    model = make(variant)
    assert model.predict([]) == []
    Ys, backprop = model(sequences([0, 0]), is_train=True)
    assert [Y.shape for Y in Ys] == [(0, 6), (0, 6)]
    assert [dX.shape for dX in backprop(Ys)] == [(0, 5), (0, 5)]


@each_variant
def test_serializes(variant):
    model = make(variant, dtype="float32", depth=2)
    again = LSTM(6, 5, depth=2, **variant._asdict()).from_bytes(model.to_bytes())
    Xs = sequences(dtype="float32")
    for a, b in zip(model.predict(Xs), again.predict(Xs), strict=True):
        numpy.testing.assert_array_equal(a, b)


@each_variant
def test_averages_change_and_restore_predictions(variant):
    model = make(variant, dtype="float32")
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


@each_variant
def test_initial_weights(variant):
    fix_random_seed(0)
    n = 16
    model = LSTM(2 * n, 24, **variant._asdict())
    model.initialize()
    names = {f"{p}0_{d}" for p in variant.params for d in ("forward", "backward")}
    assert set(model.param_names) == names
    n_gates = 4 if variant.forget_gate else 3
    for direction in ("forward", "backward"):
        assert model.get_param(f"W0_{direction}").shape == (n_gates * n, 24)
        R = model.get_param(f"R0_{direction}")
        assert R.shape == (n_gates * n, n)
        b = model.get_param(f"b0_{direction}")
        for i, gate in enumerate(variant.gates):
            block = R[i * n : (i + 1) * n]
            scale = 0.5 if variant.activation == "relu" else 1.0
            numpy.testing.assert_allclose(block @ block.T, scale**2 * numpy.eye(n), atol=1e-5)
            assert set(b[i * n : (i + 1) * n]) == {1.0 if gate == "forget" else 0.0}
        if variant.peepholes:
            P = model.get_param(f"P0_{direction}")
            assert P.shape == (n_gates - 1, n)
            assert not P.any()


def test_peepholes_of_zero_change_nothing():
    settings = {"bidirectional": True, "depth": 2}
    fix_random_seed(0)
    with_peepholes = LSTM(6, 5, peepholes=True, **settings)
    with_peepholes.initialize()
    fix_random_seed(0)
    without = LSTM(6, 5, **settings)
    without.initialize()
    Xs = sequences(dtype="float32")
    for a, b in zip(with_peepholes.predict(Xs), without.predict(Xs), strict=True):
        numpy.testing.assert_allclose(a, b, rtol=0, atol=1e-6)


def test_relu_does_not_grow_at_the_start_of_training():
    fix_random_seed(0)
    model = LSTM(128, 64, activation="relu")
    model.initialize()
    (Y,) = model.predict(sequences([1000], 64, "float32"))
    assert 1 < Y.max() < 5
    assert Y[500:].max() < 2 * Y[:500].max()


def test_relu_stays_finite_with_weights_that_make_it_grow():
    model = make(Variant(activation="relu"), 32, 16, dtype="float32", depth=2)
    for name in model.param_names:
        if name.startswith("R"):
            model.set_param(name, numpy.abs(model.get_param(name)))
    (Y,), backprop = model(sequences([2000], 16, "float32"), is_train=True)
    assert Y.max() == CELL_LIMIT
    (dX,) = backprop([numpy.ones_like(Y)])
    assert numpy.isfinite(dX).all()
    assert all(numpy.isfinite(model.get_grad(name)).all() for name in model.param_names)


def test_relu_at_its_limit_equals_reference():
    model = make(Variant(activation="relu"), 8, 4)
    for name in ("R0_forward", "R0_backward"):
        model.set_param(name, numpy.abs(model.get_param(name)) * 3)
    (X,) = sequences([40], 4)
    (Y,) = model.predict([X])
    assert Y.max() > 0.99 * CELL_LIMIT
    numpy.testing.assert_allclose(Y, reference_lstm(model, X), rtol=0, atol=1e-10)


def test_the_cell_of_1997_remembers():
    """What came first counts as much after 200 steps as after 2: nothing is forgotten."""
    n = 4
    model = LSTM(n, n, bidirectional=False, forget_gate=False)
    model.initialize()
    model.set_param(
        "W0_forward",
        numpy.vstack([numpy.zeros((n, n)), numpy.eye(n), numpy.zeros((n, n))]).astype("float32"),
    )
    model.set_param("R0_forward", numpy.zeros((3 * n, n), dtype="float32"))
    X = numpy.zeros((200, n), dtype="float32")
    X[0] = [0.5, -0.5, 1.0, -1.0]
    (Y,) = model.predict([X])
    numpy.testing.assert_array_equal(Y[1], Y[199])
    expected = 0.5 * numpy.tanh(0.5 * numpy.tanh(X[0]))
    numpy.testing.assert_allclose(Y[199], expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("code", "settings"),
    [
        ("L013.*'gelu'.*'tanh', 'relu'", {"activation": "gelu"}),
        ("L014", {"activation": "relu", "forget_gate": False}),
        ("L014", {"activation": "relu", "forget_gate": False, "peepholes": True}),
    ],
)
@pytest.mark.parametrize("make_layer", [LSTM, BiLSTMEncoder])
def test_refuses_what_cannot_be(make_layer, code, settings):
    with pytest.raises(ValueError, match=code):
        make_layer(8, **settings)


def test_the_encoder_passes_them_on():
    model = BiLSTMEncoder(8, peepholes=True, forget_gate=False, activation="tanh")
    assert lstm_module.variant_of(model) == Variant(forget_gate=False, peepholes=True)


@pytest.mark.parametrize("settings", [{"forget_gate": False}, {"activation": "relu"}])
def test_variants_compute_in_float32(settings):
    with pytest.raises(ValueError, match=r"\[L015\].*float32"):
        LSTM(4, 2, precision="bfloat16", **settings)
    X = [numpy.linspace(-1, 1, 10, dtype="float32").reshape(5, 2)]
    outputs = []
    for precision in ("float32", "auto"):
        fix_random_seed(0)
        model = LSTM(4, 2, precision=precision, **settings).initialize()
        outputs.append(model.predict(X)[0])
    numpy.testing.assert_array_equal(*outputs)
