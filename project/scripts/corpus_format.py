"""The format of the bundled corpus, which corpus/GUIDELINES.md describes."""

import re
from pathlib import Path
from typing import Dict, List, NamedTuple, Tuple

from spacy_lstm.errors import Errors
from spacy_lstm.training.readers.records import DataError
from spacy_lstm.training.readers.xml_texts import Element, parse_xml
from spacy_lstm.training.splits import SPLITS

DOMAINS = (
    "food",
    "travel",
    "software",
    "books",
    "health",
    "transport",
    "sport",
    "money",
    "community",
)
TOPICS = (*DOMAINS, "price", "service", "quality", "delay", "safety")
SENTIMENTS = ("negative", "neutral", "positive")
REGISTERS = ("tweet", "review", "email", "news")
HARD = ("irony", "mixed", "nameword", "negation")
TAGS = ("PERSON", "ORG", "PLACE", "PRODUCT", "DATE")
INVENTED = ("PERSON", "ORG", "PRODUCT")  # a real place may be anywhere, and dates come again
ID = re.compile(r"[a-z]+-[0-9]{3}")


class Complaint(NamedTuple):
    """Something that is wrong, or looks wrong.

    path (Path): The file, or the folder.
    line (int): The line, or 0 if it isn't about one.
    message (str): What is wrong, where, and what to do.
    error (bool): Whether it must be corrected; or else it should be looked at.
    """

    path: Path
    line: int
    message: str
    error: bool = True


class Text(NamedTuple):
    """A text of the corpus.

    path (Path): The file.
    split (str): Its split.
    domain (str): Its domain, by the name of the file.
    element (Element): What is in the file.
    """

    path: Path
    split: str
    domain: str
    element: Element

    @property
    def id(self) -> str:
        """RETURNS (str): Its id, which may be missing."""
        return self.element.attributes.get("id", "?")

    @property
    def where(self) -> str:
        """RETURNS (str): The file, the line and the id, for messages."""
        return f"{self.path}, line {self.element.line}, {self.id}"

    @property
    def names(self) -> List[Tuple[str, str]]:
        """RETURNS (List[Tuple[str, str]]): The tags and the names."""
        return [(s.tag, self.element.text[s.start : s.end]) for s in self.element.spans]

    def values(self, attribute: str) -> List[str]:
        """Get the values of an attribute that may have several.

        attribute (str): Its name.
        RETURNS (List[str]): The values; none if it is missing.
        """
        return self.element.attributes.get(attribute, "").split()

    def complaint(self, message: str, *, error: bool = True) -> Complaint:
        """Complain about the text.

        message (str): The message, which names the place.
        error (bool): Whether it must be corrected.
        RETURNS (Complaint): The complaint.
        """
        return Complaint(self.path, self.element.line, message, error)


def load_corpus(folder: Path) -> Tuple[List[Text], List[Complaint]]:
    """Read a corpus in the format of the bundled one.

    folder (Path): The folder with train, dev and test.
    RETURNS (Tuple[List[Text], List[Complaint]]): The texts by split, file and line; and the files
        that can't be read, or have another form.
    RAISES (DataError): If a split is missing or empty.
    """
    texts: List[Text] = []
    complaints: List[Complaint] = []
    for split in SPLITS:
        if not (folder / split).is_dir():
            raise DataError(Errors.L301.format(path=folder / split, cwd=Path.cwd()))
        paths = sorted((folder / split).glob("*.xml"))
        if not paths:
            raise DataError(Errors.L303.format(path=folder / split))
        for path in paths:
            try:
                file_texts, file_complaints = _load_file(path, split)
            except DataError as err:
                # The other files may have more to complain about.
                file_texts, file_complaints = [], [Complaint(path, 0, str(err))]
            texts += file_texts
            complaints += file_complaints
    return texts, complaints


def counts_of(texts: List[Text], attribute: str) -> Dict[str, int]:
    """Count the values of an attribute.

    texts (List[Text]): The texts.
    attribute (str): The attribute.
    RETURNS (Dict[str, int]): The numbers of texts by value.
    """
    counts: Dict[str, int] = {}
    for text in texts:
        for value in set(text.values(attribute)):
            counts[value] = counts.get(value, 0) + 1
    return counts


def _load_file(path: Path, split: str) -> Tuple[List[Text], List[Complaint]]:
    parsed = parse_xml(path, "text")
    found: List[Tuple[int, str]] = [
        (line, f"{stray} stands outside of the texts") for stray, line in parsed.strays
    ]
    if path.stem not in DOMAINS:
        found.append((1, f"{path.stem!r} is no domain ({', '.join(DOMAINS)})"))
    if parsed.attributes.get("domain") != path.stem:
        found.append((1, f"the domain of <texts> isn't {path.stem!r}, as the file is called"))
    if not parsed.elements:
        found.append((1, "there are no texts"))
    lines = [element.line for element in parsed.elements]
    found += [
        (line, "two texts stand on this line")
        for line in sorted(set(lines))
        if lines.count(line) > 1
    ]
    complaints = [
        Complaint(path, line, Errors.L341.format(where=f"{path}, line {line}", what=what))
        for line, what in found
    ]
    return [Text(path, split, path.stem, element) for element in parsed.elements], complaints
