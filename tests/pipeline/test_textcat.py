import pickle

import numpy
import pytest
import spacy
from spacy.tokens import Doc
from spacy.training import Example
from thinc.api import Adam

from ..pipelines import (
    CNN,
    NGRAMS,
    TAGS,
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

FACTORIES = ["lstm_textcat", "lstm_textcat_multilabel"]
POOLINGS = ["max", "mean", "attention", "last", ["max", "mean", "attention", "last"]]


@pytest.mark.parametrize("factory", FACTORIES)
def test_learns_with_its_default_model(factory):
    nlp = blank()
    nlp.add_pipe(factory)
    data = examples(nlp)
    optimizer = nlp.initialize(lambda: data)
    losses = [nlp.update(data, sgd=optimizer, drop=0.2)[factory] for _ in range(25)]
    assert sum(losses[-3:]) < sum(losses[:3]) / 1.5
    assert accuracy(nlp) == 1.0


@pytest.mark.parametrize("factory", FACTORIES)
@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("more", [{}, {"hidden_width": 8}, {"linear_model": None}])
def test_learns_saves_and_loads(factory, pooling, more, tmp_path):
    nlp = textcat_pipeline(factory, model=textcat_model(pooling=pooling, **more))
    train(nlp, steps=40)
    assert accuracy(nlp) == 1.0
    nlp.to_disk(tmp_path)
    loaded = spacy.load(tmp_path)
    assert cats(loaded) == cats(nlp)
    assert loaded.get_pipe("textcat").labels == ("NEG", "POS")


@pytest.mark.parametrize("factory", FACTORIES)
@pytest.mark.parametrize("make", [textcat_pipeline, shared_pipeline])
@pytest.mark.parametrize("state", ["untrained", "initialized", "trained"])
@pytest.mark.parametrize("way", ["disk", "bytes", "pickle", "component"])
def test_serializes(factory, make, state, way, tmp_path):
    nlp = make(factory)
    if state != "untrained":
        train(nlp, steps=5 if state == "trained" else 0)
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


@pytest.mark.parametrize("factory", FACTORIES)
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
    bias = pipe.get_ref("output_layer").get_param("b")
    bias = bias + pipe.get_ref("linear_model").get_ref("output_layer").get_param("b")
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
    nlp.update(examples(nlp), sgd=False)
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


@pytest.mark.parametrize("factory", FACTORIES)
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
    for _ in range(80):
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


@pytest.mark.parametrize("factory", FACTORIES)
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


# Annotations


def test_soft_targets_are_matched():
    nlp = textcat_pipeline()
    train(nlp, [example(nlp, "a fair film", {"A": 0.7, "B": 0.2, "C": 0.1})] * 4, steps=100)
    assert cats(nlp, "a fair film") == pytest.approx({"A": 0.7, "B": 0.2, "C": 0.1}, abs=0.02)
    nlp = textcat_pipeline("lstm_textcat_multilabel")
    train(nlp, [example(nlp, "a fair film", {"A": 0.7, "B": 0.7})] * 4, steps=100)
    assert cats(nlp, "a fair film") == pytest.approx({"A": 0.7, "B": 0.7}, abs=0.02)


def test_what_is_missing_is_left_out_of_the_multilabel_loss():
    nlp = textcat_pipeline("lstm_textcat_multilabel")
    pipe = nlp.get_pipe("textcat")
    pipe.initialize(lambda: examples(nlp), labels=["A", "B"])
    data = [example(nlp, "x", {"A": 1.0}), example(nlp, "y", {})]
    loss, d_scores = pipe.get_loss(data, numpy.zeros((2, 2), dtype="float32"))
    assert loss == pytest.approx(numpy.log(2))
    numpy.testing.assert_allclose(d_scores, [[-0.5, 0], [0, 0]])


def test_exclusive_loss_with_missing_annotations():
    nlp = textcat_pipeline()
    pipe = nlp.get_pipe("textcat")
    pipe.initialize(lambda: examples(nlp), labels=["A", "B", "C", "D"])
    data = [
        example(nlp, "one applies", {"A": 1.0}),
        example(nlp, "two do not", {"A": 0.0, "B": 0.0}),
        example(nlp, "nothing known", {}),
        example(
            nlp, "a label that is none of ours", {"A": 0.0, "B": 0.0, "C": 0.0, "D": 0.0, "E": 1.0}
        ),
    ]
    loss, d_scores = pipe.get_loss(data, numpy.zeros((4, 4), dtype="float32"))
    assert loss == pytest.approx(numpy.log(4) + numpy.log(2))
    expected = [[-0.75, 0.25, 0.25, 0.25], [0.25, 0.25, -0.25, -0.25], [0] * 4, [0] * 4]
    numpy.testing.assert_allclose(d_scores, expected, atol=1e-6)


@pytest.mark.parametrize(
    ("code", "factory", "annotation"),
    [
        ("L202", "lstm_textcat", {"POS": 1.5}),
        ("L202", "lstm_textcat_multilabel", {"POS": -0.5}),
        ("L202", "lstm_textcat_multilabel", {"POS": float("nan")}),
        ("L203", "lstm_textcat", {"POS": 1.0, "NEG": 1.0}),
        ("L204", "lstm_textcat", {"POS": 0.0, "NEG": 0.0}),
        ("L204", "lstm_textcat", {"POS": 0.5, "NEG": 0.2}),
    ],
)
def test_contradictory_annotations(code, factory, annotation):
    nlp = textcat_pipeline(factory)
    train(nlp, steps=0)
    doc = nlp.make_doc("a strange text")
    reference = nlp.make_doc("a strange text")
    reference.cats = annotation
    with pytest.raises(ValueError, match=f"{code}.*a strange text"):
        nlp.update([Example(doc, reference)])


def test_class_weights():
    nlp = textcat_pipeline(class_weights="balanced")
    data = examples(nlp)[:15]  # 10 positive, 5 negative
    nlp.initialize(lambda: data)
    pipe = nlp.get_pipe("textcat")
    assert pipe.cfg["label_weights"] == pytest.approx({"NEG": 1.5, "POS": 0.75})
    loss, _ = pipe.get_loss(data[-1:], numpy.zeros((1, 2), dtype="float32"))
    assert loss == pytest.approx(1.5 * numpy.log(2))
    again = textcat_pipeline(class_weights="balanced").from_bytes(nlp.to_bytes())
    assert again.get_pipe("textcat").cfg == pipe.cfg

    nlp = textcat_pipeline("lstm_textcat_multilabel", class_weights="balanced")
    nlp.initialize(lambda: data)
    weights = nlp.get_pipe("textcat").cfg["label_weights"]
    assert weights == pytest.approx({"NEG": 2.0, "POS": 0.5})

    nlp = textcat_pipeline(class_weights={"NEG": 3.0})
    nlp.initialize(lambda: data)
    loss, _ = nlp.get_pipe("textcat").get_loss(data[-1:], numpy.zeros((1, 2), dtype="float32"))
    assert loss == pytest.approx(3 * numpy.log(2))


@pytest.mark.parametrize("weights", ["heavy", {"NEG": 0.0}, {"NEG": -1.0}, {}])
def test_refuses_impossible_class_weights(weights):
    with pytest.raises(ValueError, match="L208"):
        textcat_pipeline(class_weights=weights)


def test_class_weights_of_unknown_labels():
    nlp = textcat_pipeline(class_weights={"NEU": 2.0})
    with pytest.raises(ValueError, match=r"L207.*'NEU'.*NEG, POS"):
        nlp.initialize(lambda: examples(nlp))


def test_label_smoothing():
    sure, unsure = textcat_pipeline(), textcat_pipeline(label_smoothing=0.4)
    for nlp in (sure, unsure):
        train(nlp, steps=60)
    assert cats(sure, "simply superb")["POS"] > 0.95
    assert cats(unsure, "simply superb")["POS"] == pytest.approx(0.8, abs=0.04)
    with pytest.raises(ValueError, match="L003"):
        textcat_pipeline(label_smoothing=1.0)


def test_threshold_is_for_multilabel_only():
    nlp = textcat_pipeline("lstm_textcat_multilabel", threshold=0.99)
    train(nlp, steps=8)
    assert nlp.evaluate(examples(nlp))["cats_micro_r"] < 1
    nlp.get_pipe("textcat").cfg["threshold"] = 0.01
    assert nlp.evaluate(examples(nlp))["cats_micro_r"] == 1
    with pytest.raises(ValueError, match="L212"):
        textcat_pipeline("lstm_textcat_multilabel", threshold=1.5)
    assert "threshold" not in textcat_pipeline().get_pipe_config("textcat")


# Training with others


def test_rehearse_keeps_what_was_learnt():
    nlp = textcat_pipeline()
    train(nlp, steps=30)
    texts = [eg.reference.text for eg in examples(nlp)]
    before = [doc.cats["POS"] for doc in nlp.pipe(texts)]
    new = [example(nlp, "the projector broke twice", {"POS": 0.0, "NEG": 1.0})]

    def drift(rehearsed):
        again = textcat_pipeline().from_bytes(nlp.to_bytes())
        optimizer = again.resume_training()
        optimizer.learn_rate = 0.01
        losses = {}
        for _ in range(20):
            again.update(new, sgd=optimizer)
            if rehearsed:
                losses = again.rehearse(examples(again), sgd=optimizer)
        assert not rehearsed or losses["textcat"] > 0
        after = [doc.cats["POS"] for doc in again.pipe(texts)]
        return numpy.abs(numpy.array(after) - before).mean()

    assert drift(rehearsed=True) < drift(rehearsed=False) / 2


def test_rehearse_leaves_new_labels_alone():
    nlp = textcat_pipeline()
    train(nlp, steps=5)
    optimizer = nlp.resume_training()
    pipe = nlp.get_pipe("textcat")
    pipe.add_label("NEU")
    nlp.rehearse(examples(nlp), sgd=None)
    assert not pipe.model.get_ref("output_layer").get_grad("W")[2].any()
    nlp.rehearse(examples(nlp), sgd=optimizer)


def test_rehearse_needs_an_encoder_of_its_own():
    nlp = shared_pipeline()
    train(nlp, steps=5)
    nlp.resume_training()
    with pytest.raises(ValueError, match="L209.*replace_listeners"):
        nlp.get_pipe("textcat").rehearse(examples(nlp))
    nlp.replace_listeners("tok2vec", "textcat", ["model.tok2vec"])
    nlp.resume_training()
    assert nlp.get_pipe("textcat").rehearse(examples(nlp))["textcat"] >= 0


def test_replace_listeners_keeps_predictions():
    nlp = shared_pipeline()
    train(nlp, steps=10)
    before = cats(nlp)
    nlp.replace_listeners("tok2vec", "textcat", ["model.tok2vec"])
    nlp.remove_pipe("tok2vec")
    assert cats(nlp) == pytest.approx(before, abs=1e-6)
    again = spacy.util.load_model_from_config(nlp.config).from_bytes(nlp.to_bytes())
    assert cats(again) == cats(nlp)
    assert again.get_pipe("textcat").add_label("NEU") == 1


def test_head_on_spacys_cnn_and_sourced():
    nlp = blank()
    nlp.add_pipe("tok2vec", config={"model": CNN})
    nlp.add_pipe("lstm_textcat", name="textcat", config={"model": textcat_model(listener())})
    train(nlp, steps=30)
    assert accuracy(nlp) == 1.0
    target = blank()
    target.add_pipe("tok2vec", source=nlp)
    target.add_pipe("textcat", source=nlp)
    assert cats(target) == cats(nlp)


def test_added_to_a_sourced_pipeline():
    """Our head learns on the frozen CNN of another pipeline, which stays as it was."""
    stock = blank()
    stock.add_pipe("tok2vec", config={"model": CNN})
    tagger = {"@architectures": "spacy.Tagger.v2", "tok2vec": listener()}
    stock.add_pipe("tagger", config={"model": tagger})
    tagged = [
        example(stock, eg.reference.text, {}, tags=[TAGS[len(t) % 3] for t in eg.reference])
        for eg in examples(stock)
    ]
    train(stock, tagged, steps=20)
    nlp = blank(1)
    nlp.add_pipe("tok2vec", source=stock)
    nlp.add_pipe("tagger", source=stock)
    nlp.add_pipe("lstm_textcat", name="textcat", config={"model": textcat_model(listener())})
    data = examples(nlp)
    nlp.get_pipe("textcat").initialize(lambda: data, nlp=nlp)
    optimizer = Adam(0.01)
    for _ in range(40):
        nlp.update(data, sgd=optimizer, exclude=["tok2vec", "tagger"], annotates=["tok2vec"])
    assert accuracy(nlp) == 1.0
    text = "a warm and funny story"
    assert [t.tag_ for t in nlp(text)] == [t.tag_ for t in stock(text)]


def test_frozen_and_annotating():
    nlp = shared_pipeline()
    train(nlp, steps=5)
    encoder = nlp.get_pipe("tok2vec").model
    before = encoder.to_bytes()
    optimizer = nlp.resume_training()
    data = examples(nlp)
    losses = [
        nlp.update(data, sgd=optimizer, exclude=["tok2vec"], annotates=["tok2vec"])["textcat"]
        for _ in range(10)
    ]
    assert encoder.to_bytes() == before
    assert losses[-1] < losses[0]
    optimizer = nlp.resume_training()
    with nlp.select_pipes(enable=["tok2vec", "textcat"]):
        assert nlp.update(data, sgd=optimizer, annotates=["textcat"])["textcat"] > 0


@pytest.mark.parametrize("factory", FACTORIES)
def test_works_in_several_processes(factory):
    nlp = textcat_pipeline(factory)
    train(nlp, steps=5)
    texts = [eg.reference.text for eg in examples(nlp)] * 3
    alone = [doc.cats for doc in nlp.pipe(texts)]
    spread = [doc.cats for doc in nlp.pipe(texts, n_process=2, batch_size=8)]
    assert len(spread) == len(texts)
    for a, b in zip(alone, spread, strict=True):
        assert b == pytest.approx(a, abs=1e-5)


def test_other_annotations_are_kept():
    nlp = textcat_pipeline()
    train(nlp, steps=3)
    doc = nlp.make_doc("a film")
    doc.cats["OTHER"] = 0.25
    nlp.get_pipe("textcat")(doc)
    assert set(doc.cats) == {"OTHER", "NEG", "POS"}


def test_predict_takes_any_iterable_and_changes_nothing():
    nlp = textcat_pipeline()
    train(nlp, steps=3)
    docs = [nlp.make_doc("a film"), Doc(nlp.vocab)]
    scores = nlp.get_pipe("textcat").predict(doc for doc in docs)
    assert scores.shape == (2, 2)
    assert not docs[0].cats
    assert nlp.get_pipe("textcat").predict([]).shape == (0, 2)


def test_training_with_one_seed_is_reproducible():
    weights = []
    for _ in range(2):
        nlp = textcat_pipeline(seed=3)
        train(nlp, steps=5, drop=0.3)
        weights.append(nlp.get_pipe("textcat").model.to_bytes())
    assert weights[0] == weights[1]


def test_linear_model_must_give_raw_scores():
    with pytest.raises(ValueError, match="L101.*no_output_layer"):
        textcat_pipeline(model=textcat_model(linear_model={**NGRAMS, "no_output_layer": False}))


def test_tags_in_the_same_pipeline():
    nlp = shared_pipeline()
    nlp.add_pipe(
        "tagger", config={"model": {"@architectures": "spacy.Tagger.v2", "tok2vec": listener()}}
    )
    data = []
    for eg in examples(nlp):
        n = len(eg.reference)
        tags = [TAGS[len(token) % 3] for token in eg.reference]
        assert len(tags) == n
        data.append(example(nlp, eg.reference.text, eg.reference.cats, tags=tags))
    train(nlp, data, steps=40)
    scores = nlp.evaluate(data)
    assert scores["tag_acc"] > 0.9
    assert scores["cats_micro_f"] == 1.0
