"""When a training will end."""

import pytest

from spacy_lstm.training.time_left import EpochLength, Limits, Pace, TimeLeft


def left(max_steps=0, max_epochs=0, patience=0, eval_frequency=10):
    return TimeLeft(Limits(max_steps, max_epochs, patience, eval_frequency))


def test_limits_are_those_of_the_config():
    training = {"max_steps": 1, "max_epochs": 2, "patience": 3, "eval_frequency": 4, "seed": 5}
    assert Limits.of(training) == Limits(1, 2, 3, 4)


def test_goes_on_after_a_stop():
    state = left(max_epochs=10, patience=50)
    state.resume(60, 2, 30)
    assert (state.step, state.last_step_if_no_better) == (60, 80)
    assert state.last_step == 249  # an epoch has 20 to 30 steps
    state.take_step(1.0)
    assert state.step == 61


@pytest.mark.parametrize("steps", [1, 7, 29, 100, 333])
def test_epoch_length_is_between_bounds_that_come_closer(steps):
    length = EpochLength()
    for step in range(0, 40 * max(steps, 10), 10):
        length.see(step, step // steps)
        assert length.least <= steps <= length.most
        assert (length.steps is None) == (step < steps)
    assert length.steps == pytest.approx(steps, rel=0.05)


def test_epoch_length_follows_batches_that_grow():
    length = EpochLength()
    for step, epoch in ((0, 0), (100, 1), (200, 2), (300, 5)):
        length.see(step, epoch)
    assert length.least == 50
    assert length.most == 60


def test_pace_parts_steps_from_evaluations():
    pace = Pace()
    pace.see(9.0, evaluated=True)  # before any step alone
    assert (pace.step, pace.evaluation) == (None, 9.0)
    for _ in range(5):
        pace.see(2.0, evaluated=False)
    assert pace.step == 2.0
    for _ in range(40):
        pace.see(8.0, evaluated=True)
    assert pace.evaluation == pytest.approx(6.0)
    pace.see(3.0, evaluated=False)
    assert pace.step == pytest.approx(2.02)


def test_time_left_by_max_steps():
    state = left(max_steps=100)
    state.take_evaluation(5.0, step=0, epoch=0, best_step=0)
    assert state.seconds_until(100) == 50.0  # ten evaluations, of steps nothing is known
    state.take_step(2.0)
    assert state.last_step == 100
    assert state.seconds_until(state.last_step) == 99 * 2.0 + 10 * 5.0
    assert state.last_step_if_no_better is None


def test_last_step_by_max_epochs_once_an_epoch_has_ended():
    state = left(max_epochs=5)
    state.take_evaluation(1.0, step=0, epoch=0, best_step=0)
    assert state.last_step is None
    for step in range(10, 60, 10):
        state.take_evaluation(1.0, step=step, epoch=step // 20, best_step=0)
    assert state.last_step == pytest.approx(99, abs=8)
    state = left(max_epochs=5, max_steps=30)
    state.take_evaluation(1.0, step=20, epoch=1, best_step=0)
    assert state.last_step == 30


def test_streamed_corpora_have_no_last_epoch():
    state = left(max_epochs=-1)
    state.take_evaluation(1.0, step=20, epoch=4, best_step=0)
    assert state.last_step is None


def test_patience_counts_from_the_best_step():
    state = left(patience=30)
    state.take_evaluation(1.0, step=10, epoch=0, best_step=0)
    assert state.last_step_if_no_better == 30
    state.take_evaluation(1.0, step=20, epoch=0, best_step=20)
    for _ in range(12):
        state.take_step(0.5)
    assert (state.step, state.last_step_if_no_better) == (32, 50)


def test_no_end_is_in_the_past():
    state = left(max_steps=5, patience=5)
    state.take_evaluation(1.0, step=20, epoch=0, best_step=0)
    assert state.last_step == state.last_step_if_no_better == 20
    assert state.seconds_until(20) == 0.0
