"""The one form that every reader gives: a text, its categories, and where it stands."""

from pathlib import Path
from typing import Dict, NamedTuple

from ...errors import Errors


class DataError(ValueError):
    """Data that can't be used as they are. The message is meant for the user, and has a code."""


class Record(NamedTuple):
    """An annotated text.

    text (str): The text, without whitespace around it.
    cats (Dict[str, float]): The categories that the source names, with values from 0 to 1. A source
        that names only the one that applies gives only that.
    where (str): The place it was read from, for messages: the file, and the line or the name.
    """

    text: str
    cats: Dict[str, float]
    where: str


def make_record(text: str, cats: Dict[str, float], where: str) -> Record:
    """Make a record of a text that is not empty.

    text (str): The text.
    cats (Dict[str, float]): Its categories.
    where (str): Where it stands.
    RETURNS (Record): The record.
    RAISES (DataError): If there is no text.
    """
    text = text.strip()
    if not text:
        raise DataError(Errors.L306.format(where=where))
    return Record(text, cats, where)


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
