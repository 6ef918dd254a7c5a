"""Texts from XML: attributes of the element are their categories, elements inside are their names.

Read by the standard library and not by NLTK's XMLCorpusReader, which can load the same files: NLTK
gives no line numbers, and from 3.10 on refuses folders that a group may write to, as a clone under
umask 002 is.
"""

from pathlib import Path
from typing import Dict, List, NamedTuple, Tuple
from xml.parsers import expat

from ...errors import Errors
from .records import DataError, Entity, Record, make_record, not_readable


class Span(NamedTuple):
    """An element inside of a text.

    start (int): The character that it begins with.
    end (int): The character after its last.
    tag (str): Its tag.
    nested (bool): Whether it stands inside of another one.
    """

    start: int
    end: int
    tag: str
    nested: bool


class Element(NamedTuple):
    """An element that is a text, as it stands in the file: nothing is checked or stripped.

    attributes (Dict[str, str]): Its attributes.
    text (str): The characters in it.
    spans (Tuple[Span, ...]): The elements in it, in the order in which they begin.
    line (int): The line where it begins, from 1 on.
    """

    attributes: Dict[str, str]
    text: str
    spans: Tuple[Span, ...]
    line: int


class XMLFile(NamedTuple):
    """What is in a file of texts.

    attributes (Dict[str, str]): The attributes of the root.
    elements (List[Element]): The texts.
    strays (List[Tuple[str, int]]): What stands outside of texts and isn't the root: tags, or
        characters other than whitespace, with their lines.
    """

    attributes: Dict[str, str]
    elements: List[Element]
    strays: List[Tuple[str, int]]


def parse_xml(path: Path, tag: str) -> XMLFile:
    """Parse a file of texts.

    path (Path): The file.
    tag (str): The element that is a text.
    RETURNS (XMLFile): What is in it.
    RAISES (DataError): If the file can't be read, or isn't well-formed.
    """
    try:
        data = path.read_bytes()
    except OSError as err:
        raise not_readable(err, path) from err
    builder = _Builder(tag)
    try:
        builder.parser.Parse(data, True)
    except expat.ExpatError as err:
        where = f"{path}, line {err.lineno}, column {err.offset + 1}"
        reason = expat.ErrorString(err.code)
        raise DataError(Errors.L318.format(where=where, reason=reason)) from err
    # An encoding that is declared and doesn't exist, or isn't one of single characters.
    except (LookupError, ValueError) as err:
        raise DataError(Errors.L318.format(where=path, reason=err)) from err
    return XMLFile(builder.root, builder.elements, builder.strays)


class _Builder:
    """Collects what the parser meets. Unlike ElementTree, it knows the lines."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.root: Dict[str, str] = {}
        self.elements: List[Element] = []
        self.strays: List[Tuple[str, int]] = []
        self.depth = 0
        self.inside = 0  # depth within the text, or 0 outside of texts
        self.chars = ""
        self.attributes: Dict[str, str] = {}
        self.line = 0
        self.open: List[int] = []
        self.spans: List[Span] = []
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.characters

    def start(self, tag: str, attributes: Dict[str, str]) -> None:
        self.depth += 1
        if self.inside:
            self.inside += 1
            self.open.append(len(self.spans))
            self.spans.append(Span(len(self.chars), -1, tag, len(self.open) > 1))
        elif tag == self.tag:
            self.inside = 1
            self.chars, self.spans = "", []
            self.attributes, self.line = attributes, self.parser.CurrentLineNumber
        elif self.depth == 1:
            self.root = attributes
        else:
            self.strays.append((f"<{tag}>", self.parser.CurrentLineNumber))

    def end(self, tag: str) -> None:
        self.depth -= 1
        if self.inside > 1:
            index = self.open.pop()
            self.spans[index] = self.spans[index]._replace(end=len(self.chars))
        elif self.inside == 1:
            self.elements.append(Element(self.attributes, self.chars, tuple(self.spans), self.line))
        self.inside = max(0, self.inside - 1)

    def characters(self, chars: str) -> None:
        if self.inside:
            self.chars += chars
        elif chars.strip():
            self.strays.append((repr(chars.strip()), self.parser.CurrentLineNumber))


def read_xml(folder: Path, *, tag: str, attribute: str, several: bool = False) -> List[Record]:
    """Read the texts of all XML files in a folder. Elements inside of a text are its names, and
    part of it.

    folder (Path): The folder of the files.
    tag (str): The element that is a text.
    attribute (str): The attribute of that element that names the category.
    several (bool): Whether it names any number of categories, with whitespace between them.
    RETURNS (List[Record]): The texts, in the order of the file names.
    RAISES (DataError): If there is no such folder, a file isn't well-formed, a text or an attribute
        is missing, or a name is empty, untidy or inside of another one.
    """
    if not folder.is_dir():
        raise DataError(Errors.L301.format(path=folder, cwd=Path.cwd()))
    records = []
    for path in sorted(folder.glob("*.xml")):
        for number, element in enumerate(parse_xml(path, tag).elements, start=1):
            key = element.attributes.get("id", number)
            where = f"{path}, line {element.line}, {tag} {key}"
            value = element.attributes.get(attribute)
            if value is None or not (several or value.strip()):
                reason = f"<{tag}> has no attribute {attribute!r}"
                raise DataError(Errors.L318.format(where=where, reason=reason))
            labels = value.split() if several else [value.strip()]
            ents = [_entity(element.text, span, where) for span in element.spans]
            records.append(make_record(element.text, dict.fromkeys(labels, 1.0), where, ents))
    return records


def _entity(text: str, span: Span, where: str) -> Entity:
    name = text[span.start : span.end]
    if span.nested or not name or name != name.strip():
        problem = (
            "stands inside of another name"
            if span.nested
            else "is empty, or has whitespace at its edge"
        )
        reason = f"the name <{span.tag}>{name}</{span.tag}> {problem}"
        raise DataError(Errors.L318.format(where=where, reason=reason))
    return Entity(span.start, span.end, span.tag)
