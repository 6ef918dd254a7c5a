import numpy
import pytest
import spacy
from spacy.tokens import Doc
from thinc.api import NumpyOps, get_current_ops, set_current_ops, set_dropout_rate

from spacy_lstm.layers.fast_ops import FAST_OPS
from spacy_lstm.models.word_features import (
    FEATURES,
    WordFeatures,
    feature_rows,
    resize_word_features,
    word_attributes,
)

from ..gradients import numeric_gradient, to_float64

NLP = spacy.blank("en")
WORDS = ["The", "the", "größer", "😀", "a", "\n", "1999", "unheard-of", "x" * 200, "ab"]
LENGTH = 10_000_000  # no two features of so few words are in one row
LENGTHS = [0, 1, 30, 0, 7, 2]


def docs(lengths=LENGTHS, seed=0):
    rng = numpy.random.default_rng(seed)
    return [Doc(NLP.vocab, words=rng.choice(WORDS, size=n).tolist()) for n in lengths]


def initialized(nO=5, length=40):
    model = WordFeatures(nO, length=length)
    model.initialize(X=docs())
    rng = numpy.random.default_rng(0)
    model.set_param("W", rng.normal(size=(length, nO)).astype("float32"))
    return model


def described(doc, i):
    """The features of a token, as text: slowly, from what they are meant to be."""

    def word(place, describe):
        return describe(doc[place]) if 0 <= place < len(doc) else None

    parts = [word(i, lambda t: t.norm_), word(i, lambda t: t.shape_)]
    text = doc[i].text[:24] + doc[i].text[-24:] if len(doc[i].text) > 48 else doc[i].text
    parts += [text[:n] if len(text) >= n else None for n in (1, 2, 3, 4)]
    parts += [text[-n:] if len(text) >= n else None for n in (1, 2, 3, 4)]
    for offset in (-2, -1, 1, 2):
        parts += [word(i + offset, lambda t: t.norm_), word(i + offset, lambda t: t.shape_)]
    for first in (i - 1, i):
        for describe in (lambda t: t.norm_, lambda t: t.shape_):
            parts.append((word(first, describe), word(first + 1, describe)))
    return parts


def test_equal_features_and_only_they_share_a_row():
    batch = docs()
    rows = feature_rows(batch, LENGTH)
    expected = [described(doc, i) for doc in batch for i in range(len(doc))]
    assert rows.shape == (len(expected), len(FEATURES)) == (len(expected), len(expected[0]))
    by_feature = {}
    for token_rows, parts in zip(rows.tolist(), expected, strict=True):
        for kind, (row, part) in enumerate(zip(token_rows, parts, strict=True)):
            by_feature.setdefault((kind, part), set()).add(row)
    assert all(len(found) == 1 for found in by_feature.values())
    assert len(set.union(*by_feature.values())) == len(by_feature)


def test_the_attributes_of_words():
    attributes, kinds = word_attributes(docs())
    assert len(attributes) == len(WORDS)
    tokens = [token for doc in docs() for token in doc]
    assert attributes[kinds, 0].tolist() == [token.norm for token in tokens]
    assert attributes[kinds, 1].tolist() == [token.shape for token in tokens]


def test_scores_are_sums_and_the_same_alone():
    model = initialized(length=1000)
    W, batch = model.get_param("W"), docs()
    rows = feature_rows(batch, 1000)
    Ys = model.predict(batch)
    assert [Y.shape for Y in Ys] == [(n, 5) for n in LENGTHS]
    expected = W.astype("float64")[rows].sum(axis=1)
    numpy.testing.assert_allclose(numpy.vstack(Ys), expected, rtol=1e-4, atol=1e-5)
    for doc, Y in zip(batch, Ys, strict=True):
        numpy.testing.assert_allclose(model.predict([doc])[0], Y, atol=1e-6)


def test_gradient():
    model = to_float64(initialized(nO=2, length=30))
    batch = docs([3, 0, 4])
    Ys, backprop = model(batch, is_train=True)
    rng = numpy.random.default_rng(0)
    weights = [rng.normal(size=Y.shape) for Y in Ys]

    def loss():
        outputs = model.predict(batch)
        return float(sum((Y * w).sum() for Y, w in zip(outputs, weights, strict=True)))

    assert backprop(weights) == []
    expected = numeric_gradient(loss, model.get_param("W"))
    numpy.testing.assert_allclose(model.get_grad("W"), expected, atol=1e-7)


def test_dropout_drops_features_of_each_token_apart():
    model = initialized(nO=2, length=LENGTH // 100)
    batch = [Doc(NLP.vocab, words=["Rio"] * 400)]
    [expected] = model.predict(batch)
    set_dropout_rate(model, 0.25)
    numpy.testing.assert_array_equal(model.predict(batch)[0], expected)
    [Y], backprop = model(batch, is_train=True)
    assert len({row.tobytes() for row in Y}) > 300
    numpy.testing.assert_allclose(Y[2:-2].mean(axis=0), expected[2], atol=0.5)
    # Linear, so the scores are the weights times their own gradient.
    backprop([numpy.ones_like(Y)])
    W, dW = model.get_param("W"), model.get_grad("W")
    assert float((W * dW).sum()) == pytest.approx(float(Y.sum()), rel=1e-3)
    kept = dW.sum() / (2 * 400 * len(FEATURES))
    assert kept == pytest.approx(1.0, abs=0.05)
    set_dropout_rate(model, 0.0)
    numpy.testing.assert_allclose(model(batch, is_train=True)[0][0], expected, atol=1e-6)


@pytest.mark.parametrize("batch", [[], [0], [0, 0]])
@pytest.mark.parametrize("drop", [0.0, 0.5])
def test_without_tokens(batch, drop):
    model = initialized()
    set_dropout_rate(model, drop)
    Ys, backprop = model(docs(batch), is_train=True)
    assert [Y.shape for Y in Ys] == [(0, 5)] * len(batch)
    assert backprop(Ys) == []


def test_starts_at_zero_and_has_no_scores_without_labels():
    model = WordFeatures(3, length=20)
    model.initialize()
    numpy.testing.assert_array_equal(model.get_param("W"), numpy.zeros((20, 3)))
    empty = WordFeatures(length=20)
    empty.initialize()
    assert not empty.has_param("W")


def test_more_tags_leave_the_old_scores():
    model = initialized()
    more = resize_word_features(model, 9)
    assert more is not model
    assert resize_word_features(more, 9) is more
    for Y, old in zip(more.predict(docs()), model.predict(docs()), strict=True):
        numpy.testing.assert_array_equal(Y[:, :5], old)
        numpy.testing.assert_array_equal(Y[:, 5:], 0 * Y[:, 5:])
    unborn = WordFeatures(length=20)
    assert resize_word_features(unborn, 9) is unborn
    assert unborn.get_dim("nO") == 9


def test_round_trip():
    model = initialized()
    again = WordFeatures(5, length=40).from_bytes(model.to_bytes())
    for Y, same in zip(model.predict(docs()), again.predict(docs()), strict=True):
        numpy.testing.assert_array_equal(Y, same)


def test_refuses_a_table_without_rows():
    with pytest.raises(ValueError, match="L002"):
        WordFeatures(5, length=0)


def test_computes_where_the_other_layers_do():
    class OtherOps(NumpyOps):
        """As those of a GPU are."""

    before = get_current_ops()
    set_current_ops(OtherOps())
    try:
        other = WordFeatures(2, length=40)
    finally:
        set_current_ops(before)
    assert isinstance(other.ops, OtherOps)
    other.initialize(X=docs())
    other.predict(docs())
    assert isinstance(other.ops, OtherOps)
    assert WordFeatures(2, length=40).ops is FAST_OPS
