"""Tokens are found in their text, whatever a tokenizer has made of it."""

import random
import re

import pytest
import spacy
from spacy.tokenizer import Tokenizer

from spacy_lstm.pipeline import alignment
from spacy_lstm.pipeline.alignment import Rewrites, align, words_and_spaces

ENTITIES = Rewrites(re.compile(r"&\w+;|!{4,}"), lambda piece: ("&", "", piece[:3]))


def aligned(text, tokens, rewrites=None):
    return [text[start:end] for start, end in align(text, tokens, rewrites)]


@pytest.mark.parametrize(
    ("text", "tokens", "expected"),
    [
        ("", [], []),
        ("  \n", [], []),
        (" a, b ", ["a", ",", "b"], ["a", ",", "b"]),
        ("aa a aaa", ["a", "a", "a", "a", "aa"], ["a", "a", "a", "a", "aa"]),
        ("call 12 34", ["call", "12 34"], ["call", "12 34"]),
        ("x&amp;y", ["x", "&", "y"], ["x", "&amp;", "y"]),
        ("&amp;amp;", ["&", "amp", ";"], ["&amp;", "amp", ";"]),  # not "&" and "amp;amp;"
        ("x&no;y", ["xy"], ["x&no;y"]),  # left out in a token
        ("x&no;y", ["x", "y"], ["x", "&no;", "y"]),  # left out between two
        ("&no;", [], ["&no;"]),
        ("no!!!!!", ["no", "!", "!", "!"], ["no", "!", "!", "!", "!", "!"]),
        ("no!!!!!", ["no", "!!!"], ["no", "!!!!!"]),
        ("no!!!!!", ["no!", "!!"], ["no!", "!!!!"]),
        ("2!!!!!  !\n3", ["2", "!!! !", "3"], ["2", "!!!!!  !", "3"]),
        ("1  2!!!!! 3", ["1 2", "!!!", "3"], ["1  2", "!!!!!", "3"]),
    ],
)
def test_known_rewrites(text, tokens, expected, monkeypatch):
    def lost(*args):
        raise AssertionError("what is known explains these tokens")

    monkeypatch.setattr(alignment, "_find_next", lost)
    assert aligned(text, tokens, ENTITIES) == expected


@pytest.mark.parametrize(
    ("text", "tokens", "expected"),
    [
        ("one two three four", ["one", "ZWEI", "three", "four"], ["one", "two", "three", "four"]),
        ("a bc d", ["a", "x", "y", "d"], ["a", "bc", "d"]),
        ("one two", [], ["one", "two"]),
        ("one two", ["and", "one", "more", "two"], ["one", "two"]),
        ("", ["one"], []),
        ("one two.", ["one", "two", "three"], ["one", "two", "."]),
        ("naïve idea", ["naive", "idea"], ["naïve", "idea"]),
        ("one\ntwo 34", ["uno", "dos 34"], ["one", "two", "34"]),
    ],
)
def test_unknown_rewrites(text, tokens, expected):
    assert aligned(text, tokens) == expected


def test_nothing_is_lost_whatever_the_tokens_are():
    chance = random.Random(0)
    for _ in range(3000):
        text = "".join(chance.choices('ab&;!" \n\u00a0', k=chance.randint(0, 30)))
        tokens = text.replace("&b;", "&").replace('"', "''").replace(";", " ; ").split()
        for _ in range(chance.randint(0, 3)):
            tokens.insert(chance.randint(0, len(tokens)), chance.choice(["", " ", "ab", "&", "x"]))
            del tokens[chance.randrange(len(tokens))]
        spans = align(text, tokens, chance.choice([ENTITIES, None]))
        covered = [i for start, end in spans for i in range(start, end)]
        assert covered == sorted(set(covered))
        assert [i for i in covered if not text[i].isspace()] == [
            i for i, char in enumerate(text) if not char.isspace()
        ]
        assert all(text[start:end] == text[start:end].strip() != "" for start, end in spans)
        words, spaces = words_and_spaces(text, spans)
        assert "".join(w + " " * s for w, s in zip(words, spaces, strict=True)) == text


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("ab", ["a", "a"]),
        ("a", ["b"]),
        ("&amp;", ["&"]),
        ("&amp; ", []),
        ("!!!!x", ["!", "!", "!"]),
        ("one two ", ["one", "ZWEI"]),
    ],
)
def test_work_grows_with_the_text_and_no_faster(text, tokens, monkeypatch):
    work = []
    passed, searched = alignment._pass, alignment._find_next

    def counting_pass(solid, written, at, ways, piece):
        work.append(len(ways) * (1 + piece.end - at))
        return passed(solid, written, at, ways, piece)

    def counting_search(solid, words, edges, at, place):
        found = searched(solid, words, edges, at, place)
        work.append(alignment.NEXT_TOKENS * (alignment.STRIDE + found[0] - at))
        return found

    monkeypatch.setattr(alignment, "_pass", counting_pass)
    monkeypatch.setattr(alignment, "_find_next", counting_search)
    totals = []
    for n in (500, 2000):
        work.clear()
        align(text * n, tokens * n, ENTITIES)
        totals.append(sum(work))
    assert totals[1] < 6 * totals[0]


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "  ", "\n", " a", "  a", "a ", "a  ", "a b", "a  b", "a   b",
        "a\nb", "a \n b", "a\n  b", "a\u00a0b", "a \u00a0b",
        "\ta\t", "a\u2028b \r\n", "\x1ca \x85", "a\u200bb c",
    ],
)  # fmt: skip
def test_whitespace_is_treated_as_spacy_does(text):
    doc = Tokenizer(spacy.blank("en").vocab)(text)
    words, spaces = words_and_spaces(text, align(text, text.split()))
    assert words == [token.text for token in doc]
    assert spaces == [bool(token.whitespace_) for token in doc]
