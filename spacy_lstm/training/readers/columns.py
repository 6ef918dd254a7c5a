"""Texts from files with a word and its tag on each line: CoNLL, IOB, BILUO and their kin.

A file is read twice, each time in constant memory: for what is in its columns, and for the texts.
"""

import re
from itertools import islice
from pathlib import Path
from typing import Iterator, List, NamedTuple, Optional, Set, Tuple

from ...errors import Errors
from .lines import iter_lines
from .records import DataError, Entity, Record
from .tags import DOCSTART, WordSpan, decode_biluo, decode_iob, has_ends, join_words, parse_tag

# What CoNLL-U and its kin write above a sentence. After # comes a space: "#id" is also a hashtag.
_COMMENT = re.compile(r"# (?:[\w.:-]+ =.*|id\s+\S.*|(?:newdoc|newpar)\b.*)")
_MOSTLY = 0.9  # of a column must be tags, so that the others in it are taken for mistakes
_LOOK_AT = 200  # lines, to see what separates columns

# The number of a line, what is in its columns (nothing where a sentence ends), and whether a
# document begins there. No NamedTuple: one is made for each word, and they take their time.
_Row = Tuple[int, List[str], bool]


class Layout(NamedTuple):
    """How a file is to be read.

    tabs (bool): Whether columns are separated by tabs, or else by spaces and tabs.
    width (int): The number of columns; 0 if only those that are read must be there.
    first (int): The first line with columns, for messages.
    token (int): The column of the words.
    tag (int): The column of the tags.
    ends (bool): Whether tags say where names end, as those of BILUO do.
    """

    tabs: bool
    width: int
    first: int
    token: int
    tag: int
    ends: bool


def iter_columns(
    path: Path,
    *,
    token_column: Optional[int] = None,
    tag_column: Optional[int] = None,
    sentences_per_doc: int = 1,
    comments: Optional[bool] = None,
) -> Iterator[Record]:
    """Read texts from a file with a word on each line, and an empty line after each sentence. The
    columns are found by what is in them: tags are in the last one that holds nothing else, and
    words in the first one of the others that doesn't number them.

    path (Path): The file, in UTF-8.
    token_column (Optional[int]): The column of the words, from 0 on, or from -1 back; None finds
        it.
    tag_column (Optional[int]): The column of the tags; None finds it.
    sentences_per_doc (int): How many sentences make a text. A text never goes over a line
        -DOCSTART-, and with 0 it goes up to the next one.
    comments (Optional[bool]): Whether lines that begin with # are comments. With None, only those
        like "# id …" and "# key = value" are, since # is also a word.
    YIELDS (Record): The texts, with their words and names, in the order of the file.
    RAISES (DataError): If the file or a line of it can't be used.
    """
    if sentences_per_doc < 0:
        value = sentences_per_doc
        raise DataError(
            Errors.L002.format(name="sentences_per_doc", kind="an integer", least=0, value=value)
        )
    layout = find_layout(path, token_column=token_column, tag_column=tag_column, comments=comments)
    if layout is None:
        return
    if sentences_per_doc == 0 and not any(row[2] for row in _rows(path, layout.tabs, comments)):
        raise DataError(Errors.L387.format(path=path))
    doc = _Doc(path)
    sentence: List[_Row] = []
    for row in _rows(path, layout.tabs, comments):
        _, cells, docstart = row
        if cells:
            sentence.append(row)
            continue
        if sentence:
            doc.add(sentence, layout)
            sentence = []
        if doc.words and (docstart or len(doc.sent_starts) == sentences_per_doc):
            yield doc.record()
            doc = _Doc(path)
    if doc.words:
        yield doc.record()


def find_layout(
    path: Path,
    *,
    token_column: Optional[int] = None,
    tag_column: Optional[int] = None,
    comments: Optional[bool] = None,
    most: Optional[int] = None,
) -> Optional[Layout]:
    """Find out how a file is to be read.

    path (Path): The file, in UTF-8.
    token_column (Optional[int]): The column of the words; None finds it.
    tag_column (Optional[int]): The column of the tags; None finds it.
    comments (Optional[bool]): Whether lines that begin with # are comments.
    most (Optional[int]): How many lines to look at; None looks at all.
    RETURNS (Optional[Layout]): How to read it, or None if there are no words in it.
    RAISES (DataError): If the columns can't be found, or the file isn't one of columns.
    """
    head = [cells for _, cells, _ in islice(_rows(path, True, comments), most or _LOOK_AT) if cells]
    tabs = sum(len(cells) > 1 for cells in head) > len(head) / 2
    # Where both are named, columns may come and go around them.
    named = token_column is not None and tag_column is not None
    columns: List[_Column] = []
    first, position = 0, 0
    for number, cells, _ in islice(_rows(path, tabs, comments), most):
        if not cells:
            position = 0
            continue
        position += 1
        if not first:
            first = number
            columns = [_Column() for _ in cells]
        if len(cells) != len(columns) and not named:
            raise _ragged(path, number, cells, f"{len(columns)} in line {first}")
        for column, cell in zip(columns, cells, strict=False):
            column.add(cell, position)
    if not first:
        return None
    tag = _find_tags(path, columns) if tag_column is None else tag_column
    token = _find_words(path, columns, tag) if token_column is None else token_column
    for name, index in (("token_column", token), ("tag_column", tag)):
        if not -len(columns) <= index < len(columns):
            reason = f"`{name}` is {index}, and there are {len(columns)} columns"
            raise DataError(Errors.L383.format(path=path, reason=reason))
    width = 0 if named else len(columns)
    return Layout(tabs, width, first, token, tag, has_ends(columns[tag].letters))


class _Column:
    """What is in a column."""

    def __init__(self) -> None:
        self.n = 0
        self.n_tags = 0
        self.letters: Set[str] = set()
        self.numbers = True  # whether it numbers the words of each sentence

    def add(self, cell: str, position: int) -> None:
        self.n += 1
        if self.numbers and cell not in (str(position), str(position - 1)):
            self.numbers = False
        if (tag := parse_tag(cell)) is not None:
            self.n_tags += 1
            self.letters.add(tag[0])


class _Doc:
    """The sentences of a text."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.words: List[str] = []
        self.spans: List[WordSpan] = []
        self.sent_starts: List[int] = []
        self.line = 0

    def add(self, sentence: List[_Row], layout: Layout) -> None:
        shift = len(self.words)
        tags = []
        for number, cells, _ in sentence:
            word, tag = _word_and_tag(self.path, number, cells, layout)
            self.words.append(word)
            tags.append(tag)
        if layout.ends:
            spans = decode_biluo(tags, [f"{self.path}, line {row[0]}" for row in sentence])
        else:
            spans = decode_iob(tags)
        self.spans += [WordSpan(s.start + shift, s.end + shift, s.label) for s in spans]
        self.sent_starts.append(shift)
        self.line = self.line or sentence[0][0]

    def record(self) -> Record:
        text, ents = join_words(self.words, self.spans)
        return Record(
            text,
            {},
            f"{self.path}, line {self.line}",
            tuple(Entity(*ent) for ent in ents),
            words=tuple(self.words),
            sent_starts=tuple(self.sent_starts),
        )


def _rows(path: Path, tabs: bool, comments: Optional[bool]) -> Iterator[_Row]:
    number = 0
    for number, text, _ in iter_lines(path):
        if text.startswith("#") and (comments or (comments is None and _COMMENT.fullmatch(text))):
            continue
        if not text or text.isspace():
            yield number, [], False
            continue
        # Not split(): other whitespace than this may be part of a word.
        cells = text.rstrip().split("\t") if tabs else text.replace("\t", " ").split(" ")
        if tabs and " " in text:
            cells = [cell.strip() for cell in cells]
        elif not tabs and "" in cells:
            cells = [cell for cell in cells if cell]
        docstart = DOCSTART in text and DOCSTART in cells
        yield number, [] if docstart else cells, docstart
    # The last sentence ends, too.
    yield number, [], False


def _word_and_tag(path: Path, number: int, cells: List[str], layout: Layout) -> Tuple[str, str]:
    n = len(cells)
    if layout.width and n != layout.width:
        raise _ragged(path, number, cells, f"{layout.width} in line {layout.first}")
    for index in (layout.token, layout.tag):
        if not -n <= index < n:
            raise _ragged(path, number, cells, f"column {index} is to be read")
    word = cells[layout.token].strip()
    if not word:
        raise DataError(Errors.L306.format(where=f"{path}, line {number}"))
    tag = parse_tag(cells[layout.tag])
    if tag is None:
        where = f"{path}, line {number}"
        raise DataError(Errors.L385.format(where=where, value=cells[layout.tag]))
    return word, tag


def _find_tags(path: Path, columns: List[_Column]) -> int:
    if len(columns) < 2:
        raise DataError(Errors.L383.format(path=path, reason="there is only one column"))
    likely = [i for i, column in enumerate(columns) if column.n_tags >= _MOSTLY * column.n]
    if not likely:
        raise DataError(Errors.L383.format(path=path, reason="no column holds tags as B-LABEL"))
    # The last one, as conlleval does: before the names, CoNLL-2003 has the tags of phrases.
    return likely[-1]


def _find_words(path: Path, columns: List[_Column], tag: int) -> int:
    tag %= len(columns)
    others = [i for i in range(len(columns)) if i != tag]
    words = [i for i in others if not columns[i].numbers] or others
    if not words:
        raise DataError(Errors.L383.format(path=path, reason="there is only one column"))
    return words[0]


def _ragged(path: Path, number: int, cells: List[str], expected: str) -> DataError:
    where = f"{path}, line {number}"
    return DataError(Errors.L384.format(where=where, got=len(cells), expected=expected))
