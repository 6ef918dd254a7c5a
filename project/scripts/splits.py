"""What stands in train, dev and test, and whether a model can be trained and measured on it."""

from collections import Counter
from pathlib import Path
from typing import Any, Dict

import srsly

from spacy_lstm.errors import Errors
from spacy_lstm.training.readers.records import DataError, Record
from spacy_lstm.training.splits import Splits, labels_of


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
