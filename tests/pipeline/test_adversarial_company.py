"""Adversarial training of heads that listen to a shared encoder, and its setting."""

import numpy
import pytest
import spacy
from spacy.pipeline.tok2vec import Tok2VecListener
from thinc.api import Optimizer

from spacy_lstm.models.opinion_pool import learners

from ..adversarial_heads import EPSILON, FACTORIES, make_examples, setting
from ..ner_pipelines import TEXTS, found, ner_example, ner_model, ner_pipeline
from ..pipelines import NGRAMS, TOK2VEC, blank, example, listener, shared_pipeline, textcat_model


def two_heads(**settings):
    """A shared encoder, and heads of both kinds that listen to it."""
    nlp = blank()
    nlp.add_pipe("lstm_encoder", name="tok2vec", config={"model": TOK2VEC})
    for factory, model in (("lstm_textcat", textcat_model), ("lstm_ner", ner_model)):
        config = {"model": model(listener()), **settings}
        nlp.add_pipe(factory, name=factory, config=config)
    data = make_examples(nlp)
    nlp.initialize(lambda: data)
    return nlp, data


def test_a_shared_encoder_gets_the_sum_of_both_heads_once():
    nlp, data = two_heads(adversarial=setting("encoding"))
    for _ in range(3):
        nlp.update(data, sgd=Optimizer(0.01, use_averages=False))
    encoder = nlp.get_pipe("tok2vec")
    func, received = encoder.model._func, []

    def spy(model, docs, is_train):
        Ys, backprop = func(model, docs, is_train)
        return Ys, lambda dYs: (received.append(numpy.vstack(dYs)), backprop(dYs))[1]

    encoder.model._func = spy
    nlp.update(data, sgd=False)
    assert len(received) == 1

    encoder.model._func = func
    docs = [eg.predicted for eg in data]
    vectors, _ = encoder.model.begin_update(docs)
    expected = sum(by_hand(nlp.get_pipe(name), data, vectors) for name in nlp.pipe_names[1:])
    assert numpy.abs(expected).max() > 1e-3
    numpy.testing.assert_allclose(received[0], expected, rtol=1e-4, atol=1e-6)


def by_hand(pipe, data, vectors):
    """The gradient of the vectors, by a listener that is told them twice. Of a text categorizer the
    network learns by itself."""
    network = learners(pipe.model)[0]
    (hearer,) = [node for node in pipe.model.walk() if isinstance(node, Tok2VecListener)]
    docs = [eg.predicted for eg in data]
    gradients = []
    for _ in range(2):
        batch_id = Tok2VecListener.get_batch_id(docs)
        hearer.receive(batch_id, vectors, lambda dYs: gradients.append(dYs) or [])
        scores, backprop = network.begin_update(docs)
        backprop(pipe.get_loss(data, scores)[1] * 0.5)
        norms = [max(numpy.linalg.norm(g), 1e-30) for g in gradients[0]]
        vectors = [
            X + EPSILON * g / norm for X, g, norm in zip(vectors, gradients[0], norms, strict=True)
        ]
    return numpy.vstack(gradients[0]) + numpy.vstack(gradients[1])


def test_the_encoder_learns_from_adversarial_heads_and_others():
    nlp, data = two_heads()
    nlp.get_pipe("lstm_ner").adversarial = setting("encoding")
    losses = {}
    optimizer = Optimizer(0.02)
    for _ in range(40):
        losses = nlp.update(data, sgd=optimizer, drop=0.1)
    assert losses["lstm_textcat"] < 1
    assert losses["lstm_ner"] < 1
    assert losses["tok2vec"] > 0


def test_a_frozen_encoder_is_perturbed_behind_its_back():
    nlp = shared_pipeline()
    data = [example(nlp, text, {"A": 1.0, "B": 0.0}) for text in ("one two", "three")]
    optimizer = nlp.initialize(lambda: data)
    nlp.update(data, sgd=optimizer)
    pipe = nlp.get_pipe("textcat")
    pipe.adversarial = setting("encoding")
    before = nlp.get_pipe("tok2vec").model.to_bytes()
    weights = pipe.model.to_bytes()
    nlp.update(data, sgd=optimizer, exclude=["tok2vec"], annotates=["tok2vec"])
    assert nlp.get_pipe("tok2vec").model.to_bytes() == before
    assert pipe.model.to_bytes() != weights


def test_goes_on_after_the_listener_was_replaced():
    nlp, data = two_heads(adversarial=setting("encoding"))
    nlp.replace_listeners("tok2vec", "lstm_ner", ["model.tok2vec"])
    pipe = nlp.get_pipe("lstm_ner")
    layer = pipe.model.get_ref("tok2vec")
    pipe.update(data, sgd=Optimizer(0.01))  # where all begins with zeros
    pipe.update(data)
    assert any(node.has_grad("W0_forward") for node in layer.walk())


def test_is_a_setting(tmp_path):
    nlp = blank()
    for factory in FACTORIES:
        assert nlp.add_pipe(factory, name=f"{factory}_plain").adversarial is None
        nlp.add_pipe(factory, config={"adversarial": {"epsilon": 1, "method": "encoding"}})
    again = spacy.util.load_model_from_config(nlp.config)
    for factory in FACTORIES:
        assert again.get_pipe(factory).adversarial == {"epsilon": 1.0, "method": "encoding"}
    trained = ner_pipeline(adversarial=setting())
    data = [ner_example(trained, *TEXTS[0])]
    trained.initialize(lambda: data)
    trained.to_disk(tmp_path)
    loaded = spacy.load(tmp_path)
    assert loaded.get_pipe("ner").adversarial == setting()
    assert found(loaded) == found(trained)


@pytest.mark.parametrize("factory", FACTORIES)
@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("L662", {}),
        ("L662", {"epsilon": 1.0}),
        ("L662", {**setting(), "norm": 2}),
        ("L663", setting(epsilon=0.0)),
        ("L663", setting(epsilon=-1.0)),
        ("L663", setting(epsilon="far")),
        ("L663", setting(epsilon=True)),
        ("L664", setting("virtual")),
    ],
)
def test_refuses_impossible_settings(factory, code, value):
    with pytest.raises(ValueError, match=f"{code}.*'there'"):
        blank().add_pipe(factory, name="there", config={"adversarial": value})
    pipe = blank().add_pipe(factory, name="there", config={"adversarial": setting()})
    with pytest.raises(ValueError, match=code):
        pipe.adversarial = value
    assert pipe.adversarial == setting()  # as it was
    with pytest.raises(ValueError, match="L663"):
        pipe.adversarial = setting(epsilon=float("nan"))  # which no config can hold


def test_refuses_models_without_the_layer():
    nlp = blank()
    nlp.add_pipe("lstm_encoder", name="tok2vec")
    config = {"model": textcat_model(listener()), "adversarial": setting()}
    with pytest.raises(ValueError, match="L665.*'head'.*tok2vec-listener.*encoding"):
        nlp.add_pipe("lstm_textcat", name="head", config=config)
    config = {"model": NGRAMS, "adversarial": setting("encoding")}
    with pytest.raises(ValueError, match="L666.*'head'"):
        nlp.add_pipe("lstm_textcat", name="head", config=config)
