"""Text categorizers beside other components, earlier selves and other processes."""

import numpy
import pytest
import spacy
from spacy.tokens import Doc
from thinc.api import Adam

from ..pipelines import (
    CNN,
    NGRAMS,
    TAGS,
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
    assert cats(again) == pytest.approx(cats(nlp), abs=1e-6)
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


@pytest.mark.parametrize("factory", TEXTCATS)
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
