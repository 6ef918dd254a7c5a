"""Losses and gradients that aren't finite: the step is skipped, the weights stay."""

import math

import numpy
import pytest
import spacy
from spacy.training.initialize import init_nlp
from spacy.training.loop import train as spacy_train
from thinc.api import Config, PyTorchWrapper
from torch import nn

from spacy_lstm.layers.denormals import are_flushed
from spacy_lstm.pipeline.causes import likely_cause
from spacy_lstm.pipeline.guard import forget_gradients, is_finite

from ..ner_pipelines import ner_examples, ner_pipeline
from ..pipelines import examples, shared_pipeline, textcat_pipeline

FACTORIES = ["lstm_textcat", "lstm_textcat_multilabel", "lstm_ner", "lstm_encoder"]


def trained(factory):
    """A pipeline, its data, the component and the optimizer."""
    if factory == "lstm_ner":
        nlp = ner_pipeline()
        data = ner_examples(nlp)
    else:
        shared = factory == "lstm_encoder"
        nlp = shared_pipeline() if shared else textcat_pipeline(factory)
        data = examples(nlp)
    optimizer = nlp.initialize(lambda: data)
    nlp.update(data, sgd=optimizer)
    return nlp, data, nlp.get_pipe(nlp.pipe_names[0]), optimizer


def weights(pipe):
    """All parameters of a component, by their bytes."""
    nodes = list(pipe.model.walk())
    return [node.get_param(name).tobytes() for node in nodes for name in node.param_names]


def spoil(pipe, value):
    """Put a number that is none into the gradients that have been added up."""
    node = next(node for node in pipe.model.walk() if node.grad_names)
    node.get_grad(node.grad_names[0]).flat[0] = value


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("factory", FACTORIES)
def test_gradients_that_are_not_finite_are_not_used(factory, value):
    nlp, data, pipe, optimizer = trained(factory)
    before = weights(pipe)
    losses = nlp.update(data, sgd=False)
    spoil(pipe, value)
    with pytest.warns(UserWarning, match=r"\[LW671\].*gradients aren't finite") as warned:
        pipe.finish_update(optimizer)
    assert len(warned) == 1
    assert f"'{pipe.name}'" in str(warned[0].message)
    assert f"a batch of {len(data)} texts" in str(warned[0].message)
    assert weights(pipe) == before
    assert all(math.isfinite(loss) for loss in losses.values())
    # Nothing of the bad step is left, and the next one is taken.
    nlp.update(data, sgd=optimizer)
    assert weights(pipe) != before
    assert pipe._n_skipped == 0


@pytest.mark.parametrize("factory", FACTORIES[:3])
def test_a_loss_that_is_not_finite(factory, monkeypatch):
    nlp, data, pipe, optimizer = trained(factory)
    before, get_loss = weights(pipe), pipe._loss
    monkeypatch.setattr(pipe, "_loss", lambda *args: (math.nan, get_loss(*args)[1]))
    with pytest.warns(UserWarning, match=r"\[LW671\].*the loss is nan after a batch of"):
        losses = nlp.update(data, sgd=optimizer)
    assert losses[pipe.name] == 0.0
    assert weights(pipe) == before


def test_a_head_spoils_neither_encoder_nor_other_heads():
    nlp = shared_pipeline()
    data = examples(nlp)
    optimizer = nlp.initialize(lambda: data)
    head, encoder = nlp.get_pipe("textcat"), nlp.get_pipe("tok2vec")
    before, get_loss = weights(encoder), head._loss
    head._loss = lambda *args: (math.inf, get_loss(*args)[1] * numpy.float32(numpy.nan))
    losses = nlp.update(data, sgd=False)  # as in `spacy train`
    for pipe in (encoder, head):
        with pytest.warns(UserWarning, match=rf"\[LW671\] A step of '{pipe.name}'"):
            pipe.finish_update(optimizer)
    assert weights(encoder) == before
    assert losses == {"tok2vec": 0.0, "textcat": 0.0}


def test_training_ends_after_too_many_steps():
    nlp, data, pipe, optimizer = trained("lstm_textcat")
    pipe.max_skipped_steps = 2
    before, get_loss = weights(pipe), pipe._loss
    pipe._loss = lambda *args: (math.inf, get_loss(*args)[1])
    for n in (1, 2):
        with pytest.warns(UserWarning, match=rf"Skipped in a row: {n};"):
            nlp.update(data, sgd=optimizer)
    with pytest.raises(ValueError, match=r"\[L671\].*the loss is inf.*3 steps in a row"):
        nlp.update(data, sgd=optimizer)
    assert weights(pipe) == before


@pytest.mark.parametrize("value", [-1, 1.5, True, None])
@pytest.mark.parametrize("factory", FACTORIES)
def test_impossible_setting(factory, value):
    with pytest.raises(ValueError, match=r"L672|max_skipped_steps"):
        spacy.blank("en").add_pipe(factory, config={"max_skipped_steps": value})


def test_a_learning_rate_that_is_none():
    nlp, data, pipe, optimizer = trained("lstm_textcat")
    optimizer.learn_rate = math.nan
    before = weights(pipe)
    with pytest.raises(ValueError, match=r"\[L673\].*nan"):
        nlp.update(data, sgd=optimizer)
    assert weights(pipe) == before


def test_a_huge_learning_rate():
    nlp, data, _, optimizer = trained("lstm_textcat")
    optimizer.learn_rate = 1e38
    with pytest.raises(ValueError, match=r"\[L674\].*1e\+38.*the parameter \w+ of the layer"):
        nlp.update(data, sgd=optimizer)


def test_causes():
    nlp, _, pipe, _ = trained("lstm_textcat")
    assert "max_grad_norm = 5.0" in likely_cause(pipe, 0.001)
    assert likely_cause(pipe, 0.5) == "the learning rate; it is 0.5, lower it"
    output = pipe.model.get_ref("output_layer").get_param("b")
    output[0] = 1e9
    assert "has grown to 1e+09; it is 0.001, lower it" in likely_cause(pipe, 0.001)
    output[0] = 0.0
    pipe.max_grad_norm = 5.0
    assert "it is 0.001" in likely_cause(pipe, 0.001)
    lstm = next(node for node in pipe.model.walk() if "precision" in node.attrs)
    lstm.attrs["precision"] = "bfloat16"
    assert "bfloat16" in likely_cause(pipe, None)
    nlp.vocab.set_vector("soup", numpy.array([1.0, numpy.nan], dtype="float32"))
    assert "row 0 of the word vectors" in likely_cause(pipe, None)
    output[0] = numpy.nan
    assert "the parameter b of the layer" in likely_cause(pipe, None)


def test_spacy_train_keeps_the_last_good_weights(tmp_path, monkeypatch):
    from spacy.tokens import DocBin

    nlp, data, *_ = trained("lstm_textcat")
    DocBin(docs=[eg.reference for eg in data]).to_disk(tmp_path / "train.spacy")
    config = Config(nlp.config).copy()
    path = str(tmp_path / "train.spacy")
    config["paths"] = {**config["paths"], "train": path, "dev": path}
    config["components"]["textcat"]["max_skipped_steps"] = 0
    config["training"].update(max_steps=8, eval_frequency=2)
    config["training"]["batcher"] = {
        "@batchers": "spacy.batch_by_sequence.v1",
        "size": 10,
    }
    nlp = init_nlp(config)
    pipe = nlp.get_pipe("textcat")
    get_loss, count = pipe._loss, iter(range(100))

    def loss(*args):
        value, gradient = get_loss(*args)
        return value, gradient * numpy.float32(math.nan if next(count) >= 10 else 1.0)

    monkeypatch.setattr(pipe, "_loss", loss)
    (tmp_path / "out").mkdir()
    with pytest.raises(ValueError, match=r"\[L671\]"):
        spacy_train(nlp, tmp_path / "out")
    kept = spacy.load(tmp_path / "out" / "model-last").get_pipe("textcat").model
    assert all(is_finite(node.get_param(p)) for node in kept.walk() for p in node.param_names)
    assert math.isfinite(spacy.load(tmp_path / "out" / "model-best")("soup").cats["POS"])


def test_is_finite():
    large = numpy.full(4, 3e38, dtype="float32")  # whose squares are too large
    assert is_finite(large)
    assert is_finite(-large)
    assert is_finite(numpy.zeros((0, 3)))
    for value in (math.nan, math.inf, -math.inf):
        assert not is_finite(numpy.array([[1.0, value], [2.0, 3.0]], dtype="float32"))


def test_gradients_of_torch_layers_are_forgotten():
    model = PyTorchWrapper(nn.Linear(2, 2))
    X = numpy.ones((1, 2), dtype="float32")
    _, backprop = model.initialize(X=X).begin_update(X)
    backprop(X)
    [weight, bias] = model.shims[0]._model.parameters()
    assert weight.grad.abs().sum() > 0
    forget_gradients(model)
    assert weight.grad.abs().sum() == 0
    assert bias.grad.abs().sum() == 0


def test_denormals_are_flushed_in_training_alone(monkeypatch):
    nlp, data, pipe, optimizer = trained("lstm_textcat")
    seen, get_loss = [], pipe._loss

    def loss(*args):
        seen.append(are_flushed())
        return get_loss(*args)

    monkeypatch.setattr(pipe, "_loss", loss)
    nlp.update(data, sgd=optimizer)
    assert seen
    assert all(seen)
    assert not are_flushed()


@pytest.mark.parametrize("factory", FACTORIES)
def test_without_weights_there_is_an_error_that_says_so(factory):
    nlp = spacy.blank("en")
    pipe = nlp.add_pipe(factory)
    if factory != "lstm_encoder":
        for label in ("PERSON", "PLACE"):
            pipe.add_label(label)
    data = ner_examples(nlp)
    with pytest.raises(ValueError, match=f"L214.*'{factory}'.*nlp.initialize"):
        nlp("Anna lives in Berlin")
    with pytest.raises(ValueError, match="L214"):
        nlp.update(data)
