import numpy
import pytest
import spacy
from spacy.ml.models.tok2vec import MultiHashEmbed
from spacy.tokens import Doc
from thinc.api import fix_random_seed, set_dropout_rate
from thinc.types import Ragged

from spacy_lstm.layers import parts
from spacy_lstm.models.chars import BEGIN, END, LONGEST_HALF, CharEmbed, read_chars
from spacy_lstm.models.embed import DistinctEmbed

from ..gradients import check_gradient, to_float64

NLP = spacy.blank("en")
WORDS = ["The", "the", "größer", "😀", "a", "\n", "1999", "unheard-of", "x" * 200, "e\u0301"]
LENGTHS = [0, 1, 30, 0, 7, 12]
MADE = {
    "cnn": lambda **more: CharEmbed(6, char_width=4, rows=20, **more),
    "wide window": lambda **more: CharEmbed(6, char_width=4, rows=20, window_size=2, **more),
    "lstm": lambda **more: CharEmbed(6, char_width=4, rows=20, encoder="lstm", **more),
}


def docs(lengths=LENGTHS, seed=0):
    rng = numpy.random.default_rng(seed)
    return [Doc(NLP.vocab, words=rng.choice(WORDS, size=n).tolist()) for n in lengths]


def initialized(kind, **settings):
    fix_random_seed(5)
    model = MADE[kind](**settings)
    model.initialize(X=docs())
    return model


def words_alone():
    return MultiHashEmbed(8, ["NORM", "SHAPE"], [20, 20], include_static_vectors=False)


@pytest.fixture(params=list(MADE))
def kind(request):
    return request.param


def test_reads_code_points_between_marks():
    chars, lengths = read_chars(["né", "😀"])
    assert chars[:, 0].tolist() == [BEGIN, ord("n"), ord("é"), END, BEGIN, 0x1F600, END]
    assert lengths.tolist() == [4, 3]


def test_of_a_long_word_reads_both_ends():
    n = LONGEST_HALF
    chars, lengths = read_chars(["a" * n + "b" * 900 + "c" * n])
    assert lengths.tolist() == [2 * n + 2]
    assert chars[1:-1, 0].tolist() == [ord("a")] * n + [ord("c")] * n


def test_reads_half_of_a_surrogate_pair():
    assert read_chars(["\ud83d"])[0][1, 0] == 0xD83D


def test_a_convolution_is_the_largest_of_each_feature_over_the_word():
    model = initialized("cnn")
    [[Y]] = model.predict([Doc(NLP.vocab, words=["größer"])])
    [table] = [node for node in model.walk() if node.name == "hashembed"]
    [dense] = [node for node in model.walk() if node.name == "relu"]
    x = table.predict(read_chars(["größer"])[0][:, 0]).astype("float64")
    zero = numpy.zeros((1, 4))
    windows = numpy.hstack([numpy.vstack([zero, x[:-1]]), x, numpy.vstack([x[1:], zero])])
    features = windows @ dense.get_param("W").T + dense.get_param("b")
    numpy.testing.assert_allclose(Y, numpy.maximum(features, 0).max(axis=0), atol=1e-5)


def test_words_differ_and_are_the_same_everywhere(kind):
    model = initialized(kind)
    batch = docs()
    Ys = model.predict(batch)
    by_word = {}
    for doc, Y in zip(batch, Ys, strict=True):
        assert Y.shape == (len(doc), 6)
        for token, y in zip(doc, Y, strict=True):
            by_word.setdefault(token.text, []).append(y)
    assert len(by_word) == len(WORDS)
    for vectors in by_word.values():
        numpy.testing.assert_array_equal(vectors, [vectors[0]] * len(vectors))
    assert len({vectors[0].tobytes() for vectors in by_word.values()}) == len(WORDS)
    for doc, Y in zip(batch, Ys, strict=True):
        numpy.testing.assert_allclose(model.predict([doc])[0], Y, atol=1e-6)


@pytest.mark.parametrize("has_embed", [False, True])
def test_gradients(kind, has_embed):
    model = initialized(kind, embed=words_alone() if has_embed else None)
    to_float64(model)
    rng = numpy.random.default_rng(1)
    for node in model.walk():
        for name in node.param_names:
            param = node.get_param(name)
            node.set_param(name, param + rng.normal(size=param.shape, scale=0.3))
    batch = docs([3, 0, 4])
    Ys, backprop = model(batch, is_train=True)
    weights = [rng.normal(size=Y.shape) for Y in Ys]

    def loss():
        outputs = model.predict(batch)
        return float(sum((Y * w).sum() for Y, w in zip(outputs, weights, strict=True)))

    assert backprop([w.copy() for w in weights]) == []
    n = 0
    for node in model.walk():
        for name in node.param_names:
            check_gradient(loss, node.get_param(name), node.get_grad(name))
            n += 1
    assert n == (7 if kind == "lstm" else 3) + 6 * has_embed


def test_stands_behind_another_embedding(kind):
    fix_random_seed(5)
    other = DistinctEmbed(words_alone())
    model = MADE[kind](embed=other)
    model.initialize(X=docs())
    assert model.get_dim("nO") == 14
    alone = model.layers[0]
    batch = docs()
    for Y, before in zip(model.predict(batch), other.predict(batch), strict=True):
        assert Y.shape[1] == 14
        numpy.testing.assert_array_equal(Y[:, :8], before)
    chars, lengths = read_chars(["the"])
    [expected] = alone.predict(ragged(model, chars, lengths))
    [Y] = model.predict([Doc(NLP.vocab, words=["the"])])
    numpy.testing.assert_allclose(Y[0, 8:], expected, atol=1e-6)


def ragged(model, chars, lengths):
    return Ragged(model.ops.asarray(chars), model.ops.asarray1i(lengths))


@pytest.mark.parametrize("batch", [[], [0], [0, 0]])
def test_without_tokens(kind, batch):
    model = initialized(kind, embed=words_alone())
    Ys, backprop = model(docs(batch), is_train=True)
    assert [Y.shape for Y in Ys] == [(0, 14)] * len(batch)
    assert backprop(Ys) == []


def test_each_distinct_word_is_computed_once(kind):
    model = initialized(kind)
    seen = []
    inner, func = model.layers[0], model.layers[0]._func
    inner._func = lambda m, X, is_train: (seen.append(len(X.lengths)), func(m, X, is_train))[1]
    batch = docs([40, 40])
    model.predict(batch)
    assert seen == [len({token.text for doc in batch for token in doc})]


def test_computes_some_words_at_a_time(kind, monkeypatch):
    model = initialized(kind)
    expected = model.predict(docs([9, 9]))
    monkeypatch.setattr(parts, "ROWS_AT_ONCE", 2)
    for a, b in zip(model.predict(docs([9, 9])), expected, strict=True):
        numpy.testing.assert_allclose(a, b, rtol=0, atol=1e-6)


def test_dropout_only_in_training_and_each_token_apart(kind):
    model = initialized(kind)
    doc = Doc(NLP.vocab, words=["größer"] * 200)
    [expected] = model.predict([doc])
    set_dropout_rate(model, 0.5)
    numpy.testing.assert_array_equal(model.predict([doc])[0], expected)
    [Y], _ = model([doc], is_train=True)
    kept = Y != 0
    assert 0.3 < kept[:, expected[0] != 0].mean() < 0.7
    assert len({row.tobytes() for row in kept}) > 10
    numpy.testing.assert_allclose(Y[kept], (2 * expected)[kept], rtol=1e-5)
    set_dropout_rate(model, 0.0)
    numpy.testing.assert_allclose(model([doc], is_train=True)[0][0], expected, atol=1e-7)


def test_round_trip(kind):
    model = initialized(kind, embed=words_alone())
    other = MADE[kind](embed=words_alone())
    other.from_bytes(model.to_bytes())
    for Y, same in zip(model.predict(docs()), other.predict(docs()), strict=True):
        numpy.testing.assert_array_equal(Y, same)


def test_the_same_seed_gives_the_same_vectors(kind):
    for Y, same in zip(
        initialized(kind).predict(docs()), initialized(kind).predict(docs()), strict=True
    ):
        numpy.testing.assert_array_equal(Y, same)


def test_from_config():
    build = spacy.registry.resolve(
        {"embed": {"@architectures": "spacy_lstm.CharEmbed.v1", "width": 6, "encoder": "lstm"}}
    )
    assert build["embed"].initialize(X=docs()).get_dim("nO") == 6


@pytest.mark.parametrize(
    ("code", "settings"),
    [
        ("L106", {"encoder": "gru"}),
        ("L002", {"char_width": 0}),
        ("L002", {"rows": 0}),
        ("L002", {"window_size": 0}),
        ("L003", {"dropout": 1.0}),
    ],
)
def test_refuses_impossible_settings(code, settings):
    with pytest.raises(ValueError, match=code):
        CharEmbed(6, **settings)
