"""The one form that every reader gives: a text, its categories, and where it stands."""

from pathlib import Path
from typing import Dict, NamedTuple, Optional, Sequence, Tuple

from ...errors import Errors


class DataError(ValueError):
    """Data that can't be used as they are. The message is meant for the user, and has a code."""


class Entity(NamedTuple):
    """A name in a text.

    start (int): The character that it begins with.
    end (int): The character after its last.
    label (str): What kind of name it is.
    """

    start: int
    end: int
    label: str


class Record(NamedTuple):
    """An annotated text.

    text (str): The text, without whitespace around it.
    cats (Dict[str, float]): The categories that the source names, with values from 0 to 1. A source
        that names only the one that applies gives only that.
    where (str): The place it was read from, for messages: the file, and the line or the name.
    ents (Optional[Tuple[Entity, ...]]): All its names, in their order; None where the source has
        no annotation of names, so that it isn't known which there are.
    words (Optional[Tuple[str, ...]]): Its tokens, where the source has them: then `text` is these
        words with one space between them. None where a tokenizer has to find them.
    sent_starts (Optional[Tuple[int, ...]]): The indices of the words that begin a sentence, where
        the source has words and sentences.
    """

    text: str
    cats: Dict[str, float]
    where: str
    ents: Optional[Tuple[Entity, ...]] = None
    words: Optional[Tuple[str, ...]] = None
    sent_starts: Optional[Tuple[int, ...]] = None


def make_record(
    text: str, cats: Dict[str, float], where: str, ents: Optional[Sequence[Entity]] = None
) -> Record:
    """Make a record of a text that is not empty. Whitespace around the text goes, and the offsets
    of its names move with it.

    text (str): The text.
    cats (Dict[str, float]): Its categories.
    where (str): Where it stands.
    ents (Optional[Sequence[Entity]]): Its names, none of which begins or ends with whitespace.
    RETURNS (Record): The record.
    RAISES (DataError): If there is no text.
    """
    stripped = text.strip()
    if not stripped:
        raise DataError(Errors.L306.format(where=where))
    if ents is None:
        return Record(stripped, cats, where)
    shift = len(text) - len(text.lstrip())
    moved = (Entity(ent.start - shift, ent.end - shift, ent.label) for ent in ents)
    return Record(stripped, cats, where, tuple(moved))


def not_utf8(err: UnicodeDecodeError, path: object) -> DataError:
    """Say in which line of a file the bytes stop to be UTF-8.

    err (UnicodeDecodeError): The error, raised by decoding the whole file.
    path (object): The file, for the message.
    RETURNS (DataError): The error to raise.
    """
    line = err.object.count(b"\n", 0, err.start) + 1
    where = f"{path}, line {line}"
    return DataError(Errors.L304.format(where=where, byte=err.object[err.start]))


def not_readable(err: OSError, path: Path) -> DataError:
    """Say why a file can't be opened.

    err (OSError): The error.
    path (Path): The file.
    RETURNS (DataError): The error to raise.
    """
    if isinstance(err, FileNotFoundError):
        return DataError(Errors.L301.format(path=path, cwd=Path.cwd()))
    return DataError(Errors.L324.format(path=path, reason=err.strerror or err))
