import math
from itertools import islice

import pytest
from spacy.util import registry
from thinc.api import Adam
from thinc.api import registry as thinc_registry

from spacy_lstm.training.schedules import warmup_cosine, warmup_decay, warmup_then


def take(schedule, n):
    return list(islice(schedule, n))


def test_decay():
    rates = take(warmup_decay(0.1, 4, 0.5), 9)
    warm = [0.02, 0.04, 0.06, 0.08]
    assert rates == pytest.approx([*warm, 0.1, 0.1 / 1.5, 0.1 / 2, 0.1 / 2.5, 0.1 / 3])
    assert take(warmup_decay(0.1, 0, 0.5), 2) == pytest.approx([0.1, 0.1 / 1.5])
    assert take(warmup_decay(0.1, 1, 0.0), 4) == pytest.approx([0.05, 0.1, 0.1, 0.1])


def test_cosine():
    rates = take(warmup_cosine(0.1, 3, 11, 0.02), 15)
    assert rates[:4] == pytest.approx([0.025, 0.05, 0.075, 0.1])
    for step in range(3, 11):
        wanted = 0.02 + 0.08 * math.cos(math.pi * (step - 3) / 16) ** 2
        assert rates[step] == pytest.approx(wanted)
    assert rates[7] == pytest.approx(0.06)  # half way
    assert rates[11:] == pytest.approx([0.02] * 4)
    assert min(take(warmup_cosine(0.1, 3, 11), 30)) == pytest.approx(0.0, abs=1e-12)
    assert take(warmup_cosine(0.1, 0, 1), 3) == pytest.approx([0.1, 0.0, 0.0])


def test_then_another_schedule():
    rates = take(warmup_then(3, [0.4, 0.1, 0.2]), 8)
    assert rates == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.1, 0.2, 0.2, 0.2])
    assert take(warmup_then(1, iter([0.4])), 3) == pytest.approx([0.2, 0.4, 0.4])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: warmup_decay(-0.1, 4, 0.5), "L653.*`base_rate`.*-0.1"),
        (lambda: warmup_decay(math.inf, 4, 0.5), "L653.*`base_rate`.*inf"),
        (lambda: warmup_decay(0.1, -1, 0.5), "L002.*warmup_steps.*least 0"),
        (lambda: warmup_decay(0.1, 1, math.nan), "L653.*`decay`.*nan"),
        (lambda: warmup_cosine(0.1, 5, 5), "L002.*total_steps.*least 6.*5"),
        (lambda: warmup_cosine(0.1, 5, 9, 0.2), "L655.*0.2.*0.1"),
        (lambda: warmup_cosine(0.1, 5, 9, -0.2), "L653.*`final_rate`"),
        (lambda: warmup_then(-1, [0.1]), "L002.*warmup_steps"),
        (lambda: warmup_then(2, []), "L654"),
        (lambda: warmup_then("2", [0.1]), "L002.*warmup_steps.*'2'"),
        (lambda: warmup_then(2, [math.nan]), "L653.*`schedule`.*nan"),
        (lambda: list(islice(warmup_then(0, [0.1, -1]), 2)), "L653.*`schedule`.*-1"),
    ],
)
def test_refuses_at_once_what_makes_no_sense(make, message):
    with pytest.raises(ValueError, match=message):
        make()


CONFIGS = [
    {"@schedules": "spacy_lstm.warmup_decay.v1", "base_rate": 0.1, "warmup_steps": 1, "decay": 1},
    {
        "@schedules": "spacy_lstm.warmup_cosine.v1",
        "base_rate": 0.1,
        "warmup_steps": 1,
        "total_steps": 3,
    },
    {
        "@schedules": "spacy_lstm.warmup_then.v1",
        "warmup_steps": 1,
        "schedule": {"@schedules": "decaying.v1", "base_rate": 0.1, "decay": 1.0},
    },
]


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: config["@schedules"])
@pytest.mark.parametrize("optimizer", ["Adam.v1", "RAdam.v1", "spacy_lstm.Adam.v1"])
def test_an_optimizer_follows_it(config, optimizer):
    filled = {"optimizer": {"@optimizers": optimizer, "learn_rate": config}}
    made = registry.resolve(filled)["optimizer"]
    rates = []
    for _ in range(5):
        rates.append(made.learn_rate)
        made.step_schedules()
    assert rates == pytest.approx(take(thinc_registry.resolve({"s": config})["s"], 5))
    assert rates[:2] == pytest.approx([0.05, 0.1])


def test_the_first_step_isnt_lost():
    """As it is with thinc's schedule, which begins with 0."""
    assert Adam(warmup_decay(0.1, 10, 0.0)).learn_rate > 0
