"""What must hold between the texts of the bundled corpus: no copies, no leaks, one annotation."""

import re
from collections import Counter
from pathlib import Path
from typing import Dict, Iterator, List, Set, Tuple

from corpus_format import (
    INVENTED,
    SENTIMENTS,
    TAGS,
    TOPICS,
    Complaint,
    Text,
    counts_of,
)

from spacy_lstm.errors import Errors
from spacy_lstm.training.near_duplicates import near_duplicates

MOST_SHARED_WORDS = 0.5  # the same as the data card says
MOST_SHARED_NAMES = 0.05
MOST_SHIFT = 0.05  # between the shares of a label in train and in another split
SENTENCE_START = re.compile(r"(?:\A|[.!?:…\"“(])[\"'“‘(]*\s*\Z")


def check_duplicates(texts: List[Text], least: float = MOST_SHARED_WORDS) -> List[Complaint]:
    """Look for texts that are almost the same, within a split and across splits.

    texts (List[Text]): All texts.
    least (float): The share of common words from which on it is an error.
    RETURNS (List[Complaint]): A complaint for each pair.
    """
    complaints = []
    for pair in near_duplicates([text.element.text for text in texts], least):
        # Texts come by split, train first: so the later one is the one to rewrite.
        other, text = texts[pair.first], texts[pair.second]
        message = Errors.L347 if text.split == other.split else Errors.L348
        complaints.append(
            text.complaint(
                message.format(
                    where=text.where, share=pair.share, other=other.where, split=other.split
                )
            )
        )
    return complaints


def shared_names(texts: List[Text], split: str) -> Tuple[Set[str], Set[str]]:
    """Get the names of people, firms and products in a split.

    texts (List[Text]): All texts.
    split (str): The split.
    RETURNS (Tuple[Set[str], Set[str]]): All its names, in small letters and without # and @; and
        those among them that train has as well.
    """
    names: Dict[str, Set[str]] = {"train": set(), split: set()}
    for text in texts:
        if text.split in names:
            found = (name for tag, name in text.names if tag in INVENTED)
            names[text.split].update(name.lstrip("#@").casefold() for name in found)
    return names[split], names[split] & names["train"]


def check_names(texts: List[Text], folder: Path) -> List[Complaint]:
    """Check that few names of people, firms and products in dev and test are in train.

    texts (List[Text]): All texts.
    folder (Path): The folder of the corpus.
    RETURNS (List[Complaint]): A complaint for each split with too many.
    """
    complaints = []
    for split in ("dev", "test"):
        names, shared = shared_names(texts, split)
        share = len(shared) / max(1, len(names))
        if share > MOST_SHARED_NAMES:
            path = folder / split
            listed = ", ".join(repr(name) for name in sorted(shared))
            message = Errors.L349.format(
                path=path, share=share, most=MOST_SHARED_NAMES, names=listed
            )
            complaints.append(Complaint(path, 0, message))
    return complaints


def check_shares(texts: List[Text], folder: Path) -> List[Complaint]:
    """Look for labels that dev or test have much more or less often than train.

    texts (List[Text]): All texts.
    folder (Path): The folder of the corpus.
    RETURNS (List[Complaint]): A warning for each label and split.
    """
    complaints = []
    by_split: Dict[str, List[Text]] = {}
    for text in texts:
        by_split.setdefault(text.split, []).append(text)
    train = by_split.get("train", [])
    for attribute, labels in (("sentiment", SENTIMENTS), ("topics", TOPICS)):
        for split, split_texts in by_split.items():
            for label in labels:
                share = counts_of(split_texts, attribute).get(label, 0) / len(split_texts)
                expected = counts_of(train, attribute).get(label, 0) / max(1, len(train))
                if abs(share - expected) > MOST_SHIFT:
                    path = folder / split
                    message = Errors.L350.format(
                        path=path, label=label, share=share, train=expected
                    )
                    complaints.append(Complaint(path, 0, message, error=False))
    return complaints


def check_consistency(texts: List[Text]) -> List[Complaint]:
    """Look for names that are tagged in one text, and not or otherwise in another one.

    Many are right as they are, so these are warnings: names are also words, and Victoria is a
    person and a station. Texts that say so themselves (`hard="nameword"`) are left out.

    texts (List[Text]): All texts.
    RETURNS (List[Complaint]): The warnings.
    """
    tagged: Dict[str, Dict[str, Text]] = {}
    for text in texts:
        if "nameword" not in text.values("hard"):
            for tag, name in text.names:
                if tag in TAGS and name.strip():
                    tagged.setdefault(name, {}).setdefault(tag, text)
    words = Counter(
        word for text in texts for word in re.findall(r"\w+", _masked(text)) if word.islower()
    )
    longest_first = sorted(tagged, key=lambda name: (-len(name), name))
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")
    complaints = []
    for text in texts:
        if "nameword" in text.values("hard"):
            continue
        messages = [*_untagged(text, pattern, tagged, words), *_otherwise(text, tagged)]
        complaints += [text.complaint(message, error=False) for message in messages]
    return complaints


def _masked(text: Text) -> str:
    # The characters in names become spaces, so that the others stay where they are.
    chars = text.element.text
    for start, end, *_ in text.element.spans:
        chars = chars[:start] + " " * (end - start) + chars[end:]
    return chars


def _untagged(
    text: Text, pattern: "re.Pattern[str]", tagged: Dict[str, Dict[str, Text]], words: Counter[str]
) -> Iterator[str]:
    masked = _masked(text)
    for match in pattern.finditer(masked) if tagged else ():
        name = match.group()
        starts_sentence = SENTENCE_START.search(masked[: match.start()])
        if name.islower() or (starts_sentence and name.lower() in words):
            continue
        for label, other in tagged[name].items():
            yield Errors.L351.format(where=text.where, name=name, label=label, other=other.where)


def _otherwise(text: Text, tagged: Dict[str, Dict[str, Text]]) -> Iterator[str]:
    for tag, name in dict.fromkeys(text.names):
        for other_tag, other in tagged.get(name, {}).items():
            # Once for each two texts, at the later one.
            if other_tag != tag and _order(other) < _order(text):
                yield Errors.L352.format(
                    where=text.where,
                    name=name,
                    label=tag,
                    other_label=other_tag,
                    other=other.where,
                )


def _order(text: Text) -> Tuple[int, str, int]:
    return ("train", "dev", "test").index(text.split), str(text.path), text.element.line
