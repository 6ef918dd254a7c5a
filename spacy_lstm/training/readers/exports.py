"""Texts from the exports of annotation tools: Prodigy, doccano and Label Studio.

Each row is recognised by its fields, so a file that was put together from several exports can be
read. A row of none of the tools is read as `tables.iter_jsonl` reads it.
"""

from collections import Counter
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from ...errors import Errors
from .json_rows import Row, iter_json_array, iter_json_lines, show
from .lines import Position
from .records import DataError, Entity, Record, make_record
from .spans import parse_spans
from .tables import json_cats, json_text


def iter_export_jsonl(
    path: Path,
    *,
    text_column: str = "text",
    label_column: str = "label",
    label_separator: Optional[str] = None,
    start: Optional[Position] = None,
    skipped: Optional[Counter[str]] = None,
) -> Iterator[Tuple[Record, Position]]:
    """Read an export with a JSON object on each line, in constant memory.

    path (Path): The file, in UTF-8.
    text_column (str): The field of the text.
    label_column (str): The field of the category, or of the names, that the user has named.
    label_separator (Optional[str]): What stands between several categories in a string, or None.
    start (Optional[Position]): Where to begin, between two lines; None is the beginning.
    skipped (Optional[Counter[str]]): Here is counted what was left out, by reason: "ignored",
        "rejected", "cancelled" or "not annotated".
    YIELDS (Tuple[Record, Position]): The texts, each with the position after it.
    RAISES (DataError): If the file or a line of it can't be used.
    """
    reader = _Reader(
        lambda: iter_json_lines(path), text_column, label_column, label_separator, skipped
    )
    for row in iter_json_lines(path, start=start):
        if (record := reader.read(row)) is not None:
            yield record, row.after


def iter_export_json(
    path: Path,
    *,
    text_column: str = "text",
    label_column: str = "label",
    label_separator: Optional[str] = None,
    skipped: Optional[Counter[str]] = None,
) -> Iterator[Record]:
    """Read an export that is one JSON array. Its text is held in memory.

    path (Path): The file, in UTF-8.
    text_column (str): The field of the text.
    label_column (str): The field of the category, or of the names, that the user has named.
    label_separator (Optional[str]): What stands between several categories in a string, or None.
    skipped (Optional[Counter[str]]): Here is counted what was left out, as in `iter_export_jsonl`.
    YIELDS (Record): The texts, in the order of the file.
    RAISES (DataError): If the file or an object in it can't be used.
    """
    reader = _Reader(
        lambda: iter_json_array(path), text_column, label_column, label_separator, skipped
    )
    for row in iter_json_array(path):
        if (record := reader.read(row)) is not None:
            yield record


class _Answer(NamedTuple):
    """What an annotator says about a text.

    cats (Dict[str, float]): The categories.
    ents (Optional[Tuple[Entity, ...]]): The names, or None.
    open (bool): Whether None may also mean that there are no names.
    """

    cats: Dict[str, float]
    ents: Optional[Tuple[Entity, ...]] = None
    open: bool = False


class _Reader:
    """Reads the rows of one file."""

    def __init__(
        self,
        rows: Callable[[], Iterator[Row]],
        text_column: str,
        label_column: str,
        label_separator: Optional[str],
        skipped: Optional[Counter[str]],
    ) -> None:
        self.rows = rows
        self.text_column = text_column
        self.label_column = label_column
        self.label_separator = label_separator
        self.skipped: Counter[str] = Counter() if skipped is None else skipped
        self.names: Optional[bool] = None

    def read(self, row: Row) -> Optional[Record]:
        """Read a row: a record, or None if it was skipped."""
        fields, where, _ = row
        data = fields["data"] if _is_task(fields) else fields
        if _is_task(fields):
            answer = self.task(fields, where)
        elif _is_prodigy(fields):
            answer = self.prodigy(fields, where)
        elif _is_json_min(fields):
            answer = self.json_min(fields, where)
        elif any(isinstance(fields.get(field), list) for field in self.list_fields()):
            answer = self.doccano(fields, where)
        else:
            field = "cats" if self.label_column not in fields and "cats" in fields else None
            answer = _Answer(self.cats(fields, field or self.label_column, where))
        if answer is None:
            return None
        ents = answer.ents
        if ents is None and answer.open and self.has_names():
            ents = ()
        text = json_text(data, where, self.text_column)
        return make_record(text, answer.cats, where, ents)

    def has_names(self) -> bool:
        """Tell whether names were annotated in this file, so that a text without any has none.
        Where a list is empty, only the other rows can tell of what it is empty."""
        if self.names is None:
            self.names = any(self.holds_names(row.fields) for row in self.rows())
        return self.names

    def holds_names(self, fields: Dict[str, Any]) -> bool:
        if _is_task(fields):
            results = [
                result
                for annotation in _dicts(_annotations(fields))
                for result in _dicts(annotation.get("result"))
            ]
            return any(result.get("type") == "labels" for result in results)
        values = list(fields.values()) if _is_json_min(fields) else []
        values += [fields.get(field) for field in self.list_fields()]
        return any(isinstance(v, list) and v and isinstance(v[0], (list, dict)) for v in values)

    def list_fields(self) -> List[str]:
        return [self.label_column, "label", "labels", "entities"]

    def skip(self, reason: str) -> None:
        self.skipped[reason] += 1

    def cats(self, fields: Dict[str, Any], field: str, where: str) -> Dict[str, float]:
        return json_cats(fields.get(field), where, field, self.label_separator)

    def spans(self, fields: Dict[str, Any], values: Any, where: str) -> Tuple[Entity, ...]:
        return parse_spans(json_text(fields, where, self.text_column), values, where)

    def prodigy(self, fields: Dict[str, Any], where: str) -> Optional[_Answer]:
        answer = fields.get("answer", "accept")
        if answer not in ("accept", "reject", "ignore"):
            raise _wrong(where, "answer", '"accept", "reject" or "ignore"', answer)
        if answer == "ignore":
            self.skip("ignored")
            return None
        if fields.get("_view_id") == "ner":
            raise DataError(Errors.L379.format(where=where))
        label = next((f for f in (self.label_column, "label") if fields.get(f) is not None), None)
        spans = _list(fields, "spans", where)
        cats: Dict[str, float] = {}
        categorized = "accept" in fields or label is not None
        if "accept" in fields:
            cats = _choices(fields, where)
        elif label is not None:
            [name] = _names([fields[label]], label, where)
            if answer == "reject":
                return _Answer({name: 0.0})
            cats = {name: 1.0}
        if answer == "reject":
            # Something in the choice or in the names is wrong, and nobody knows what.
            self.skip("rejected")
            return None
        # While texts are categorized, spans without labels show which words matched a pattern.
        known = all(isinstance(span, dict) and "label" in span for span in spans)
        if categorized and not (spans and known):
            return _Answer(cats)
        return _Answer(cats, self.spans(fields, spans, where))

    def doccano(self, fields: Dict[str, Any], where: str) -> _Answer:
        cats: Dict[str, float] = {}
        if "cats" in fields:
            cats = self.cats(fields, "cats", where)
        found: List[Any] = list(_list(fields, "entities", where))
        known = "entities" in fields
        empty = False
        field = next((f for f in self.list_fields()[:3] if fields.get(f) is not None), None)
        if field is not None and isinstance(fields[field], list):
            values = fields[field]
            empty = not values
            if values and isinstance(values[0], (list, dict)):
                found += values
                known = True
            else:
                cats.update(dict.fromkeys(_names(values, field, where), 1.0))
        elif field is not None:
            cats.update(self.cats(fields, field, where))
        if known:
            return _Answer(cats, self.spans(fields, found, where))
        return _Answer(cats, None, open=empty)

    def task(self, fields: Dict[str, Any], where: str) -> Optional[_Answer]:
        """A task of Label Studio's JSON."""
        all_of_them = _objects(_annotations(fields), "annotations", where)
        kept = [a for a in all_of_them if not a.get("was_cancelled")]
        if not kept:
            self.skip("cancelled" if all_of_them else "not annotated")
            return None
        kept = [a for a in kept if a.get("ground_truth")] or kept
        answers: List[_Answer] = []
        for annotation in kept:
            answer = self.results(fields["data"], annotation, where)
            if answer not in answers:
                answers.append(answer)
        if len(answers) > 1:
            raise DataError(Errors.L378.format(where=where, n=len(answers)))
        return answers[0]

    def results(self, data: Dict[str, Any], annotation: Dict[str, Any], where: str) -> _Answer:
        cats: Dict[str, float] = {}
        spans: List[Any] = []
        for result in _objects(annotation.get("result"), "result", where):
            kind, value = result.get("type"), result.get("value")
            if kind == "hypertextlabels":
                raise _wrong(where, "type", '"labels", which is that of a <Text>', kind)
            if kind not in ("labels", "choices"):
                continue
            if not isinstance(value, dict):
                raise _wrong(where, "value", "an object", value)
            if kind == "choices":
                names = _names(value.get("choices"), "choices", where)
                cats.update(dict.fromkeys(names, 1.0))
            else:
                spans.append(value)
        if not spans:
            return _Answer(cats, None, open=True)
        return _Answer(cats, self.spans(data, spans, where))

    def json_min(self, fields: Dict[str, Any], where: str) -> _Answer:
        """A row of Label Studio's JSON-MIN, where the fields have the names that the user of the
        tool has given to the questions. "sentiment" is that of its template."""
        spans: List[Any] = []
        cats: Dict[str, float] = {}
        for field, value in fields.items():
            if isinstance(value, list) and value and all(map(_is_min_span, value)):
                spans += value
            elif isinstance(value, dict) and list(value) == ["choices"]:
                names = _names(value["choices"], field, where)
                cats.update(dict.fromkeys(names, 1.0))
            elif field == self.label_column or field == "sentiment":
                if isinstance(value, str):
                    cats.update(self.cats(fields, field, where))
                elif value not in (None, []):
                    raise _wrong(where, field, "a choice, choices, or names", value)
        if not spans:
            return _Answer(cats, None, open=True)
        return _Answer(cats, self.spans(fields, spans, where))


def _is_task(fields: Dict[str, Any]) -> bool:
    return isinstance(fields.get("data"), dict) and _annotations(fields) is not None


def _is_prodigy(fields: Dict[str, Any]) -> bool:
    return "answer" in fields or any(isinstance(fields.get(f), list) for f in ("accept", "spans"))


def _is_json_min(fields: Dict[str, Any]) -> bool:
    return "annotation_id" in fields or "annotator" in fields


def _is_min_span(value: Any) -> bool:
    return isinstance(value, dict) and "start" in value and "labels" in value


def _annotations(fields: Dict[str, Any]) -> Any:
    # Before its version 1.0, the tool called them completions.
    return fields.get("annotations", fields.get("completions"))


def _choices(fields: Dict[str, Any], where: str) -> Dict[str, float]:
    options = _objects(fields.get("options"), "options", where)
    known = _names(_ids([option.get("id") for option in options]), "options", where)
    chosen = _names(_ids(fields["accept"]), "accept", where)
    if known and (unknown := [name for name in chosen if name not in known]):
        raise _wrong(where, "accept", "a list of ids of its options", unknown)
    return {**dict.fromkeys(known, 0.0), **dict.fromkeys(chosen, 1.0)}


def _ids(values: Any) -> Any:
    # The ids of options are often numbers. Labels aren't: a list with numbers has offsets in it.
    if not isinstance(values, list):
        return values
    return [str(value) if type(value) is int else value for value in values]


def _names(values: Any, field: str, where: str) -> List[str]:
    if not isinstance(values, list):
        raise _wrong(where, field, "a list of labels", values)
    for value in values:
        if not isinstance(value, str) or not value.strip():
            raise _wrong(where, field, "a label, or a list of labels", value)
    return [value.strip() for value in values]


def _list(fields: Dict[str, Any], field: str, where: str) -> List[Any]:
    value = fields.get(field)
    if value is None:
        return []
    if not isinstance(value, list):
        raise _wrong(where, field, "a list", value)
    return value


def _objects(value: Any, field: str, where: str) -> Sequence[Dict[str, Any]]:
    if value is not None and not isinstance(value, list):
        raise _wrong(where, field, "a list of objects", value)
    for item in value or ():
        if not isinstance(item, dict):
            raise _wrong(where, field, "a list of objects", item)
    return value or ()


def _dicts(value: Any) -> List[Dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _wrong(where: str, field: str, expected: str, value: Any) -> DataError:
    return DataError(
        Errors.L380.format(where=where, field=field, expected=expected, value=show(value))
    )
