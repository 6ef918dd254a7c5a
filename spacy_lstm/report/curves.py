"""Precision and recall at every threshold, whether probabilities can be trusted, and which
threshold would be best."""

from typing import List, NamedTuple, Optional

import numpy

from ..pipeline.calibration import Bin, CalibrationError, measure_calibration, reliability
from ..pipeline.ner_calibrate import best_threshold
from ..types import Array
from .scores import f_of

#: How many points of a curve are kept for a plot.
MOST_POINTS = 200


class Point(NamedTuple):
    """What a threshold gives.

    threshold (float): The least probability that is kept.
    precision (float): The share of what is kept that is right.
    recall (float): The share of what is there that is kept.
    """

    threshold: float
    precision: float
    recall: float


class Suggestion(NamedTuple):
    """The threshold of the best F-score on these texts.

    threshold (float): The threshold.
    f (float): The F-score with it.
    f_now (float): The F-score with the threshold that the component has.
    """

    threshold: float
    f: float
    f_now: float


class Curves(NamedTuple):
    """How precision and recall hang on the threshold, and whether probabilities agree with how
    often they are right.

    label (str): The label; "" is all labels together.
    n_true (int): How often it is there.
    average_precision (float): The area under the precision–recall curve, as a sum of steps.
    points (List[Point]): The curve, from the highest threshold to the lowest.
    bins (List[Bin]): The reliability curve.
    calibration (Optional[CalibrationError]): The expected calibration error.
    suggestion (Optional[Suggestion]): A threshold, where the component has one.
    """

    label: str
    n_true: int
    average_precision: float
    points: List[Point]
    bins: List[Bin]
    calibration: Optional[CalibrationError]
    suggestion: Optional[Suggestion]


def draw_curves(
    label: str,
    probabilities: Array,
    correct: Array,
    n_true: int,
    threshold: Optional[float],
    *,
    least: float = 0.0,
) -> Curves:
    """Compute the curves of a label.

    label (str): The label.
    probabilities (Array): How sure the component is of each answer, `(n_answers,)`.
    correct (Array): Whether the answer is right, `(n_answers,)`.
    n_true (int): How many right answers there are, also those that it doesn't give.
    threshold (Optional[float]): The threshold that the component has; None if it chooses otherwise.
    least (float): The least probability down to which all answers are known: no threshold below it
        is suggested.
    RETURNS (Curves): The curves.
    """
    points = precision_recall(probabilities, correct, n_true)
    suggestion = None
    if threshold is not None and correct.any():
        best = max(least, best_threshold(probabilities, correct, n_true))
        f_best, f_now = (
            _f_at(probabilities, correct, n_true, value) for value in (best, threshold)
        )
        suggestion = Suggestion(best, f_best, f_now)
    return Curves(
        label,
        n_true,
        average_precision(points),
        _thin(points),
        reliability(probabilities, correct),
        measure_calibration(probabilities, correct),
        suggestion,
    )


def precision_recall(probabilities: Array, correct: Array, n_true: int) -> List[Point]:
    """probabilities (Array): How sure the component is of each answer, `(n_answers,)`.
    correct (Array): Whether the answer is right, `(n_answers,)`.
    n_true (int): How many right answers there are.
    RETURNS (List[Point]): A point for each probability that occurs, the highest first; none if
        there is nothing to be found.
    """
    if not n_true:
        return []
    order = numpy.argsort(-probabilities, kind="stable")
    p = probabilities[order]
    right = correct[order].astype("float64").cumsum()
    # Answers of the same probability are kept or dropped together.
    last = numpy.flatnonzero(p != numpy.append(p[1:], numpy.inf)).tolist()
    return [Point(float(p[i]), float(right[i] / (i + 1)), float(right[i] / n_true)) for i in last]


def average_precision(points: List[Point]) -> float:
    """points (List[Point]): A precision–recall curve, the highest threshold first.
    RETURNS (float): The precision, averaged over the steps of the recall.
    """
    total = before = 0.0
    for point in points:
        total += (point.recall - before) * point.precision
        before = point.recall
    return total


def _thin(points: List[Point]) -> List[Point]:
    if len(points) <= MOST_POINTS:
        return points
    kept = numpy.linspace(0, len(points) - 1, MOST_POINTS).round().astype("int64")
    return [points[i] for i in kept.tolist()]


def _f_at(probabilities: Array, correct: Array, n_true: int, threshold: float) -> float:
    kept = probabilities >= threshold
    right = float(correct[kept].sum())
    return f_of(right, float(kept.sum()) - right, n_true - right) or 0.0
