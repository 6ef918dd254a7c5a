"""Words and tags in columns, as in the files of CoNLL: a word on each line, its tag last, and an
empty line between sentences.

NLTK's own reader of them asks for a column of parts of speech, which many files lack, and doesn't
say in which line something is wrong.
"""

import sys
from itertools import accumulate
from pathlib import Path
from typing import Dict, Iterator, List, Optional, Sequence, Tuple

from nltk.corpus.reader import CorpusReader

from ...errors import Errors
from .nltk_corpora import lines_of
from .records import DataError, Entity, Record
from .tags import DOCSTART, WordSpan, decode_iob, join_words


class ColumnsCorpusReader(CorpusReader):
    """NLTK's access to the files of a corpus in columns, which `read_columns` reads."""


def looks_like_columns(lines: Sequence[str]) -> bool:
    """Find out whether the first lines of a file are words with tags.

    lines (Sequence[str]): The lines.
    RETURNS (bool): Whether they all have the same number of columns, and the last is a tag.
    """
    rows = [line.split() for line in lines if line.strip() and not line.startswith(DOCSTART)]
    same = len({len(row) for row in rows}) == 1 and len(rows[0]) > 1
    return same and all(row[-1] == "O" or row[-1][:2] in ("B-", "I-") for row in rows)


def read_columns(reader: CorpusReader, root: Path, fileid: str) -> Iterator[Record]:
    """Read the sentences of a file.

    reader (CorpusReader): NLTK's reader of the corpus.
    root (Path): Where the corpus stands, for messages.
    fileid (str): The file.
    YIELDS (Record): The sentences, with their words, and their chunks as names.
    RAISES (DataError): If a line isn't a word and a tag, or can't be decoded.
    """
    rows: List[Tuple[str, str]] = []
    first = ""
    for where, line in lines_of(reader, root, fileid):
        columns = line.split()
        if not columns:
            if rows:
                yield _sentence(rows, first)
            rows = []
        elif columns[0] != DOCSTART:
            if len(columns) == 1 or not _is_tag(columns[-1]):
                reason = (
                    f"the last column must be a tag, 'O', 'B-NAME' or 'I-NAME', after the word, "
                    f"and the line is {line.strip()!r}"
                )
                raise DataError(Errors.L368.format(where=where, reason=reason))
            first = first if rows else where
            rows.append((columns[0], columns[-1]))
    if rows:
        yield _sentence(rows, first)


def _is_tag(tag: str) -> bool:
    return tag == "O" or (tag[:2] in ("B-", "I-") and len(tag) > 2)


def _sentence(rows: List[Tuple[str, str]], where: str) -> Record:
    spans = decode_iob([tag for _, tag in rows])
    return record_of_words([[word for word, _ in rows]], where, spans=spans)


def record_of_words(
    sents: Sequence[Sequence[str]],
    where: str,
    *,
    cats: Optional[Dict[str, float]] = None,
    spans: Optional[Sequence[Tuple[int, int, str]]] = None,
) -> Record:
    """Make a record of a text that comes as words.

    sents (Sequence[Sequence[str]]): The words of its sentences.
    where (str): Where it stands.
    cats (Optional[Dict[str, float]]): Its categories, where it has some.
    spans (Optional[Sequence[Tuple[int, int, str]]]): All its names, as the first word, the word
        after the last, and the label; None where it isn't known which there are.
    RETURNS (Record): The record.
    RAISES (DataError): If there are no words.
    """
    # One string for all occurrences of a word, which halves the memory that a corpus takes.
    words = tuple(sys.intern(str(word)) for sent in sents for word in sent)
    if not words:
        raise DataError(Errors.L306.format(where=where))
    # The first word of each sentence.
    firsts = accumulate((len(sent) for sent in sents), initial=0)
    sent_starts = tuple(first for first, sent in zip(firsts, sents, strict=False) if sent)
    text, found = join_words(words, [WordSpan(*span) for span in spans or ()])
    ents = None if spans is None else tuple(Entity(*ent) for ent in found)
    return Record(text, cats or {}, where, ents, words, sent_starts)
