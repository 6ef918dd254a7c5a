"""A linear model with a weight for each n-gram of the training texts."""

import copy
import random
from collections import Counter

import numpy
import pytest
import spacy
import srsly
from spacy.tokens import Doc
from thinc.api import Model, chain

from spacy_lstm.models import ngram_linear
from spacy_lstm.models.affixes import prefix_keys
from spacy_lstm.models.ngram_linear import NgramLinear, learn_ngrams
from spacy_lstm.models.ngrams import ngram_keys

NLP = spacy.blank("en")
TEXTS = ["A great film", "a great bore", "so so", "", "the film the film the film", "no"]


def docs(texts=TEXTS):
    return [NLP.make_doc(text) for text in texts]


def make(texts=TEXTS, n_labels=2, seed=0, **settings):
    model = NgramLinear(**settings)
    learn_ngrams(model, docs(texts))
    model.initialize(X=docs(texts), Y=numpy.zeros((len(texts), n_labels), dtype="float32"))
    rng = numpy.random.default_rng(seed)
    for name in ("W", "b"):
        param = output(model).get_param(name)
        output(model).set_param(name, rng.normal(size=param.shape).astype("float32"))
    return model


def output(model):
    return model.layers[0]  # as `Model.copy` copies no refs


def grams(text, size=2):
    words = [word.lower() for word in text.split()]
    return [tuple(words[i : i + n]) for n in range(1, size + 1) for i in range(len(words) - n + 1)]


def key(gram):
    words = numpy.array([NLP.vocab.strings.add(word) for word in gram], dtype="uint64")
    return int(ngram_keys([words], len(gram))[0][-1])


def known(model):
    return model.attrs["keys"].tolist()


@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("min_count", [1, 2])
def test_counts_in_how_many_texts_an_ngram_is(size, min_count):
    counts = Counter(gram for text in TEXTS for gram in set(grams(text, size)))
    expected = sorted(key(gram) for gram, n in counts.items() if n >= min_count)
    assert key(("so",)) in expected or min_count == 2  # twice in one text
    model = make(ngram_size=size, min_count=min_count)
    assert known(model) == expected
    assert model.attrs["n_texts"] == len(TEXTS)
    assert output(model).get_param("W").shape == (2, len(expected))


@pytest.mark.parametrize("max_ngrams", [1, 3, 5, 9, 100])
@pytest.mark.parametrize(("chunk", "large"), [(1, 1), (2, 4), (1000, 1000)])
def test_the_rarest_are_left_out_whatever_the_order(max_ngrams, chunk, large, monkeypatch):
    monkeypatch.setattr(ngram_linear, "CHUNK", chunk)
    monkeypatch.setattr(ngram_linear, "LARGE", large)
    counts = Counter(gram for text in TEXTS for gram in set(grams(text)))
    ranked = sorted((-n, key(gram)) for gram, n in counts.items())
    texts = list(TEXTS)
    for i in range(3):
        random.Random(i).shuffle(texts)
        model = NgramLinear(max_ngrams=max_ngrams)
        learn_ngrams(model, iter(docs(texts)))
        assert known(model) == sorted(hashed for _, hashed in ranked[:max_ngrams])


@pytest.mark.parametrize("size", [1, 2, 3])
def test_scores_are_the_weights_of_what_is_there(size):
    model = make(ngram_size=size)
    W, b = output(model).get_param("W"), output(model).get_param("b")
    texts = [*TEXTS, "the great unknown", "nothing seen before", "film a"]
    unseen = 0
    for text, scores in zip(texts, model.predict(docs(texts)), strict=True):
        there = {key(gram) for gram in grams(text, size)}
        columns = [known(model).index(hashed) for hashed in there if hashed in known(model)]
        unseen += len(there) - len(columns)
        numpy.testing.assert_allclose(scores, W[:, columns].sum(axis=1) + b, rtol=1e-5, atol=1e-6)
    assert unseen >= 4


@pytest.mark.parametrize("prefixes", [[2], [1, 3], [9]])
def test_beginnings_of_words_have_weights_too(prefixes):
    model, without = make(prefixes=prefixes), make()
    W, b = output(model).get_param("W"), output(model).get_param("b")
    texts = [*TEXTS, "a fine grease film", "unknown"]
    for text, scores in zip(texts, model.predict(docs(texts)), strict=True):
        (doc,) = docs([text])
        begins, _ = prefix_keys([doc], [doc.to_array("LOWER")], prefixes)
        there = {key(gram) for gram in grams(text)} | set(begins.tolist())
        columns = [known(model).index(hashed) for hashed in there if hashed in known(model)]
        numpy.testing.assert_allclose(scores, W[:, columns].sum(axis=1) + b, rtol=1e-5, atol=1e-6)
    counted = {
        word[:n] for n in prefixes for text in TEXTS for word in text.split() if word[n - 1 :]
    }
    counted = {begin.lower() for begin in counted}
    assert len(known(model)) == len(known(without)) + len(counted)
    assert (prefixes == [9]) == (len(counted) == 0)


def test_reads_models_from_before_there_were_beginnings():
    model = make()
    data = srsly.msgpack_loads(model.to_bytes())
    assert data["attrs"][0].pop("prefixes")
    again = NgramLinear().from_bytes(srsly.msgpack_dumps(data))
    numpy.testing.assert_array_equal(again.predict(docs()), model.predict(docs()))


def test_gradients():
    model = make()
    texts = ["so great so great", "", "a new film"]
    d_scores = numpy.random.default_rng(1).normal(size=(3, 2)).astype("float32")
    with pytest.warns(UserWarning, match="LW04"):
        _, backprop = model(docs(texts), is_train=True)
    assert backprop(d_scores) == []
    expected = numpy.zeros((2, len(known(model))))
    for text, row in zip(texts, d_scores, strict=True):
        for hashed in {key(gram) for gram in grams(text)} & set(known(model)):
            expected[:, known(model).index(hashed)] += row
    numpy.testing.assert_allclose(output(model).get_grad("W"), expected, rtol=1e-6)
    numpy.testing.assert_allclose(output(model).get_grad("b"), d_scores.sum(axis=0), rtol=1e-6)


@pytest.mark.parametrize("texts", [[""], ["", ""], ["unknown words"], []])
def test_nothing_known_gets_the_score_of_the_biases(texts):
    model = make()
    expected = numpy.tile(output(model).get_param("b"), (len(texts), 1))
    numpy.testing.assert_array_equal(model.predict(docs(texts)), expected)


def test_texts_without_words_to_learn_from():
    model = make(["", ""])
    assert known(model) == []
    numpy.testing.assert_array_equal(
        model.predict(docs(["a film", ""])), [output(model).get_param("b")] * 2
    )


@pytest.mark.parametrize(
    ("attr", "expected"), [("ORTH", 4), ("LOWER", 2), ("NORM", 2), ("SHAPE", 3), ("PREFIX", 2)]
)
def test_attributes_of_words(attr, expected):
    model = NgramLinear(ngram_size=1, attr=attr)
    learn_ngrams(model, docs(["Film film", "FILM Fils"]))
    assert len(known(model)) == expected


def test_all_linear_models_of_a_model_learn_their_ngrams():
    words, pairs = NgramLinear(ngram_size=1), NgramLinear(ngram_size=2)
    other = Model("other", lambda model, X, is_train: (X, lambda dY: dY))
    learn_ngrams(chain(other, chain(words, pairs)), docs(["a film"]))
    assert (len(known(words)), len(known(pairs))) == (2, 3)


def test_a_model_without_one_does_not_read_the_texts():
    stream = iter(docs())
    learn_ngrams(Model("other", lambda model, X, is_train: (X, lambda dY: dY)), stream)
    assert len(list(stream)) == len(TEXTS)


@pytest.mark.parametrize("sample", [["a film"], None])
def test_warns_where_nobody_counted(sample):
    model = NgramLinear(nO=2)
    with pytest.warns(UserWarning, match=f"LW03.*only {len(sample or [])} texts"):
        model.initialize(X=sample and docs(sample))
    assert len(known(model)) == (3 if sample else 0)
    with pytest.warns(UserWarning, match="LW03.*only 2 texts"):  # and not those of before
        model.initialize(X=docs(["no", "so"]))
    assert known(model) == sorted(map(key, [("no",), ("so",)]))


@pytest.mark.parametrize(
    ("texts", "settings", "warns"),
    [
        (["a great film", "quite another thing"], {}, True),
        (["a great film", "so so", "no", ""], {}, False),
        (["a great film film"], {}, False),  # one in six
        (["a great film", "quite another thing"], {"min_count": 2}, False),
        (["a great film", "quite another thing"], {"max_ngrams": 3}, False),
    ],
)
def test_warns_in_training_where_much_is_unknown(texts, settings, warns, recwarn):
    model = make(**settings)
    model.predict(docs(texts))
    assert not recwarn
    model(docs(texts), is_train=True)
    assert [str(w.message)[:6] for w in recwarn] == (["[LW04]"] if warns else [])


@pytest.mark.parametrize(
    "copied",
    [
        copy.deepcopy,
        lambda model: model.copy(),
        lambda model: NgramLinear().from_bytes(model.to_bytes()),
        lambda model: make(["an", "other vocabulary"], seed=1).from_bytes(model.to_bytes()),
    ],
    ids=["deepcopy", "copy", "fresh", "other vocabulary"],
)
def test_copies_predict_the_same_and_learn_anew(copied):
    model = make()
    again = copied(model)
    expected = model.predict(docs())
    numpy.testing.assert_array_equal(again.predict(docs()), expected)
    scores, backprop = again(docs(), is_train=True)
    backprop(scores)
    assert output(again).get_grad("W").shape == output(again).get_param("W").shape
    learn_ngrams(again, docs(["something else"]))
    again.initialize(X=docs(["something else"]))
    assert again.predict(docs(["something else"])).tolist() == [[0.0, 0.0]]
    numpy.testing.assert_array_equal(model.predict(docs()), expected)  # it is left alone


def test_to_disk_and_from_disk(tmp_path):
    model = make()
    model.to_disk(tmp_path / "model")
    again = NgramLinear().from_disk(tmp_path / "model")
    numpy.testing.assert_array_equal(again.predict(docs()), model.predict(docs()))


def test_initialized_again_it_forgets():
    model = make()
    learn_ngrams(model, docs(["not this again"]))
    model.initialize(X=docs(["not this again"]))
    assert known(model) == sorted(key(gram) for gram in grams("not this again"))
    assert output(model).get_param("W").shape == (2, 5)
    model.initialize(X=docs(["less"]))  # whose n-grams nobody counted
    assert len(known(model)) == 5


def test_words_of_any_vocabulary():
    model = make()
    other = spacy.blank("en")
    other.vocab.strings.add("zzz")
    doc = Doc(other.vocab, words=["A", "great", "film"])
    numpy.testing.assert_array_equal(model.predict([doc])[0], model.predict(docs())[0])


@pytest.mark.parametrize(
    ("code", "settings"),
    [
        ("L002.*ngram_size", {"ngram_size": 0}),
        ("L002.*min_count", {"min_count": 0}),
        ("L002.*max_ngrams.*'9'", {"max_ngrams": "9"}),
        ("L002.*nO.*0", {"nO": 0}),
        ("L002.*max_ngrams", {"max_ngrams": 0}),
        ("L002.*prefixes.*0", {"prefixes": [4, 0]}),
        ("L002.*prefixes.*'4'", {"prefixes": "46"}),
        ("L107.*LEMMA", {"attr": "LEMMA"}),
        ("L107.*ORTH, LOWER, NORM.*lower", {"attr": "lower"}),
    ],
)
def test_refuses_what_cannot_work(code, settings):
    with pytest.raises(ValueError, match=code):
        NgramLinear(**settings)
