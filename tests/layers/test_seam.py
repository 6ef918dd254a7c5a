"""One layer that runs once, and what comes after it, that runs again and again."""

import numpy
import pytest
import spacy
from spacy.ml.models.tok2vec import MultiHashEmbed, build_Tok2Vec_model
from thinc.api import Linear, Model, chain, fix_random_seed, set_dropout_rate, with_array

from spacy_lstm.layers.fast_ops import use_fast_ops
from spacy_lstm.layers.seam import Seam
from spacy_lstm.models.chars import CharEmbed
from spacy_lstm.models.embed import DistinctEmbed
from spacy_lstm.models.encoder import BiLSTMEncoder
from spacy_lstm.models.word_dropout import WordDropout

from ..gradients import numeric_gradient, to_float64

LENGTHS = [3, 0, 1, 4]


def sequences(width=3, seed=1):
    rng = numpy.random.default_rng(seed)
    return [rng.normal(size=(n, width)) for n in LENGTHS]


def two_layers():
    """A layer that counts its runs, and one after it. RETURNS: Both, and what is counted."""
    fix_random_seed(0)
    before, after = with_array(Linear(4, 3)), BiLSTMEncoder(2, nI=4)
    model = use_fast_ops(chain(before, after))  # thinc's own can't multiply in float64
    model.initialize(X=[X.astype("float32") for X in sequences()])
    to_float64(model)
    counts = {"forward": 0, "backprop": 0}
    func = before._func

    def counted(layer, X, is_train):
        counts["forward"] += 1
        Y, backprop = func(layer, X, is_train)

        def bp(dY):
            counts["backprop"] += 1
            return backprop(dY)

        return Y, bp

    before._func = counted
    return model, before, counts


def test_the_layer_runs_once_each_way_and_gets_the_sum():
    model, before, counts = two_layers()
    Xs, (first, second) = sequences(), (sequences(2, seed) for seed in (2, 3))
    rng = numpy.random.default_rng(4)
    shift = rng.normal(size=(sum(LENGTHS), 4))
    with Seam(before) as seam:
        clean, bp_clean = model(Xs, is_train=True)
        seam.perturbation = shift
        moved, bp_moved = model(Xs, is_train=True)
        bp_moved(second)  # in any order
        bp_clean(first)
        assert counts == {"forward": 1, "backprop": 0}
    assert counts == {"forward": 1, "backprop": 1}

    # The same by hand, from a model without a seam.
    reference, inner, _ = two_layers()
    encode = reference.layers[1]
    values, bp_values = inner(Xs, is_train=True)
    perturbed = numpy.split(numpy.vstack(values) + shift, numpy.cumsum(LENGTHS)[:-1])
    expected, d_values = [], []
    for given, d_given in ((values, first), (perturbed, second)):
        Ys, backprop = encode(given, is_train=True)
        expected.append(numpy.vstack(Ys))
        d_values.append(numpy.vstack(backprop(d_given)))
    bp_values(numpy.split(d_values[0] + d_values[1], numpy.cumsum(LENGTHS)[:-1]))
    numpy.testing.assert_allclose(numpy.vstack(clean), expected[0], rtol=0, atol=1e-12)
    numpy.testing.assert_allclose(numpy.vstack(moved), expected[1], rtol=0, atol=1e-12)
    numpy.testing.assert_array_equal(seam.output, numpy.vstack(values))
    assert seam.lengths == LENGTHS
    for got, wanted in zip(seam.gradients, d_values, strict=True):
        numpy.testing.assert_allclose(got, wanted, rtol=0, atol=1e-12)
    for node, wanted in zip(model.walk(), reference.walk(), strict=True):
        for name in node.param_names:
            numpy.testing.assert_allclose(
                node.get_grad(name), wanted.get_grad(name), rtol=0, atol=1e-12
            )


def test_gradients_are_those_of_the_perturbation():
    model, before, _ = two_layers()
    Xs, weights = sequences(), sequences(2, seed=2)
    shift = numpy.random.default_rng(3).normal(size=(sum(LENGTHS), 4))
    with Seam(before) as seam:
        seam.perturbation = shift
        _, backprop = model(Xs, is_train=True)
        backprop(weights)

        def loss():
            Ys = model.predict(Xs)
            return float(sum((Y * w).sum() for Y, w in zip(Ys, weights, strict=True)))

        expected = numeric_gradient(loss, shift)
    numpy.testing.assert_allclose(seam.gradients[0], expected, rtol=1e-6, atol=1e-8)


def test_what_comes_back_twice_for_a_pass_is_added_up():
    model, before, counts = two_layers()
    with Seam(before) as seam:
        _, backprop = model(sequences(), is_train=True)
        backprop(sequences(2))
        once = seam.gradients[0].copy()
        backprop(sequences(2))
    numpy.testing.assert_allclose(seam.gradients[0], 2 * once)
    assert counts["backprop"] == 1


def test_gradients_are_copies():
    """The layer after the seam may write on its memory again."""
    buffer = numpy.ones((2, 2))
    same = Model("same", lambda model, Xs, is_train: (Xs, lambda dYs: dYs))
    with Seam(same) as seam:
        _, backprop = same([buffer * 0], is_train=True)
        backprop([buffer])
        buffer[:] = 7.0
    assert (seam.gradients[0] == 1.0).all()


def test_after_an_exception_all_is_as_before():
    model, before, counts = two_layers()
    func = before._func

    def fail():
        with Seam(before):
            _, backprop = model(sequences(), is_train=True)
            backprop(sequences(2))
            raise RuntimeError("halfway")

    with pytest.raises(RuntimeError, match="halfway"):
        fail()
    assert before._func is func
    assert counts == {"forward": 1, "backprop": 0}
    assert not any(node.has_grad("W") for node in before.walk())


def test_a_pass_without_gradients_is_no_pass_back():
    model, before, counts = two_layers()
    with Seam(before) as seam:
        model(sequences(), is_train=True)
    assert seam.gradients == [None]
    assert counts == {"forward": 1, "backprop": 0}


def test_refuses_another_batch():
    model, before, _ = two_layers()
    with Seam(before):
        model(sequences(), is_train=True)
        with pytest.raises(ValueError, match=r"L661.*with_array.*\[3, 0, 1, 4\].*\[3, 0\]"):
            model(sequences()[:2], is_train=True)


def hash_embed():
    return MultiHashEmbed(8, ["NORM", "SHAPE"], [50, 50], include_static_vectors=False)


EMBEDS = {
    "hash": hash_embed,
    "distinct": lambda: DistinctEmbed(hash_embed()),
    "chars": lambda: CharEmbed(8, embed=DistinctEmbed(hash_embed()), char_width=4),
    "words dropped": lambda: WordDropout(DistinctEmbed(hash_embed()), rate=0.5),
}


@pytest.mark.parametrize("kind", EMBEDS)
def test_at_every_embedding_dropout_is_drawn_once(kind):
    nlp = spacy.blank("en")
    docs = [nlp.make_doc(text) for text in ("one two three", "", "four", "one two two one")]
    fix_random_seed(0)
    embed = EMBEDS[kind]()
    tok2vec = build_Tok2Vec_model(embed, BiLSTMEncoder(6))
    tok2vec.initialize(X=docs)
    set_dropout_rate(tok2vec, 0.5)
    set_dropout_rate(tok2vec.get_ref("encode"), 0.0)
    with Seam(tok2vec.get_ref("embed")) as seam:
        passes = [tok2vec(docs, is_train=True) for _ in range(2)]
        seam.perturbation = numpy.ones_like(seam.output)
        passes.append(tok2vec(docs, is_train=True))
        for Ys, backprop in passes:
            backprop([numpy.ones_like(Y) for Y in Ys])
    one, same, moved = (numpy.vstack(Ys) for Ys, _ in passes)
    numpy.testing.assert_array_equal(one, same)
    assert numpy.abs(moved - one).max() > 1e-3
    assert [g.shape for g in seam.gradients] == [(8, embed.get_dim("nO"))] * 3
    numpy.testing.assert_array_equal(seam.gradients[0], seam.gradients[1])
    assert any(node.has_grad("E") for node in embed.walk())
    # Outside, it is drawn anew.
    Ys, _ = tok2vec(docs, is_train=True)
    assert numpy.abs(numpy.vstack(Ys) - one).max() > 1e-3
