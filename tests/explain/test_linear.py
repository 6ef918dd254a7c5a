"""What linear models add, from their weights."""

import numpy
import pytest
from spacy.tokens import Doc

from spacy_lstm.explain import linear
from spacy_lstm.explain.linear import read_linear_part
from spacy_lstm.layers.joined import join

from .pipes import trained

TEXTS = ["a great a great film", "one", "  ", "a  space within"]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("kind", ["two labels", "old n-grams", "multilabel"])
def test_ngrams_add_up_to_the_scores_of_their_model(kind, text):
    nlp = trained(kind)
    model = nlp.get_pipe("textcat").model
    doc = nlp.make_doc(text)
    part = read_linear_part("textcat", model, doc)
    wanted = part.baseline if text.isspace() else model.get_ref("linear_model").predict([doc])
    numpy.testing.assert_allclose(part.output, wanted, rtol=1e-5, atol=1e-6)
    gradient = numpy.array([[1.0, -2.0]])
    tokens = part.attribute(gradient, len(doc))
    added = ((part.output - part.baseline) * gradient).sum()
    assert tokens.sum() == pytest.approx(added, abs=1e-6)


def test_ngrams_are_shared_evenly_by_their_tokens():
    nlp = trained("two labels")
    model = nlp.get_pipe("textcat").model
    bow = model.get_ref("linear_model")
    bias = bow.get_ref("output_layer").get_param("b")
    words = ["a", "great", "film"]
    doc = Doc(nlp.vocab, words=words)
    alone = [bow.predict([Doc(nlp.vocab, words=[word])])[0] - bias for word in words]
    pairs = [
        bow.predict([Doc(nlp.vocab, words=words[i : i + 2])])[0] - bias - alone[i] - alone[i + 1]
        for i in range(2)
    ]
    wanted = [
        alone[0] + pairs[0] / 2,
        alone[1] + pairs[0] / 2 + pairs[1] / 2,
        alone[2] + pairs[1] / 2,
    ]
    part = read_linear_part("textcat", model, doc)
    for column in range(2):
        gradient = numpy.eye(2)[[column]]
        got = part.attribute(gradient, 3)
        numpy.testing.assert_allclose(got, [row[column] for row in wanted], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("kind", ["bio", "pooled word features"])
def test_features_of_words_add_up_to_the_scores_of_their_model(kind, text):
    nlp = trained(kind)
    model = nlp.get_pipe("ner").model
    doc = nlp.make_doc(text)
    part = read_linear_part("ner", model, doc)
    wanted = join(model.ops, model.get_ref("linear_model").predict([doc]))
    numpy.testing.assert_allclose(part.output, wanted, rtol=1e-5, atol=1e-6)
    gradient = numpy.random.default_rng(0).normal(size=wanted.shape)
    tokens = part.attribute(gradient, len(doc))
    assert tokens.sum() == pytest.approx((wanted * gradient).sum(), abs=1e-4)
    # Each token of the output alone: two words on either side have a part in it, and no others.
    for i in range(len(doc)):
        only = numpy.zeros_like(gradient)
        only[i] = gradient[i]
        touched = numpy.flatnonzero(part.attribute(only, len(doc)))
        assert set(touched) <= set(range(i - 2, i + 3))


def test_none_is_none():
    nlp = trained("no n-grams")
    assert read_linear_part("x", nlp.get_pipe("textcat").model, nlp.make_doc("a")) is None


def test_refuses_another_linear_model(monkeypatch):
    nlp = trained("two labels")
    monkeypatch.setattr(linear, "extract_ngrams", None)
    with pytest.raises(ValueError, match=r"L864.*'mine'.*isn't one of n-grams.*occlusion"):
        read_linear_part("mine", nlp.get_pipe("textcat").model, nlp.make_doc("a"))
