"""One door to all formats of annotated texts: the format is told by the name and the content."""

from collections import Counter
from itertools import islice
from pathlib import Path
from typing import Any, Dict, Iterator, Optional

from ...errors import Errors
from .columns import find_layout, iter_columns
from .exports import iter_export_json, iter_export_jsonl
from .folders import iter_folder
from .lines import iter_lines
from .records import DataError, Record
from .tables import iter_csv
from .tags import parse_tag

FORMATS = ("auto", "csv", "tsv", "jsonl", "json", "folder", "columns")

_SUFFIXES = {
    ".csv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".conll": "columns",
    ".iob": "columns",
    ".iob2": "columns",
    ".bio": "columns",
    ".biluo": "columns",
}
_LOOK_AT = 200  # lines, to tell whether a file has columns


def detect(path: Path) -> str:
    """Tell the format of annotated texts.

    path (Path): The file or the folder.
    RETURNS (str): One of `FORMATS`, and not "auto".
    RAISES (DataError): If there is nothing, the file can't be read, or the format can't be told.
    """
    if not path.exists():
        raise DataError(Errors.L301.format(path=path, cwd=Path.cwd()))
    if path.is_dir():
        return "folder"
    suffix = path.suffix.lower()
    if suffix in _SUFFIXES:
        return _SUFFIXES[suffix]
    head = next((line.text.lstrip() for line in iter_lines(path) if line.text.strip()), "")
    if suffix == ".json" and head:
        return "json" if head.startswith("[") else "jsonl"
    # Before .tsv: columns are separated by tabs, too, but there is no line with their names.
    if _has_columns(path, head, named=suffix == ".tsv"):
        return "columns"
    if suffix == ".tsv":
        return "tsv"
    if head.startswith("{"):
        return "jsonl"
    if head.startswith("["):
        return "json"
    if not head:
        raise DataError(Errors.L303.format(path=path))
    raise DataError(Errors.L388.format(path=path, formats=_names()))


def iter_records(
    path: Path,
    *,
    format: str = "auto",
    text_column: str = "text",
    label_column: str = "label",
    label_separator: Optional[str] = None,
    token_column: Optional[int] = None,
    tag_column: Optional[int] = None,
    sentences_per_doc: int = 1,
    comments: Optional[bool] = None,
    skipped: Optional[Counter[str]] = None,
) -> Iterator[Record]:
    """Read annotated texts in any of the formats, one at a time.

    path (Path): The file or the folder.
    format (str): One of `FORMATS`; "auto" tells it by the name and the content.
    text_column (str): In tables and JSON, the column or the field of the text.
    label_column (str): In tables and JSON, the column or the field of the category that applies.
    label_separator (Optional[str]): In these, what stands between several categories, or None.
    token_column (Optional[int]): In columns, that of the words; None finds it.
    tag_column (Optional[int]): In columns, that of the tags; None finds it.
    sentences_per_doc (int): In columns, how many sentences make a text; with 0, texts begin at the
        lines -DOCSTART-.
    comments (Optional[bool]): In columns, whether lines that begin with # are comments; with None,
        only those like "# id …" and "# key = value" are.
    skipped (Optional[Counter[str]]): Here is counted what was left out of an export, by reason.
    YIELDS (Record): The texts; there is at least one.
    RAISES (DataError): If the source or a part of it can't be used, or there are no texts.
    """
    if format not in FORMATS:
        raise DataError(Errors.L389.format(format=format, formats=", ".join(FORMATS)))
    kind = detect(path) if format == "auto" else format
    columns: Dict[str, Any] = {"text_column": text_column, "label_column": label_column}
    records: Iterator[Record]
    if kind in ("csv", "tsv"):
        rows = iter_csv(
            path,
            delimiter="\t" if kind == "tsv" else _delimiter(path),
            label_separator=label_separator,
            **columns,
        )
        records = (record for record, _ in rows)
    elif kind == "jsonl":
        lines = iter_export_jsonl(path, label_separator=label_separator, skipped=skipped, **columns)
        records = (record for record, _ in lines)
    elif kind == "json":
        records = iter_export_json(
            path, label_separator=label_separator, skipped=skipped, **columns
        )
    elif kind == "folder":
        records = iter_folder(path)
    else:
        records = iter_columns(
            path,
            token_column=token_column,
            tag_column=tag_column,
            sentences_per_doc=sentences_per_doc,
            comments=comments,
        )
    return _at_least_one(records, path)


def _delimiter(path: Path) -> str:
    # Where the comma stands in numbers, spreadsheets put semicolons between the cells of a CSV.
    head = next((line.text for line in iter_lines(path)), "")
    return ";" if ";" in head and "," not in head else ","


def _has_columns(path: Path, head: str, *, named: bool) -> bool:
    for _ in islice(iter_lines(path), _LOOK_AT):
        pass  # so that what is wrong with the bytes isn't taken for another format below
    try:
        layout = find_layout(path, most=_LOOK_AT)
    except DataError:
        return False
    if layout is None:
        return False
    first = head.split("\t")[layout.tag :][:1]
    return not named or (bool(first) and parse_tag(first[0]) is not None)


def _at_least_one(records: Iterator[Record], path: Path) -> Iterator[Record]:
    empty = True
    for record in records:
        empty = False
        yield record
    if empty:
        raise DataError(Errors.L303.format(path=path))


def _names() -> str:
    return ", ".join(FORMATS[1:])
