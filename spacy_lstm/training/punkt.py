"""Where sentences begin, found by NLTK's Punkt: unsupervised, without a model of the language.

Tibor Kiss and Jan Strunk (2006): Unsupervised multilingual sentence boundary detection.
Computational Linguistics 32(4). Learn the abbreviations of your own texts with `train_punkt`, or
take those that NLTK offers for 19 languages, with `load_punkt`. A splitter looks at one text at a
time, so a stream of any length can be split.
"""

from bisect import bisect_left
from collections import Counter
from typing import Iterable, Iterator, List, Sequence, Tuple

from nltk.tokenize.punkt import PunktSentenceTokenizer, PunktTokenizer, PunktTrainer
from spacy.tokens import Doc

from ..errors import Errors
from .readers.nltk_access import nltk_may_find
from .readers.records import DataError

# The parts of NLTK's package punkt_tab, by spaCy's codes of the languages.
LANGUAGES = {
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "et": "estonian",
    "fi": "finnish",
    "fr": "french",
    "it": "italian",
    "ml": "malayalam",
    "nb": "norwegian",
    "nl": "dutch",
    "pl": "polish",
    "pt": "portuguese",
    "ru": "russian",
    "sl": "slovene",
    "sv": "swedish",
    "tr": "turkish",
}
BLOCK = 2**18  # characters that are learned from at once


def train_punkt(texts: Iterable[str]) -> PunktSentenceTokenizer:
    """Learn from texts what an abbreviation is, and which words like to begin a sentence. No data
    but these texts are needed, and the same texts in the same order give the same splitter.

    The texts are read once and not kept: the memory grows with the number of different words, not
    of texts. A few hundred sentences are enough to be useful, and the more the better.

    texts (Iterable[str]): The texts; paragraphs may be divided by empty lines.
    RETURNS (PunktSentenceTokenizer): The splitter.
    """
    trainer = PunktTrainer()
    for block in _blocks(texts):
        trainer.train(block, finalize=False)
    return _frugal(PunktSentenceTokenizer(trainer.get_params()))


def load_punkt(lang: str) -> PunktSentenceTokenizer:
    """Get the splitter that NLTK offers for a language, from its package punkt_tab, where that is
    installed in `nltk.data.path`.

    lang (str): The code of the language, as spaCy has it: "en".
    RETURNS (PunktSentenceTokenizer): The splitter.
    RAISES (DataError): If NLTK has none for this language, or the package isn't installed.
    """
    if lang not in LANGUAGES:
        options = f"one of {', '.join(LANGUAGES)}, or learn from your texts with `train_punkt`"
        raise DataError(Errors.L369.format(name="lang", options=options, value=lang))
    with nltk_may_find("tokenizers/punkt_tab"):
        return _frugal(PunktTokenizer(LANGUAGES[lang]))


def sentence_spans(splitter: PunktSentenceTokenizer, text: str) -> List[Tuple[int, int]]:
    """Find the sentences of a text.

    splitter (PunktSentenceTokenizer): The splitter.
    text (str): The text.
    RETURNS (List[Tuple[int, int]]): Where each sentence begins and ends, in characters, without the
        whitespace around it. A text without words has none.
    """
    spans = []
    for start, end in splitter.span_tokenize(text):
        sentence = text[start:end]
        begin = start + len(sentence) - len(sentence.lstrip())
        if stripped := sentence.strip():
            spans.append((begin, begin + len(stripped)))
    return spans


def mark_sentences(doc: Doc, spans: Sequence[Tuple[int, int]]) -> None:
    """Write on a doc where its sentences begin (`token.is_sent_start`), and that they don't begin
    elsewhere. Where one begins within a token, it is the nearest beginning of a token that is
    marked, the earlier of two that are equally near. The first token always begins a sentence.

    doc (Doc): The doc, which must not be parsed, as a parse has sentences of its own.
    spans (Sequence[Tuple[int, int]]): The sentences, in characters of `doc.text`.
    """
    starts = [token.idx for token in doc]
    begins = {0}
    for start, _ in spans:
        after = min(bisect_left(starts, start), len(starts) - 1)
        before = max(after - 1, 0)
        begins.add(before if start - starts[before] <= starts[after] - start else after)
    for token in doc:
        token.is_sent_start = token.i in begins


def _blocks(texts: Iterable[str]) -> Iterator[str]:
    # Texts are joined, because NLTK counts all words anew each time that it learns.
    block: List[str] = []
    size = 0
    for text in texts:
        block.append(text)
        size += len(text)
        if size >= BLOCK:
            yield "\n\n".join(block)
            block, size = [], 0
    if block:
        yield "\n\n".join(block)


def _frugal(splitter: PunktSentenceTokenizer) -> PunktSentenceTokenizer:
    # NLTK keeps a defaultdict, which grows by each new word that it is asked about.
    splitter._params.ortho_context = Counter(splitter._params.ortho_context)
    return splitter
