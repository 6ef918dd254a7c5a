"""Reads docstrings as spaCy writes them, so that the reference shows them as tables.

`name (type): text.` is a parameter, or a field of a class; `RETURNS (type): text.`, `YIELDS (…): …`
and `RAISES (type): text.` say what their words say. Lines that go on are indented."""

import re
from typing import Any, Dict, List, NamedTuple

import griffe

_ITEM = re.compile(r"(\*{0,2}\w+) \((.+?)\): ?(.*)")
_KINDS = {"RETURNS": "Returns", "YIELDS": "Yields", "RAISES": "Raises"}


class Item(NamedTuple):
    """A parameter, or what is returned, yielded or raised.

    name (str): Its name, or RETURNS, YIELDS or RAISES.
    type (str): Its type.
    text (str): What is said of it, on one line.
    """

    name: str
    type: str
    text: str


def read_docstring(docstring: str) -> "tuple[str, List[Item]]":
    """docstring (str): A docstring in spaCy's style, without its indentation.
    RETURNS (Tuple[str, List[Item]]): Its prose, and its items.
    """
    prose: List[str] = []
    items: List[Item] = []
    for line in docstring.splitlines():
        match = _ITEM.fullmatch(line)
        if match:
            items.append(Item(*match.groups()))
        elif items and line.startswith(" "):
            last = items.pop()
            items.append(last._replace(text=f"{last.text} {line.strip()}"))
        elif line.strip() or not items:
            if line.startswith("- ") and prose and not prose[-1].startswith(("- ", "  ")):
                prose.append("")  # Markdown has no list within a paragraph
            prose.append(line)
    return "\n".join(prose).strip(), items


def to_google(docstring: str, of_class: bool) -> str:
    """docstring (str): A docstring in spaCy's style.
    of_class (bool): Whether it is that of a class, whose items are its fields.
    RETURNS (str): The same in Google's style.
    """
    prose, items = read_docstring(docstring)
    sections: Dict[str, List[str]] = {}
    for name, kind, text in items:
        title = _KINDS.get(name, "Attributes" if of_class else "Args")
        head = f"{name} ({kind})" if name not in _KINDS else kind
        sections.setdefault(title, []).append(f"    {head}: {text}")
    parts = [f"{title}:\n" + "\n".join(lines) for title, lines in sections.items()]
    return "\n\n".join(part for part in (prose, *parts) if part)


class SpacyDocstrings(griffe.Extension):
    """Puts the docstrings of our objects into the style that is parsed."""

    def on_object(self, *, obj: griffe.Object, **kwargs: Any) -> None:
        """obj (griffe.Object): An object. Its docstring is changed in place."""
        if obj.docstring:
            obj.docstring.value = to_google(obj.docstring.value, obj.is_class)
