"""The lines of a text file, one after another in constant memory, with the way back to each."""

import codecs
import os
from pathlib import Path
from typing import BinaryIO, Iterator, NamedTuple, Optional

from ...errors import Errors
from .records import DataError, not_readable


class Position(NamedTuple):
    """A place between two lines of a file, from where reading can go on later.

    offset (int): How many bytes lie before it.
    line (int): How many lines lie before it.
    """

    offset: int
    line: int


class Line(NamedTuple):
    """A line of a file.

    number (int): Its number, from 1 on.
    text (str): What is in it.
    end (int): The offset, in bytes, of the line after it.
    """

    number: int
    text: str
    end: int


def iter_lines(
    path: Path, *, start: Optional[Position] = None, keep_ends: bool = False
) -> Iterator[Line]:
    """Read a file line by line. Only a line feed ends a line, with or without a carriage return
    before it: other characters that count as line breaks elsewhere may stand inside of a text.

    path (Path): The file, in UTF-8, with or without a byte order mark.
    start (Optional[Position]): Where to begin, between two lines; None is the beginning.
    keep_ends (bool): Whether the text of a line includes its line break.
    YIELDS (Line): The lines.
    RAISES (DataError): If the file can't be read, a line isn't UTF-8 or holds a zero byte, or
        there is no line that begins at `start`.
    """
    offset, number = start or Position(0, 0)
    try:
        with path.open("rb") as file:
            if offset:
                _go_to(file, offset, path)
            for raw in file:
                number += 1
                end = offset + len(raw)
                # Spreadsheets begin UTF-8 with this mark, which is no part of the first line.
                if offset == 0:
                    raw = raw.removeprefix(codecs.BOM_UTF8)
                yield Line(number, _decode(raw, path, number, keep_ends), end)
                offset = end
    except OSError as err:
        raise not_readable(err, path) from err


def _decode(raw: bytes, path: Path, number: int, keep_ends: bool) -> str:
    if b"\0" in raw:
        raise DataError(Errors.L371.format(where=f"{path}, line {number}"))
    try:
        text = raw.decode("utf8")
    except UnicodeDecodeError as err:
        where = f"{path}, line {number}"
        raise DataError(Errors.L304.format(where=where, byte=raw[err.start])) from err
    if keep_ends or not text.endswith("\n"):
        return text
    return text[:-2] if text.endswith("\r\n") else text[:-1]


def _go_to(file: BinaryIO, offset: int, path: Path) -> None:
    size = file.seek(0, os.SEEK_END)
    file.seek(offset - 1)
    # A last line without a line break may have ended there; a carriage return is one in CSV.
    if offset > size or (file.read(1) not in (b"\n", b"\r") and offset < size):
        raise DataError(Errors.L372.format(path=path, offset=offset))
    file.seek(offset)
