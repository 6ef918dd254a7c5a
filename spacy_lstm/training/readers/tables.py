"""Texts from CSV, TSV and JSONL files."""

import csv
import io
import json
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

from ...errors import Errors
from .records import DataError, Record, make_record, not_readable, not_utf8

TABLE_SUFFIXES = (".csv", ".tsv", ".jsonl")


def read_table(
    path: Path, *, text_column: str = "text", label_column: str = "label"
) -> List[Record]:
    """Read texts and their categories from a table, whose kind the end of its name tells: .csv with
    commas, .tsv with tabs, or .jsonl with an object a line. CSV and TSV are quoted as spreadsheets
    and pandas do it, and their first line names the columns. In JSONL, the field `cats` may give
    the values of several categories in place of the label: {"positive": 1, "negative": 0}.

    path (Path): The file, in UTF-8.
    text_column (str): The column, or the field, of the text.
    label_column (str): The column, or the field, of the category that applies.
    RETURNS (List[Record]): The texts, in the order of the file.
    RAISES (DataError): If the file or a line of it can't be used.
    """
    suffix = path.suffix.lower()
    if suffix not in TABLE_SUFFIXES:
        raise DataError(Errors.L302.format(path=path))
    content = _read_text(path)
    if suffix == ".jsonl":
        return [
            _json_record(row, where, text_column, label_column)
            for where, row in _json_rows(path, content)
        ]
    rows = _csv_rows(path, content, "\t" if suffix == ".tsv" else ",", text_column, label_column)
    return [_csv_record(text, label, where, label_column) for where, text, label in rows]


def _read_text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as err:
        raise not_readable(err, path) from err
    try:
        # Spreadsheets begin UTF-8 with a byte order mark, which is no part of a column's name.
        content = data.decode("utf-8-sig")
    except UnicodeDecodeError as err:
        raise not_utf8(err, path) from err
    if not content.strip():
        raise DataError(Errors.L303.format(path=path))
    return content


def _csv_rows(
    path: Path, content: str, delimiter: str, text_column: str, label_column: str
) -> Iterator[Tuple[str, str, str]]:
    # Strict: or else a quotation mark that is never closed would swallow all lines after it.
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter, strict=True)
    header: List[str] = []
    text, label = -1, -1
    while True:
        where = f"{path}, line {reader.line_num + 1}"
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as err:
            raise DataError(Errors.L311.format(where=where, reason=err)) from err
        if not row:
            continue
        if not header:
            header = [name.strip() for name in row]
            text = _index(path, header, text_column, "text_column")
            label = _index(path, header, label_column, "label_column")
            continue
        if len(row) > len(header):
            reason = f"it has {len(row)} cells, and there are {len(header)} columns"
            raise DataError(Errors.L311.format(where=where, reason=reason))
        row += [""] * (len(header) - len(row))
        yield where, row[text], row[label]


def _index(path: Path, header: List[str], column: str, setting: str) -> int:
    if header.count(column) != 1:
        columns = ", ".join(repr(name) for name in header)
        raise DataError(
            Errors.L305.format(path=path, column=column, columns=columns, setting=setting)
        )
    return header.index(column)


def _csv_record(text: str, label: str, where: str, label_column: str) -> Record:
    if not label.strip():
        raise DataError(
            Errors.L308.format(where=where, column=label_column, setting="label_column")
        )
    return make_record(text, {label.strip(): 1.0}, where)


def _json_rows(path: Path, content: str) -> Iterator[Tuple[str, Dict[str, Any]]]:
    # Not splitlines: it also breaks at characters that JSON allows inside of a string.
    for number, line in enumerate(content.split("\n"), start=1):
        where = f"{path}, line {number}"
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as err:
            raise DataError(Errors.L307.format(where=where, reason=err)) from err
        if not isinstance(row, dict):
            reason = f"it is {_shown(row)}"
            raise DataError(Errors.L307.format(where=where, reason=reason))
        yield where, row


def _json_record(row: Dict[str, Any], where: str, text_column: str, label_column: str) -> Record:
    text = row.get(text_column)
    if text is None:
        raise DataError(Errors.L308.format(where=where, column=text_column, setting="text_column"))
    if not isinstance(text, str):
        raise _wrong_kind(where, text_column, "text_column", "a string", text)
    field = label_column if label_column in row or "cats" not in row else "cats"
    return make_record(text, _json_cats(row.get(field), where, field), where)


def _json_cats(value: Any, where: str, field: str) -> Dict[str, float]:
    if isinstance(value, dict):
        for score in value.values():
            if not isinstance(score, (int, float)) or not 0 <= score <= 1:
                raise _wrong_kind(
                    where, field, "label_column", "an object of numbers 0 to 1", value
                )
        return {label: float(score) for label, score in value.items()}
    if value is None or (isinstance(value, str) and not value.strip()):
        raise DataError(Errors.L308.format(where=where, column=field, setting="label_column"))
    if isinstance(value, list):
        raise _wrong_kind(where, field, "label_column", "one label", value)
    # Numbers and booleans serve as labels in many files: they are named as JSON writes them.
    return {value.strip() if isinstance(value, str) else json.dumps(value): 1.0}


def _wrong_kind(where: str, column: str, setting: str, expected: str, value: Any) -> DataError:
    return DataError(
        Errors.L309.format(
            where=where, column=column, setting=setting, expected=expected, value=_shown(value)
        )
    )


def _shown(value: Any) -> str:
    shown = json.dumps(value, ensure_ascii=False)
    return shown if len(shown) <= 60 else shown[:57] + "..."
