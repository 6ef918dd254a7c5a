"""The network and the linear model of an entity recognizer, each of which learns for itself."""

import numpy
import pytest
import spacy

from spacy_lstm.models.opinion_pool import learners

from ..adversarial_heads import copies, forget, setting
from ..ner_pipelines import (
    entities,
    found,
    ner_example,
    ner_examples,
    ner_model,
    ner_pipeline,
    train_ner,
)

WORDS = {"@architectures": "spacy_lstm.WordFeatures.v1", "length": 500}


def make(steps=3, **settings):
    model = ner_model(linear_model=WORDS, network_share=0.3)
    nlp = ner_pipeline(model=model, **settings)
    train_ner(nlp, steps=steps)
    return nlp, nlp.get_pipe("ner"), ner_examples(nlp)


@pytest.mark.parametrize("adversarial", [None, setting("embeddings"), setting("encoding")])
def test_each_learns_as_if_it_were_alone(adversarial):
    _, pipe, data = make(adversarial=adversarial)
    docs = [eg.predicted for eg in data]
    expected, gradients = 0.0, []
    for part in learners(pipe.model):
        forget(part)
        scores, backprop = part.begin_update(docs)
        loss, d_scores = pipe.get_loss(data, scores)
        backprop(d_scores)
        expected += loss
        gradients.append(copies(part))
    forget(pipe.model)
    assert pipe.update(data, sgd=False)["ner"] == pytest.approx(expected, rel=1e-5)
    network, linear = (copies(part) for part in learners(pipe.model))
    for key, gradient in linear.items():
        numpy.testing.assert_allclose(gradient, gradients[1][key], rtol=1e-4, atol=1e-6)
    alike = [
        numpy.allclose(gradient, gradients[0][key], rtol=1e-4, atol=1e-6)
        for key, gradient in network.items()
    ]
    # Adversarial training adds what the network learns from the moved vectors.
    assert all(alike) if adversarial is None else not any(alike)


def test_learns_rehearses_and_comes_back(tmp_path):
    nlp, _, data = make(steps=30)
    before = found(nlp)
    assert before == [entities(eg.reference) for eg in data]
    nlp.to_disk(tmp_path)
    again = spacy.load(tmp_path)
    assert found(again) == before
    optimizer = again.resume_training()
    again.get_pipe("ner").add_label("DAY")
    assert found(again) == before
    new = [ner_example(again, "see you on Monday", [(3, 4, "DAY")])]
    optimizer.learn_rate = 0.01
    for _ in range(30):
        again.update(new, sgd=optimizer)
        again.rehearse(ner_examples(again), sgd=optimizer)
    assert entities(again("see you on Monday")) == [(3, 4, "DAY")]
    assert found(again) == before
