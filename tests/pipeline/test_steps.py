"""Steps of the optimizer, in which a linear model has a pace of its own."""

import numpy
import pytest
from thinc.api import Adam, Linear, chain

from spacy_lstm.models.ngram_linear import NgramLinear
from spacy_lstm.pipeline.steps import take_step
from spacy_lstm.training.optimizers import Adam as OurAdam

from ..pipelines import examples, textcat_model, textcat_pipeline

PACE = {"learn_rate_scale": 20.0, "optimizer_eps": 0.5}


def make(seed=0):
    model = chain(Linear(3, 4), Linear(2, 3))
    model.initialize()
    rng = numpy.random.default_rng(seed)
    for layer in model.layers:
        layer.set_param("W", rng.normal(size=layer.get_param("W").shape).astype("float32"))
    return model


def learn(model, step, n_steps=5):
    rng = numpy.random.default_rng(1)
    for _ in range(n_steps):
        for layer in model.layers:
            for name in ("W", "b"):
                shape = layer.get_param(name).shape
                layer.set_grad(name, rng.normal(size=shape).astype("float32"))
        step()


def weights(model):
    return [layer.get_param(name) for layer in model.layers for name in ("W", "b")]


@pytest.mark.parametrize("adam", [Adam, OurAdam])
def test_is_thincs_step(adam):
    ours, thincs = make(), make()
    sgd, other = adam(0.01, L2=0.1), adam(0.01, L2=0.1)
    learn(ours, lambda: take_step(ours, sgd))
    learn(thincs, lambda: thincs.finish_update(other))
    for got, expected in zip(weights(ours), weights(thincs), strict=True):
        numpy.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize("adam", [Adam, OurAdam])
def test_a_layer_with_its_own_pace_learns_as_with_an_optimizer_of_its_own(adam):
    model, slow, fast = make(), make(), make()
    model.layers[1].attrs.update(PACE)
    sgd = adam(0.01, L2=0.1, eps=1e-6)
    learn(model, lambda: take_step(model, sgd))
    assert sgd.eps == 1e-6
    own = adam(0.01 * PACE["learn_rate_scale"], L2=0.1, eps=PACE["optimizer_eps"])
    usual = adam(0.01, L2=0.1, eps=1e-6)
    learn(slow, lambda: slow.finish_update(usual))
    learn(fast, lambda: fast.finish_update(own))
    expected = [*weights(slow)[:2], *weights(fast)[2:]]
    for got, wanted in zip(weights(model), expected, strict=True):
        numpy.testing.assert_allclose(got, wanted, rtol=1e-6)
    layer, same = model.layers[1], fast.layers[1]
    for name in ("W", "b"):
        averages = sgd.averages[layer.id, name], own.averages[same.id, name]
        numpy.testing.assert_allclose(*averages, rtol=1e-6)


def test_the_optimizer_is_as_before_after_an_error():
    model = make()
    model.layers[1].attrs.update(PACE)
    sgd = Adam(0.01, eps=1e-6)
    take_step(model, sgd)
    model.layers[1].set_grad("W", numpy.ones((1, 7), dtype="float32"))
    with pytest.raises(ValueError, match="reshape|shape|size"):
        take_step(model, sgd)
    assert sgd.eps == 1e-6


def test_of_the_linear_model_of_a_component():
    def learned(**pace):
        linear = {"@architectures": "spacy_lstm.NgramLinear.v1", **pace}
        nlp = textcat_pipeline(model=textcat_model(linear_model=linear))
        data = examples(nlp)
        nlp.initialize(lambda: data)
        pipe = nlp.get_pipe("textcat")
        pipe.update(data, sgd=Adam(0.001, L2=0.0))
        network = pipe.model.get_ref("output_layer").get_param("W")
        return network, pipe.model.get_ref("linear_model").get_ref("output_layer").get_param("W")

    network, linear = learned()
    same, faster = learned(learn_rate_scale=3.0)
    numpy.testing.assert_array_equal(network, same)
    assert linear.any()
    numpy.testing.assert_allclose(faster, 3.0 * linear, rtol=1e-5)
    same, careful = learned(optimizer_eps=10.0)
    numpy.testing.assert_array_equal(network, same)
    assert 0.0 < numpy.abs(careful).max() < 0.01 * numpy.abs(linear).max()


@pytest.mark.parametrize("name", sorted(PACE))
@pytest.mark.parametrize("value", [0.0, -1.0, float("inf"), True])
def test_refuses_an_impossible_pace(name, value):
    with pytest.raises(ValueError, match=f"L110.*{name}"):
        NgramLinear(**{name: value})
