"""What counts as a fault."""

from spacy_lstm.errors import Errors
from spacy_lstm.layers.lstm import LSTM

from .outcome import soak


def run(case):
    if case == "ours":
        LSTM(4).predict(None)
    if case == "coded":
        raise ValueError(Errors.L654)
    assert case != "expectation"
    return 3


def outcome(case, **settings):
    return soak("x", 3, 7, minutes=None, make=lambda rng: case, run=run, **settings)


def test_counts_cases_and_tells_faults_from_refusals():
    good = outcome("good")
    assert (good.n_done, good.n_refused, good.failures) == (3, 0, [])
    for case, error in (("ours", "Error"), ("expectation", "AssertionError")):
        bad = outcome(case)
        assert (bad.n_done, bad.n_refused, len(bad.failures)) == (3, 0, 3)
        assert "x, seed 7, case 2" in bad.failures[2].case
        assert error in bad.failures[0].error
    refused = outcome("coded")
    assert (refused.n_done, refused.n_refused, refused.failures) == (3, 3, [])
    assert len(outcome("coded", may_refuse=False).failures) == 3


def test_stops_in_time():
    assert soak("x", 9, 0, minutes=0.0, make=lambda rng: "good", run=run).n_done == 0
