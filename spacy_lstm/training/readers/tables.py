"""Texts from CSV, TSV and JSONL files, row by row in constant memory."""

import csv
import json
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Tuple

from ...errors import Errors
from .json_rows import iter_json_lines, show
from .lines import Position, iter_lines
from .records import DataError, Record, make_record

# The module's own limit is 131,072 characters, and texts may be longer. There has to be one: an
# open quotation mark would take all that follows into memory.
_LONGEST_CELL = 10_000_000


def iter_csv(
    path: Path,
    *,
    delimiter: str = ",",
    text_column: str = "text",
    label_column: str = "label",
    label_separator: Optional[str] = None,
    start: Optional[Position] = None,
) -> Iterator[Tuple[Record, Position]]:
    """Read texts and their categories from a table that is quoted as spreadsheets and pandas do it.
    Its first line names the columns.

    path (Path): The file, in UTF-8.
    delimiter (str): What stands between two cells.
    text_column (str): The column of the text.
    label_column (str): The column of the category that applies.
    label_separator (Optional[str]): What stands between several categories that apply, or None.
    start (Optional[Position]): Where to begin, between two rows; None is the first row.
    YIELDS (Tuple[Record, Position]): The texts, each with the position after it.
    RAISES (DataError): If the file or a line of it can't be used.
    """
    _, names, first = next(_csv_rows(path, delimiter, None), ("", [], Position(0, 0)))
    if not names:
        return
    header = [name.strip() for name in names]
    text = _index(path, header, text_column, "text_column")
    label = _index(path, header, label_column, "label_column")
    for where, row, after in _csv_rows(path, delimiter, start or first):
        if len(row) > len(header):
            reason = f"it has {len(row)} cells, and there are {len(header)} columns"
            raise DataError(Errors.L311.format(where=where, reason=reason))
        row += [""] * (len(header) - len(row))
        labels = _split(row[label], label_separator)
        if not labels:
            raise _missing(where, label_column, "label_column")
        yield make_record(row[text], dict.fromkeys(labels, 1.0), where), after


def iter_jsonl(
    path: Path,
    *,
    text_column: str = "text",
    label_column: str = "label",
    label_separator: Optional[str] = None,
    start: Optional[Position] = None,
) -> Iterator[Tuple[Record, Position]]:
    """Read texts and their categories from a file with a JSON object on each line. The field `cats`
    may give the values of several categories in place of the label: {"positive": 1, "negative": 0}.

    path (Path): The file, in UTF-8.
    text_column (str): The field of the text.
    label_column (str): The field of the category that applies.
    label_separator (Optional[str]): What stands between several categories that apply, or None.
    start (Optional[Position]): Where to begin, between two lines; None is the beginning.
    YIELDS (Tuple[Record, Position]): The texts, each with the position after it.
    RAISES (DataError): If the file or a line of it can't be used.
    """
    for row, where, after in iter_json_lines(path, start=start):
        text = json_text(row, where, text_column)
        field = label_column if label_column in row or "cats" not in row else "cats"
        cats = json_cats(row.get(field), where, field, label_separator)
        yield make_record(text, cats, where), after


def json_text(row: Dict[str, Any], where: str, text_column: str) -> str:
    """Get the text out of an object.

    row (Dict[str, Any]): The object.
    where (str): The file and the line.
    text_column (str): The field of the text.
    RETURNS (str): The text.
    RAISES (DataError): If there is none.
    """
    text = row.get(text_column)
    if text is None:
        raise _missing(where, text_column, "text_column")
    if not isinstance(text, str):
        raise _wrong_kind(where, text_column, "text_column", "a string", text)
    return text


def json_cats(
    value: Any, where: str, field: str, label_separator: Optional[str] = None
) -> Dict[str, float]:
    """Make categories of the value of a field.

    value (Any): The category that applies, or an object with the values of several.
    where (str): The file and the line.
    field (str): The name of the field, for messages.
    label_separator (Optional[str]): What stands between several categories that apply, or None.
    RETURNS (Dict[str, float]): The categories, with values from 0 to 1.
    RAISES (DataError): If they are missing, or something else.
    """
    if isinstance(value, dict):
        for label, score in value.items():
            if not label.strip() or not isinstance(score, (int, float)) or not 0 <= score <= 1:
                raise _wrong_kind(
                    where, field, "label_column", "an object of numbers 0 to 1", value
                )
        return {label: float(score) for label, score in value.items()}
    if isinstance(value, list):
        raise _wrong_kind(where, field, "label_column", "one label", value)
    # Numbers and booleans serve as labels in many files: they are named as JSON writes them.
    name = "" if value is None else value if isinstance(value, str) else json.dumps(value)
    labels = _split(name, label_separator)
    if not labels:
        raise _missing(where, field, "label_column")
    return dict.fromkeys(labels, 1.0)


def _split(cell: str, separator: Optional[str]) -> List[str]:
    parts = cell.split(separator) if separator else [cell]
    return [name for part in parts if (name := part.strip())]


class _Feed:
    """Gives lines to the CSV reader, and knows how far it has read. A carriage return alone also
    ends a line: some spreadsheets still write tables that way.
    """

    def __init__(self, path: Path, start: Optional[Position]) -> None:
        self.path = path
        self.start = start
        self.after = start or Position(0, 0)

    def __iter__(self) -> Iterator[str]:
        more = 0
        for number, text, end in iter_lines(self.path, start=self.start, keep_ends=True):
            body = text.rstrip("\r\n")
            if "\r" in body:
                *ended, last = body.split("\r")
                rest = len(text.encode("utf8"))
                for piece in ended:
                    rest -= len(piece.encode("utf8")) + 1
                    self.after = Position(end - rest, number + more)
                    more += 1
                    yield piece + "\r"
                text = last + text[len(body) :]
            self.after = Position(end, number + more)
            yield text


def _csv_rows(
    path: Path, delimiter: str, start: Optional[Position]
) -> Iterator[Tuple[str, List[str], Position]]:
    feed = _Feed(path, start)
    # Strict: or else a quotation mark that is never closed would swallow all lines after it.
    reader = csv.reader(iter(feed), delimiter=delimiter, strict=True)
    while True:
        where = f"{path}, line {feed.after.line + 1}"
        limit = csv.field_size_limit(_LONGEST_CELL)
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as err:
            raise DataError(Errors.L311.format(where=where, reason=err)) from err
        finally:
            csv.field_size_limit(limit)
        if row:
            yield where, row, feed.after


def _index(path: Path, header: List[str], column: str, setting: str) -> int:
    if header.count(column) != 1:
        columns = ", ".join(repr(name) for name in header)
        raise DataError(
            Errors.L305.format(path=path, column=column, columns=columns, setting=setting)
        )
    return header.index(column)


def _missing(where: str, column: str, setting: str) -> DataError:
    return DataError(Errors.L308.format(where=where, column=column, setting=setting))


def _wrong_kind(where: str, column: str, setting: str, expected: str, value: Any) -> DataError:
    return DataError(
        Errors.L309.format(
            where=where, column=column, setting=setting, expected=expected, value=show(value)
        )
    )
