"""From chunks of text to tokens, wherever the chunks are cut."""

import re
from typing import Iterable, Iterator, List, NamedTuple, Sequence, Tuple

from spacy.language import Language
from spacy.tokens import Doc

from ..errors import Errors

#: How many characters are tokenized at once, and how many without any whitespace are waited for.
PIECE, LONGEST_TAIL = 5_000, 10_000

# The beginning of a word, after whitespace.
WORD = re.compile(r"(?<=\s)\S")


class Token(NamedTuple):
    """A token that outlives its document, and the memory zone that this is in.

    text (str): Its text.
    space (str): The space after it, or nothing.
    norm (str): Its norm, which the tokenizer's exceptions set.
    start_char (int): Where it begins in the stream.
    """

    text: str
    space: str
    norm: str
    start_char: int


def complete_texts(chunks: Iterable[str]) -> Iterator[Tuple[str, int]]:
    """Cut a stream anew, only where a word begins after whitespace: there, spaCy's tokenizer finds
    the tokens that it would find in the whole. A word that is not finished waits for the next
    chunks, up to `LONGEST_TAIL` characters.

    chunks (Iterable[str]): Texts, cut anywhere.
    RETURNS (Iterator[Tuple[str, int]]): Texts that are not empty, and where they begin in the
        stream.
    RAISES (ValueError): If a chunk is no text.
    """
    tail, start = "", 0
    for number, chunk in enumerate(chunks):
        if not isinstance(chunk, str):
            raise ValueError(Errors.L953.format(number=number, type=type(chunk).__name__))
        # Long chunks are taken apart, so that what waits is never copied many times.
        for i in range(0, len(chunk), PIECE):
            tail += chunk[i : i + PIECE]
            end = _last_border(tail)
            if end:
                yield tail[:end], start
                tail, start = tail[end:], start + end
    if tail:
        yield tail, start


def _last_border(text: str) -> int:
    borders = [match.start() for match in WORD.finditer(text)]
    if borders:
        return borders[-1]
    return len(text) if len(text) >= LONGEST_TAIL else 0


def tokenize(nlp: Language, text: str, start: int) -> List[Token]:
    """nlp (Language): The pipeline.
    text (str): A text.
    start (int): Where it begins in the stream.
    RETURNS (List[Token]): Its tokens.
    """
    return [Token(t.text, t.whitespace_, t.norm_, start + t.idx) for t in nlp.make_doc(text)]


def make_doc(nlp: Language, tokens: Sequence[Token]) -> Doc:
    """nlp (Language): The pipeline.
    tokens (Sequence[Token]): Tokens that follow one another.
    RETURNS (Doc): A document of them.
    """
    words, spaces = [t.text for t in tokens], [bool(t.space) for t in tokens]
    doc = Doc(nlp.vocab, words=words, spaces=spaces)
    for token, known in zip(doc, tokens, strict=True):
        if token.norm_ != known.norm:
            token.norm_ = known.norm
    return doc
