"""The global norm of the gradients of a component: computed, limited, and only then used."""

import math

import numpy
import pytest
import spacy
from spacy.training import Example
from thinc.api import Linear, Model, Optimizer, Shim, fix_random_seed

from spacy_lstm.pipeline.clipping import clip_gradients

from ..ner_pipelines import ner_examples, ner_pipeline
from ..pipelines import (
    TOK2VEC,
    blank,
    cats,
    examples,
    listener,
    shared_pipeline,
    textcat_model,
    textcat_pipeline,
)

LIMIT = 0.01  # far below what the first batch gives


def copies(model):
    """The gradients by their keys, in float64."""
    grads = {
        (node.id, name): node.get_grad(name) for node in model.walk() for name in node.grad_names
    }
    return {key: grad.astype("float64") for key, grad in grads.items()}


def norm_of(grads):
    return math.sqrt(math.fsum(float(x) ** 2 for grad in grads for x in grad.ravel()))


def recorded(pipe):
    """What the optimizer is given in `finish_update`. RETURNS: Gradients by their keys."""
    seen = {}

    def sgd(key, weights, gradient):
        assert key not in seen
        seen[key] = gradient.astype("float64")
        return weights, gradient

    pipe.finish_update(sgd)
    return seen


def make(factory):
    """A pipeline and its data. In it is one component, but for what listens to the encoder."""
    if factory == "lstm_ner":
        nlp = ner_pipeline()
        data = ner_examples(nlp)
    else:
        nlp = shared_pipeline() if factory == "lstm_encoder" else textcat_pipeline(factory)
        data = examples(nlp)
    nlp.initialize(lambda: data)
    if factory == "lstm_encoder":  # a head begins with zeros, which let no gradient through
        nlp.update(data, sgd=Optimizer(0.01))
    return nlp, nlp.get_pipe(nlp.pipe_names[0]), data


FACTORIES = ["lstm_encoder", "lstm_textcat", "lstm_textcat_multilabel", "lstm_ner"]


@pytest.mark.parametrize("factory", FACTORIES)
def test_scales_every_gradient_by_the_same_number(factory):
    nlp, pipe, data = make(factory)
    nlp.update(data, sgd=False)
    before = copies(pipe.model)
    norm = norm_of(before.values())
    assert norm > 2 * LIMIT
    pipe.max_grad_norm = LIMIT
    used = recorded(pipe)
    assert used.keys() == before.keys()
    assert norm_of(used.values()) == pytest.approx(LIMIT, rel=1e-6)
    for key, gradient in used.items():
        numpy.testing.assert_allclose(gradient, before[key] * (LIMIT / norm), rtol=1e-6)


@pytest.mark.parametrize("factory", FACTORIES)
def test_leaves_smaller_gradients_as_they_are(factory):
    nlp, pipe, data = make(factory)
    nlp.update(data, sgd=False)
    before = copies(pipe.model)
    pipe.max_grad_norm = norm_of(before.values()) * (1 + 1e-9)
    used = recorded(pipe)
    assert all((used[key] == before[key]).all() for key in before)


@pytest.mark.parametrize("factory", ["lstm_textcat", "lstm_ner"])
def test_clips_the_sum_of_a_batch_in_parts(factory):
    _, pipe, data = make(factory)
    pipe.max_grad_norm = LIMIT
    for part in (data[:3], data[3:]):
        pipe.update(part, sgd=None)
    total = copies(pipe.model)
    assert norm_of(total.values()) > 2 * LIMIT  # nothing was clipped before the step
    used = recorded(pipe)
    for key, gradient in used.items():
        wanted = total[key] * (LIMIT / norm_of(total.values()))
        numpy.testing.assert_allclose(gradient, wanted, rtol=1e-6)


@pytest.mark.parametrize("factory", ["lstm_textcat", "lstm_textcat_multilabel", "lstm_ner"])
def test_clips_where_update_makes_the_step(factory):
    """With a rate of 1 and no momentum, the step is the gradient."""
    _, pipe, data = make(factory)
    pipe.max_grad_norm = LIMIT
    before = {
        (node.id, name): node.get_param(name).copy()
        for node in pipe.model.walk()
        for name in node.param_names
        if node.has_param(name)
    }
    sgd = Optimizer(1.0, grad_clip=0.0, beta1=0.0, beta2=0.0, use_averages=False)
    pipe.update(data, sgd=sgd)
    steps = [
        node.get_param(name).astype("float64") - before[node.id, name]
        for node in pipe.model.walk()
        for name in node.param_names
        if node.has_param(name)
    ]
    assert norm_of(steps) == pytest.approx(LIMIT, rel=1e-3)


def test_each_component_has_a_norm_of_its_own():
    nlp, encoder, data = make("lstm_encoder")
    head = nlp.get_pipe("textcat")
    encoder.max_grad_norm, head.max_grad_norm = LIMIT, 2 * LIMIT
    nlp.update(data, sgd=False)
    assert not copies(encoder.model).keys() & copies(head.model).keys()
    for pipe, limit in ((encoder, LIMIT), (head, 2 * LIMIT)):
        assert norm_of(copies(pipe.model).values()) > 2 * limit
        assert norm_of(recorded(pipe).values()) == pytest.approx(limit, rel=1e-6)


def test_clips_where_the_last_listener_makes_the_encoders_step():
    nlp, encoder, data = make("lstm_encoder")
    encoder.max_grad_norm = LIMIT
    seen = {}

    def sgd(key, weights, gradient):
        seen[key] = gradient.astype("float64")
        return weights, gradient

    encoder.update(data, sgd=sgd)
    assert not seen  # the heads come first
    nlp.get_pipe("textcat").update(data, sgd=None)
    assert norm_of(seen.values()) == pytest.approx(LIMIT, rel=1e-6)


def test_rehearsal_is_clipped():
    nlp, pipe, data = make("lstm_textcat")
    nlp.resume_training()
    nlp.update(data, sgd=Optimizer(0.05))  # away from what is rehearsed
    pipe.max_grad_norm = LIMIT
    seen = {}

    def sgd(key, weights, gradient):
        seen[key] = gradient.astype("float64")
        return weights, gradient

    pipe.rehearse(data, sgd=sgd)
    assert norm_of(seen.values()) == pytest.approx(LIMIT, rel=1e-6)


def test_no_limit_is_the_same_as_a_limit_that_is_never_reached():
    def trained(**settings):
        nlp = textcat_pipeline(**settings)
        data = examples(nlp)
        optimizer = nlp.initialize(lambda: data)
        for _ in range(3):
            nlp.update(data, sgd=optimizer)
        return nlp.get_pipe("textcat").model.to_bytes()

    assert trained() == trained(max_grad_norm=1e6) != trained(max_grad_norm=LIMIT)


def test_gradients_in_torch_modules_count():
    nlp = blank()
    encode = {
        "@architectures": "spacy.TorchBiLSTMEncoder.v1",
        "width": 16,
        "depth": 1,
        "dropout": 0,
    }
    model = textcat_model({**TOK2VEC, "encode": encode})
    nlp.add_pipe("lstm_textcat", name="textcat", config={"model": model, "max_grad_norm": LIMIT})
    data = examples(nlp)
    nlp.initialize(lambda: data)
    pipe = nlp.get_pipe("textcat")
    nlp.update(data, sgd=Optimizer(0.01))
    nlp.update(data, sgd=False)
    (shim,) = [shim for node in pipe.model.walk() for shim in node.shims]
    in_torch = [p.grad.numpy().astype("float64") for p in shim._model.parameters()]
    assert norm_of(in_torch) > 0
    whole = norm_of([*in_torch, *copies(pipe.model).values()])
    assert clip_gradients(pipe.model, 2 * whole) == pytest.approx(whole, rel=1e-9)
    used = recorded(pipe)
    assert {key for key in used if key[0] == shim.id and "weight_hh_l0" in key[1]}
    assert norm_of(used.values()) == pytest.approx(LIMIT, rel=1e-6)


def test_gradients_elsewhere_are_refused():
    layer = Model("strange", lambda model, X, is_train: (X, lambda dY: dY), shims=[Shim(None)])
    with pytest.raises(ValueError, match="L652.*'strange'.*Shim"):
        clip_gradients(layer, 1.0)


def dense(*values):
    fix_random_seed(0)
    layer = Linear(2, 2)
    layer.initialize()
    layer.inc_grad("b", numpy.array(values, dtype="float32"))
    return layer


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_scales_nothing(bad):
    layer = dense(3.0, bad)
    assert not math.isfinite(clip_gradients(layer, 1.0))
    numpy.testing.assert_array_equal(layer.get_grad("b"), [3.0, bad])


def test_the_norm_has_the_range_of_float64():
    layer = dense(3e30, 4e30)  # their squares are more than float32 can hold
    assert clip_gradients(layer, 5.0) == pytest.approx(5e30)
    numpy.testing.assert_allclose(layer.get_grad("b"), [3.0, 4.0], rtol=1e-6)
    assert clip_gradients(dense(0.0, 0.0), 1.0) == 0.0
    assert clip_gradients(Linear(2, 2), 1.0) == 0.0  # nothing was learnt from yet


@pytest.mark.parametrize("factory", FACTORIES)
def test_refuses_a_norm_that_is_none(factory):
    for value in (0.0, -1.0):
        with pytest.raises(ValueError, match="L651.*'there'.*greater than 0"):
            blank().add_pipe(factory, name="there", config={"max_grad_norm": value})
    pipe = blank().add_pipe(factory, name="there")
    for value in (math.nan, math.inf):  # which no config can hold
        with pytest.raises(ValueError, match="L651.*'there'.*greater than 0"):
            pipe.max_grad_norm = value


@pytest.mark.parametrize("factory", FACTORIES)
def test_is_a_setting(factory, tmp_path):
    nlp = blank()
    assert nlp.add_pipe(factory, name="default").max_grad_norm is None
    nlp.add_pipe(factory, name="clipped", config={"max_grad_norm": 5})
    again = spacy.util.load_model_from_config(nlp.config)
    assert again.get_pipe("clipped").max_grad_norm == 5.0


def test_a_listener_takes_no_part_after_it_was_replaced():
    """Then the encoder is the head's own, and both have one norm."""
    nlp = blank()
    nlp.add_pipe("lstm_encoder", name="tok2vec", config={"model": TOK2VEC})
    config = {"model": textcat_model(listener()), "max_grad_norm": LIMIT}
    nlp.add_pipe("lstm_textcat", name="textcat", config=config)
    data = examples(nlp)
    nlp.initialize(lambda: data)
    nlp.replace_listeners("tok2vec", "textcat", ["model.tok2vec"])
    pipe = nlp.get_pipe("textcat")
    nlp.update(data, sgd=Optimizer(0.01))
    batch = [Example(nlp.make_doc(eg.text), eg.reference) for eg in data]
    pipe.update(batch, sgd=None)
    used = recorded(pipe)
    (encode,) = [node for node in pipe.model.walk() if node.name == "bilstm_encoder"]
    assert numpy.abs(used[encode.id, "W0_forward"]).max() > 0
    assert norm_of(used.values()) == pytest.approx(LIMIT, rel=1e-6)
    assert sum(cats(nlp).values()) == pytest.approx(1.0)
