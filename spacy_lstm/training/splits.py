"""Which texts a model learns from, and which it is measured on: train, dev and test."""

import random
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
    labels: Dict[str, str] = {}
    for record in records:
        labels.setdefault(record.text, label_of(record))
    by_label: Dict[str, List[str]] = {}
    for text, label in labels.items():
        by_label.setdefault(label, []).append(text)
    split_of: Dict[str, str] = {}
    for label, texts in by_label.items():
        if len(texts) < LEAST:
            raise DataError(Errors.L314.format(path=source, label=label, n=len(texts), least=LEAST))
        # A generator for each label, so that the splits of one don't hang on the others.
        random.Random(f"{seed} {label}").shuffle(texts)
        n = max(1, round(len(texts) / SHARE))
        split_of.update(dict.fromkeys(texts[:n], "test"))
        split_of.update(dict.fromkeys(texts[n : 2 * n], "dev"))
        split_of.update(dict.fromkeys(texts[2 * n :], "train"))
    return {split: [r for r in records if split_of[r.text] == split] for split in SPLITS}
