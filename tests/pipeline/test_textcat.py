"""Text categorizers from initialization to disk, and their labels."""

import pickle

import numpy
import pytest
import spacy
from thinc.api import Adam

from ..pipelines import (
    TEXTCATS,
    TOK2VEC,
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

POOLINGS = ["max", "mean", "attention", "last", ["max", "mean", "attention", "last"]]


@pytest.mark.parametrize("factory", TEXTCATS)
def test_learns_with_its_default_model(factory):
    nlp = blank()
    nlp.add_pipe(factory)
    data = examples(nlp)
    optimizer = nlp.initialize(lambda: data)
    losses = [nlp.update(data, sgd=optimizer, drop=0.2)[factory] for _ in range(40)]
    assert sum(losses[-3:]) < sum(losses[:3]) / 1.5
    assert accuracy(nlp) == 1.0


@pytest.mark.parametrize("factory", TEXTCATS)
@pytest.mark.parametrize(
    ("pooling", "more"),
    [
        ("max", {}),
        ("mean", {"hidden_width": 8}),
        ("attention", {"linear_model": None}),
        ("last", {}),
        (["max", "mean", "attention", "last"], {"hidden_width": 8}),
    ],
)
def test_learns_saves_and_loads(factory, pooling, more, tmp_path):
    nlp = textcat_pipeline(factory, model=textcat_model(pooling=pooling, **more))
    train(nlp, steps=40)
    assert accuracy(nlp) == 1.0
    nlp.to_disk(tmp_path)
    loaded = spacy.load(tmp_path)
    assert cats(loaded) == cats(nlp)
    assert loaded.get_pipe("textcat").labels == ("NEG", "POS")


@pytest.mark.parametrize("factory", TEXTCATS)
@pytest.mark.parametrize("make", [textcat_pipeline, shared_pipeline])
@pytest.mark.parametrize("state", ["untrained", "trained"])
@pytest.mark.parametrize("way", ["disk", "bytes", "pickle", "component"])
def test_serializes(factory, make, state, way, tmp_path):
    nlp = make(factory)
    if state != "untrained":
        train(nlp, steps=5)
    if way == "disk":
        nlp.to_disk(tmp_path)
        again = spacy.load(tmp_path)
    elif way == "bytes":
        again = make(factory, seed=9).from_bytes(nlp.to_bytes())
    elif way == "pickle":
        again = pickle.loads(pickle.dumps(nlp))
    else:
        again = make(factory, seed=9)
        for name in nlp.pipe_names:
            nlp.get_pipe(name).to_disk(tmp_path / name)
            again.get_pipe(name).from_disk(tmp_path / name)
    assert again.get_pipe("textcat").labels == nlp.get_pipe("textcat").labels
    if state != "untrained":
        assert cats(again) == cats(nlp)
        assert set(cats(nlp)) == {"NEG", "POS"}


def test_exclusive_probabilities_add_up_and_multilabel_ones_need_not():
    exclusive, multilabel = textcat_pipeline(), textcat_pipeline("lstm_textcat_multilabel")
    for nlp in (exclusive, multilabel):
        train(nlp, steps=10)
    assert sum(cats(exclusive).values()) == pytest.approx(1)
    assert sum(cats(multilabel).values()) != pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("factory", TEXTCATS)
@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("make_tok2vec", [None, listener])
def test_blank_texts_get_the_score_of_the_biases(factory, pooling, make_tok2vec):
    nlp = blank()
    if make_tok2vec:
        nlp.add_pipe("lstm_encoder", name="tok2vec", config={"model": TOK2VEC})
    model = textcat_model(make_tok2vec() if make_tok2vec else None, pooling=pooling)
    nlp.add_pipe(factory, name="textcat", config={"model": model})
    data = examples(nlp)[5:]
    train(nlp, [*data, example(nlp, "  \n ", {"POS": 1.0, "NEG": 0.0})], steps=5)
    pipe = nlp.get_pipe("textcat").model
    share = pipe.attrs["network_share"]
    bias = share * pipe.get_ref("output_layer").get_param("b")
    linear = pipe.get_ref("linear_model").get_ref("output_layer")
    bias = bias + (1 - share) * linear.get_param("b")
    odds = numpy.exp(bias)
    expected = odds / odds.sum() if factory == "lstm_textcat" else odds / (1 + odds)
    texts = ["", "a great film", "   ", "\n\n", "simply bad"]
    docs = list(nlp.pipe(texts))
    for text, doc in zip(texts, docs, strict=True):
        scores = [doc.cats["NEG"], doc.cats["POS"]]
        assert numpy.allclose(scores, expected, atol=1e-6) == (not text.strip())
        assert nlp(text).cats == pytest.approx(doc.cats, abs=1e-5)
    only_blank = list(nlp.pipe(["", " "]))
    assert [only_blank[1].cats["NEG"], only_blank[1].cats["POS"]] == pytest.approx(list(expected))


def test_every_parameter_gets_a_gradient():
    nlp = textcat_pipeline(model=textcat_model(pooling=["max", "attention"], hidden_width=8))
    train(nlp, steps=0)
    nlp.update(examples(nlp)[3:], sgd=False)  # of one label more than of the other
    for node in nlp.get_pipe("textcat").model.walk():
        for name in node.param_names:
            assert numpy.abs(node.get_grad(name)).max() > 0, (node.name, name)


def test_gradients_add_up_until_the_optimizer_comes():
    nlp = textcat_pipeline()
    train(nlp, steps=0)
    data = examples(nlp)
    node = nlp.get_pipe("textcat").model.get_ref("output_layer")
    nlp.update(data, sgd=False)
    whole = node.get_grad("W").copy()
    node.set_grad("W", whole * 0)
    for part in (data[:7], data[7:]):
        nlp.update(part, sgd=False)
    numpy.testing.assert_allclose(node.get_grad("W"), whole, atol=1e-5)


def test_averages_are_used_for_evaluation():
    nlp = textcat_pipeline()
    data = examples(nlp)
    nlp.initialize(lambda: data)
    optimizer = Adam(0.05, use_averages=True)
    for _ in range(5):
        nlp.update(data, sgd=optimizer)
    before = cats(nlp)
    with nlp.use_params(optimizer.averages):
        assert cats(nlp) != before
    assert cats(nlp) == before


# Labels


def test_labels_are_sorted_and_label_data_initializes():
    nlp = textcat_pipeline()
    train(nlp, steps=0)
    pipe = nlp.get_pipe("textcat")
    assert pipe.labels == ("NEG", "POS")
    assert list(pipe.label_data) == ["NEG", "POS"]
    other = textcat_pipeline()
    pipe = other.get_pipe("textcat")
    pipe.initialize(lambda: examples(other), labels=["POS", "NEG", "NEU"])
    assert pipe.labels == ("POS", "NEG", "NEU")
    assert set(cats(other)) == {"POS", "NEG", "NEU"}


@pytest.mark.parametrize("factory", TEXTCATS)
@pytest.mark.parametrize("make", [textcat_pipeline, shared_pipeline])
def test_a_label_added_after_training_keeps_old_scores_and_is_learnt(factory, make):
    nlp = make(factory)
    train(nlp, steps=20)
    before = cats(nlp)
    pipe = nlp.get_pipe("textcat")
    assert pipe.add_label("NEU") == 1
    assert pipe.add_label("NEU") == 0
    after = cats(nlp)
    assert {label: after[label] for label in before} == pytest.approx(before, abs=1e-6)
    assert after["NEU"] < 1e-6
    neutral = ["it opens on Monday", "the shop is in town", "it has two rooms"]
    data = examples(nlp)
    data += [example(nlp, text, {"NEU": 1.0, "POS": 0.0, "NEG": 0.0}) for text in neutral]
    optimizer = nlp.resume_training()
    optimizer.learn_rate = 0.01
    for _ in range(140):
        nlp.update(data, sgd=optimizer)
    assert cats(nlp, neutral[0])["NEU"] > 0.8
    assert cats(nlp, "simply superb")["POS"] > 0.8
    again = nlp.from_bytes(nlp.to_bytes())
    assert cats(again, neutral[0])["NEU"] > 0.8


def test_labels_may_be_added_before_initialization():
    nlp = textcat_pipeline()
    for label in ("POS", "NEG"):
        nlp.get_pipe("textcat").add_label(label)
    train(nlp)
    assert nlp.get_pipe("textcat").labels == ("POS", "NEG")
    assert accuracy(nlp) == 1.0


def test_add_label_takes_strings_only():
    with pytest.raises(ValueError, match="E187"):
        textcat_pipeline().get_pipe("textcat").add_label(3)


def test_one_label_is_enough_for_multilabel_only():
    nlp = textcat_pipeline("lstm_textcat_multilabel")
    data = [
        example(nlp, eg.reference.text, {"POS": eg.reference.cats["POS"]}) for eg in examples(nlp)
    ]
    train(nlp, data, steps=40)
    assert cats(nlp, "simply superb")["POS"] > 0.5 > cats(nlp, "simply bad")["POS"]
    nlp = textcat_pipeline()
    data = [example(nlp, "fine", {"POS": 1.0})]
    with pytest.raises(ValueError, match=r"L201.*'textcat'.*'POS'"):
        nlp.initialize(lambda: data)


@pytest.mark.parametrize("factory", TEXTCATS)
def test_initialize_without_texts_or_labels(factory):
    nlp = textcat_pipeline(factory)
    with pytest.raises(ValueError, match="L206"):
        nlp.initialize(lambda: [example(nlp, "no labels", {})])
    pipe = textcat_pipeline(factory).get_pipe("textcat")
    with pytest.raises((ValueError, TypeError), match=r"L205|E930"):
        pipe.initialize(list, labels=["A", "B"])


def test_positive_label():
    nlp = textcat_pipeline()
    pipe = nlp.get_pipe("textcat")
    pipe.initialize(lambda: examples(nlp), positive_label="POS")
    assert nlp.evaluate(examples(nlp))["cats_score_desc"] == "F (POS)"
    with pytest.raises(ValueError, match="L210.*NEU"):
        pipe.initialize(lambda: examples(nlp), positive_label="NEU")


@pytest.mark.parametrize("factory", TEXTCATS)
def test_scores_from_before_a_label_was_added_are_refused(factory):
    nlp = textcat_pipeline(factory)
    train(nlp, steps=1)
    pipe, docs = nlp.get_pipe("textcat"), [nlp.make_doc("a great film")]
    scores = pipe.predict(docs)
    pipe.add_label("NEUTRAL")
    with pytest.raises(ValueError, match=r"\[L216\] 'textcat'.*2 labels.*3 labels"):
        pipe.set_annotations(docs, scores)
    assert docs[0].cats == {}
    pipe.set_annotations(docs, pipe.predict(docs))
    assert len(docs[0].cats) == 3


@pytest.mark.parametrize("factory", TEXTCATS)
def test_rehearsal_needs_weights_from_before(factory):
    nlp = textcat_pipeline(factory)
    optimizer = nlp.resume_training()
    train(nlp, steps=1)
    with pytest.raises(ValueError, match=r"\[L217\] 'textcat'.*resume_training"):
        nlp.rehearse(examples(nlp), sgd=optimizer)
    optimizer = nlp.resume_training()
    assert nlp.rehearse(examples(nlp), sgd=optimizer)["textcat"] >= 0.0
