"""What must hold for each text of the bundled corpus on its own."""

import re
import unicodedata
from typing import Callable, Dict, Iterator, List

from corpus_format import HARD, ID, REGISTERS, SENTIMENTS, TAGS, TOPICS, Complaint, Text

from spacy_lstm.errors import Errors

UNTIDY = {
    "whitespace at its start": re.compile(r"\A\s"),
    "whitespace at its end": re.compile(r"\s\Z"),
    "a line break or a tab": re.compile(r"[\n\r\t\v\f\x85\u2028\u2029]"),
    "two spaces": re.compile("  "),
    "a space that isn't the usual one": re.compile(r"[^\S \n\r\t\v\f\x85\u2028\u2029]"),
    "a space before a punctuation mark": re.compile(r" (?=[,;:!?.](?:\s|\Z))"),
    "an invisible character": re.compile("[\u200b\u2060\ufeff\u00ad\u200e\u200f\ufffd]"),
    "a character of XML that was escaped twice": re.compile(r"&(?:amp|lt|gt|quot|apos|#\d+);"),
}


def check_text(text: Text) -> List[Complaint]:
    """Check a text: its attributes, its names, its whitespace.

    text (Text): The text.
    RETURNS (List[Complaint]): What is wrong.
    """
    rules: List[Callable[[Text], Iterator[str]]] = [_attributes, _names, _characters]
    return [text.complaint(message) for rule in rules for message in rule(text)]


def check_ids(texts: List[Text]) -> List[Complaint]:
    """Check that ids are unique in the corpus, and ascend in each file.

    texts (List[Text]): All texts, by file and line.
    RETURNS (List[Complaint]): What is wrong.
    """
    complaints = []
    seen: Dict[str, Text] = {}
    last: Dict[object, str] = {}
    for text in texts:
        if "id" not in text.element.attributes:
            continue
        reason = ""
        if not ID.fullmatch(text.id) or not text.id.startswith(f"{text.domain}-"):
            reason = f"isn't {text.domain!r}, a hyphen and three digits"
        elif text.id in seen:
            other = seen[text.id]
            reason = f"is also in {other.path}, line {other.element.line}"
        elif text.id < last.get(text.path, ""):
            reason = f"comes after {last[text.path]!r}"
        if reason:
            message = Errors.L344.format(where=text.where, got=text.id, reason=reason)
            complaints.append(text.complaint(message))
        else:
            last[text.path] = text.id
        seen.setdefault(text.id, text)
    return complaints


def _attributes(text: Text) -> Iterator[str]:
    attributes = text.element.attributes
    for name in ("id", "register", "sentiment", "topics"):
        if name not in attributes:
            yield Errors.L342.format(where=text.where, name=name)

    def wrong(name: str, value: str, expected: str) -> str:
        return Errors.L343.format(where=text.where, name=name, value=value, expected=expected)

    one = {"register": REGISTERS, "sentiment": SENTIMENTS}
    several = {"topics": TOPICS, "hard": HARD}
    for name, value in attributes.items():
        values = value.split()
        if name in one:
            if value not in one[name]:
                yield wrong(name, value, f"one of {', '.join(one[name])}")
        elif name in several:
            for part in values:
                if part not in several[name]:
                    yield wrong(name, part, f"some of {', '.join(several[name])}")
            if value != " ".join(sorted(set(values))):
                yield wrong(name, value, "sorted, each value once, with one space between them")
            if name == "hard" and not values:
                yield wrong(name, value, "left out where the text isn't hard")
        elif name != "id":
            yield wrong(name, value, "left out, because there is no such attribute")


def _names(text: Text) -> Iterator[str]:
    chars = text.element.text
    for start, end, tag, nested in text.element.spans:
        name = chars[start:end]
        reasons = []
        if tag not in TAGS:
            reasons.append(f"has a tag that isn't one of {', '.join(TAGS)}")
        if nested:
            reasons.append("stands inside of another one")
        if not name.strip():
            reasons.append("is empty")
        elif name != name.strip():
            reasons.append("has whitespace at its edge")
        # A hashtag or a handle may be a name, with its sign.
        elif not re.match(r"[#@]?\w", name) or not name[-1].isalnum():
            reasons.append("has punctuation at its edge")
        elif re.search(r"['’]s\Z", name):
            reasons.append("ends in a possessive 's")
        elif (chars[:start][-1:] + name[0]).isalnum() and start:
            reasons.append("begins within a word")
        elif (name[-1] + chars[end : end + 1]).isalnum() and end < len(chars):
            reasons.append("ends within a word")
        for reason in reasons:
            yield Errors.L345.format(where=text.where, name=name, reason=reason, label=tag)


def _characters(text: Text) -> Iterator[str]:
    chars = text.element.text
    if not chars.strip():
        yield Errors.L306.format(where=text.where)
        return
    for what, pattern in UNTIDY.items():
        for match in pattern.finditer(chars):
            before = chars[max(0, match.start() - 20) : match.start()]
            yield Errors.L346.format(where=text.where, what=what, before=before)
    if not unicodedata.is_normalized("NFC", chars):
        yield Errors.L346.format(
            where=text.where, what="characters that aren't in Unicode's form NFC", before=""
        )
