"""Names from annotation tools: checked against the text, before anything is learned from them."""

from itertools import pairwise
from typing import Any, List, NamedTuple, Optional, Sequence, Tuple

from ...errors import Errors
from .json_rows import show
from .records import DataError, Entity


class Span(NamedTuple):
    """A name as a tool gives it.

    start (int): The character that it begins with.
    end (int): The character after its last.
    label (str): What kind of name it is.
    text (Optional[str]): What the tool says that its text is, if it does.
    """

    start: int
    end: int
    label: str
    text: Optional[str] = None


def parse_span(value: Any, where: str) -> Span:
    """Parse a name: a list [start, end, label], or an object with `start` and `end` (or
    `start_offset` and `end_offset`) and `label` (or `labels`, with one in it).

    value (Any): What the file has.
    where (str): The file and the line.
    RETURNS (Span): The name.
    RAISES (DataError): If it is something else.
    """
    text = None
    if isinstance(value, list) and len(value) == 3:
        start, end, label = value
    elif isinstance(value, dict):
        start = value.get("start", value.get("start_offset"))
        end = value.get("end", value.get("end_offset"))
        label = value.get("label", value.get("labels"))
        text = value.get("text")
        if isinstance(label, list) and len(label) == 1:
            [label] = label
    else:
        raise DataError(Errors.L377.format(where=where, value=show(value)))
    # Not isinstance: true and false are whole numbers to it.
    offsets = type(start) is int and type(end) is int
    if not offsets or not isinstance(label, str) or not label.strip():
        raise DataError(Errors.L377.format(where=where, value=show(value)))
    return Span(start, end, label.strip(), text if isinstance(text, str) else None)


def check_spans(text: str, spans: Sequence[Span], where: str) -> Tuple[Entity, ...]:
    """Check the names of a text, and bring them in order. Whitespace at the edge of a name isn't
    part of it, as a selection by mouse often takes in a space; a name that is given twice is one.

    text (str): The text.
    spans (Sequence[Span]): Its names.
    where (str): The file and the line.
    RETURNS (Tuple[Entity, ...]): The names in their order.
    RAISES (DataError): If a name lies outside of the text, is empty, has another text than the tool
        says, or overlaps with another one.
    """
    ents = sorted({_entity(text, span, where) for span in spans})
    for ent, after in pairwise(ents):
        if after.start < ent.end:
            raise DataError(
                Errors.L376.format(
                    where=where,
                    first=text[ent.start : ent.end],
                    first_label=ent.label,
                    second=text[after.start : after.end],
                    second_label=after.label,
                )
            )
    return tuple(ents)


def parse_spans(text: str, values: Sequence[Any], where: str) -> Tuple[Entity, ...]:
    """Parse and check the names of a text.

    text (str): The text.
    values (Sequence[Any]): Its names, as the file has them.
    where (str): The file and the line.
    RETURNS (Tuple[Entity, ...]): The names in their order.
    RAISES (DataError): If one of them can't be used.
    """
    spans: List[Span] = [parse_span(value, where) for value in values]
    return check_spans(text, spans, where)


def _entity(text: str, span: Span, where: str) -> Entity:
    start, end, label, expected = span
    # A reversed or empty name would be within the text, and yet is no name.
    if not 0 <= start <= end <= len(text):
        raise DataError(
            Errors.L373.format(
                where=where, label=label, start=show(start), end=show(end), n=len(text)
            )
        )
    name = text[start:end]
    if not name.strip():
        raise DataError(Errors.L374.format(where=where, label=label, start=start, end=end))
    # Tools show line breaks as spaces, so whitespace may differ.
    if expected is not None and expected.split() != name.split():
        raise DataError(
            Errors.L375.format(
                where=where, label=label, start=start, end=end, expected=expected, got=name
            )
        )
    start += len(name) - len(name.lstrip())
    return Entity(start, start + len(name.strip()), label)
