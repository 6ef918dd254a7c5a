"""Do probabilities agree with how often they are right? How to measure it, and how to mend it."""

from typing import Callable, List, NamedTuple, Optional

import numpy

from ..types import Array

N_BINS = 10
LEAST_IN_BIN = 10  # fewer answers say little of how often they are right
N_SAMPLES = 200

GOLDEN = (5**0.5 - 1) / 2


class CalibrationError(NamedTuple):
    """How far probabilities are from how often they are right.

    value (float): The expected calibration error, from 0 (none) to 1.
    low (float): The lower end of its interval of 95 %.
    high (float): The upper end.
    floor (float): The mean error that perfect probabilities would have in a sample of this size:
        a value near it is as good as one can tell.
    """

    value: float
    low: float
    high: float
    floor: float


class Bin(NamedTuple):
    """A group of answers of similar probability.

    probability (float): The mean of their probabilities.
    share (float): The share of them that is right.
    n (int): How many there are.
    """

    probability: float
    share: float
    n: int


def calibration_error(probabilities: Array, correct: Array) -> float:
    """Compute the expected calibration error (Naeini et al. 2015), with bins of equal mass: the
    answers are sorted by their probability and cut into up to ten groups of the same size, not less
    than ten answers each. It is the difference between the mean probability and the share of right
    answers of a group, averaged over all answers.

    probabilities (Array): How sure the model is of each answer, `(n_answers,)`, at least one.
    correct (Array): Whether the answer is right, `(n_answers,)`.
    RETURNS (float): From 0 (none) to 1.
    """
    order = numpy.argsort(probabilities, kind="stable")
    return _error(probabilities[order], correct[order])


def _error(probabilities: Array, correct: Array) -> float:
    """The same for sorted answers."""
    gaps = numpy.add.reduceat(probabilities - correct, _edges(len(probabilities)))
    return float(numpy.abs(gaps).sum() / len(probabilities))


def _edges(n: int) -> Array:
    """Where the groups begin, of so many answers."""
    n_bins = max(1, min(N_BINS, n // LEAST_IN_BIN))
    return numpy.arange(n_bins) * n // n_bins


def reliability(probabilities: Array, correct: Array) -> List[Bin]:
    """Compute a reliability curve (DeGroot & Fienberg 1983), of the groups whose gaps
    `calibration_error` averages.

    probabilities (Array): How sure the model is of each answer, `(n_answers,)`.
    correct (Array): Whether the answer is right, `(n_answers,)`.
    RETURNS (List[Bin]): The groups, from the least sure to the surest; none without answers.
    """
    n = len(probabilities)
    if not n:
        return []
    order = numpy.argsort(probabilities, kind="stable")
    edges = _edges(n)
    sizes = numpy.diff(numpy.append(edges, n))
    means = numpy.add.reduceat(probabilities[order].astype("float64"), edges) / sizes
    shares = numpy.add.reduceat(correct[order].astype("float64"), edges) / sizes
    rows = zip(means.tolist(), shares.tolist(), sizes.tolist(), strict=True)
    return [Bin(*row) for row in rows]


def measure_calibration(
    probabilities: Array, correct: Array, *, seed: int = 0
) -> Optional[CalibrationError]:
    """Measure the expected calibration error, and what it is worth: its interval by the bootstrap
    (2.5 to 97.5 % of the errors of resampled answers), and the floor, the mean error of outcomes
    that are drawn by just these probabilities.

    probabilities (Array): How sure the model is of each answer, `(n_answers,)`.
    correct (Array): Whether the answer is right, `(n_answers,)`.
    seed (int): Seed of the samples.
    RETURNS (Optional[CalibrationError]): None where there are no answers.
    """
    n = len(probabilities)
    if not n:
        return None
    order = numpy.argsort(probabilities, kind="stable")
    p = numpy.asarray(probabilities, dtype="float64")[order]
    y = numpy.asarray(correct, dtype="float64")[order]
    rng = numpy.random.default_rng(seed)
    resampled = []
    perfect = []
    for _ in range(N_SAMPLES):
        rows = numpy.sort(rng.integers(n, size=n))
        resampled.append(_error(p[rows], y[rows]))
        perfect.append(_error(p, (rng.random(n) < p).astype("float64")))
    low, high = numpy.percentile(resampled, [2.5, 97.5])
    return CalibrationError(_error(p, y), float(low), float(high), float(numpy.mean(perfect)))


def golden_section(
    function: Callable[[float], float], low: float, high: float, *, tolerance: float = 1e-3
) -> float:
    """Find where a function that falls and then rises is lowest (Kiefer 1953).

    function (Callable[[float], float]): The function.
    low (float): Where to search from.
    high (float): Where to search to.
    tolerance (float): How wide the last interval may be.
    RETURNS (float): The middle of the last interval.
    """
    left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    at_left, at_right = function(left), function(right)
    while high - low > tolerance:
        if at_left < at_right:
            high, right, at_right = right, left, at_left
            left = high - GOLDEN * (high - low)
            at_left = function(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + GOLDEN * (high - low)
            at_right = function(right)
    return (low + high) / 2
