"""Objects from JSON: one on each line of a file, or those of an array, each with its place."""

import json
import re
from pathlib import Path
from typing import Any, Dict, Iterator, List, NamedTuple, NoReturn, Optional, Tuple

from ...errors import Errors
from .lines import Position, iter_lines
from .records import DataError

_SPACE = re.compile(r"[ \t\n\r]*")


class Row(NamedTuple):
    """An object in a file.

    fields (Dict[str, Any]): What is in it.
    where (str): The file and the line, for messages.
    after (Position): Where the next line begins, which is where reading can go on. In an array it
        says only on which line the object begins.
    """

    fields: Dict[str, Any]
    where: str
    after: Position


def iter_json_lines(path: Path, *, start: Optional[Position] = None) -> Iterator[Row]:
    """Read a file with a JSON object on each line, in constant memory. Empty lines are left out.

    path (Path): The file, in UTF-8.
    start (Optional[Position]): Where to begin, between two lines; None is the beginning.
    YIELDS (Row): The objects.
    RAISES (DataError): If the file can't be read, or a line isn't a JSON object.
    """
    for number, text, end in iter_lines(path, start=start):
        if not text.strip():
            continue
        where = f"{path}, line {number}"
        try:
            value = _DECODER.decode(text)
            _check(value, text)
        except (ValueError, RecursionError) as err:
            raise DataError(Errors.L307.format(where=where, reason=_reason(err))) from err
        yield Row(value, where, Position(end, number))


def iter_json_array(path: Path) -> Iterator[Row]:
    """Read the objects in a JSON array, which is the whole file. Its text is held in memory, but
    only one of the objects at a time.

    path (Path): The file, in UTF-8.
    YIELDS (Row): The objects.
    RAISES (DataError): If the file can't be read, or isn't an array of JSON objects.
    """
    content = "".join(line.text for line in iter_lines(path, keep_ends=True))
    line, counted = 1, 0
    place = _skip(content, 0)

    def where(at: int) -> str:
        nonlocal line, counted
        line, counted = line + content.count("\n", counted, at), at
        return f"{path}, line {line}"

    def fail(at: int, reason: str) -> DataError:
        return DataError(Errors.L381.format(where=where(at), reason=reason))

    if content[place : place + 1] != "[":
        raise fail(place, "it doesn't begin with [")
    place = _skip(content, place + 1)
    more = content[place : place + 1] != "]"
    while more:
        begin = place
        where(begin)
        try:
            value, place = _DECODER.raw_decode(content, begin)
            _check(value, content[begin:place])
        except json.JSONDecodeError as err:
            raise fail(err.pos, err.msg) from err
        except (ValueError, RecursionError) as err:
            raise fail(begin, _reason(err)) from err
        yield Row(value, where(begin), Position(begin, line))
        place = _skip(content, place)
        more = content[place : place + 1] == ","
        if more:
            place = _skip(content, place + 1)
    if content[place : place + 1] != "]":
        raise fail(place, "there is neither , nor ] after an object")
    if (rest := _skip(content, place + 1)) != len(content):
        raise fail(rest, "there is more after the end")


def show(value: Any) -> str:
    """Show a value in a message, as JSON writes it, and shortened.

    value (Any): The value.
    RETURNS (str): How to show it.
    """
    try:
        shown = json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return f"{type(value).__name__} within {type(value).__name__}, many times"
    return shown if len(shown) <= 60 else shown[:57] + "..."


def _skip(content: str, place: int) -> int:
    match = _SPACE.match(content, place)
    return match.end() if match else place


def _check(value: Any, text: str) -> None:
    if not isinstance(value, dict):
        raise ValueError(f"it is {show(value)}")
    # Half of a pair of escapes is no character: it could be neither shown nor saved.
    if "\\u" in text:
        try:
            json.dumps(value, ensure_ascii=False).encode("utf8")
        except UnicodeEncodeError as err:
            half = f"\\u{ord(err.object[err.start]):04x}"
            raise ValueError(f"{half} is half of a character") from err


def _reason(err: Exception) -> str:
    if isinstance(err, json.JSONDecodeError):
        return f"{err.msg} (column {err.colno})"
    return "it is nested too deeply" if isinstance(err, RecursionError) else str(err)


def _once_each(pairs: List[Tuple[str, Any]]) -> Dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        names = [name for name, _ in pairs]
        double = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the field {show(double)} stands there twice")
    return fields


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number in JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_once_each, parse_constant=_no_number)
