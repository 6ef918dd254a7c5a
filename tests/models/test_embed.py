import copy

import numpy
import pytest
import spacy
from spacy.ml.featureextractor import FeatureExtractor
from spacy.ml.models.tok2vec import CharacterEmbed, MultiHashEmbed
from spacy.pipeline.tok2vec import Tok2VecListener
from spacy.tokens import Doc
from spacy.vectors import Vectors
from thinc.api import (
    Adam,
    Dropout,
    HashEmbed,
    Maxout,
    Model,
    chain,
    expand_window,
    fix_random_seed,
    list2ragged,
    ragged2list,
    set_dropout_rate,
    with_array,
)

from spacy_lstm.layers import parts
from spacy_lstm.layers.fast_ops import FAST_OPS, use_fast_ops
from spacy_lstm.models.embed import DistinctEmbed, DistinctTokens, forward

from ..pipelines import blank, cats, shared_pipeline, textcat_pipeline, train

WORDS = ["The", "the", "film", "films", "was", "größer", "😀", "a", "\n", "1999", "unheard-of"]
SEED = 7


def make_nlp():
    nlp = spacy.blank("en")
    rng = numpy.random.default_rng(3)
    for word in WORDS[:7]:  # the others have no vector
        nlp.vocab.set_vector(word, rng.normal(size=10).astype("float32"))
    return nlp


NLP = make_nlp()


def docs(n=12):
    rng = numpy.random.default_rng(0)
    lengths = [0, 1, 30, *rng.integers(0, 20, size=n - 3)]
    return [Doc(NLP.vocab, words=rng.choice(WORDS, size=n).tolist()) for n in lengths]


def hash_embed(vectors=False, attrs=("NORM", "PREFIX", "SUFFIX", "SHAPE")):
    return MultiHashEmbed(8, list(attrs), [50] * len(attrs), include_static_vectors=vectors)


def char_embed(vectors=False):
    return CharacterEmbed(8, 50, nM=3, nC=6, include_static_vectors=vectors)


EMBEDS = {
    "hash": hash_embed,
    "one attribute": lambda: hash_embed(attrs=("SHAPE",)),
    "hash and vectors": lambda: hash_embed(vectors=True),
    "vectors of other keys": lambda: hash_embed(vectors=True, attrs=("LENGTH", "IS_DIGIT")),
    "characters": char_embed,
    "characters and vectors": lambda: char_embed(vectors=True),
}


def initialized(make, wrap):
    fix_random_seed(SEED)
    model = wrap(make())
    model.initialize(X=docs())
    rng = numpy.random.default_rng(4)
    for node in model.walk():
        for name in node.param_names:
            param = node.get_param(name)
            noise = rng.normal(size=param.shape, scale=0.3).astype("float32")
            node.set_param(name, param + noise)
    return model


def both(name):
    # Not by BLIS either, so that only what is new here makes a difference.
    return [initialized(EMBEDS[name], wrap) for wrap in (use_fast_ops, DistinctEmbed)]


def learn(model, rate):
    """Vectors and the gradients of every parameter, for one loss and one seed."""
    fix_random_seed(SEED)
    set_dropout_rate(model, rate)
    Ys, backprop = model(docs(), is_train=True)
    rng = numpy.random.default_rng(5)
    assert backprop([rng.normal(size=Y.shape).astype("float32") for Y in Ys]) == []
    # spaCy's character embedding adds up gradients by `dE[ids] += dY`, which keeps only the last of
    # those of equal characters: what is right can't be told from it.
    nodes = [node for node in model.walk() if node.param_names and node.name != "charembed"]
    return Ys, [node.get_grad(name) for node in nodes for name in node.param_names]


@pytest.mark.parametrize("at_once", [1, 4, 1000])
@pytest.mark.parametrize("name", EMBEDS)
def test_vectors_are_those_of_the_embedding(name, at_once, monkeypatch):
    monkeypatch.setattr(parts, "ROWS_AT_ONCE", at_once)
    stock, ours = both(name)
    expected, got = stock.predict(docs()), ours.predict(docs())
    assert [Y.shape for Y in got] == [(len(doc), 8) for doc in docs()]
    for one, other in zip(expected, got, strict=True):
        numpy.testing.assert_allclose(other, one, atol=1e-5)
    base = got[2].base
    assert all(Y.base is base for Y in got)


@pytest.mark.parametrize("rate", [0.0, 0.4])
@pytest.mark.parametrize("name", EMBEDS)
def test_learns_as_the_embedding_does(name, rate):
    """With the same dropout: of each token apart, though equal ones were embedded together."""
    stock, ours = both(name)
    Ys_stock, expected = learn(stock, rate)
    Ys, gradients = learn(ours, rate)
    for one, other in zip(Ys_stock, Ys, strict=True):
        numpy.testing.assert_allclose(other, one, atol=1e-5)
    assert len(gradients) == len(expected) > 2
    for one, other in zip(expected, gradients, strict=True):
        numpy.testing.assert_allclose(other, one, atol=1e-4 * max(1.0, numpy.abs(one).max()))


def test_equal_tokens_get_other_masks():
    ours = initialized(hash_embed, DistinctEmbed)
    set_dropout_rate(ours, 0.5)
    [Y], _ = ours([Doc(NLP.vocab, words=["film"] * 40)], is_train=True)
    # Columns are dropped in all rows by the tables' own dropout; what is left, differs.
    assert len({tuple(row) for row in (Y != 0).tolist()}) > 10


def counted(model):
    """RETURNS: A list that grows by the number of rows that the embedding is asked for."""
    rows = []
    inner = model.layers[0]
    embed = inner._func

    def count(node, tokens, is_train):
        rows.append(sum(len(doc) for doc in tokens))
        return embed(node, tokens, is_train)

    inner._func = count
    return rows


def test_embeds_each_distinct_token_once():
    ours = initialized(hash_embed, DistinctEmbed)
    rows = counted(ours)
    ours.predict(docs())
    assert rows == [len({token.orth for doc in docs() for token in doc})]


def test_batches_without_tokens():
    ours = initialized(hash_embed, DistinctEmbed)
    Ys, backprop = ours([Doc(NLP.vocab)] * 2, is_train=True)
    assert [Y.shape for Y in Ys] == [(0, 8), (0, 8)]
    assert backprop(Ys) == []
    assert ours.predict([]) == []


def test_saved_copied_and_averaged():
    ours = initialized(hash_embed, DistinctEmbed)
    expected = numpy.concatenate(ours.predict(docs()))
    loaded = DistinctEmbed(hash_embed()).from_bytes(ours.to_bytes())
    copies = [loaded, ours.copy(), copy.deepcopy(ours)]
    for one in copies:
        numpy.testing.assert_array_equal(numpy.concatenate(one.predict(docs())), expected)
        assert not any(node.ops.use_blis for node in one.walk())
        for Y, dropped in zip(learn(ours, 0.4)[0], learn(one, 0.4)[0], strict=True):
            assert not len(Y) or (dropped == 0).mean() > 0.2
            numpy.testing.assert_array_equal(dropped, Y)
    optimizer = Adam(0.1, use_averages=True)
    for _ in range(3):
        learn(ours, 0.0)
        ours.finish_update(optimizer)
    with ours.use_params(optimizer.averages):
        averaged = numpy.concatenate(ours.predict(docs()))
    assert numpy.abs(averaged - numpy.concatenate(ours.predict(docs()))).max() > 1e-3


def test_width_is_known_or_learnt():
    assert DistinctEmbed(hash_embed()).has_dim("nO") is None
    assert initialized(hash_embed, DistinctEmbed).get_dim("nO") == 8


def window_embed():
    vectors = with_array(HashEmbed(8, 50, column=0))
    window = with_array(expand_window(1))
    return chain(FeatureExtractor(["ORTH"]), list2ragged(), vectors, window, ragged2list())


def dropping_embed():
    inner = with_array(chain(Dropout(0.0), Maxout(8, 8)))
    return chain(hash_embed(), inner)


class Reader:
    """An embedding that asks for more than a feature extractor."""

    def __init__(self, ask):
        self.ask = ask

    def __call__(self, model, docs, is_train):
        return [numpy.full((len(doc), 1), self.ask(doc), dtype="float32") for doc in docs], list


def reading(ask):
    model = Model("reader", Reader(ask))
    model.attrs["columns"] = ["ORTH"]
    model.name = "extract_features"
    return model


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (window_embed, "L104.*beside other tokens"),
        (dropping_embed, "L104.*inner layer 'dropout'"),
        (lambda: Tok2VecListener("tok2vec", 8), "L104.*no attributes"),
    ],
)
def test_refuses_what_is_more_than_an_embedding_of_tokens(make, message):
    with pytest.raises(ValueError, match=message):
        DistinctEmbed(make()).initialize(X=docs())


@pytest.mark.parametrize(
    ("ask", "wanted"),
    [
        (lambda doc: doc.to_array("LEMMA").sum(), "LEMMA"),
        (lambda doc: len(doc.text), "text"),
    ],
)
def test_tells_what_it_cannot_give(ask, wanted):
    model = DistinctEmbed(reading(ask))
    with pytest.raises(AttributeError, match=f"L105.*`{wanted}`.*ORTH"):
        model.predict(docs())


def test_tokens_are_as_those_of_a_document():
    doc = Doc(NLP.vocab, words=WORDS)
    columns = [spacy.attrs.ORTH, spacy.attrs.LENGTH]
    tokens = DistinctTokens(NLP.vocab, columns, doc.to_array(columns))
    assert len(tokens) == len(WORDS)
    for attrs in ("ORTH", spacy.attrs.LENGTH, ["LENGTH"], ["LENGTH", "ORTH"]):
        numpy.testing.assert_array_equal(tokens.to_array(attrs), doc.to_array(attrs))
    numpy.testing.assert_array_equal(tokens.to_utf8_array(5), doc.to_utf8_array(5))


DISTINCT = {
    "@architectures": "spacy_lstm.DistinctEmbed.v1",
    "embed": {
        "@architectures": "spacy.CharacterEmbed.v2",
        "width": 16,
        "rows": 50,
        "nM": 4,
        "nC": 6,
        "include_static_vectors": False,
    },
}


def test_in_a_pipeline(tmp_path):
    config = textcat_pipeline().config["components"]["textcat"]["model"]
    config["tok2vec"]["embed"] = DISTINCT
    nlp = textcat_pipeline(model=config)
    train(nlp)
    nlp.to_disk(tmp_path)
    assert cats(spacy.load(tmp_path)) == cats(nlp)
    assert cats(spacy.blank("en").from_config(nlp.config).from_bytes(nlp.to_bytes())) == cats(nlp)


def test_listeners_are_replaced():
    nlp = blank()
    shared = shared_pipeline().config["components"]
    shared["tok2vec"]["model"]["embed"] = DISTINCT
    for name in ("tok2vec", "textcat"):
        nlp.add_pipe(shared[name].pop("factory"), name=name, config=shared[name])
    train(nlp)
    before = cats(nlp)
    nlp.replace_listeners("tok2vec", "textcat", ["model.tok2vec"])
    nlp.remove_pipe("tok2vec")
    assert cats(nlp) == pytest.approx(before, abs=1e-6)
    [embed] = [n for n in nlp.get_pipe("textcat").model.walk() if n._func is forward]
    assert all(node.ops is FAST_OPS for node in embed.walk())


def test_vectors_that_are_looked_up_by_another_attribute():
    """Tokens that differ in it are distinct, and those in nothing else share a vector."""
    nlp = spacy.blank("en")
    keys = [nlp.vocab.strings.add(word) for word in ("film", "the")]
    data = numpy.random.default_rng(6).normal(size=(2, 10)).astype("float32")
    nlp.vocab.vectors = Vectors(strings=nlp.vocab.strings, data=data, keys=keys, attr="LOWER")
    texts = [Doc(nlp.vocab, words=words) for words in (["Film", "film", "the"], ["The", "x"])]
    fix_random_seed(SEED)
    stock = hash_embed(vectors=True, attrs=("LENGTH",)).initialize(X=texts)
    fix_random_seed(SEED)
    ours = DistinctEmbed(hash_embed(vectors=True, attrs=("LENGTH",)))
    ours.initialize(X=texts)
    expected = numpy.concatenate(stock.predict(texts))
    numpy.testing.assert_allclose(numpy.concatenate(ours.predict(texts)), expected, atol=1e-5)
    assert numpy.abs(expected[1] - expected[2]).max() > 1e-3
