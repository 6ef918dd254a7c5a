import numpy
import pytest
import spacy
from spacy.ml.models.tok2vec import MultiHashEmbed
from spacy.tokens import Doc
from thinc.api import fix_random_seed, set_dropout_rate

from spacy_lstm.models.embed import DistinctEmbed
from spacy_lstm.models.word_dropout import WordDropout

NLP = spacy.blank("en")


def docs():
    words = [f"word{i % 97}" for i in range(400)]
    return [Doc(NLP.vocab, words=words[:n]) for n in (0, 1, 400, 0, 30)]


def initialized(rate=0.3):
    fix_random_seed(0)
    embed = MultiHashEmbed(8, ["NORM", "SHAPE"], [50, 50], include_static_vectors=False)
    model = WordDropout(DistinctEmbed(embed), rate=rate)
    model.initialize(X=docs())
    model.set_param("unknown", numpy.arange(8, dtype="float32") + 100)
    return model


def set_drop(model, drop):
    set_dropout_rate(model, drop)
    # The embedding's own dropout would hide that of whole words.
    set_dropout_rate(model.layers[0], 0.0)


def test_prediction_is_that_of_the_embedding():
    model = initialized()
    set_dropout_rate(model, 0.5)
    for Y, expected in zip(model.predict(docs()), model.layers[0].predict(docs()), strict=True):
        numpy.testing.assert_array_equal(Y, expected)


@pytest.mark.parametrize("drop", [0.1, 0.9])
def test_replaces_so_many_words_whatever_the_drop(drop):
    model = initialized(rate=0.3)
    set_drop(model, drop)
    Ys, _ = model(docs(), is_train=True)
    rows, expected = numpy.vstack(Ys), numpy.vstack(model.layers[0].predict(docs()))
    replaced = (rows == model.get_param("unknown")).all(axis=1)
    assert 0.2 < replaced.mean() < 0.4
    numpy.testing.assert_array_equal(rows[~replaced], expected[~replaced])


@pytest.mark.parametrize(("rate", "drop"), [(0.3, 0.0), (0.0, 0.5)])
def test_is_switched_off(rate, drop):
    model = initialized(rate=rate)
    set_drop(model, drop)
    Ys, _ = model(docs(), is_train=True)
    for Y, expected in zip(Ys, model.layers[0].predict(docs()), strict=True):
        numpy.testing.assert_array_equal(Y, expected)


def test_the_gradient_goes_where_the_values_came_from():
    model = initialized()
    seen = []
    inner = model.layers[0]
    func = inner._func

    def spy(layer, X, is_train):
        Ys, backprop = func(layer, X, is_train)
        return Ys, lambda dYs: (seen.append(numpy.vstack(dYs)), backprop(dYs))[1]

    inner._func = spy
    set_drop(model, 0.5)
    Ys, backprop = model(docs(), is_train=True)
    rows = numpy.vstack(Ys)
    replaced = (rows == model.get_param("unknown")).all(axis=1)
    weights = numpy.random.default_rng(0).normal(size=rows.shape).astype("float32")
    given = numpy.split(weights.copy(), numpy.cumsum([len(Y) for Y in Ys])[:-1])
    assert backprop(given) == []
    numpy.testing.assert_array_equal(numpy.vstack(given), weights)  # as they were
    numpy.testing.assert_array_equal(seen[0], numpy.where(replaced[:, None], 0, weights))
    numpy.testing.assert_allclose(
        model.get_grad("unknown"), weights[replaced].sum(axis=0), rtol=1e-4, atol=1e-4
    )


def test_starts_at_zero_and_comes_back():
    model = initialized()
    fresh = WordDropout(
        DistinctEmbed(MultiHashEmbed(8, ["NORM", "SHAPE"], [50, 50], include_static_vectors=False))
    )
    fresh.initialize(X=docs())
    numpy.testing.assert_array_equal(fresh.get_param("unknown"), numpy.zeros(8))
    fresh.from_bytes(model.to_bytes())
    numpy.testing.assert_array_equal(fresh.get_param("unknown"), model.get_param("unknown"))


@pytest.mark.parametrize("rate", [-0.1, 1.0])
def test_refuses_a_rate(rate):
    with pytest.raises(ValueError, match="L003"):
        initialized(rate=rate)
