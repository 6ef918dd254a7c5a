"""Mark where sentences begin, by NLTK's Punkt."""

from itertools import takewhile
from typing import Callable, Iterable, Iterator

from spacy.tokens import Doc
from wasabi import msg

from spacy_lstm.training.readers.records import DataError

SENTENCES = ("none", "punkt")
# Characters of text that are learned from. More would hardly make it better, and take memory.
ENOUGH = 10_000_000

Marker = Callable[[Doc], Doc]


def marker(how: str, lang: str, texts: Iterable[str]) -> Marker:
    """Get what marks sentences: with what NLTK knows of the language, if its package punkt_tab is
    installed; or else with what it learns from these texts.

    how (str): One of `SENTENCES`; with "none", nothing is marked.
    lang (str): The code of the language.
    texts (Iterable[str]): The texts of the corpus. Of many, the first are enough.
    RETURNS (Callable[[Doc], Doc]): Writes on a doc where its sentences begin, if that isn't known.
    """
    if how == "none":
        return _unchanged
    # Here, because NLTK takes long to import.
    from spacy_lstm.training.punkt import load_punkt, mark_sentences, sentence_spans, train_punkt

    try:
        splitter = load_punkt(lang)
        msg.info("Sentences by NLTK's package punkt_tab")
    except DataError:
        # It is not there: NLTK has none for this language, or it isn't installed, and needn't be.
        splitter = train_punkt(_first(texts))
        msg.info("Sentences by Punkt, as it learned them from these texts")

    def mark(doc: Doc) -> Doc:
        if len(doc) and not doc.has_annotation("SENT_START"):
            mark_sentences(doc, sentence_spans(splitter, doc.text))
        return doc

    return mark


def _unchanged(doc: Doc) -> Doc:
    return doc


def _first(texts: Iterable[str]) -> Iterator[str]:
    n = 0

    def enough(text: str) -> bool:
        nonlocal n
        n += len(text)
        return n <= ENOUGH or n == len(text)

    return takewhile(enough, texts)
