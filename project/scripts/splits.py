"""What stands in train, dev and test, and whether a model can be trained and measured on it."""

import random
from collections import Counter
from pathlib import Path
from typing import Any, Dict, List

import srsly

from spacy_lstm.errors import Errors
from spacy_lstm.training.readers.records import DataError, Record

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


def split_as_committed(records: Dict[str, Dict[Any, Record]], path: Path) -> Splits:
    """Split texts as a file of the project says.

    records (Dict[str, Dict[Any, Record]]): By label, the texts by the keys that the file uses.
    path (Path): The file: by split and label, the list of keys.
    RETURNS (Splits): The texts by split.
    RAISES (DataError): If the file names a text that the corpus doesn't have.
    """
    splits: Splits = {}
    for split, by_label in srsly.read_json(path).items():
        splits[split] = []
        for label, keys in by_label.items():
            texts = records.get(label, {})
            for key in keys:
                if key not in texts:
                    raise DataError(Errors.L319.format(path=path, key=key, label=label))
                splits[split].append(texts[key])
    return splits


def take_few(splits: Splits, limit: int) -> Splits:
    """Take the first texts of each label and split, and of those without a label.

    splits (Splits): The texts by split.
    limit (int): How many of each label. Where texts have several, it can become more.
    RETURNS (Splits): Fewer texts by split.
    """
    few: Splits = {}
    for split, records in splits.items():
        seen: Counter[str] = Counter()
        few[split] = []
        for record in records:
            labels = labels_of(record) or [""]
            if any(seen[label] < limit for label in labels):
                few[split].append(record)
                seen.update(labels)
    return few


def check_labels(
    labels: Dict[str, Dict[str, int]], source: object, *, exclusive: bool = True
) -> None:
    """Check that a model can be trained and measured with these labels.

    labels (Dict[str, Dict[str, int]]): By split, the labels and how many texts have them.
    source (object): Where the texts come from, for messages.
    exclusive (bool): Whether exactly one label applies to each text.
    RAISES (DataError): If a split is empty or has no labels, train lacks one, or labels that
        exclude each other are fewer than two.
    """
    train = labels["train"]
    for split, counts in labels.items():
        if not counts and not exclusive:
            raise DataError(Errors.L331.format(path=source, split=split))
        if not counts:
            raise DataError(Errors.L303.format(path=f"{source}, {split},"))
        for label in sorted(counts):
            if label not in train:
                raise DataError(Errors.L313.format(path=source, label=label, split=split))
    if exclusive and len(train) < 2:
        raise DataError(Errors.L312.format(path=source, label=next(iter(train))))
