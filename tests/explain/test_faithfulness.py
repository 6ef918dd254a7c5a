"""Curves of deletion and insertion."""

from dataclasses import replace

import numpy
import pytest

from spacy_lstm.explain import explain, measure_faithfulness

from .pipes import NAMES, TEXT, trained


@pytest.mark.parametrize("kind", ["two labels", "stock textcat"])
def test_curves_are_the_probabilities_of_what_is_left(kind):
    nlp = trained(kind)
    result = explain(nlp, TEXT, label="POS", method="occlusion")
    order = numpy.argsort(-result.scores)
    words = TEXT.split()
    faithfulness = measure_faithfulness(nlp, result, n_orders=3)
    numpy.testing.assert_allclose(faithfulness.shares, [0, 0.2, 0.4, 0.6, 0.8])
    assert faithfulness.random.shape == (3, 5)
    for curve, first in (
        (faithfulness.deletion, order),
        (faithfulness.insertion, order[::-1]),
    ):
        for size, p in enumerate(curve):
            left = " ".join(words[i] for i in sorted(first[size:]))
            assert p == pytest.approx(nlp(left).cats["POS"], abs=1e-5)
    numpy.testing.assert_allclose(faithfulness.random[:, 0], faithfulness.deletion[0], rtol=1e-5)


def test_gains_are_areas_and_turn_with_the_scores():
    nlp = trained("two labels")
    result = explain(nlp, TEXT, label="POS", method="occlusion")
    right = measure_faithfulness(nlp, result, seed=1)
    wrong = measure_faithfulness(nlp, replace(result, scores=-result.scores), seed=1)
    assert right.deletion_gain > 0
    assert right.insertion_gain > 0
    assert wrong.deletion_gain == pytest.approx(-right.insertion_gain)
    assert wrong.insertion_gain == pytest.approx(-right.deletion_gain)
    assert right.deletion_gain == pytest.approx(right.random.mean() - right.deletion.mean())
    again = measure_faithfulness(nlp, result, seed=1)
    numpy.testing.assert_array_equal(again.random, right.random)


def test_of_entities():
    nlp = trained("biluo")
    result = explain(nlp, NAMES, span=0)
    faithfulness = measure_faithfulness(nlp, result, n_points=4, n_orders=2)
    numpy.testing.assert_allclose(faithfulness.shares, [0, 2 / 7, 4 / 7, 6 / 7])
    assert faithfulness.deletion[0] == pytest.approx(result.probability)
    assert faithfulness.deletion_gain > 0


def test_without_probabilities_it_is_the_score():
    nlp = trained("stock ner")
    faithfulness = measure_faithfulness(nlp, explain(nlp, NAMES, method="occlusion"), n_orders=2)
    assert faithfulness.deletion[0] == 1.0
    assert set(faithfulness.random.reshape(-1)) <= {0.0, 1.0}


def test_of_one_token_nothing_is_left_out():
    nlp = trained("two labels")
    faithfulness = measure_faithfulness(nlp, explain(nlp, "great"), n_orders=2)
    assert faithfulness.shares.tolist() == [0.0]
    assert faithfulness.deletion_gain == faithfulness.insertion_gain == 0.0
