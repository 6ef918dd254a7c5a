"""Pictures of entities."""

import re
from xml.etree import ElementTree

import pytest
import spacy
from spacy.tokens import Span

from spacy_lstm.explain import render
from spacy_lstm.pipeline.ner_spans import confidence

from .pipes import NAMES, trained

HOSTILE = '<b>Ada</b> & Bo met\n\nCy in "Oslo"'


def parse(drawn):
    return ElementTree.fromstring(re.sub("<!DOCTYPE html>|<meta[^>]*>|<br>", "", drawn))


def words(root):
    return "".join(root.itertext())


def doc_of(text, *spans, lang="en"):
    doc = spacy.blank(lang).make_doc(text)
    doc.ents = [Span(doc, start, end, label=label) for start, end, label in spans]
    return doc


def test_html_of_probabilities():
    doc = trained("biluo")(NAMES)
    assert doc.ents
    marks = [m for m in parse(render(doc, page=True)).iter("span") if m.get("class") == "entity"]
    assert len(marks) == len(doc.ents)
    for entity, mark in zip(doc.ents, marks, strict=True):
        assert words(mark) == f"{entity.text}{entity.label_} {confidence(entity):.2f}"
        assert mark.get("style") == f"--a:{confidence(entity):.3f}"


def test_html_of_entities_without_probabilities_and_hostile_texts():
    doc = doc_of(HOSTILE, (0, 1, "A<B"), (3, 5, "PER"))
    (shown,) = parse(render(doc, page=True)).iter("div")
    assert [m.get("style") for m in shown] == ["--a:1.000"] * 2
    labels = [words(label) for mark in shown for label in mark]
    assert labels == ["A<B", "PER"]
    for mark in shown:
        mark.remove(mark[0])
    assert words(shown) == HOSTILE


@pytest.mark.parametrize("spans", [[], [(0, 2, "PER")], [(0, 1, "PER"), (1, 3, "ORG")]])
def test_svg_and_terminal_hold_each_token_and_a_label_after_each_entity(spans):
    doc = doc_of("Ada Bo met Cy", *spans)
    shown = [words(t) for t in parse(render(doc, "svg")).iter() if t.get("class") == "token"]
    expected = []
    for token in doc:
        expected.append(token.text)
        expected += [f"[{ent.label_}]" for ent in doc.ents if ent.end == token.i + 1]
    assert shown == expected
    plain = re.sub("\x1b\\[[0-9;]*m", "", render(doc, "terminal")).splitlines()[1]
    assert plain.replace("[", " [").split() == " ".join(expected).replace("[", " [").split()


def test_right_to_left():
    doc = doc_of("שלום עולם", (0, 1, "X"), lang="he")
    (shown,) = parse(render(doc, page=True)).iter("div")
    assert shown.get("dir") == "rtl"


def test_styles_that_there_are_not():
    with pytest.raises(ValueError, match="L870"):
        render(doc_of("Ada"), "pdf")
