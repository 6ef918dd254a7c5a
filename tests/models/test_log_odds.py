"""How much each word speaks for each label, beside the vectors of an embedding."""

import math

import numpy
import pytest
import spacy
from spacy.ml.models.tok2vec import MultiHashEmbed
from thinc.api import chain, fix_random_seed

from spacy_lstm.models import label_counts
from spacy_lstm.models.embed import DistinctEmbed
from spacy_lstm.models.log_odds import LogOddsEmbed, learn_log_odds, log_odds

from ..pipelines import (
    NEGATIVE,
    POSITIVE,
    TEXTCATS,
    TOK2VEC,
    examples,
    shared_pipeline,
    textcat_model,
    textcat_pipeline,
    train,
)

NLP = spacy.blank("en")
WIDTH = 6
WORDS = [
    "boring",
    "bored",
    "bore",
    "good",
    "goodness",
    "a",
    "an",
    "great",
    "greatest",
    "unlike",
    "likely",
    "day",
    "days",
]


def corpus(n=24, n_labels=3, seed=0, unknown=0.0, share=False):
    rng = numpy.random.default_rng(seed)
    texts = [" ".join(rng.choice(WORDS, size=rng.integers(0, 7))) for _ in range(n)]
    truths = rng.random((n, n_labels)) if share else rng.integers(0, 2, (n, n_labels)) * 1.0
    known = rng.random((n, n_labels)) >= unknown
    return [NLP.make_doc(text) for text in texts], truths * known, known


def embedding():
    return MultiHashEmbed(WIDTH, ["NORM"], [50], include_static_vectors=False)


def learned(data, size=7, **settings):
    docs, truths, known = data
    model = LogOddsEmbed(embedding(), **settings)
    starts = range(0, len(docs), size)
    learn_log_odds(
        model,
        lambda: ((docs[i : i + size], truths[i : i + size], known[i : i + size]) for i in starts),
    )
    return model


def initialized(data, **settings):
    fix_random_seed(0)
    model = learned(data, **settings)
    model.initialize(X=data[0][:3])
    return model


def kinds(doc, i, ngram_size=2, prefixes=(4, 6)):
    """What is looked up of a token."""
    words = [token.lower_ for token in doc]
    grams = [
        tuple(words[i - n + 1 : i + 1]) if i >= n - 1 else None for n in range(1, ngram_size + 1)
    ]
    return [*grams, *(words[i][:n] if len(words[i]) >= n else None for n in prefixes)]


def fold_of(doc, n_folds):
    return sum(token.lower for token in doc) % 2**64 % n_folds


def reference(data, queries, *, is_train, smoothing=2.0, n_folds=10, **settings):
    docs, truths, known = data
    rows = []
    texts = [
        {k for i in range(len(doc)) for k in kinds(doc, i, **settings)} - {None} for doc in docs
    ]
    priors = [(t.sum() + 1) / (k.sum() + 2) for t, k in zip(truths.T, known.T, strict=True)]
    for doc in queries:
        fold = fold_of(doc, n_folds)
        for i in range(len(doc)):
            for kind in kinds(doc, i, **settings):
                found = [j for j, text in enumerate(texts) if kind is not None and kind in text]
                if is_train:
                    found = [j for j in found if fold_of(docs[j], n_folds) != fold] * (
                        len(found) > 1
                    )
                for label, prior in enumerate(priors):
                    yes = sum(truths[j, label] for j in found)
                    no = sum(known[j, label] for j in found) - yes
                    odds = (yes + smoothing * prior) / (no + smoothing * (1 - prior))
                    rows.append(math.log(odds) - math.log(prior / (1 - prior)))
                rows.append(0.3 * math.log(1 + len(found)))
    return rows


@pytest.mark.parametrize("is_train", [False, True])
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"ngram_size": 1, "prefixes": []},
        {"ngram_size": 3, "prefixes": (3,), "smoothing": 0.5, "n_folds": 3},
    ],
)
@pytest.mark.parametrize("of", [{}, {"unknown": 0.3}, {"share": True}, {"n_labels": 1}])
def test_equals_a_slow_reference(is_train, settings, of):
    data = corpus(**of)
    model = learned(data, **settings)
    queries = [*data[0][:9], NLP.make_doc("good unseen greatest day")]
    got = log_odds(model, queries, is_train)
    expected = reference(data, queries, is_train=is_train, **settings)
    assert got.shape[0] == sum(map(len, queries))
    numpy.testing.assert_allclose(got.reshape(-1), expected, atol=1e-5)


def test_what_only_one_text_has_tells_nothing_of_it_in_training():
    docs = [NLP.make_doc(f"only{i} word") for i in range(8)]
    truths = numpy.array([[1.0, 0.0], [0.0, 1.0]] * 4)
    model = learned((docs, truths, numpy.ones(truths.shape, dtype=bool)), prefixes=[])
    words = slice(None, None, 2)  # the first of each text
    assert not log_odds(model, docs, True)[words].any()
    assert log_odds(model, docs, False)[words].any()


def test_is_put_beside_the_vectors_and_their_gradient_goes_back():
    data = corpus()
    model = initialized(data)
    docs = data[0][:9]
    Ys, backprop = model.begin_update(docs)
    n_features = 4 * (3 + 1)
    assert model.get_dim("nO") == WIDTH + n_features
    inner, bp_inner = model.layers[0].begin_update(docs)
    features = log_odds(model, docs, True)
    for Y, X in zip(Ys, inner, strict=True):
        assert Y.shape == (len(X), WIDTH + n_features)
        numpy.testing.assert_array_equal(Y[:, :WIDTH], X)
    numpy.testing.assert_array_equal(numpy.vstack(Ys)[:, WIDTH:], features)
    rng = numpy.random.default_rng(0)
    dYs = [rng.normal(size=Y.shape).astype("float32") for Y in Ys]
    for node in model.walk():
        node.finish_update(lambda key, weights, gradient: (weights, gradient * 0))
    backprop(dYs)
    got = [node.get_grad(name).copy() for node, name in weights(model)]
    for node, name in weights(model):
        node.set_grad(name, node.get_grad(name) * 0)
    bp_inner([dY[:, :WIDTH].copy() for dY in dYs])
    for gradient, (node, name) in zip(got, weights(model), strict=True):
        assert gradient.any()
        numpy.testing.assert_allclose(gradient, node.get_grad(name), rtol=1e-5, atol=1e-6)


def weights(model):
    return [(n, name) for n in model.walk() for name in n.param_names if n.has_grad(name)]


@pytest.mark.parametrize(("size", "large"), [(1, 1), (3, 50), (100, 10**6)])
def test_counts_the_same_however_the_texts_come(size, large, monkeypatch):
    expected = learned(corpus(unknown=0.2)).attrs
    monkeypatch.setattr(label_counts, "LARGE", large)
    got = learned(corpus(unknown=0.2), size=size).attrs
    for name, value in expected.items():
        numpy.testing.assert_array_equal(got[name], value)


@pytest.mark.parametrize(("min_count", "max_ngrams"), [(4, 1000), (1, 7), (3, 9)])
def test_the_rarest_are_left_out(min_count, max_ngrams):
    everything, fewer = (
        learned(corpus()),
        learned(corpus(), min_count=min_count, max_ngrams=max_ngrams),
    )
    counts = label_counts.LabelCounts(
        *(everything.attrs[n] for n in label_counts.LabelCounts._fields)
    )
    keys = everything.attrs["keys"]
    n_texts = counts.look_up(keys, 4)[:, 0]
    ranked = sorted(zip(-n_texts, keys.tolist(), strict=True))
    kept = sorted(key for n, key in ranked if -n >= min_count)
    assert len(fewer.attrs["keys"]) == min(len(kept), max_ngrams)
    assert set(fewer.attrs["keys"].tolist()) == {
        key for _, key in ranked[: len(fewer.attrs["keys"])]
    }
    docs = [NLP.make_doc("good good boring")]
    is_known = numpy.isin(keys, fewer.attrs["keys"])
    assert is_known.any()
    features = log_odds(everything, docs, False).reshape(-1, 4)
    for row, of_fewer in zip(features, log_odds(fewer, docs, False).reshape(-1, 4), strict=True):
        assert (of_fewer == row).all() or not of_fewer.any()


def test_no_texts_no_tokens_no_labels():
    data = corpus()
    model = initialized(data)
    empty = [NLP.make_doc(""), NLP.make_doc("")]
    Ys, backprop = model.begin_update(empty)
    assert [Y.shape for Y in Ys] == [(0, model.get_dim("nO"))] * 2
    backprop(Ys)
    assert model.predict([]) == []


def test_a_layer_without_it_reads_nothing():
    def batches():
        raise AssertionError("read")

    learn_log_odds(chain(embedding(), embedding()), batches)


def test_wants_the_training_texts():
    model = LogOddsEmbed(embedding())
    learn_log_odds(model, list)
    with pytest.raises(ValueError, match="L109"):
        model.initialize(X=corpus()[0])
    nlp = shared_pipeline()
    tok2vec = {**TOK2VEC, "embed": with_log_odds(TOK2VEC["embed"])}
    nlp.remove_pipe("tok2vec")
    nlp.add_pipe("lstm_encoder", name="tok2vec", first=True, config={"model": tok2vec})
    with pytest.raises(ValueError, match="L109"):
        nlp.initialize(lambda: examples(nlp))


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"attr": "TAG"}, "L107"),
        ({"ngram_size": 0}, "L002"),
        ({"n_folds": 1}, "L002"),
        ({"prefixes": [4, 0]}, "L002"),
        ({"min_count": "1"}, "L002"),
        ({"max_ngrams": 0}, "L002"),
        ({"smoothing": 0.0}, "L110"),
        ({"smoothing": math.inf}, "L110"),
        ({"smoothing": True}, "L110"),
    ],
)
def test_refuses_impossible_settings(settings, code):
    with pytest.raises(ValueError, match=code):
        LogOddsEmbed(embedding(), **settings)


def with_log_odds(embed, **settings):
    return {"@architectures": "spacy_lstm.LogOddsEmbed.v1", "embed": embed, **settings}


def pipeline(factory=TEXTCATS[0], **settings):
    tok2vec = {**TOK2VEC, "embed": with_log_odds(TOK2VEC["embed"], **settings)}
    return textcat_pipeline(factory, model=textcat_model(tok2vec))


@pytest.mark.parametrize("factory", TEXTCATS)
def test_in_a_pipeline(factory, tmp_path):
    nlp = pipeline(factory)
    train(nlp, steps=12)
    texts = [*POSITIVE, *NEGATIVE, "", "  ", "unseen words"]
    expected = [doc.cats for doc in nlp.pipe(texts)]
    assert expected[0]["POS"] > 0.6 > 0.4 > expected[len(POSITIVE)]["POS"]
    nlp.to_disk(tmp_path)
    loaded = spacy.load(tmp_path)
    assert [doc.cats for doc in loaded.pipe(texts)] == expected
    # What is needed for training goes with it.
    docs = [loaded.make_doc(text) for text in texts]
    for again, before in zip(
        embed_of(loaded)(docs, True)[0], embed_of(nlp)(docs, True)[0], strict=True
    ):
        numpy.testing.assert_array_equal(again, before)
    loaded.update(examples(loaded), sgd=loaded.resume_training())


def embed_of(nlp):
    return nlp.get_pipe(nlp.pipe_names[0]).model.get_ref("tok2vec").get_ref("embed")


def test_a_label_that_is_added_has_no_log_odds():
    nlp = pipeline()
    train(nlp, steps=4)
    before = nlp(POSITIVE[0]).cats
    pipe = nlp.get_pipe(nlp.pipe_names[0])
    pipe.add_label("NEW")
    after = nlp(POSITIVE[0]).cats
    assert {label: after[label] for label in before} == pytest.approx(before, abs=1e-6)
    nlp.update(examples(nlp), sgd=nlp.resume_training())


def test_distinct_tokens_are_not_enough_for_it():
    with pytest.raises(ValueError, match="L104"):
        DistinctEmbed(learned(corpus()))
