"""The network and the linear model of a text categorizer, each of which learns for itself."""

import numpy
import pytest
import spacy
from spacy.training import Example
from thinc.api import Adam

from spacy_lstm.models.opinion_pool import learners

from ..adversarial_heads import copies, forget, setting
from ..pipelines import (
    NGRAMS,
    TEXTCATS,
    accuracy,
    blank,
    cats,
    example,
    examples,
    listener,
    shared_pipeline,
    textcat_model,
    textcat_pipeline,
    train,
)

KNOWN_NGRAMS = {"@architectures": "spacy_lstm.NgramLinear.v1", "ngram_size": 2}
both = pytest.mark.parametrize("linear_model", [KNOWN_NGRAMS, NGRAMS], ids=["known", "hashed"])
each_factory = pytest.mark.parametrize("factory", TEXTCATS)


def make(factory="lstm_textcat", linear_model=KNOWN_NGRAMS, **settings):
    """A pipeline that was trained for some steps, and its data."""
    model = textcat_model(linear_model=linear_model)
    nlp = textcat_pipeline(factory, model=model, label_smoothing=0.1)
    data = [*examples(nlp), example(nlp, " ", {"POS": 1.0, "NEG": 0.0})]
    train(nlp, data, steps=3)
    pipe = nlp.get_pipe("textcat")
    for name, value in settings.items():
        setattr(pipe, name, value)
    return nlp, pipe, data


def alone(factory, model, data, **settings):
    """A component with one of the parts as its model. RETURNS: Its loss and gradients."""
    pipe = textcat_pipeline(factory, label_smoothing=0.1).get_pipe("textcat")
    for label in ("NEG", "POS"):
        pipe.add_label(label)
    pipe.model = model
    for name, value in settings.items():
        setattr(pipe, name, value)
    forget(model)
    return pipe.update(data, sgd=False)["textcat"], copies(model)


def assert_equal(gradients, expected):
    assert gradients.keys() == expected.keys()
    assert sum(gradient.any() for gradient in gradients.values()) >= 2
    for key, gradient in gradients.items():
        numpy.testing.assert_allclose(gradient, expected[key], rtol=1e-5, atol=1e-7)


@each_factory
@both
def test_each_learns_as_if_it_were_alone(factory, linear_model):
    _, pipe, data = make(factory, linear_model)
    network, linear = learners(pipe.model)
    expected = [alone(factory, part, data) for part in (network, linear)]
    forget(pipe.model)
    loss = pipe.update(data, sgd=False, losses={"textcat": 1.0})["textcat"]
    assert loss == pytest.approx(1.0 + expected[0][0] + expected[1][0], rel=1e-6)
    for part, (_, gradients) in zip((network, linear), expected, strict=True):
        assert_equal(copies(part), gradients)


@each_factory
@pytest.mark.parametrize("method", ["embeddings", "encoding"])
def test_only_the_network_learns_adversarially(factory, method):
    _, pipe, data = make(factory, adversarial=setting(method))
    network, linear = learners(pipe.model)
    clean = alone(factory, network, data)
    adversarial = alone_adversarially(factory, pipe, data)
    plain = alone(factory, linear, data)
    forget(pipe.model)
    assert pipe.update(data, sgd=False)["textcat"] == pytest.approx(clean[0] + plain[0], rel=1e-6)
    assert_equal(copies(network), adversarial)
    assert_equal(copies(linear), plain[1])
    output = list(network.walk()).index(pipe.model.get_ref("output_layer"))
    moved = numpy.abs(adversarial[output, "W"] - clean[1][output, "W"])
    assert moved.max() > 1e-4


def alone_adversarially(factory, pipe, data):
    network = learners(pipe.model)[0]
    network.set_ref("tok2vec", pipe.model.get_ref("tok2vec"))
    return alone(factory, network, data, adversarial=pipe.adversarial)[1]


def test_the_linear_model_runs_once_beside_adversarial_training():
    _, pipe, data = make(adversarial=setting())
    linear = pipe.model.get_ref("linear_model")
    func, n_runs = linear._func, []

    def spy(model, docs, is_train):
        n_runs.append(len(docs))
        return func(model, docs, is_train)

    linear._func = spy
    pipe.update(data)
    assert n_runs == [len(data) - 1]  # without the blank one


def test_each_rehearses_what_it_knew():
    nlp, pipe, data = make()
    nlp.resume_training()
    forget(pipe.model)
    pipe.rehearse(data)
    gradients = copies(pipe.model).values()
    assert max(numpy.abs(g).max() for g in gradients) < 1e-5  # nothing is forgotten yet
    outputs = [
        pipe.model.get_ref("output_layer"),
        pipe.model.get_ref("linear_model").get_ref("output_layer"),
    ]
    # They forget in opposite ways, so that the mean of their scores is as it was.
    for output, shift in zip(outputs, (0.6, -0.4), strict=True):
        output.set_param("b", output.get_param("b") + numpy.array([shift, 0], dtype="float32"))
    forget(pipe.model)
    assert pipe.rehearse(data)["textcat"] > 0
    network, linear = (output.get_grad("b") for output in outputs)
    assert network[0] > 0.1
    assert linear[0] < -0.1


@each_factory
@pytest.mark.parametrize("way", ["disk", "bytes"])
def test_loads_another_vocabulary(factory, way, tmp_path):
    nlp, _, data = make(factory)
    other = textcat_pipeline(factory, model=textcat_model(linear_model=KNOWN_NGRAMS))
    train(other, [example(other, "quite other words", {"POS": 1.0, "NEG": 0.0})], steps=1)
    if way == "disk":
        nlp.to_disk(tmp_path)
        other.from_disk(tmp_path)
        assert cats(spacy.load(tmp_path)) == cats(nlp)
    else:
        other.from_bytes(nlp.to_bytes())
    assert cats(other) == cats(nlp)
    other.resume_training(sgd=Adam(0.01))
    other.update(data)
    assert cats(other) != cats(nlp)


def test_initialized_anew_with_other_texts():
    nlp, pipe, _ = make()
    keys = pipe.model.get_ref("linear_model").attrs["keys"]
    data = [
        example(nlp, "something else entirely", {"A": 1.0, "POS": 0.0, "NEG": 0.0}),
        example(nlp, "\n", {"A": 0.0, "POS": 1.0, "NEG": 0.0}),
    ]
    fresh = textcat_pipeline(model=textcat_model(linear_model=KNOWN_NGRAMS))
    for pipeline in (fresh, nlp):
        pipeline.get_pipe("textcat").add_label("A")
        train(pipeline, data, steps=3)
    # three words, two pairs, five beginnings of words, and the end of a line
    assert len(pipe.model.get_ref("linear_model").attrs["keys"]) == 11 != len(keys)
    assert sum(cats(nlp, "something else").values()) == pytest.approx(1)


def test_counts_the_words_of_predicted_documents():
    """Those that it will be trained on and used for, whatever the annotator's tokens were."""
    nlp = textcat_pipeline(model=textcat_model(linear_model=KNOWN_NGRAMS))
    reference = spacy.tokens.Doc(nlp.vocab, words=["two-words"])
    reference.cats = {"POS": 1.0, "NEG": 0.0}
    data = [Example(nlp.make_doc("two-words"), reference)]
    optimizer = nlp.initialize(lambda: data)
    nlp.update(data, sgd=optimizer)
    linear = nlp.get_pipe("textcat").model.get_ref("linear_model")
    assert len(linear.attrs["keys"]) == 6  # "two", "-", "words", two pairs, and "word"


def test_initialized_without_texts_it_says_what_is_missing():
    nlp = blank()
    pipe = nlp.add_pipe("lstm_textcat", name="textcat")
    for label in ("NEG", "POS"):
        pipe.add_label(label)
    optimizer = nlp.initialize()
    with pytest.warns(UserWarning, match="LW04"):
        nlp.update(examples(nlp), sgd=optimizer)


def test_labels_read_from_elsewhere():
    nlp = textcat_pipeline(model=textcat_model(linear_model=KNOWN_NGRAMS))
    data = examples(nlp)
    nlp.config["initialize"]["components"]["textcat"] = {"labels": ["POS", "NEG", "NEU"]}
    optimizer = nlp.initialize(lambda: data)
    optimizer.learn_rate = 0.01
    for _ in range(20):
        nlp.update(data, sgd=optimizer)
    assert accuracy(nlp) == 1.0
    linear = nlp.get_pipe("textcat").model.get_ref("linear_model")
    assert linear.get_ref("output_layer").get_param("W").shape[0] == 3


def test_learns_with_a_shared_encoder():
    nlp = shared_pipeline()
    nlp.remove_pipe("textcat")
    config = {"model": textcat_model(listener(), linear_model=KNOWN_NGRAMS)}
    nlp.add_pipe("lstm_textcat", name="textcat", config=config)
    train(nlp, steps=25)
    assert accuracy(nlp) == 1.0
