"""Gates and states, against the equations."""

import numpy
import pytest

from spacy_lstm.layers.lstm_trace import trace_lstm

from .reference import NAMES, lstm_parts
from .test_lstm_variants import ALL, make

SETTINGS = [
    {},
    {"depth": 2},
    {"bidirectional": False},
    {"layer_norm": True, "residual": True, "depth": 3},
]


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize("variant", ALL, ids=lambda v: "-".join(map(str, v)))
def test_equal_the_equations(variant, settings):
    model = make(variant, **settings)
    X = numpy.random.default_rng(1).normal(size=(7, 5))
    parts, output = lstm_parts(model, X)
    traces = trace_lstm(model, X)
    numpy.testing.assert_allclose(traces.output, output, rtol=0, atol=1e-12)
    assert [(trace.layer, trace.direction) for trace in traces.parts] == list(parts)
    for trace, wanted in zip(traces.parts, parts.values(), strict=True):
        for name in NAMES:
            numpy.testing.assert_allclose(
                getattr(trace, name), wanted[name], rtol=0, atol=1e-12, err_msg=name
            )
    if not variant.forget_gate:
        assert all((trace.forget == 1).all() for trace in traces.parts)


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize("variant", ALL, ids=lambda v: "-".join(map(str, v)))
def test_output_is_what_the_layer_gives(variant, settings):
    model = make(variant, dtype="float32", **settings)
    X = numpy.random.default_rng(1).normal(size=(7, 5)).astype("float32")
    traces = trace_lstm(model, X)
    assert traces.output.dtype == "float64"
    numpy.testing.assert_allclose(traces.output, model.predict([X])[0], rtol=1e-5, atol=2e-6)


def test_of_nothing():
    traces = trace_lstm(make(ALL[0], depth=2), numpy.zeros((0, 5)))
    assert traces.output.shape == (0, 6)
    assert all(trace.cell.shape == (0, 3) for trace in traces.parts)


def test_refuses_another_width():
    with pytest.raises(ValueError, match=r"L004.*width 5.*width 3"):
        trace_lstm(make(ALL[0]), numpy.zeros((2, 3)))
