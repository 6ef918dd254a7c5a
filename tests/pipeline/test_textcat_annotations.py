"""What annotations mean to the text categorizers."""

import numpy
import pytest
from spacy.training import Example

from ..ner_pipelines import ner_pipeline
from ..pipelines import (
    cats,
    example,
    examples,
    textcat_pipeline,
    train,
)


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


def test_refuses_labels_that_are_no_list_of_strings():
    for nlp in (textcat_pipeline(), ner_pipeline()):
        (pipe,) = nlp.component_names
        data = examples(nlp)
        for labels in ("POS", ["POS", 1]):
            with pytest.raises(ValueError, match=f"L213.*'{pipe}'"):
                nlp.get_pipe(pipe).initialize(lambda data=data: data, labels=labels)
        nlp.config["initialize"]["components"] = {pipe: {"labels": ["POS", 1]}}
        with pytest.raises(ValueError, match=f"L213.*'{pipe}'.* 1\\."):
            nlp.initialize(lambda data=data: data)
