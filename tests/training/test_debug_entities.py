"""What is found in annotations of entities."""

import pytest
from spacy.tokens import Doc, Span
from spacy.training import Example

from spacy_lstm.training.debug_data.corpora import Corpora
from spacy_lstm.training.debug_data.findings import Level
from spacy_lstm.training.debug_data.report import debug_data

from ..ner_pipelines import ner_example, ner_examples, ner_pipeline, shared_ner_pipeline


def look(nlp, train, dev=(), *, initialize=True, **labels):
    """RETURNS: The findings about entities, by their names."""
    if initialize:
        nlp.get_pipe("ner").initialize(lambda: train, **labels)
    (*_, section) = debug_data(Corpora(nlp, train, list(dev)), near=0)
    assert section.title == "Named entities: ner"
    return {finding.name: finding for finding in section.findings}


def texts(found, level):
    return {name: finding.text for name, finding in found.items() if finding.level is level}


@pytest.mark.parametrize("make", [ner_pipeline, shared_ner_pipeline])
def test_good_data(make):
    nlp = make()
    train = [*ner_examples(nlp) * 11, ner_example(nlp, "Ben Moss", [(0, 2, "PERSON")])]
    found = look(nlp, train, ner_examples(nlp))
    assert texts(found, Level.fail) == texts(found, Level.warn) == {}
    assert found["lengths"].text.endswith("have at most 3 tokens, the longest has 3")
    assert found["new-names"].text.startswith("0.0 %")
    assert found["unmarked"].level is Level.good


def test_labels():
    nlp = ner_pipeline()
    dev = [ner_example(nlp, "the Rhine", [(1, 2, "RIVER")])]
    train = ner_examples(nlp)
    found = look(nlp, train, dev, labels=["PERSON", "ROAD"])
    assert found["only-in-dev"].text.endswith("no entity of: 'RIVER'")
    assert found["absent"].text.endswith("without any entity in train: 'ROAD'")
    assert found["other-labels"].level is Level.fail
    assert found["other-labels"].text.endswith("'PLACE'")
    assert found["few-examples"].text == "Low number of entities: 'PERSON' (5)"
    assert found["new-names"].text.startswith("100.0 %")
    rare = [*train, *dev]
    found = look(ner_pipeline(), rare, rare, min_label_count=2)
    assert found["other-labels"].level is Level.good
    assert found["rare-labels"].text.endswith(": 'RIVER'")


def test_label_in_every_text():
    nlp = ner_pipeline()
    train = [
        ner_example(nlp, "Anna in Rio", [(0, 1, "PERSON"), (2, 3, "PLACE")]),
        ner_example(nlp, "in Rio", [(1, 2, "PLACE")]),
    ]
    assert look(nlp, train)["everywhere"].text.endswith("an entity of: 'PLACE'")


def test_unknown():
    nlp = ner_pipeline()
    bare = Example(nlp.make_doc("not annotated"), nlp.make_doc("not annotated"))
    partly = nlp.make_doc("Anna or Ben")
    partly.set_ents([Span(partly, 0, 1, "PERSON")], missing=[partly[2:3]], default="outside")
    train = [*ner_examples(nlp), bare, Example(nlp.make_doc(partly.text), partly)]
    found = look(nlp, train)
    assert found["silent"].text == "1 text of train without annotation of entities"
    n = sum(len(eg.predicted) for eg in train)
    assert found["unknown"].text == (
        f"3 tokens of train ({300 / n:.1f} %) may be part of an entity or not"
    )


def test_misaligned():
    nlp = ner_pipeline()
    reference = Doc(nlp.vocab, words=["Ann", "a", "in", "Rio"], spaces=[False, True, True, False])
    reference.ents = [Span(reference, 0, 1, "PERSON"), Span(reference, 3, 4, "PLACE")]
    train = [*ner_examples(nlp), Example(nlp.make_doc("Anna in Rio"), reference)]
    found = look(nlp, train, train[-1:])
    assert found["misaligned"].text == ("1 entity of train and 1 entity of dev not between tokens")
    assert found["misaligned"].examples == ("'Ann' (PERSON) in 'Anna in Rio'",) * 2


def test_edges():
    nlp = ner_pipeline()
    train = [
        *ner_examples(nlp),
        ner_example(nlp, "in  Rio !", [(1, 3, "PLACE")]),
        ner_example(nlp, "to Rio !", [(1, 3, "PLACE")]),
    ]
    cut = train[-1].reference
    cut[2].is_sent_start = True
    found = look(nlp, train)
    for name in ("whitespace", "punctuation", "sentences"):
        assert found[name].level is Level.warn
        assert found[name].text.startswith("1 entity of train ")
    assert found["whitespace"].examples == ("' Rio' (PLACE) in 'in Rio !'",)
    assert found["punctuation"].examples == found["sentences"].examples
    assert found["sentences"].examples == ("'Rio !' (PLACE) in 'to Rio !'",)


def test_spans_that_are_said_to_be_none():
    nlp = ner_pipeline(incorrect_spans_key="wrong")
    eg = ner_example(nlp, "Anna left", [(0, 1, "PERSON")])
    eg.reference.spans["wrong"] = [Span(eg.reference, 0, 1, "PERSON")]
    found = look(nlp, [*ner_examples(nlp), eg])
    assert found["mistakes"].level is Level.fail
    assert found["mistakes"].text.startswith("1 text of train with a span that is an entity")
    assert "[E868]" in found["mistakes"].examples[0]


def test_conflicts():
    nlp = ner_pipeline()
    partly = nlp.make_doc("nobody called")
    partly.set_ents([], missing=[partly[:1]], default="outside")
    dev = [
        ner_example(nlp, "Anna met Ben Moss", [(0, 1, "PERSON")]),
        ner_example(nlp, "ANNA lives in Berlin", [(0, 1, "ROAD"), (3, 4, "PLACE")]),
        Example(nlp.make_doc(partly.text), partly),
    ]
    found = look(nlp, ner_examples(nlp), dev)
    assert found["conflicts"].text == "2 texts with copies that have other entities"
    assert found["conflicts"].examples == (
        "'Anna lives in Berlin': anna",
        "'Anna met Ben Moss': ben moss",
    )


def test_names():
    nlp = ner_pipeline()
    train = [
        *ner_examples(nlp),
        ner_example(nlp, "Berlin asked Berlin", [(0, 1, "PERSON")]),
        ner_example(nlp, "New York and Anna", []),
        ner_example(nlp, "anna is no name, and Rio was there once", []),
    ]
    found = look(nlp, train, [ner_example(nlp, "Rio or Berlin", [(0, 1, "P"), (2, 3, "P")])])
    assert found["several-labels"].text.startswith("25.0 % of the entities in train")
    assert found["several-labels"].examples == ("'berlin': PLACE 2, PERSON 1",)
    assert found["unmarked"].level is Level.warn
    assert found["unmarked"].text.startswith("3 times a name")
    assert found["unmarked"].examples == (
        "'Berlin': 1 of 4",
        "'New York': 1 of 3",
        "'Anna': 1 of 3",
    )
    assert found["new-names"].text.startswith("50.0 % of the entities in dev")


def test_no_entities_at_all():
    nlp = ner_pipeline()
    train = [Example(nlp.make_doc("a text"), nlp.make_doc("a text"))]
    (*_, section) = debug_data(Corpora(nlp, train, train, unready="[L621] no labels"))
    found = {finding.name: finding for finding in section.findings}
    assert found["labels"].text == "0 labels"
    assert (
        found["silent"].text == "1 text of train and 1 text of dev without annotation of entities"
    )
    assert "lengths" not in found
