"""The plots of a report."""

import re
from xml.etree import ElementTree

import numpy
import pytest

from spacy_lstm.report.curves import draw_curves
from spacy_lstm.report.plots import (
    MOST_LINES,
    MOST_PANELS,
    components_of,
    most_frequent,
    plot_precision_recall,
    plot_reliability,
    plot_training,
)

P, RIGHT = numpy.array([0.9, 0.6, 0.2]), numpy.array([True, False, True])


def curves(labels):
    return [draw_curves(label, P, RIGHT, 2 + i, None) for i, label in enumerate(["", *labels])]


def texts(svg):
    return [element.text for element in ElementTree.fromstring(svg).iter() if element.text]


@pytest.mark.parametrize(
    ("plot", "most"), [(plot_precision_recall, MOST_LINES), (plot_reliability, MOST_PANELS)]
)
def test_the_most_frequent_labels_are_shown(plot, most):
    labels = [f"label {i:02d}" for i in range(20)]
    shown = [text for text in texts(plot("name", curves(labels))) if "label" in text]
    assert shown == ["all labels", *labels[20 - (most - 1) :]]
    assert [curve.label for curve in most_frequent(curves(["b", "a"]), 9)] == ["", "a", "b"]


def test_labels_are_texts_whatever_is_in_them():
    label = "<b>&$x$ \x01\u05e9"
    drawn = plot_precision_recall("name", curves([label, "long" * 20]))
    assert "<b>&$x$ \ufffd\u05e9" in texts(drawn)
    assert f"{'long' * 5}lon…" in texts(drawn)


def test_plots_take_the_colours_of_the_page():
    drawn = plot_reliability("name", curves(["a"]))
    assert "currentColor" in drawn
    assert "#010203" not in drawn
    assert not re.search("#(fff|000)", drawn)
    assert all('id="name-' in found for found in re.findall(r'id="[^"]*"', drawn))


def test_nothing_to_draw():
    empty = [draw_curves("", P[:0], RIGHT[:0], 0, None)]
    assert plot_precision_recall("name", empty) is None
    assert plot_reliability("name", empty) is None
    assert plot_training("name", []) is None


def test_training():
    def row(step, losses, score):
        best = {"step": 0, "score": score}
        return {"step": step, "losses": losses, "score": score, "best": best}

    log = [row(0, {"tok2vec": 0.0, "ner": 5.0}, None), row(10, {"tok2vec": 0.0, "ner": None}, None)]
    assert components_of(log) == ["ner"]
    shown = texts(plot_training("name", log))
    assert "ner" in shown
    assert "tok2vec" not in shown
    assert plot_training("name", [row(0, {}, 0.5)])
