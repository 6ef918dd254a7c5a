"""When a training is kept, and when it stops."""

import signal
import threading

import pytest

from spacy_lstm.training.resume.pace import Pace
from spacy_lstm.training.resume.stop import Stop


def test_pace_costs_two_percent():
    now = [100.0]
    pace = Pace(share=0.02, least=20.0, clock=lambda: now[0])
    assert not pace.is_due
    now[0] += 20
    assert pace.is_due
    pace.see(0.1)
    now[0] += 19.9
    assert not pace.is_due
    now[0] += 0.2
    assert pace.is_due
    pace.see(3.0)
    now[0] += 149
    assert not pace.is_due
    now[0] += 1.1
    assert pace.is_due


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_first_signal_is_noted_and_second_does_what_it_did(number):
    seen = []
    before = signal.signal(number, lambda *args: seen.append(args[0]))
    try:
        stop = Stop()
        with stop.listening():
            assert stop.reason is None
            signal.raise_signal(number)
            assert (stop.reason, stop.exit_code) == (number.name, 128 + number)
            assert seen == []
            signal.raise_signal(number)
            assert seen == [number]
        signal.raise_signal(number)
        assert seen == [number, number]
    finally:
        signal.signal(number, before)


def test_time_is_up():
    now = [0.0]
    stop = Stop(60.0, clock=lambda: now[0])
    now[0] = 59.9
    assert stop.reason is None
    now[0] = 60.0
    assert (stop.reason, stop.exit_code) == ("its time is up", 75)


def test_other_threads_get_no_signals():
    reasons = []

    def listen():
        with Stop().listening():
            reasons.append(signal.getsignal(signal.SIGTERM))

    before = signal.getsignal(signal.SIGTERM)
    thread = threading.Thread(target=listen)
    thread.start()
    thread.join()
    assert reasons == [before]
