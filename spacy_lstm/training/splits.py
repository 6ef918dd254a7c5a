"""Which texts a model learns from, and which it is measured on: train, dev and test."""

import random
from collections import Counter
from typing import Dict, List

from ..errors import Errors
from .readers.records import DataError, Record

SPLITS = ("train", "dev", "test")
SHARE = 10  # one text in ten goes to dev, and one to test
LEAST = len(SPLITS)

Splits = Dict[str, List[Record]]


def label_of(record: Record) -> str:
    """Get the one category that applies to a text.

    record (Record): The text.
    RETURNS (str): The category.
    RAISES (DataError): If several apply, or none, or one in part.
    """
    labels = [label for label, value in record.cats.items() if value != 0]
    if len(labels) != 1 or record.cats[labels[0]] != 1:
        raise DataError(Errors.L310.format(where=record.where, cats=record.cats))
    return labels[0]


def labels_of(record: Record) -> List[str]:
    """Get the categories that apply to a text, in part or wholly: any number of them.

    record (Record): The text.
    RETURNS (List[str]): The categories.
    """
    return [label for label, value in record.cats.items() if value > 0]


def split_at_random(records: List[Record], seed: int, source: object) -> Splits:
    """Split texts 80/10/10 at random, each label on its own. The order within a split is that of
    the source. Copies of a text stay together: one in train would tell the answer to one in test.

    records (List[Record]): The texts.
    seed (int): The same seed and texts give the same splits.
    source (object): Where they come from, for messages.
    RETURNS (Splits): The texts by split.
    RAISES (DataError): If a label has too few texts.
    """
    strata: Dict[str, List[str]] = {}
    for text, record in _first_of_each(records).items():
        strata.setdefault(label_of(record), []).append(text)
    for label, texts in strata.items():
        if len(texts) < LEAST:
            raise DataError(Errors.L314.format(path=source, label=label, n=len(texts), least=LEAST))
    return _split_strata(records, strata, seed)


def split_by_rarest(records: List[Record], seed: int, source: object) -> Splits:
    """Split texts 80/10/10 at random, whatever number of categories they have: each text goes with
    the rarest of its categories, and those without one are split on their own, with those of
    categories that have too few texts; fewer than three of these are all in train. Where one
    category applies to each text and all have enough, these are the splits of `split_at_random`.

    records (List[Record]): The texts.
    seed (int): The same seed and texts give the same splits.
    source (object): Where they come from, for messages.
    RETURNS (Splits): The texts by split.
    RAISES (DataError): If there are too few texts.
    """
    first = _first_of_each(records)
    if len(first) < LEAST:
        raise DataError(Errors.L367.format(path=source, n=len(first), least=LEAST))
    counts = Counter(label for record in first.values() for label in labels_of(record))
    strata: Dict[str, List[str]] = {}
    for text, record in first.items():
        # By name where they are equally rare, so that it doesn't hang on the order in the source.
        rarest = min(labels_of(record), key=lambda label: (counts[label], label), default="")
        strata.setdefault(rarest, []).append(text)
    for label in [label for label, texts in strata.items() if len(texts) < LEAST]:
        texts = strata.pop(label)
        strata.setdefault("", []).extend(texts)
    return _split_strata(records, strata, seed)


def _first_of_each(records: List[Record]) -> Dict[str, Record]:
    first: Dict[str, Record] = {}
    for record in records:
        first.setdefault(record.text, record)
    return first


def _split_strata(records: List[Record], strata: Dict[str, List[str]], seed: int) -> Splits:
    split_of: Dict[str, str] = {}
    for label, texts in strata.items():
        # A generator for each label, so that the splits of one don't hang on the others.
        random.Random(f"{seed} {label}").shuffle(texts)
        n = max(1, round(len(texts) / SHARE)) if len(texts) >= LEAST else 0
        split_of.update(dict.fromkeys(texts[:n], "test"))
        split_of.update(dict.fromkeys(texts[n : 2 * n], "dev"))
        split_of.update(dict.fromkeys(texts[2 * n :], "train"))
    return {split: [r for r in records if split_of[r.text] == split] for split in SPLITS}
