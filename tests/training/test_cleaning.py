"""Cleaning of texts, and what becomes of the names in them."""

import random
import unicodedata

import pytest

from spacy_lstm.training.cleaning import STEPS, clean, clean_record, parse_steps
from spacy_lstm.training.readers.records import DataError, Entity, Record

ALL = ["html", "nfc", "spaces"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("R&amp;D &lt;3 &#233; &#xE9; &eacute;", "R&D <3 é é é"),
        ("AT&T &copy 2 &nosuch; &#xD800;", "AT&T &copy 2 &nosuch; &#xD800;"),
        ("&amp;amp;", "&amp;"),
        ("Cafe\u0301 \u1100\u1161\u11a8", "Café 각"),
        ("  two\t\n spaces\u00a0here ", "two spaces here"),
        ("a\x00b\ufeffc \x07 d", "abc d"),
        ("👩\u200d👧 क्\u200dष", "👩\u200d👧 क्\u200dष"),
        ("&nbsp;x&nbsp;&nbsp;y", "x y"),
        ("\x85next\u2028line", "next line"),
        ("", ""),
    ],
)
def test_clean(text, expected):
    assert clean(text, ALL)[0] == expected


def test_compatible_form():
    assert clean("ﬁve ½ ｗｉｄｅ", ["nfkc"])[0] == "five 1⁄2 wide"
    assert clean("ﬁve ½ ｗｉｄｅ", ["nfc"])[0] == "ﬁve ½ ｗｉｄｅ"


def test_names_move_along():
    text = "At R&amp;D  Cafe\u0301&nbsp;Zoe\u0308 , &lt;Ann&gt;"
    names = ["R&amp;D", "Cafe\u0301&nbsp;Zoe\u0308", "Ann"]
    ents = tuple(Entity(text.index(n), text.index(n) + len(n), "X") for n in names)
    record = clean_record(Record(text, {"a": 1.0}, "here", ents), ALL)
    assert record.text == "At R&D Café Zoë , <Ann>"
    assert [record.text[e.start : e.end] for e in record.ents] == ["R&D", "Café Zoë", "Ann"]
    assert (record.cats, record.where) == ({"a": 1.0}, "here")


def test_names_at_the_edges_of_changes():
    # A name that ends within a reference takes all of it, and whitespace at its edge goes.
    record = clean_record(Record("x&amp;y z", {}, "", (Entity(0, 3, "X"),)), ALL)
    assert record.text[record.ents[0].start : record.ents[0].end] == "x&"
    record = clean_record(Record("A&nbsp;&nbsp;b", {}, "", (Entity(0, 7, "X"),)), ALL)
    assert record.text[record.ents[0].start : record.ents[0].end] == "A"
    with pytest.raises(DataError, match=r"^\[L401\] there:.*'&nbsp;' \(X\)"):
        clean_record(Record("a &nbsp; b", {}, "there", (Entity(2, 8, "X"),)), ALL)
    with pytest.raises(DataError, match=r"^\[L306\] there:"):
        clean_record(Record("&nbsp;", {}, "there"), ALL)


def test_words_of_the_source():
    words = ("R&amp;D", "Cafe\u0301", "&nbsp;", "Ann")
    ents = (Entity(0, 7, "ORG"), Entity(8, 20, "PLACE"), Entity(21, 24, "PERSON"))
    record = Record(" ".join(words), {}, "", ents, words, (0, 3))
    cleaned = clean_record(record, ALL)
    assert cleaned.words == ("R&D", "Café", "&nbsp;", "Ann")
    assert cleaned.text == "R&D Café &nbsp; Ann"
    names = [cleaned.text[e.start : e.end] for e in cleaned.ents]
    assert names == ["R&D", "Café &nbsp;", "Ann"]
    assert cleaned.sent_starts == (0, 3)
    assert clean_record(cleaned, ALL) is cleaned


PIECES = [
    *"qqeb &;#\t\n",
    *("&amp;", "&eacute;", "&nbsp;", "&#101;", "e\u0301", "\u0327", "\u0301", "\u1100", "\u1161"),
    *("\u11a8", "가", "\u09c7", "\u09be", "\u0344", "Ω", "ﬁ", "👩", "\u200d", "\x00", "\ufeff"),
    *("\u2126", "\u0f71\u0f72", "\u1b05\u1b35", "\U000110a5\U000110ba", "\U0001d15e"),
]


def test_any_text_and_any_name():
    rng = random.Random(0)
    for _ in range(3000):
        parts = rng.choices(PIECES, k=rng.randint(1, 14))
        text = "".join(parts)
        for form in ("nfc", "nfkc"):
            assert clean(text, [form])[0] == unicodedata.normalize(form.upper(), text)
        cleaned, all_edits = clean(text, ALL)
        assert cleaned == " ".join(cleaned.split())
        # What a span holds, cleaned by itself, is within what the span holds afterwards, and no
        # place ever moves out of the text or past another.
        i, j = sorted(rng.sample(range(len(text) + 1), 2))
        start, end = i, j
        for edits in all_edits:
            start, end = edits.start(start), edits.end(end)
        assert 0 <= start <= len(cleaned)
        assert 0 <= end <= len(cleaned)
        if set(text[i:j]) == {"q"}:  # a letter that nothing composes with
            assert text[i:j] in cleaned[start:end]


def test_steps():
    assert parse_steps("html, nfc spaces") == ["html", "nfc", "spaces"]
    assert parse_steps("none") == parse_steps("") == []
    with pytest.raises(DataError, match=rf"^\[L402\].*'NFC'.*{', '.join(STEPS)}"):
        parse_steps("NFC")
