"""Chunks may be cut anywhere."""

from itertools import pairwise

import numpy
import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st

from spacy_lstm.streaming import tokens
from spacy_lstm.streaming.tokens import complete_texts, make_doc, tokenize

NLP = spacy.blank("en")
PARTS = [
    "a",
    "can't",
    "U.K.",
    "go!",
    "10km",
    "  ",
    " ",
    "\n",
    "\t\n ",
    ".",
    "(x)",
    "http://a.b/c",
    "é😀",
]
texts = st.lists(st.sampled_from(PARTS), max_size=12).map("".join)


def words(text):
    return [(t.text, t.whitespace_, t.norm_, t.idx) for t in NLP(text)]


@given(texts, st.lists(st.integers(0, 40), max_size=8))
def test_tokens_are_those_of_the_whole(text, cuts):
    bounds = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    chunks = [text[i:j] for i, j in pairwise(bounds)]
    found = [t for piece, start in complete_texts(chunks) for t in tokenize(NLP, piece, start)]
    assert [tuple(token) for token in found] == words(text)


@given(texts)
def test_a_document_of_tokens_is_as_that_of_the_text(text):
    doc = make_doc(NLP, tokenize(NLP, text, 0))
    attrs = ["ORTH", "NORM", "LOWER", "SHAPE", "SPACY"]
    assert doc.to_array(attrs).tolist() == NLP(text).to_array(attrs).tolist()
    assert doc.text == text


def test_long_chunks_are_taken_apart():
    text = "word " * 5000
    pieces = list(complete_texts([text]))
    assert "".join(piece for piece, _ in pieces) == text
    assert max(len(piece) for piece, _ in pieces) <= tokens.PIECE + 5
    assert [start for _, start in pieces] == numpy.cumsum(
        [0, *(len(p) for p, _ in pieces[:-1])]
    ).tolist()


def test_a_word_without_end_is_cut():
    pieces = list(complete_texts(["x" * 700] * 100))
    assert sum(len(piece) for piece, _ in pieces) == 70_000
    assert max(len(piece) for piece, _ in pieces) <= tokens.LONGEST_TAIL + tokens.PIECE


def test_a_word_is_given_as_soon_as_the_next_one_begins():
    stream = complete_texts(iter(["two wo", "rds ", "and", " mo", "re"]))
    assert list(stream) == [("two ", 0), ("words ", 4), ("and ", 10), ("more", 14)]


def test_refuses_what_is_no_text():
    with pytest.raises(ValueError, match=r"L953.*number 1 is a bytes"):
        list(complete_texts(["a", b"b"]))
