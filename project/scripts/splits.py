"""What stands in train, dev and test, and whether a model can be trained and measured on it."""

from collections import Counter
from pathlib import Path
from typing import Any, Dict, Iterable, Iterator, Mapping, Tuple

import srsly

from spacy_lstm.errors import Errors
from spacy_lstm.training.readers.records import DataError, Record
from spacy_lstm.training.splits import SPLITS, Splits, counted_labels

#: By split, how many texts have each label.
Counts = Dict[str, Counter[str]]


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


def count_labels(splits: Splits, categories: str) -> Counts:
    """Count the texts of each label.

    splits (Splits): The texts by split.
    categories (str): How many apply to each text: one of `CATEGORIES`.
    RETURNS (Counts): The numbers by split and label.
    RAISES (DataError): If exactly one should apply to a text, and another number does.
    """
    return {
        split: Counter(label for record in records for label in counted_labels(record, categories))
        for split, records in splits.items()
    }


def take_few(
    placed: Iterable[Tuple[str, Record]], limit: int | None, categories: str
) -> Iterator[Tuple[str, Record]]:
    """Take the first texts of each label and split, and of those without a label.

    placed (Iterable[Tuple[str, Record]]): Splits and their texts.
    limit (int | None): How many of each label; None takes all. Where texts have several labels, it
        can become more.
    categories (str): How many apply to each text: one of `CATEGORIES`.
    YIELDS (Tuple[str, Record]): Fewer of them.
    """
    seen: Counts = {split: Counter() for split in SPLITS}
    for split, record in placed:
        labels = counted_labels(record, categories) or [""]
        if limit is None or any(seen[split][label] < limit for label in labels):
            seen[split].update(labels)
            yield split, record


def check_labels(
    labels: Mapping[str, Mapping[str, int]], source: object, *, categories: str = "one"
) -> None:
    """Check that a model can be trained and measured with these labels.

    labels (Mapping[str, Mapping[str, int]]): By split, the labels and how many texts have them.
    source (object): Where the texts come from, for messages.
    categories (str): How many apply to each text: one of `CATEGORIES`; with "none", the labels are
        those of the names.
    RAISES (DataError): If a split is empty or has no labels, train lacks one, or labels that
        exclude each other are fewer than two.
    """
    train = labels["train"]
    for split, counts in labels.items():
        if not counts and categories != "one":
            raise DataError(Errors.L331.format(path=source, split=split))
        if not counts:
            raise DataError(Errors.L303.format(path=f"{source}, {split},"))
        for label in sorted(counts):
            if label not in train:
                raise DataError(Errors.L313.format(path=source, label=label, split=split))
    if categories == "one" and len(train) < 2:
        raise DataError(Errors.L312.format(path=source, label=next(iter(train))))
