"""Clean texts, and move what is annotated on them along."""

import html
import re
import unicodedata
from bisect import bisect_left, bisect_right
from functools import lru_cache
from itertools import accumulate
from typing import Callable, Dict, Iterable, Iterator, List, Literal, Sequence, Tuple

from ..errors import Errors
from .readers.records import DataError, Entity, Record, make_record

# The same references as HTML knows; a bare "&copy" without its semicolon is left as it is.
REFERENCE = re.compile(r"&(?:#[0-9]{1,8}|#[xX][0-9a-fA-F]{1,7}|[A-Za-z][A-Za-z0-9]{1,31});")
# What can't be seen and separates nothing: control characters, the byte order mark. Joiners stay,
# which emoji and many scripts need.
INVISIBLE = "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ufeff"
SPACES = re.compile(r"\s+")
# All whitespace but single spaces between words, which are most of it and stay as they are.
# Invisible characters within or beside whitespace are of one piece with it.
UNTIDY = re.compile(rf"[\s{INVISIBLE}]{{2,}}|[{INVISIBLE}]|[^\S ]|\A | \Z")

#: One place of a text that becomes another: its first character, the one after its last, and what
#: stands there from now on.
Edit = Tuple[int, int, str]

Form = Literal["NFC", "NFKC"]


class Edits:
    """What was changed in a text, to find places of the old text in the new one.

    edits (Sequence[Edit]): The changes, in their order; they don't overlap.
    """

    def __init__(self, edits: Sequence[Edit]) -> None:
        self.starts = [start for start, _, _ in edits]
        self.ends = [end for _, end, _ in edits]
        # By how much everything after each change has moved.
        self.moved = [0, *accumulate(len(new) - (end - start) for start, end, new in edits)]

    def start(self, place: int) -> int:
        """Find where something now begins. What began within a change begins with it.

        place (int): Its first character in the old text.
        RETURNS (int): The same in the new one.
        """
        n = bisect_right(self.ends, place)
        if n < len(self.starts) and self.starts[n] < place:
            place = self.starts[n]
        return place + self.moved[n]

    def end(self, place: int) -> int:
        """Find where something now ends. What ended within a change ends with it.

        place (int): The character after its last in the old text.
        RETURNS (int): The same in the new one.
        """
        n = bisect_left(self.starts, place)
        if n and self.ends[n - 1] > place:
            place = self.ends[n - 1]
        return place + self.moved[n]


def clean(text: str, steps: Sequence[str]) -> Tuple[str, List[Edits]]:
    """Clean a text.

    - `html`: references become the characters that they stand for: `&amp;` is &.
    - `nfc`, `nfkc`: Unicode's composed form, canonical or compatible (UAX #15): one code for what
      looks the same.
    - `spaces`: one space in place of any whitespace, none around the text, and no control
      characters.

    text (str): The text.
    steps (Sequence[str]): The names of the steps, in their order.
    RETURNS (Tuple[str, List[Edits]]): The clean text, and what each step changed.
    """
    all_edits = []
    for step in steps:
        edits = [(s, e, new) for s, e, new in STEPS[step](text) if text[s:e] != new]
        if edits:
            text = _edited(text, edits)
            all_edits.append(Edits(edits))
    return text, all_edits


def clean_record(record: Record, steps: Sequence[str]) -> Record:
    """Clean a text with its annotation. Where the source has words, each is cleaned on its own, and
    stays as it is where nothing or more than one word would be left of it.

    record (Record): The text.
    steps (Sequence[str]): The names of the steps.
    RETURNS (Record): The clean one.
    RAISES (DataError): If nothing is left of the text, or of one of its names.
    """
    if not steps:
        return record
    if record.words is not None:
        return _clean_words(record, steps)
    text, all_edits = clean(record.text, steps)
    if not all_edits:
        return record
    ents = None if record.ents is None else [_moved(ent, text, all_edits) for ent in record.ents]
    for old, ent in zip(record.ents or (), ents or (), strict=True):
        if ent.start >= ent.end:
            name = record.text[old.start : old.end]
            raise DataError(Errors.L401.format(where=record.where, name=name, label=old.label))
    return make_record(text, record.cats, record.where, ents)


def parse_steps(value: str) -> List[str]:
    """Get the steps of cleaning from a setting.

    value (str): Names with commas or spaces between them, or "none".
    RETURNS (List[str]): The names, in the order that is given.
    RAISES (DataError): If there is no such step.
    """
    names = re.findall(r"[^\s,]+", value)
    if names == ["none"]:
        return []
    for name in names:
        if name not in STEPS:
            raise DataError(Errors.L402.format(name=name, options=", ".join(STEPS)))
    return names


def _edited(text: str, edits: Iterable[Edit]) -> str:
    parts = []
    at = 0
    for start, end, new in edits:
        parts += [text[at:start], new]
        at = end
    return "".join([*parts, text[at:]])


def _moved(ent: Entity, text: str, all_edits: List[Edits]) -> Entity:
    start, end, label = ent
    for edits in all_edits:
        start, end = edits.start(start), edits.end(end)
    # A reference at its edge may have become whitespace, which is no part of a name.
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return Entity(start, end, label)


def _clean_words(record: Record, steps: Sequence[str]) -> Record:
    old = record.words or ()
    new = []
    for word in old:
        cleaned = clean(word, steps)[0]
        new.append(cleaned if cleaned and not SPACES.search(cleaned) else word)
    if tuple(new) == tuple(old):
        return record
    ents = record.ents
    if ents is not None:
        # Names begin and end with words, whose places in both texts are known.
        at_old = _places(old)
        begins = dict(zip(at_old, _places(new), strict=True))
        ends = {
            place + len(a): begins[place] + len(b)
            for place, a, b in zip(at_old, old, new, strict=True)
        }
        ents = tuple(Entity(begins[e.start], ends[e.end], e.label) for e in ents)
    return record._replace(text=" ".join(new), words=tuple(new), ents=ents)


def _places(words: Sequence[str]) -> List[int]:
    return [0, *accumulate(len(word) + 1 for word in words)][: len(words)]


def _html(text: str) -> Iterator[Edit]:
    for match in REFERENCE.finditer(text):
        yield match.start(), match.end(), _character(match.group())


@lru_cache(maxsize=4096)
def _character(reference: str) -> str:
    new = html.unescape(reference)
    # What stands for no character is nothing or the sign for that, and better left as it was.
    return reference if new in ("", "\ufffd") else new


def _spaces(text: str) -> Iterator[Edit]:
    for match in UNTIDY.finditer(text):
        start, end = match.span()
        inner = start > 0 and end < len(text) and SPACES.search(match.group())
        yield start, end, " " if inner else ""


def _normal(form: Form) -> Callable[[str], Iterator[Edit]]:
    def edits(text: str) -> Iterator[Edit]:
        if unicodedata.is_normalized(form, text):
            return
        start = 0
        for end in _boundaries(text, form):
            piece = text[start:end]
            yield start, end, unicodedata.normalize(form, piece)
            start = end

    return edits


def _boundaries(text: str, form: Form) -> Iterator[int]:
    # Where a text may be cut so that the normal form of the whole is that of its pieces: before a
    # character that doesn't combine with what stands before it. Plain ones are not even asked.
    start = 0
    for i in range(1, len(text)):
        char = text[i]
        if char < "\u0300":
            yield i
            start = i
            continue
        if unicodedata.combining(char):
            continue
        before = text[start:i]
        apart = unicodedata.normalize(form, before) + unicodedata.normalize(form, char)
        if unicodedata.normalize(form, before + char) == apart:
            yield i
            start = i
    yield len(text)


STEPS: Dict[str, Callable[[str], Iterator[Edit]]] = {
    "html": _html,
    "nfc": _normal("NFC"),
    "nfkc": _normal("NFKC"),
    "spaces": _spaces,
}
