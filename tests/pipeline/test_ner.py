"""Entity recognizers from initialization to disk, and their labels."""

import pickle

import numpy
import pytest
import spacy
from spacy.tokens import Doc, SpanGroup
from spacy.training import Example
from thinc.api import Adam

from spacy_lstm.layers.crf_losses import crf_loss

from ..ner_pipelines import (
    GOLD,
    TEXTS,
    annotated,
    entities,
    found,
    ner_example,
    ner_examples,
    ner_model,
    ner_pipeline,
    scores,
    shared_ner_pipeline,
    train_ner,
)
from ..pipelines import blank, textcat_model

MAKERS = [ner_pipeline, shared_ner_pipeline]
TEXT = TEXTS[7][0]


def test_learns_with_its_default_model(tmp_path):
    nlp = blank()
    nlp.add_pipe("lstm_ner")
    data = ner_examples(nlp)
    optimizer = nlp.initialize(lambda: data)
    optimizer.learn_rate = 0.01
    losses = [nlp.update(data, sgd=optimizer, drop=0.2)["lstm_ner"] for _ in range(30)]
    assert losses[-1] < losses[0] / 10
    assert found(nlp) == GOLD
    assert nlp.evaluate(data)["ents_f"] == 1.0
    nlp.to_disk(tmp_path)
    again = spacy.load(tmp_path)
    for text, _ in TEXTS:
        assert scores(again(text), "lstm_ner") == scores(nlp(text), "lstm_ner")


@pytest.mark.parametrize("scheme", ["BILUO", "BIO"])
@pytest.mark.parametrize("more", [{}, {"hidden_width": 12}])
@pytest.mark.parametrize("mode", ["marginals", "viterbi"])
def test_learns_saves_and_loads(scheme, more, mode, tmp_path):
    nlp = ner_pipeline(model=ner_model(scheme=scheme, **more), mode=mode)
    train_ner(nlp)
    assert found(nlp) == GOLD
    nlp.to_disk(tmp_path)
    loaded = spacy.load(tmp_path)
    assert found(loaded) == GOLD
    assert loaded.get_pipe("ner").labels == ("PERSON", "PLACE")
    assert ("lstm_ner" in nlp(TEXT).spans) == (mode == "marginals")
    if mode == "marginals":
        assert scores(loaded(TEXT)) == scores(nlp(TEXT))


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("state", ["untrained", "initialized", "trained"])
@pytest.mark.parametrize("way", ["disk", "bytes", "pickle", "component"])
def test_serializes(make, state, way, tmp_path):
    nlp = make()
    if state != "untrained":
        train_ner(nlp, steps=8 if state == "trained" else 0)
        nlp.get_pipe("ner").cfg["temperature"] = 1.5
    if way == "disk":
        nlp.to_disk(tmp_path)
        again = spacy.load(tmp_path)
    elif way == "bytes":
        again = make(seed=9).from_bytes(nlp.to_bytes())
    elif way == "pickle":
        again = pickle.loads(pickle.dumps(nlp))
    else:
        again = make(seed=9)
        for name in nlp.pipe_names:
            nlp.get_pipe(name).to_disk(tmp_path / name)
            again.get_pipe(name).from_disk(tmp_path / name)
    assert again.get_pipe("ner").labels == nlp.get_pipe("ner").labels
    assert again.get_pipe("ner").cfg == nlp.get_pipe("ner").cfg
    if state != "untrained":
        assert found(again) == found(nlp)
        assert scores(again(TEXT)) == scores(nlp(TEXT))
        assert again.get_pipe("ner").labels == ("PERSON", "PLACE")


def test_the_loss_is_the_sum_and_gradients_add_up():
    nlp = ner_pipeline()
    train_ner(nlp, steps=0)
    data = ner_examples(nlp)
    pipe = nlp.get_pipe("ner")
    node = pipe.model.get_ref("output_layer")
    whole_loss = nlp.update(data, sgd=False)["ner"]
    whole = node.get_grad("W").copy()
    node.set_grad("W", whole * 0)
    parts = [nlp.update(part, sgd=False)["ner"] for part in (data[:3], data[3:])]
    assert sum(parts) == pytest.approx(whole_loss, rel=1e-5)
    numpy.testing.assert_allclose(node.get_grad("W"), whole, atol=1e-5)
    tags = pipe.model.predict([eg.predicted for eg in data])
    loss, d_tags = pipe.get_loss(data, tags)
    assert loss == pytest.approx(whole_loss, rel=1e-5)
    allowed = numpy.zeros(tags.emissions.shape, dtype=bool)
    path = [pipe.scheme.encode(len(text.split()), spans) for text, spans in TEXTS]
    allowed[numpy.arange(len(allowed)), numpy.concatenate(path)] = True
    expected, gradient = crf_loss(tags, allowed)
    assert loss == pytest.approx(float(expected.sum()))
    numpy.testing.assert_array_equal(d_tags.emissions, gradient.emissions)


@pytest.mark.parametrize("make", MAKERS)
def test_nothing_is_learnt_from_texts_without_annotation(make):
    nlp = make()
    train_ner(nlp, steps=0)
    docs = [nlp.make_doc(text) for text, _ in TEXTS]
    losses = nlp.update([Example(doc, doc) for doc in docs], sgd=False)
    assert losses["ner"] == pytest.approx(0, abs=1e-4)
    for _, pipe in nlp.pipeline:
        for node in pipe.model.walk():
            for name in node.param_names:
                assert not node.has_grad(name) or numpy.abs(node.get_grad(name)).max() < 1e-5


def test_learns_from_partial_annotation():
    """Half of the entities are known, and of the other tokens only some."""
    nlp = ner_pipeline()
    data = []
    for text, spans in TEXTS:
        reference = annotated(nlp, text, spans[:1], default="missing")
        inside = {i for start, end, _ in spans for i in range(start, end)}
        known = [reference[i : i + 1] for i in range(len(reference)) if i not in inside]
        reference.set_ents([], outside=known, default="unmodified")
        data.append(Example(nlp.make_doc(text), reference))
    train_ner(nlp, data, steps=40)
    assert [spans[:1] for spans in found(nlp)] == [spans[:1] for spans in GOLD]


def test_learns_what_is_no_entity():
    nlp = ner_pipeline(incorrect_spans_key="wrong", candidates=True, candidate_threshold=1e-6)
    train_ner(nlp)
    text = TEXTS[0][0]
    before = scores(nlp(text))[(3, 4, "PLACE")]
    reference = nlp.make_doc(text)
    reference.spans["wrong"] = SpanGroup(reference, spans=[reference.char_span(14, 20, "PLACE")])
    optimizer = nlp.resume_training()
    optimizer.learn_rate = 0.01
    losses = []
    for _ in range(12):
        eg = Example(nlp.make_doc(text), reference)
        losses.append(nlp.update([eg], sgd=optimizer)["ner"])
    assert losses[0] == pytest.approx(-numpy.log(1 - before), rel=0.02)
    assert losses[-1] < 0.1
    assert scores(nlp(text)).get((3, 4, "PLACE"), 0.0) < 0.1


def test_averages_are_used_for_evaluation():
    nlp = ner_pipeline()
    data = ner_examples(nlp)
    nlp.initialize(lambda: data)
    optimizer = Adam(0.02, use_averages=True)
    for _ in range(15):
        nlp.update(data, sgd=optimizer)
    before = nlp.get_pipe("ner").score_tags([nlp.make_doc(TEXT)]).emissions
    with nlp.use_params(optimizer.averages):
        averaged = nlp.get_pipe("ner").score_tags([nlp.make_doc(TEXT)]).emissions
    assert numpy.abs(before - averaged).max() > 1e-3


def test_training_with_one_seed_is_reproducible():
    weights = []
    for _ in range(2):
        nlp = ner_pipeline(seed=3)
        train_ner(nlp, steps=5, drop=0.3)
        weights.append(nlp.get_pipe("ner").model.to_bytes())
    assert weights[0] == weights[1]


# Labels


def test_labels_are_sorted_and_label_data_initializes():
    nlp = ner_pipeline()
    train_ner(nlp, steps=0)
    pipe = nlp.get_pipe("ner")
    assert pipe.labels == ("PERSON", "PLACE")
    assert list(pipe.label_data) == ["PERSON", "PLACE"]
    other = ner_pipeline()
    pipe = other.get_pipe("ner")
    pipe.initialize(lambda: ner_examples(other), labels=["PLACE", "PERSON", "ORG"])
    assert pipe.labels == ("PLACE", "PERSON", "ORG")
    assert pipe.model.get_dim("nO") == 13


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("scheme", ["BILUO", "BIO"])
def test_a_label_added_after_training_keeps_old_scores_and_is_learnt(make, scheme):
    nlp = make()
    if scheme == "BIO":
        tok2vec = nlp.get_pipe_config("ner")["model"]["tok2vec"]
        nlp.remove_pipe("ner")
        nlp.add_pipe("lstm_ner", name="ner", config={"model": ner_model(tok2vec, scheme="BIO")})
    train_ner(nlp)
    before = [scores(doc) for doc in nlp.pipe(text for text, _ in TEXTS)]
    pipe = nlp.get_pipe("ner")
    assert pipe.add_label("ORG") == 1
    assert pipe.add_label("ORG") == 0
    after = [scores(doc) for doc in nlp.pipe(text for text, _ in TEXTS)]
    for old, new in zip(before, after, strict=True):
        assert new == pytest.approx(old, abs=1e-5)
    new = ("she works at Acme Corp", [(3, 5, "ORG")])
    data = [*ner_examples(nlp), ner_example(nlp, *new)]
    optimizer = nlp.resume_training()
    optimizer.learn_rate = 0.02
    for _ in range(40):
        nlp.update(data, sgd=optimizer)
    assert entities(nlp(new[0])) == new[1]
    assert found(nlp) == GOLD
    again = nlp.from_bytes(nlp.to_bytes())
    assert entities(again(new[0])) == new[1]


def test_labels_may_be_added_before_initialization():
    nlp = ner_pipeline()
    for label in ("PLACE", "PERSON"):
        nlp.get_pipe("ner").add_label(label)
    train_ner(nlp)
    assert nlp.get_pipe("ner").labels == ("PLACE", "PERSON")
    assert found(nlp) == GOLD


@pytest.mark.parametrize("label", [3, ""])
def test_add_label_takes_names_only(label):
    with pytest.raises(ValueError, match="E187"):
        ner_pipeline().get_pipe("ner").add_label(label)


def test_rare_labels_are_unknown_and_not_learnt():
    nlp = ner_pipeline()
    rare = ner_example(nlp, "Acme is in Berlin", [(0, 1, "ORG"), (3, 4, "PLACE")])
    data = [*ner_examples(nlp), rare]
    pipe = nlp.get_pipe("ner")
    pipe.initialize(lambda: data, nlp=nlp, min_label_count=2)
    assert pipe.labels == ("PERSON", "PLACE")
    assert pipe.cfg["rare_labels"] == ["ORG"]
    truth = pipe.read_truth([rare])
    assert truth.allowed.sum(axis=1).tolist() == [9, 1, 1, 1]
    # With given labels, it is the others that may be too rare.
    pipe = ner_pipeline().get_pipe("ner")
    pipe.initialize(lambda: data, labels=["PERSON", "PLACE", "ORG"], min_label_count=2)
    assert pipe.labels == ("PERSON", "PLACE", "ORG")
    assert pipe.cfg["rare_labels"] == []
    with pytest.raises(ValueError, match="L002"):
        pipe.initialize(lambda: data, min_label_count=0)


def test_labels_that_are_not_known():
    nlp = ner_pipeline()
    train_ner(nlp, steps=0)
    with pytest.raises(ValueError, match=r"L623.*'ner'.*'ORG'.*'Acme'"):
        nlp.update([ner_example(nlp, "Acme sings", [(0, 1, "ORG")])])


def test_initialize_without_texts_or_labels():
    nlp = ner_pipeline()
    with pytest.raises(ValueError, match=r"L621.*\[initialize.components.ner\]"):
        nlp.initialize(lambda: [ner_example(nlp, "no names", [])])
    pipe = ner_pipeline().get_pipe("ner")
    with pytest.raises((ValueError, TypeError), match=r"L205|E930"):
        pipe.initialize(list, labels=["A"])


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"threshold": 1.5}, "L212"),
        ({"threshold": 0.5, "mode": "viterbi"}, "L625"),
        ({"candidates": True, "mode": "viterbi"}, "L628"),
        ({"candidates": True, "spans_key": None}, "L628"),
        ({"candidate_threshold": 0.0}, "L627"),
        ({"model": textcat_model()}, "L622"),
    ],
)
def test_refuses_impossible_settings(settings, code):
    with pytest.raises(ValueError, match=code):
        ner_pipeline(**settings)


def test_refuses_unknown_choices():
    nlp = ner_pipeline()
    pipe = nlp.get_pipe("ner")
    for setting in ("mode", "reset"):
        with pytest.raises(ValueError, match=f"L624.*`{setting}`.*'fast'"):
            type(pipe)(nlp.vocab, pipe.model, **{setting: "fast"})


def test_a_model_that_was_changed_behind_its_back():
    nlp = ner_pipeline()
    train_ner(nlp, steps=0)
    nlp.get_pipe("ner").cfg["labels"].append("ORG")
    with pytest.raises(ValueError, match="L629.*9 tags.*13"):
        nlp(TEXT)


# Hostile texts


HOSTILE = [
    "",
    " ",
    "\n\n\t ",
    "😀🎉👩‍👩‍👧‍👦",
    "x" * 20_000,
    "\u200b\ufeff\u202e",
    "a\x00b",
    "ß" * 500 + " " * 500,
    "Anna\nlives   in\tBerlin  ",
    "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!͖̬̰̙̗̿̋ͥͥ̂ͣ̐́́͜͞",
    "word " * 3000,
]


@pytest.mark.parametrize("settings", [{}, {"candidates": True}, {"model": ner_model(scheme="BIO")}])
def test_hostile_texts(settings):
    nlp = ner_pipeline(**settings)
    untrained = ner_pipeline(**settings)
    assert [doc.ents for doc in untrained.pipe(HOSTILE)] == [()] * len(HOSTILE)
    train_ner(nlp, steps=2)
    for batch_size in (1, len(HOSTILE)):
        docs = list(nlp.pipe(HOSTILE, batch_size=batch_size))
        assert [doc.text for doc in docs] == HOSTILE
        for doc in docs:
            assert all(token.ent_iob in (1, 2, 3) for token in doc)
            assert not any(ent[0].is_space or ent[-1].is_space for ent in doc.ents)
            assert all(0.0 <= score <= 1.0 for score in scores(doc).values())
    examples = [Example(nlp.make_doc(text), annotated(nlp, text, [])) for text in HOSTILE]
    losses = nlp.update(examples, sgd=Adam(0.01))
    assert numpy.isfinite(losses["ner"])
    assert nlp.update(examples[:1])["ner"] == 0.0
    assert nlp.get_pipe("ner").predict([]) == []
    assert entities(nlp.get_pipe("ner")(Doc(nlp.vocab))) == []
