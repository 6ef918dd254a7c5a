"""Documents of parts of a document have what `Span.as_doc` gives them, but for heads."""

import numpy
import pytest
import spacy
from numpy.testing import assert_array_equal
from spacy.tokens import Doc, Span

from spacy_lstm.pipeline.doc_parts import split_doc

WORDS = ["Marta", "came", "to", "Ghent", ".", "She", "saw", "New", "York", "Times", "."]
BOUNDS = [(0, 5), (5, 8), (8, 11), (11, 11)]
ATTRIBUTES = ["ORTH", "NORM", "SPACY", "TAG", "POS", "MORPH", "LEMMA", "DEP"]
ENTITIES = ["ENT_TYPE", "ENT_KB_ID", "ENT_ID"]


@pytest.fixture
def doc():
    words = len(WORDS)
    doc = Doc(
        spacy.blank("en").vocab,
        words=WORDS,
        spaces=[i % 3 > 0 for i in range(words)],
        tags=["NNP"] * words,
        pos=["PROPN"] * words,
        morphs=["Number=Sing"] * words,
        lemmas=[word.lower() for word in WORDS],
        heads=[1, 1, 1, 1, 1, 6, 6, 6, 6, 6, 6],
        deps=["dep"] * words,
    )
    doc[1].norm_ = "arrived"
    doc.tensor = numpy.arange(2.0 * words, dtype="f").reshape(words, 2)
    return doc


def entity(doc, start, end):
    return Span(doc, start, end, label="X", kb_id="Q1", span_id="x1")


def as_docs(doc):
    return [doc[start:end].as_doc() for start, end in BOUNDS]


@pytest.mark.parametrize("entities", [[], [(0, 1), (3, 4)], [(3, 5), (5, 7)], [(2, 5), (8, 9)]])
def test_everything_is_there(doc, entities):
    doc.set_ents([entity(doc, *bounds) for bounds in entities])
    for part, wanted in zip(split_doc(doc, BOUNDS), as_docs(doc), strict=True):
        attributes = [*ATTRIBUTES, *ENTITIES, "ENT_IOB"]
        assert_array_equal(part.to_array(attributes), wanted.to_array(attributes))
        assert part.text == wanted.text
        assert_array_equal(part.tensor, wanted.tensor)


def test_nothing_is_made_up():
    doc = Doc(spacy.blank("en").vocab, words=WORDS)
    for part in split_doc(doc, BOUNDS):
        for attribute in ("TAG", "LEMMA", "MORPH", "DEP", "ENT_IOB", "SENT_START"):
            assert part.has_annotation(attribute) == (len(part) == 0), attribute
        assert not part.tensor.size


def test_sentences_stay(doc):
    whole = Doc(doc.vocab, words=WORDS, sent_starts=[True] + [False] * 4 + [True] + [False] * 5)
    (part,) = split_doc(whole, [(3, 9)])
    assert [token.is_sent_start for token in part][1:] == [False, True, False, False, False]


@pytest.mark.parametrize(("start", "end"), [(4, 6), (7, 9), (4, 9), (7, 10)])
def test_an_entity_that_is_cut_is_unknown(doc, start, end):
    doc.set_ents([entity(doc, 0, 1), entity(doc, start, end)])
    before = doc.to_array(["ENT_IOB", *ENTITIES])
    parts = split_doc(doc, BOUNDS)
    places = [i for bounds in BOUNDS for i in range(*bounds)]
    tokens = [token for part in parts for token in part]
    for i, token in zip(places, tokens, strict=True):
        unknown = start <= i < end
        assert (token.ent_iob_ == "") == unknown
        assert (token.ent_kb_id_, token.ent_id_) == (("Q1", "x1") if i == 0 else ("", ""))
    for part, wanted in zip(parts, as_docs(doc), strict=True):
        assert_array_equal(part.to_array("ENT_TYPE"), wanted.to_array("ENT_TYPE"))
        assert [ent.text for ent in part.ents] == [ent.text for ent in wanted.ents]
    assert_array_equal(doc.to_array(["ENT_IOB", *ENTITIES]), before)


def test_hooks_are_those_of_the_document(doc):
    doc.user_hooks["vector"] = lambda part: numpy.full(3, len(part))
    assert [part.vector.tolist() for part in split_doc(doc, [(0, 2), (2, 5)])] == [[2] * 3, [3] * 3]
