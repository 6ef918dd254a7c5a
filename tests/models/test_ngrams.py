import numpy
import pytest
import spacy
from spacy.ml.models.textcat import build_bow_text_classifier_v3
from spacy.tokens import Doc
from thinc.api import Linear

from spacy_lstm.models.ngrams import batch_ngrams, ending_ngrams, ngram_keys

NLP = spacy.blank("en")
TEXTS = ["a great film", "no", "so it goes and so it goes and so it goes", "again and", "a b c d e"]


def docs(texts=TEXTS):
    return [NLP.make_doc(text) for text in texts]


def make(ngram_size):
    model = build_bow_text_classifier_v3(
        exclusive_classes=True, ngram_size=ngram_size, no_output_layer=True, length=64
    )
    model.initialize(X=docs(), Y=numpy.zeros((len(TEXTS), 3), dtype="float32"))
    rng = numpy.random.default_rng(0)
    output = model.get_ref("output_layer")
    for name in ("W", "b"):
        output.set_param(name, rng.normal(size=output.get_param(name).shape).astype("float32"))
    return model


@pytest.mark.parametrize("ngram_size", [1, 2, 3, 4])
def test_scores_and_gradients_are_spacys(ngram_size):
    stock, ours = make(ngram_size), batch_ngrams(make(ngram_size))
    d_scores = numpy.random.default_rng(1).normal(size=(len(TEXTS), 3)).astype("float32")
    results = []
    for model in (stock, ours):
        scores, backprop = model(docs(), is_train=True)
        backprop(d_scores.copy())
        output = model.get_ref("output_layer")
        results.append([scores, output.get_grad("W"), output.get_grad("b")])
    assert numpy.abs(results[0][0]).max() > 1
    for expected, got in zip(*results, strict=True):
        numpy.testing.assert_allclose(got, expected, atol=1e-4)


def test_each_has_the_weights_of_the_other():
    stock, ours = make(2), batch_ngrams(make(2))
    assert [n.name for n in stock.walk()] == [n.name for n in ours.walk()]
    output = stock.get_ref("output_layer")
    output.set_param("W", output.get_param("W") * 2)
    ours.from_bytes(stock.to_bytes())
    numpy.testing.assert_allclose(ours.predict(docs()), stock.predict(docs()), atol=1e-4)
    stock.from_bytes(ours.to_bytes())


def test_documents_without_tokens():
    model = batch_ngrams(make(3))
    empty = Doc(NLP.vocab)
    scores = model.predict([empty, *docs(), empty])
    numpy.testing.assert_allclose(scores[1:-1], model.predict(docs()), atol=1e-6)
    biases = model.get_ref("output_layer").get_param("b")
    for row in (scores[0], scores[-1], model.predict([empty])[0]):
        numpy.testing.assert_array_equal(row, biases)


def test_keys_lie_document_by_document():
    words = [numpy.array(keys, dtype="uint64") for keys in ([1, 2, 3], [], [4], [1, 2])]
    keys, lengths = ngram_keys(words, 3)
    assert lengths.tolist() == [6, 0, 1, 3]
    assert keys[:3].tolist() == [1, 2, 3]
    assert keys[6] == 4
    assert keys[7:9].tolist() == [1, 2]
    assert keys[9] == keys[3]  # the pair 1, 2
    assert len(set(keys.tolist())) == 7


def test_leaves_other_models():
    model = Linear(2, 3)
    assert batch_ngrams(model) is model


def test_no_time_for_ngrams_longer_than_any_text():
    words = [doc.to_array(["LOWER"]) for doc in docs()]
    for keys, expected in zip(ngram_keys(words, 2**40), ngram_keys(words, 99), strict=True):
        numpy.testing.assert_array_equal(keys, expected)


@pytest.mark.parametrize("n", [1, 2, 3, 4])
@pytest.mark.parametrize("lengths", [(3, 0, 1, 5), (2,), (0, 0), ()])
def test_the_ngrams_that_end_at_each_token(n, lengths):
    rng = numpy.random.default_rng(0)
    words = [rng.integers(1, 2**60, size=length).astype("uint64") for length in lengths]
    expected = []
    for text in words:
        keys, _ = ngram_keys([text], n)
        n_grams = max(0, len(text) - n + 1)
        expected += [0] * (len(text) - n_grams) + keys[len(keys) - n_grams :].tolist()
    assert ending_ngrams(words, n).tolist() == expected
