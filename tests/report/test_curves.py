"""Curves beside hand-made ones, and beside scikit-learn's."""

import numpy
import pytest
from sklearn.metrics import average_precision_score

from spacy_lstm.pipeline.calibration import calibration_error, reliability
from spacy_lstm.report.curves import MOST_POINTS, Point, draw_curves, precision_recall

P = numpy.array([0.9, 0.5, 0.5, 0.2])
RIGHT = numpy.array([True, True, False, False])


def test_points():
    # One of the three that are there has no answer.
    assert precision_recall(P, RIGHT, 3) == [
        Point(0.9, 1.0, 1 / 3),
        Point(0.5, 2 / 3, 2 / 3),
        Point(0.2, 0.5, 2 / 3),
    ]
    assert precision_recall(P, RIGHT & False, 0) == []
    assert precision_recall(P[:0], RIGHT[:0], 3) == []


def test_average_precision_is_that_of_scikit_learn():
    rng = numpy.random.default_rng(0)
    p = rng.random(500).round(2)
    right = rng.random(500) < p
    curves = draw_curves("A", p, right, int(right.sum()), None)
    assert curves.average_precision == pytest.approx(average_precision_score(right, p))
    many = draw_curves("A", rng.random(5000), rng.random(5000) < 0.5, 2500, None)
    assert len(many.points) == MOST_POINTS


def test_suggested_threshold():
    suggestion = draw_curves("A", P, RIGHT, 2, 0.6).suggestion
    # 0.9 and 0.5 are kept: 2 right, 1 wrong.
    assert suggestion == (pytest.approx(0.35), pytest.approx(0.8), pytest.approx(2 / 3))
    assert draw_curves("A", P, RIGHT, 2, None).suggestion is None
    assert draw_curves("A", P, RIGHT & False, 2, 0.6).suggestion is None
    # All is kept, and what is below isn't known.
    kept = draw_curves("A", P[:2], RIGHT[:2], 2, 0.4, least=0.4).suggestion
    assert kept == (0.4, 1.0, 1.0)


def test_reliability_is_what_the_calibration_error_averages():
    rng = numpy.random.default_rng(1)
    p = rng.random(77)
    right = rng.random(77) < p**2
    bins = reliability(p, right)
    assert sum(part.n for part in bins) == 77
    assert [part.probability for part in bins] == sorted(part.probability for part in bins)
    gap = sum(part.n * abs(part.probability - part.share) for part in bins) / 77
    assert gap == pytest.approx(calibration_error(p, right.astype(float)))
    assert reliability(P, RIGHT) == [(pytest.approx(0.525), 0.5, 4)]
    assert reliability(P[:0], RIGHT[:0]) == []
