"""Learning rates that begin with a warm-up, as `@schedules` of an optimizer's `learn_rate`.

A schedule gives one value a step, from step 0 on, and never ends. In the warm-up the rate rises in
equal steps, from `base_rate / (warmup_steps + 1)` to `base_rate` at step `warmup_steps`. thinc's
`warmup_linear.v1` begins with 0, so its first step is lost, and needs the number of all steps.
"""

import math
from itertools import count
from typing import Iterable, Iterator

from ..errors import Errors
from ..errors.checks import check_integer, is_number


def warmup_then(warmup_steps: int, schedule: Iterable[float]) -> Iterator[float]:
    """Rise to the first value of another schedule, and follow that from there.

    warmup_steps (int): The number of steps before the first value of the schedule.
    schedule (Iterable[float]): The other schedule. Where it ends, its last value stays.
    RETURNS (Iterator[float]): The values.
    RAISES (ValueError): If there are fewer than 0 steps, or the schedule is empty.
    """
    check_integer("warmup_steps", warmup_steps, least=0)
    values = _checked(schedule)
    first = next(values, None)
    if first is None:
        raise ValueError(Errors.L654)
    return _warm_up(first, warmup_steps, values)


def warmup_decay(base_rate: float, warmup_steps: int, decay: float) -> Iterator[float]:
    """Rise to the base rate, then fall as `base_rate / (1 + decay * n)` at the n-th step after it:
    the decay of Ma & Hovy (2016), counted in steps. The number of all steps needn't be known.

    base_rate (float): The highest rate.
    warmup_steps (int): The number of steps before it.
    decay (float): How fast the rate falls: it has halved after `1 / decay` steps. 0 leaves it.
    RETURNS (Iterator[float]): The values.
    RAISES (ValueError): If one of them is less than 0.
    """
    _check_rate("base_rate", base_rate)
    check_integer("warmup_steps", warmup_steps, least=0)
    _check_rate("decay", decay)
    falling = (base_rate / (1.0 + decay * n) for n in count(1))
    return _warm_up(base_rate, warmup_steps, falling)


def warmup_cosine(
    base_rate: float, warmup_steps: int, total_steps: int, final_rate: float = 0.0
) -> Iterator[float]:
    """Rise to the base rate, then fall to the final rate along half a cosine (Loshchilov & Hutter
    2017), reach it at step `total_steps` and stay there.

    base_rate (float): The highest rate.
    warmup_steps (int): The number of steps before it.
    total_steps (int): The step of the final rate: `max_steps` of the training, as a rule.
    final_rate (float): The last rate, at most `base_rate`.
    RETURNS (Iterator[float]): The values.
    RAISES (ValueError): If one of them is less than 0, or they don't fit together.
    """
    _check_rate("base_rate", base_rate)
    _check_rate("final_rate", final_rate)
    check_integer("warmup_steps", warmup_steps, least=0)
    check_integer("total_steps", total_steps, least=warmup_steps + 1)
    if final_rate > base_rate:
        raise ValueError(Errors.L655.format(final=final_rate, base=base_rate))
    n_steps = total_steps - warmup_steps
    half = (base_rate - final_rate) / 2
    falling = (
        final_rate + half * (1.0 + math.cos(math.pi * min(n, n_steps) / n_steps)) for n in count(1)
    )
    return _warm_up(base_rate, warmup_steps, falling)


def _warm_up(base_rate: float, warmup_steps: int, after: Iterable[float]) -> Iterator[float]:
    for step in range(warmup_steps):
        yield base_rate * (step + 1) / (warmup_steps + 1)
    rate = base_rate
    yield rate
    for rate in after:
        yield rate
    while True:
        yield rate


def _checked(schedule: Iterable[float]) -> Iterator[float]:
    for rate in schedule:
        _check_rate("schedule", rate)
        yield rate


def _check_rate(name: str, value: float) -> None:
    if not is_number(value) or not 0.0 <= value < math.inf:
        raise ValueError(Errors.L653.format(name=name, value=value))
