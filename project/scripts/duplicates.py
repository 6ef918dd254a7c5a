"""Texts that are almost the same, within a split and across splits."""

from collections import Counter
from typing import Any, Dict, List, NamedTuple, Set, Tuple

from spacy_lstm.training.near_duplicates import Pair, near_duplicates
from spacy_lstm.training.readers.records import Record
from spacy_lstm.training.splits import SPLITS, Splits


class Copies(NamedTuple):
    """Two texts that are almost the same.

    share (float): How many of all their different words they share.
    splits (Tuple[str, str]): The splits of both.
    records (Tuple[Record, Record]): Both texts.
    """

    share: float
    splits: Tuple[str, str]
    records: Tuple[Record, Record]

    @property
    def leak(self) -> bool:
        """RETURNS (bool): Whether a text that is learned is also measured."""
        return self.splits[0] != self.splits[1]

    def as_dict(self) -> Dict[str, Any]:
        """RETURNS (Dict[str, Any]): What a reader wants to know."""
        places = [
            {"split": split, "where": record.where, "text": record.text}
            for split, record in zip(self.splits, self.records, strict=True)
        ]
        return {"share": round(self.share, 3), "texts": places}


def find_copies(splits: Splits, least: float) -> List[Copies]:
    """Find all pairs of texts that are almost the same.

    splits (Splits): The texts by split.
    least (float): The least share of common words.
    RETURNS (List[Copies]): The pairs.
    """
    placed = [(split, record) for split in SPLITS for record in splits[split]]
    pairs: List[Pair] = near_duplicates([record.text for _, record in placed], least)
    return [
        Copies(
            pair.share,
            (placed[pair.first][0], placed[pair.second][0]),
            (placed[pair.first][1], placed[pair.second][1]),
        )
        for pair in pairs
    ]


def drop_copies(splits: Splits, copies: List[Copies]) -> Splits:
    """Drop one of each two texts that are almost the same: what is in dev or test leaves train, and
    what is in test leaves dev; within a split, the later one goes.

    splits (Splits): The texts by split.
    copies (List[Copies]): The pairs, as `find_copies` gives them.
    RETURNS (Splits): The texts that remain.
    """
    dropped: Set[int] = set()
    for pair in copies:
        first, second = pair.records
        if id(first) not in dropped and id(second) not in dropped:
            dropped.add(id(first if pair.leak else second))
    return {
        split: [record for record in records if id(record) not in dropped]
        for split, records in splits.items()
    }


def summary(copies: List[Copies]) -> List[Tuple[str, str]]:
    """Count pairs by where they are.

    copies (List[Copies]): The pairs.
    RETURNS (List[Tuple[str, str]]): The rows of a table: the splits, and the number of pairs.
    """
    counts = Counter(pair.splits for pair in copies)
    return [
        (f"within {a}" if a == b else f"{a} and {b}", f"{n:,}")
        for (a, b), n in sorted(counts.items(), key=lambda item: -item[1])
    ]
