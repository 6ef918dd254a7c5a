"""Sentences by Punkt."""

import os
import subprocess
import sys

import pytest
import spacy

from spacy_lstm.training.punkt import load_punkt, mark_sentences, sentence_spans, train_punkt
from spacy_lstm.training.readers.records import DataError

from ..projects import write

# "ca." is an abbreviation: it is always followed by a number, and never ends a sentence.
TEXTS = [f"It is ca. {n} km. They went on. We saw ca. {n} birds. So it was." for n in range(9)]
PARTS = {
    "abbrev_types.txt": "dr\nms\n",
    "collocations.tab": "",
    "sent_starters.txt": "",
    "ortho_context.tab": "",
}


def sentences(splitter, text):
    return [text[start:end] for start, end in sentence_spans(splitter, text)]


def test_abbreviations_are_learned():
    text = "It took ca. 5 hours. Then we slept (“late!”).  \n\n “Why?” she said."
    untrained = sentences(train_punkt([]), text)
    assert untrained[:2] == ["It took ca.", "5 hours."]
    assert sentences(train_punkt(TEXTS), text)[:2] == [
        "It took ca. 5 hours.",
        "Then we slept (“late!”).",
    ]


def test_a_stream_of_texts_is_read_once_and_a_few_at_a_time(monkeypatch):
    monkeypatch.setattr("spacy_lstm.training.punkt.BLOCK", 100)
    read, learned = [], []
    trainer = "spacy_lstm.training.punkt.PunktTrainer"
    original = train_punkt.__globals__["PunktTrainer"].train

    def learn(self, text, **settings):
        learned.append((len(read), text))
        return original(self, text, **settings)

    monkeypatch.setattr(f"{trainer}.train", learn)
    splitter = train_punkt(text for text in TEXTS if read.append(text) is None)
    assert [n for n, _ in learned] == [2, 4, 6, 8, 9]
    assert "\n\n".join(text for _, text in learned) == "\n\n".join(TEXTS)
    assert sentences(splitter, "It took ca. 5 hours.") == ["It took ca. 5 hours."]


def test_the_same_texts_give_the_same_splitter():
    code = (
        "from spacy_lstm.training.punkt import train_punkt\n"
        f"p = train_punkt({TEXTS!r} + ['Mr. X. met Dr. Y. in St. Z.'])._params\n"
        "print(sorted(p.abbrev_types), sorted(p.collocations), sorted(p.sent_starters))\n"
        "print(sorted(p.ortho_context.items()))"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf8"},
            capture_output=True,
            check=True,
            text=True,
            encoding="utf8",
        ).stdout
        for seed in ("1", "2")
    }
    assert len(printed) == 1
    assert "'ca'" in printed.pop()


def test_a_splitter_does_not_grow():
    splitter = train_punkt(TEXTS)
    before = len(splitter._params.ortho_context)
    assert sentences(splitter, "It is ca. Foo. Yes, J. Bar. Baz") != []
    assert len(splitter._params.ortho_context) == before


@pytest.mark.parametrize("text", ["", "  \n "])
def test_a_text_without_words_has_no_sentences(text):
    assert sentence_spans(train_punkt(TEXTS), text) == []


def test_spans_leave_whitespace_out():
    text = "\n One here.  Two\there!\n"
    assert sentences(train_punkt(TEXTS), text) == ["One here.", "Two\there!"]


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([(0, 8), (9, 17)], ["I am it.", "You are."]),
        ([(0, 8), (10, 17)], ["I am it.", "You are."]),  # within "You": its beginning is nearest
        ([(0, 8), (11, 17)], ["I am it.", "You are."]),  # or as near as that of "are"
        ([(0, 8), (12, 17)], ["I am it. You", "are."]),
        ([(5, 8)], ["I am", "it. You are."]),
        ([], ["I am it. You are."]),
        ([(0, 15), (15, 17)], ["I am it. You are", "."]),
    ],
)
def test_sentences_of_a_doc(spans, expected):
    doc = spacy.blank("en")("I am it. You are.")
    mark_sentences(doc, spans)
    assert [sent.text for sent in doc.sents] == expected
    assert doc.has_annotation("SENT_START", require_complete=True)


def test_whitespace_and_empty_docs():
    nlp = spacy.blank("en")
    doc = nlp("It is.\n\n So it is.")
    mark_sentences(doc, sentence_spans(train_punkt(TEXTS), doc.text))
    assert [sent.text.strip() for sent in doc.sents] == ["It is.", "So it is."]
    mark_sentences(nlp(""), [])


@pytest.mark.parametrize("lang", ["en", "nb"])
def test_the_splitter_of_a_language(folder, lang):
    name = {"en": "english", "nb": "norwegian"}[lang]
    for part, content in PARTS.items():
        write(folder / "tokenizers" / "punkt_tab" / name / part, content)
    splitter = load_punkt(lang)
    assert sentences(splitter, "Dr. Lee is. Mr. Lee is.") == ["Dr. Lee is.", "Mr.", "Lee is."]
    with pytest.raises(DataError, match=r"^\[L369\] `lang` must be one of cs, .*'xx'"):
        load_punkt("xx")
    with pytest.raises(DataError, match=r"^\[L324\].*punkt_tab can't be read.*not complete"):
        load_punkt("de")
