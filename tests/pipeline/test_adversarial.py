"""Batches that are learnt from twice: as they are, and with vectors moved to where it is worst."""

from itertools import product

import numpy
import pytest
import spacy
from spacy.tokens import Span
from thinc.api import NumpyOps, Optimizer

from spacy_lstm.models.opinion_pool import learners
from spacy_lstm.pipeline import adversarial
from spacy_lstm.pipeline.adversarial import METHODS, perturbed_layer, worst_perturbation

from ..adversarial_heads import EPSILON, FACTORIES, copies, forget, make, make_examples, setting
from ..gradients import numeric_gradient, to_float64
from ..ner_pipelines import annotated, ner_pipeline
from ..pipelines import (
    EMBED,
    ENCODE,
    TOK2VEC,
    accuracy,
    blank,
    cats,
    textcat_pipeline,
    train,
)

CASES = list(product(FACTORIES, METHODS))
each_case = pytest.mark.parametrize(("factory", "method"), CASES)

TINY = {
    **TOK2VEC,
    "embed": {**EMBED, "width": 4, "rows": [11, 7]},
    "encode": {**ENCODE, "width": 4},
}


def texts_of(pipe, data):
    return pipe._texts([eg.predicted for eg in data])


@each_case
def test_a_perturbation_of_nothing_leaves_the_gradients_as_they_are(factory, method):
    pipe, data = make(factory)
    forget(pipe.model)
    losses = pipe.update(data)
    clean = copies(pipe.model)
    forget(pipe.model)
    pipe.adversarial = setting(method, 1e-9)
    assert pipe.update(data) == losses
    for key, gradient in copies(pipe.model).items():
        scale = numpy.abs(clean[key]).max()
        assert gradient.any() == clean[key].any()
        numpy.testing.assert_allclose(gradient, clean[key], rtol=0, atol=1e-5 * scale)


@each_case
def test_equals_a_slow_reference(factory, method):
    """The perturbation, the losses and all gradients, by central differences in float64."""
    # thinc's n-grams are float32 only, and of an opinion pool each part has a loss of its own.
    pipe, data = make(factory, tok2vec=TINY, linear=factory == "lstm_ner", version="v1")
    to_float64(pipe.model)
    forget(pipe.model)
    texts, truth = texts_of(pipe, data), pipe._read_truth(data)
    layer = perturbed_layer("head", pipe.model, method)
    func = layer._func
    lengths = [len(text) for text in texts]
    shift = numpy.zeros((sum(lengths), layer.get_dim("nO")))

    def moved(node, X, is_train):
        Ys, backprop = func(node, X, is_train)
        shifts = numpy.split(shift, numpy.cumsum(lengths)[:-1])
        return [Y + s for Y, s in zip(Ys, shifts, strict=True)], backprop

    def loss():
        return pipe._loss(pipe.model.predict(texts), truth)[0]

    layer._func = moved
    clean = loss()
    direction = numeric_gradient(loss, shift)
    for g in numpy.split(direction, numpy.cumsum(lengths)[:-1]):
        if len(g):
            g *= EPSILON / numpy.sqrt((g**2).sum())
    shift[:] = direction
    worst = loss()
    assert worst > clean + 1e-3

    def mean_loss():
        shift[:] = 0
        total = loss()
        shift[:] = direction
        return (total + loss()) / 2

    rng = numpy.random.default_rng(0)
    expected = []
    for i, node in enumerate(pipe.model.walk()):
        for name in node.param_names:
            flat = node.get_param(name).reshape(-1)
            assert flat.base is not None
            for j in rng.permutation(flat.size)[:12]:
                expected.append(((i, name, j), numeric_gradient(mean_loss, flat[j : j + 1])[0]))
    layer._func = func

    seen = []
    pipe.adversarial = setting(method)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(adversarial, "worst_perturbation", recorded(seen))
        losses = pipe.update(data, losses={"head": 1.0})
    assert losses == {"head": pytest.approx(1.0 + clean)}
    numpy.testing.assert_allclose(seen[0], direction, rtol=0, atol=1e-5)
    grads = copies(pipe.model)
    assert sum(abs(value) > 1e-4 for _, value in expected) > 40
    for (i, name, j), value in expected:
        got = grads[i, name].reshape(-1)[j] if (i, name) in grads else 0.0
        assert got == pytest.approx(value, rel=1e-4, abs=1e-6), (i, name)


@pytest.mark.parametrize(
    ("factory", "method", "version"),
    [(*case, "v2") for case in CASES] + [("lstm_ner", method, "v1") for method in METHODS],
)
def test_branches_beside_it_see_the_texts_as_they_are(factory, method, version):
    pipe, data = make(factory, version=version, adversarial=setting(method))
    linear, seen = pipe.model.get_ref("linear_model"), []
    func = linear._func

    def spy(model, docs, is_train):
        Y, backprop = func(model, docs, is_train)
        seen.append(numpy.vstack(Y) if isinstance(Y, list) else Y.copy())
        return Y, backprop

    linear._func = spy
    pipe.update(data)
    # In an opinion pool it learns by itself, and needs no second look.
    assert len(seen) == 3 - len(learners(pipe.model))
    assert seen[0].any()
    numpy.testing.assert_array_equal(seen[0], seen[-1])


def recorded(seen):
    def spy(*args):
        seen.append(worst_perturbation(*args))
        return seen[-1]

    return spy


def test_the_perturbation_of_each_text():
    lengths = [2, 0, 1, 3, 1]
    gradient = numpy.random.default_rng(0).normal(size=(7, 3)).astype("float32")
    gradient[2] = 0.0  # of the third text nothing is known
    gradient[6, 1] = numpy.inf
    gradient[3:6] *= 1e-30  # their squares are less than float32 can hold
    got = worst_perturbation(NumpyOps(), gradient, lengths, 0.5)
    assert got.dtype == "float32"
    for start, end in ((0, 2), (3, 6)):
        g = gradient[start:end].astype("float64")
        assert numpy.linalg.norm(got[start:end]) == pytest.approx(0.5, rel=1e-6)
        numpy.testing.assert_allclose(got[start:end], 0.5 * g / numpy.linalg.norm(g), rtol=1e-5)
    assert not got[2].any()
    assert not got[6].any()
    assert worst_perturbation(NumpyOps(), gradient[:0], [0, 0], 0.5).shape == (0, 3)


def test_what_is_unknown_moves_nothing(monkeypatch):
    seen = []
    monkeypatch.setattr(adversarial, "worst_perturbation", recorded(seen))
    pipe, data = make("lstm_textcat", adversarial=setting("encoding"))
    data[0].reference.cats = {}
    pipe.update(data)
    norms = [numpy.linalg.norm(r) for r in numpy.split(seen[0], [4, 9, 9, 16])]
    assert norms == pytest.approx([0.0, EPSILON, 0.0, EPSILON, EPSILON], rel=1e-5)


def test_partly_annotated_entities_and_spans_that_are_none(monkeypatch):
    seen = []
    monkeypatch.setattr(adversarial, "worst_perturbation", recorded(seen))
    pipe, data = make("lstm_ner", adversarial=setting(), incorrect_spans_key="no")
    nlp_doc = data[0].predicted
    unknown = annotated_like(nlp_doc, default="missing")
    negative = annotated_like(nlp_doc, default="missing")
    negative.spans["no"] = [Span(negative, 0, 1, "PLACE")]
    batch = [spacy.training.Example(nlp_doc.copy(), doc) for doc in (unknown, negative)]
    forget(pipe.model)
    assert pipe.update(batch)["head"] > 0
    norms = [numpy.linalg.norm(r) for r in numpy.split(seen[0], 2)]
    assert norms == pytest.approx([0.0, EPSILON], rel=1e-5)
    assert all(numpy.isfinite(g).all() for g in copies(pipe.model).values())


def annotated_like(doc, **settings):
    copy = doc.copy()
    copy.set_ents([], **settings)
    return copy


@each_case
def test_a_batch_without_tokens(factory, method):
    pipe, data = make(factory, adversarial=setting(method))
    forget(pipe.model)
    assert pipe.update([data[2]]) == {"head": 0.0}
    assert not any(g.any() for g in copies(pipe.model).values())


@each_case
def test_gradients_of_parts_add_up_and_are_clipped_together(factory, method):
    pipe, data = make(factory, adversarial=setting(method), max_grad_norm=1e-3)
    parts = []
    for part in (data[:2], data[2:]):
        forget(pipe.model)
        pipe.update(part, sgd=False)
        parts.append(copies(pipe.model))
    pipe.update(data[:2], sgd=None)  # after the second part
    for key, total in copies(pipe.model).items():
        numpy.testing.assert_allclose(
            total, parts[0].get(key, 0) + parts[1].get(key, 0), rtol=1e-4, atol=1e-6
        )
    squares = []

    def sgd(key, weights, gradient):
        squares.append((gradient.astype("float64") ** 2).sum())
        return weights, gradient

    pipe.finish_update(sgd)
    assert numpy.sqrt(sum(squares)) == pytest.approx(1e-3, rel=1e-5)


@pytest.mark.parametrize("factory", FACTORIES)
def test_in_bfloat16(factory):
    encode = {**ENCODE, "precision": "bfloat16"}
    pipe, data = make(factory, tok2vec={**TOK2VEC, "encode": encode}, adversarial=setting())
    forget(pipe.model)
    pipe.update(data, drop=0.3)
    grads = copies(pipe.model)
    assert any(g.any() for g in grads.values())
    assert all(numpy.isfinite(g).all() for g in grads.values())


@pytest.mark.parametrize("method", METHODS)
def test_learns_and_predicts(method):
    nlp = textcat_pipeline(adversarial=setting(method))
    train(nlp, drop=0.1)
    assert accuracy(nlp) == 1.0
    plain = textcat_pipeline()
    plain.initialize(lambda: make_examples(plain))
    plain.from_bytes(nlp.to_bytes())
    assert plain.get_pipe("textcat").adversarial is None
    assert cats(plain) == cats(nlp)


def test_sentences_are_perturbed_apart(monkeypatch):
    seen = []
    monkeypatch.setattr(adversarial, "worst_perturbation", recorded(seen))
    nlp = ner_pipeline(reset="sentence", adversarial=setting())
    doc = annotated(nlp, "Anna came Ben left", [(0, 1, "PERSON"), (2, 3, "PERSON")])
    for token in doc:
        token.is_sent_start = token.i % 2 == 0
    data = [spacy.training.Example(doc.copy(), doc)]
    nlp.initialize(lambda: data)
    for _ in range(2):
        nlp.update(data, sgd=Optimizer(0.01))
    norms = [numpy.linalg.norm(r) for r in numpy.split(seen[-1], 2)]
    assert norms == pytest.approx([EPSILON, EPSILON], rel=1e-5)


def test_refuses_a_layer_that_is_not_run():
    pipe, data = make("lstm_textcat", adversarial=setting())
    tok2vec = pipe.model.get_ref("tok2vec")
    other = blank().add_pipe("lstm_textcat").model.get_ref("tok2vec")
    tok2vec.layers.append(other)  # where a ref may point, which no pass reaches
    tok2vec.set_ref("embed", other)
    tok2vec.layers.pop()
    with pytest.raises(ValueError, match="L667.*'head'"):
        pipe.update(data)
