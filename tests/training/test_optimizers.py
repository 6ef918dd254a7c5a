import copy
import pickle
from itertools import count

import numpy
import pytest
from spacy.util import registry
from thinc.api import Adam as ThincAdam
from thinc.api import get_current_ops

from spacy_lstm.training.optimizers import Adam

from ..pipelines import cats, examples, textcat_pipeline

SETTINGS = {"learn_rate": 0.1, "L2": 0.01, "grad_clip": 0.5, "beta1": 0.8, "eps": 1e-6}
KEY = (1, "W")


def run(optimizer, n_steps):
    """RETURNS: The weights after each step, in float64."""
    rng = numpy.random.default_rng(0)
    weights = rng.normal(size=(3, 4)).astype("float32")
    history = []
    for _ in range(n_steps):
        gradient = rng.normal(size=(3, 4)).astype("float32")
        weights, gradient = optimizer(KEY, weights, gradient)
        assert not gradient.any()
        optimizer.step_schedules()
        history.append(weights.astype("float64"))
    return history


@pytest.mark.parametrize("l2_is_decay", [True, False])
def test_is_thincs_adam(l2_is_decay):
    settings = {**SETTINGS, "L2_is_weight_decay": l2_is_decay}
    ours, theirs = Adam(**settings), ThincAdam(**settings)
    assert (run(ours, 30)[-1] == run(theirs, 30)[-1]).all()
    assert (ours.averages[KEY] == theirs.averages[KEY]).all()
    assert (ours.mom2[KEY] == theirs.mom2[KEY]).all()


@pytest.mark.parametrize("decay", [0.0, 0.3, 0.5, 0.9, 0.9999])
def test_averages_are_those_of_the_reference(decay):
    optimizer = Adam(**SETTINGS, averages_decay=decay)
    wanted = numpy.zeros((3, 4))
    for t, weights in enumerate(run(optimizer, 50), 1):
        kept = min((1 + t) / (10 + t), decay)
        wanted = kept * wanted + (1 - kept) * weights
    numpy.testing.assert_allclose(optimizer.averages[KEY], wanted, rtol=1e-5, atol=1e-6)


def test_each_parameter_has_its_own_average():
    optimizer = Adam(averages_decay=0.5)
    ones = numpy.ones((2,), dtype="float32")
    for key, n in (((1, "b"), 3), ((2, "b"), 1)):
        for _ in range(n):
            optimizer(key, ones.copy(), ones * 0)
    # The first is (1 - 2/11) * 1, then 3/12 of it is kept, then 4/13.
    first = 1 - 2 / 11
    second = first * 3 / 12 + 9 / 12
    assert optimizer.averages[2, "b"] == pytest.approx([first] * 2)
    assert optimizer.averages[1, "b"] == pytest.approx([second * 4 / 13 + 9 / 13] * 2)


def test_no_averages_and_nothing_to_average():
    optimizer = Adam(use_averages=False)
    run(optimizer, 3)
    assert optimizer.averages is None
    optimizer = Adam()
    empty = get_current_ops().alloc2f(0, 3)
    optimizer(KEY, empty, empty.copy())
    assert optimizer.averages == {}
    assert not optimizer.nr_update


def test_averages_survive_a_failing_step():
    optimizer = Adam()
    run(optimizer, 1)
    before = optimizer.averages
    with pytest.raises(ValueError, match="shape"):
        optimizer(KEY, numpy.zeros((2, 2), "float32"), numpy.zeros((5, 5), "float32"))
    assert optimizer.averages is before


def test_a_pipeline_uses_its_averages():
    def trained(decay):
        nlp = textcat_pipeline()
        data = examples(nlp)
        optimizer = Adam(0.01, averages_decay=decay)
        nlp.initialize(lambda: data, sgd=optimizer)
        for _ in range(15):
            nlp.update(data, sgd=optimizer)
        plain = cats(nlp)["POS"]
        with nlp.use_params(optimizer.averages):
            averaged = cats(nlp)["POS"]
        assert cats(nlp)["POS"] == plain
        return plain, averaged

    plain, averaged = trained(0.0)
    assert averaged == pytest.approx(plain, abs=1e-4)
    again, slow = trained(0.9)
    assert again == plain  # averages don't change what is learnt
    assert abs(slow - plain) > 0.002


def test_can_be_copied_and_pickled():
    optimizer = Adam(**SETTINGS, averages_decay=0.7)
    run(optimizer, 5)
    for other in (copy.deepcopy(optimizer), pickle.loads(pickle.dumps(optimizer))):
        assert other.averages_decay == 0.7
        mine = copy.deepcopy(optimizer)
        assert (run(other, 3)[-1] == run(mine, 3)[-1]).all()
        assert (other.averages[KEY] == mine.averages[KEY]).all()


def test_from_a_config():
    config = {
        "@optimizers": "spacy_lstm.Adam.v1",
        "learn_rate": {"@schedules": "constant.v1", "rate": 0.25},
        "averages_decay": 0.99,
        "use_averages": True,
        "grad_clip": 0.0,
    }
    optimizer = registry.resolve({"optimizer": config})["optimizer"]
    assert optimizer.averages_decay == 0.99
    assert optimizer.learn_rate == 0.25
    assert optimizer.grad_clip == 0.0
    assert Adam(1 / n for n in count(1)).learn_rate == 1.0


@pytest.mark.parametrize("decay", [-0.1, 1.0, float("nan")])
def test_refuses_a_decay_that_is_none(decay):
    with pytest.raises(ValueError, match="L657.*less than 1"):
        Adam(averages_decay=decay)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("learn_rate", "0.1", "of at least 0,.*'0.1'"),
        ("learn_rate", [], r"\[\]"),
        ("L2", float("nan"), "of at least 0,.*nan"),
        ("beta1", 0.0, "greater than 0 and less than 1,.*0.0"),
        ("beta2", [1.0], "greater than 0 and less than 1,.*1.0"),
        ("beta2", {"x": 1}, "a list of such numbers.*{'x': 1}"),
        ("eps", 0.0, "greater than 0,.*0.0"),
        ("grad_clip", -1, "of at least 0,.*-1"),
    ],
)
def test_refuses_settings_that_make_no_sense(name, value, message):
    with pytest.raises(ValueError, match=f"L658.*`{name}`.*{message}"):
        Adam(**{name: value})


def test_a_schedule_is_checked_as_it_goes_and_its_last_value_stays():
    optimizer = Adam([0.5, 0.25])
    for _ in range(2):
        optimizer.step_schedules()
    assert optimizer.learn_rate == 0.25
    optimizer = Adam([0.5, -1.0])
    with pytest.raises(ValueError, match=r"L658.*`learn_rate`.*-1.0"):
        optimizer.step_schedules()
