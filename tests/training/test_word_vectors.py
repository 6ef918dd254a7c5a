"""Word vectors that are learnt from the training texts alone."""

import sys

import numpy
import pytest
import spacy
from spacy.tokens import Doc
from spacy.training import Example
from thinc.api import Config

from spacy_lstm.training.readers.records import DataError
from spacy_lstm.training.recipes import Recipe
from spacy_lstm.training.recipes.build import make_config
from spacy_lstm.training.word_vectors import train_vectors

TEXTS = ["The soup was cold", "The Soup was warm", "A cold day, a warm soup"] * 20


def learnt(texts=TEXTS, **settings):
    nlp = spacy.blank("en")
    settings = {"width": 8, "rows": 500, "epochs": 3, **settings}
    train_vectors(nlp, map(nlp.make_doc, texts), **settings)
    return nlp


def test_every_word_has_one():
    nlp = learnt()
    assert nlp.vocab.vectors.shape == (500, 8)
    doc = nlp("soup Soups unheard")
    assert all(token.has_vector for token in doc)
    numpy.testing.assert_array_equal(nlp("SOUP").vector, nlp("soup").vector)
    soup, soups, unheard = (token.vector for token in doc)

    def cosine(a, b):
        return a @ b / numpy.linalg.norm(a) / numpy.linalg.norm(b)

    assert cosine(soup, soups) > cosine(soup, unheard)


def test_the_same_again_and_other_settings_are_others():
    once, again, longer = learnt(), learnt(), learnt(epochs=6)
    data = [nlp.vocab.vectors.data for nlp in (once, again, longer)]
    numpy.testing.assert_array_equal(data[0], data[1])
    assert not numpy.array_equal(data[0], data[2])


def test_a_recipe_trains_with_them(tmp_path):
    learnt().to_disk(tmp_path / "vectors")
    folder = str(tmp_path / "vectors")
    text = make_config(lang="en", pipeline=["textcat"], optimize=Recipe.accuracy, vectors=folder)
    nlp = spacy.util.load_model_from_config(Config().from_str(text), auto_fill=True)
    examples = [
        Example.from_dict(nlp.make_doc(text), {"cats": {"A": i % 2, "B": 1 - i % 2}})
        for i, text in enumerate(TEXTS)
    ]
    optimizer = nlp.initialize(lambda: examples)
    assert nlp.vocab.vectors.shape == (500, 8)
    losses = [nlp.update(examples, sgd=optimizer)["textcat"] for _ in range(4)]
    assert losses[-1] < losses[0]
    nlp.to_disk(tmp_path / "model")
    again = spacy.load(tmp_path / "model")
    assert again("a cold soup").cats == nlp("a cold soup").cats


def test_what_cannot_be(monkeypatch):
    with pytest.raises(DataError, match="L395"):
        learnt(["", "  "])
    with pytest.raises(ValueError, match="L002.*rows"):
        learnt(rows=0)
    monkeypatch.setitem(sys.modules, "floret", None)
    with pytest.raises(DataError, match=r"L394.*spacy-lstm\[vectors\]"):
        learnt()


def test_words_of_docs_as_they_are_tokenized():
    nlp = spacy.blank("en")
    docs = [Doc(nlp.vocab, words=["New York", "is", "\n", "big"])] * 5
    train_vectors(nlp, docs, width=4, rows=50, epochs=1)
    assert nlp("york")[0].has_vector
