import numpy
import pytest
from thinc.api import fix_random_seed

from spacy_lstm.layers import lstm_stream
from spacy_lstm.layers.lstm import LSTM
from spacy_lstm.layers.lstm_stream import LSTMStream

SETTINGS = {
    "standard": {},
    "stack": {"depth": 3, "layer_norm": True, "residual": True},
    "peepholes": {"depth": 2, "peepholes": True},
}


@pytest.fixture(params=[True, False], ids=["onednn", "torch"])
def path(request, monkeypatch):
    monkeypatch.setattr(lstm_stream, "uses_onednn", lambda X, dtype: request.param)


def make(**settings):
    fix_random_seed(0)
    model = LSTM(8, 5, **settings)
    model.initialize()
    X = numpy.random.default_rng(0).normal(size=(40, 5)).astype("float32")
    return model, X, model.predict([X])[0]


def run(model, X, step, lookahead):
    stream, rows = LSTMStream(model), []
    for start in range(0, len(X), step):
        n = min(step, len(X) - start)
        rows.append(stream.run(X[start : start + step + lookahead], n)[:n])
    return numpy.concatenate(rows)


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_one_direction_is_exact(path, settings):
    model, X, expected = make(bidirectional=False, **settings)
    for step, lookahead in ((1, 0), (7, 3), (40, 0)):
        numpy.testing.assert_allclose(run(model, X, step, lookahead), expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_what_looks_ahead_to_the_end_is_exact(path, settings):
    model, X, expected = make(**settings)
    for step in (1, 7, 40):
        numpy.testing.assert_allclose(run(model, X, step, 40), expected, rtol=0, atol=1e-6)


def test_the_further_it_looks_the_nearer_it_comes(path):
    model, X, expected = make(depth=2)
    errors = [numpy.abs(run(model, X, 4, n) - expected).max() for n in (0, 4, 12, 24)]
    assert errors == sorted(errors, reverse=True)
    assert errors[0] > 10 * errors[-1]


def test_the_forward_half_of_one_layer_is_exact(path):
    model, X, expected = make()
    numpy.testing.assert_allclose(run(model, X, 3, 0)[:, :4], expected[:, :4], rtol=0, atol=1e-6)
