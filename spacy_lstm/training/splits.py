"""Which texts a model learns from, and which it is measured on: train, dev and test."""

import random
from collections import Counter
from hashlib import blake2b
from typing import Dict, Iterable, List, Tuple

from ..errors import Errors
from .readers.records import DataError, Record

SPLITS = ("train", "dev", "test")
SHARE = 0.1  # one text in ten goes to dev, and one to test
LEAST = len(SPLITS)

#: How many categories apply to each text: exactly one, any number, or it isn't about categories.
CATEGORIES = ("one", "any", "none")

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


def counted_labels(record: Record, categories: str) -> List[str]:
    """Get the labels by which a text counts: its categories, or the labels of its names where the
    corpus has no categories.

    record (Record): The text.
    categories (str): How many apply to each text: one of `CATEGORIES`.
    RETURNS (List[str]): The labels, each once.
    RAISES (DataError): If exactly one should apply, and another number does.
    """
    if categories == "one":
        return [label_of(record)]
    if categories == "any":
        return labels_of(record)
    return sorted({ent.label for ent in record.ents or ()})


def split_at_random(
    records: List[Record],
    seed: int,
    source: object,
    *,
    categories: str = "one",
    dev: float = SHARE,
    test: float = SHARE,
) -> Splits:
    """Split texts at random, each label on its own, so that its shares are those of the whole. Of
    several labels, the rarest counts (as in Sechidis et al. 2011). The order within a split is that
    of the source. Copies of a text stay together: one in train would tell the answer to one in
    test.

    records (List[Record]): The texts.
    seed (int): The same seed and texts give the same splits.
    source (object): Where they come from, for messages.
    categories (str): How many apply to each text: one of `CATEGORIES`.
    dev (float): The share of dev, greater than 0.
    test (float): The share of test, greater than 0.
    RETURNS (Splits): The texts by split.
    RAISES (DataError): If a label has too few texts, or the shares leave nothing for train.
    """
    check_shares(dev, test)
    strata, rare = _strata(records, categories)
    split_of = dict.fromkeys(rare, "train")
    if not strata:
        raise DataError(Errors.L403.format(path=source, n=len(rare), least=LEAST))
    for label, texts in strata.items():
        if len(texts) < LEAST:
            message = Errors.L314.format(path=source, label=label, n=len(texts), least=LEAST)
            raise DataError(message)
        # A generator for each label, so that the splits of one don't hang on the others.
        random.Random(f"{seed} {label}").shuffle(texts)
        n_test = _share_of(len(texts), test)
        n_dev = min(_share_of(len(texts), dev), len(texts) - n_test - 1)
        split_of.update(dict.fromkeys(texts[:n_test], "test"))
        split_of.update(dict.fromkeys(texts[n_test : n_test + n_dev], "dev"))
        split_of.update(dict.fromkeys(texts[n_test + n_dev :], "train"))
    return {split: [r for r in records if split_of[r.text] == split] for split in SPLITS}


def split_of_text(text: str, seed: int, *, dev: float = SHARE, test: float = SHARE) -> str:
    """Choose the split of a text by a checksum of it. Nothing needs to be known of the other texts,
    copies stay together, and the shares are about right where there are thousands.

    text (str): The text.
    seed (int): Another seed gives another split.
    dev (float): The share of dev.
    test (float): The share of test.
    RETURNS (str): One of `SPLITS`.
    """
    key = seed.to_bytes(16, "little", signed=True)
    # Half of a pair of surrogates is no UTF-8; such a text has a checksum all the same.
    digest = blake2b(text.encode("utf8", "surrogatepass"), digest_size=8, key=key).digest()
    place = int.from_bytes(digest, "little") / 2**64
    if place < test:
        return "test"
    return "dev" if place < test + dev else "train"


def check_shares(dev: float, test: float) -> None:
    """Check the shares of a split.

    dev (float): The share of dev.
    test (float): The share of test.
    RAISES (DataError): If one isn't greater than 0, or nothing is left for train.
    """
    if dev <= 0 or test <= 0 or dev + test >= 1:
        raise DataError(Errors.L404.format(dev=dev, test=test))


def _share_of(n: int, share: float) -> int:
    return min(max(1, round(n * share)), n - 2)


def _strata(records: Iterable[Record], categories: str) -> Tuple[Dict[str, List[str]], List[str]]:
    # By label, the different texts that have it, in their order; and those with a label that too
    # few have for all splits, which can only be learned. The first of copies decides.
    labels: Dict[str, List[str]] = {}
    for record in records:
        if record.text not in labels:
            labels[record.text] = counted_labels(record, categories)
    counts = Counter(label for those in labels.values() for label in those)
    strata: Dict[str, List[str]] = {}
    rare: List[str] = []
    for text, those in labels.items():
        rarest = min(those, key=lambda label: (counts[label], label), default="")
        strata.setdefault(rarest, []).append(text)
    if categories != "one":
        for label in [label for label, texts in strata.items() if len(texts) < LEAST]:
            rare += strata.pop(label)
    return strata, rare
