"""A stream finds what is in the whole document."""

import tracemalloc
from itertools import islice

import numpy
import pytest
import spacy

import spacy_lstm
from spacy_lstm.streaming import Categories, Entity, stream
from spacy_lstm.streaming import entities as entities_module

from ..ner_pipelines import TEXTS, ner_model, ner_pipeline, shared_ner_pipeline, train_ner
from ..pipelines import (
    CNN,
    NEGATIVE,
    POSITIVE,
    TEXTCATS,
    TOK2VEC,
    blank,
    shared_pipeline,
    textcat_model,
    textcat_pipeline,
    train,
)

NAMES = "  ".join(text for text, _ in TEXTS) + ".\n\nAnna can't go to New York  "
OPINIONS = ". ".join([*POSITIVE[:4], *NEGATIVE])
FEATURES = {"@architectures": "spacy_lstm.WordFeatures.v1", "length": 500}
NGRAMS = {"@architectures": "spacy_lstm.NgramLinear.v1", "ngram_size": 3}

MODELS = {
    "marginals": lambda: ner_pipeline(),
    "viterbi": lambda: ner_pipeline(mode="viterbi"),
    "posterior": lambda: ner_pipeline(mode="posterior", threshold=0.2),
    "BIO": lambda: ner_pipeline(model=ner_model(scheme="BIO")),
    "threshold": lambda: ner_pipeline(threshold=0.6),
    "features": lambda: ner_pipeline(model=ner_model(linear_model=FEATURES, network_share=0.4)),
    "shared": lambda: shared_ner_pipeline(),
}


@pytest.fixture(params=MODELS)
def ner(request):
    nlp = MODELS[request.param]()
    train_ner(nlp, steps=8)
    return nlp


def entities(nlp, chunks, **settings):
    found = list(stream(nlp, chunks, **settings))
    assert all(isinstance(event, Entity) for event in found)
    return found


def of_document(doc):
    spans = [(e.text, e.label_, e.start_char, e.end_char) for e in doc.ents]
    return spans, [e._.confidence for e in doc.ents]


def assert_found(found, doc, atol=1e-4):
    spans, confidences = of_document(doc)
    assert [event[1:5] for event in found] == spans
    for event, confidence in zip(found, confidences, strict=True):
        assert (event.confidence is None) == (confidence is None)
        if confidence is not None:
            assert event.confidence == pytest.approx(confidence, abs=atol)


@pytest.mark.parametrize("chunk", [1, 7, 1000])
def test_entities_are_those_of_the_document(ner, chunk):
    chunks = [NAMES[i : i + chunk] for i in range(0, len(NAMES), chunk)]
    doc = ner(NAMES)
    assert len(doc.ents) > 5
    assert_found(entities(ner, chunks, lookahead=100, step=5), doc)


def test_entities_in_small_steps_are_nearly_those(ner):
    doc = ner(NAMES)
    for step in (1, 4):
        found = entities(ner, [NAMES], lookahead=15, step=step)
        assert_found(found, doc, atol=0.05)
    assert all(NAMES[e.start_char : e.end_char] == e.text for e in found)


def test_what_looks_ahead_far_enough_is_exact_at_every_step(monkeypatch):
    """One direction knows nothing of later tokens, and the CRF forgets soon."""
    encode = {**TOK2VEC["encode"], "bidirectional": False, "depth": 2}
    nlp = ner_pipeline(model=ner_model({**TOK2VEC, "encode": encode}))
    train_ner(nlp, steps=8)
    assert_found(entities(nlp, [NAMES], lookahead=20, step=3), nlp(NAMES), atol=1e-4)


def test_events_come_as_soon_as_they_are_settled():
    nlp = ner_pipeline()
    train_ner(nlp)
    read = []

    def chunks():
        for text, _ in TEXTS * 4:
            read.append(text)
            yield text + ". "

    first = next(iter(stream(nlp, chunks(), lookahead=3, step=4)))
    assert first.text == "Anna"
    assert len(read) < 4


@pytest.mark.parametrize("factory", TEXTCATS)
@pytest.mark.parametrize("pooling", ["max", ["mean", "last"], "attention"])
@pytest.mark.parametrize("linear", [None, NGRAMS, "bow"])
def test_categories_are_those_of_the_document(factory, pooling, linear):
    settings = {} if linear == "bow" else {"linear_model": linear}
    model = textcat_model(pooling=pooling, hidden_width=7, **settings)
    nlp = textcat_pipeline(factory, model=model)
    train(nlp, steps=4)
    expected = nlp(OPINIONS).cats
    for step in (1, 9, 1000):
        *_, last = stream(nlp, [OPINIONS], lookahead=100, step=step)
        assert isinstance(last, Categories)
        assert last.is_final
        assert last.end_char == len(OPINIONS)
        assert last.cats == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("step", [1, 9])
def test_categories_by_words_and_the_ones_before_them(step):
    log_odds = {"@architectures": "spacy_lstm.LogOddsEmbed.v1", "ngram_size": 3}
    tok2vec = {**TOK2VEC, "embed": {**log_odds, "embed": TOK2VEC["embed"]}}
    nlp = textcat_pipeline(model=textcat_model(tok2vec, linear_model=None))
    train(nlp, steps=4)
    *_, last = stream(nlp, [OPINIONS], lookahead=100, step=step)
    assert last.cats == pytest.approx(nlp(OPINIONS).cats, abs=1e-5)


@pytest.mark.parametrize("linear", [None, NGRAMS, "bow"])
def test_categories_so_far_are_exact_in_one_direction(linear):
    encode = {**TOK2VEC["encode"], "bidirectional": False}
    settings = {} if linear == "bow" else {"linear_model": linear}
    model = textcat_model({**TOK2VEC, "encode": encode}, **settings)
    nlp = textcat_pipeline(model=model)
    train(nlp, steps=4)
    n_events = 0
    for event in stream(nlp, [OPINIONS], lookahead=2, step=4):
        expected = nlp(OPINIONS[: event.end_char]).cats
        assert event.cats == pytest.approx(expected, abs=1e-5)
        n_events += 1
    assert n_events > 10


@pytest.mark.parametrize("text", [" ", "\n\n  \n", " \n" * 30])
def test_whitespace_is_no_text(text):
    nlp = textcat_pipeline(model=textcat_model())
    train(nlp, steps=2)
    *_, last = stream(nlp, [text], step=2, lookahead=1)
    assert last.cats == pytest.approx(nlp(text).cats, abs=1e-6)


@pytest.mark.parametrize("chunks", [[], [""], ["", ""]])
def test_nothing_gives_nothing(chunks):
    nlp = shared_pipeline()
    train(nlp, steps=1)
    assert list(stream(nlp, chunks)) == []


def test_two_heads_on_one_encoder():
    nlp = shared_ner_pipeline()
    train_ner(nlp, steps=8)
    other = shared_pipeline()
    train(other, steps=4)
    nlp.add_pipe("lstm_textcat", name="cats", config={"model": textcat_model()}, last=True)
    nlp.get_pipe("cats").add_label("A")
    nlp.get_pipe("cats").add_label("B")
    nlp.get_pipe("cats").model.initialize([nlp.make_doc("a")], numpy.zeros((1, 2), dtype="float32"))
    doc = nlp(NAMES)
    events = list(stream(nlp, [NAMES], lookahead=1000))
    assert_found([event for event in events if isinstance(event, Entity)], doc)
    assert events[-1].cats == pytest.approx(doc.cats, abs=1e-5)


def test_an_entity_without_end_is_cut(monkeypatch):
    monkeypatch.setattr(entities_module, "LONGEST_ENTITY", 20)
    nlp = ner_pipeline(mode="viterbi")
    train_ner(nlp, steps=1)
    output = nlp.get_pipe("ner").model.get_ref("output_layer")
    output.set_param("W", output.get_param("W") * 0)
    bias = output.get_param("b").copy()
    bias[nlp.get_pipe("ner").scheme.tag("I", "PLACE")] = 50.0
    output.set_param("b", bias)
    text = "word " * 100
    assert [(ent.start, ent.end) for ent in nlp(text).ents] == [(0, 100)]
    found = entities(nlp, [text], lookahead=5, step=10)
    assert all(event.text for event in found)
    # Most of the text goes by before it ends.
    assert sum(len(event.text.split()) for event in found) < 50


def test_memory_is_constant():
    """The words are all new: what is in use after a part is in use at the end."""
    nlp = shared_ner_pipeline()
    train_ner(nlp)
    in_use = []

    def chunks():
        for i in range(1_000):
            if i % 100 == 0:
                in_use.append((tracemalloc.get_traced_memory()[0], len(nlp.vocab.strings)))
            yield f"Anna{i} lives{i} in Berlin . "

    events = stream(nlp, chunks(), step=200, lookahead=20)
    tracemalloc.start()
    n_events = sum(1 for _ in events)
    tracemalloc.stop()
    assert n_events > 500
    memory, n_strings = zip(*in_use, strict=True)
    assert len(set(n_strings)) == 1
    assert max(memory[5:]) < max(memory[:5]) + 1e5


@pytest.mark.parametrize("name", ["tagger", "sentencizer", "textcat"])
def test_names_what_it_cannot_run(name):
    nlp = ner_pipeline()
    train_ner(nlp, steps=1)
    nlp.add_pipe(name)
    with pytest.raises(ValueError, match=rf"L951.*'{name}'.*select_pipes"):
        stream(nlp, ["a"])
    with nlp.select_pipes(disable=[name]):
        assert list(stream(nlp, ["Anna"])) is not None


def test_refuses_encoders_that_are_not_ours():
    nlp = textcat_pipeline(model=textcat_model(CNN))
    train(nlp, steps=1)
    with pytest.raises(ValueError, match="L951|L864"):
        stream(nlp, ["a"])


def test_refuses_a_pipeline_with_nothing_to_find():
    with pytest.raises(ValueError, match="L952.*none"):
        stream(spacy.blank("en"), ["a"])
    nlp = blank()
    nlp.add_pipe("lstm_ner")
    with pytest.raises(ValueError, match="L952.*lstm_ner"):
        stream(nlp, ["a"])


@pytest.mark.parametrize("settings", [{"lookahead": -1}, {"step": 0}])
def test_refuses_impossible_settings(settings):
    with pytest.raises(ValueError, match="L002"):
        stream(ner_pipeline(), ["a"], **settings)


def test_is_a_name_of_the_package():
    assert spacy_lstm.stream is stream
    with pytest.raises(AttributeError, match="no attribute 'streams'"):
        spacy_lstm.streams  # noqa: B018


def test_in_a_memory_zone_of_the_users():
    nlp = ner_pipeline()
    train_ner(nlp)
    with nlp.memory_zone():
        found = list(islice(stream(nlp, [NAMES]), 3))
    assert [event.text for event in found] == ["Anna", "Berlin", "Ben Moss"]
