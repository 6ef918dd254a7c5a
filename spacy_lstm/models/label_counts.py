"""How often words are in texts of each label: of all training texts, and of those of each fold."""

from typing import Dict, List, NamedTuple, Optional

import numpy

from ..types import Array
from .ngrams import find_keys

#: From how many entries on they are added up.
LARGE = 4_000_000


class LabelCounts(NamedTuple):
    """In how many texts each key is, and of which labels those are.

    A row of counts is of a key, or of a key and a fold: of the texts of that fold alone. In the
    column 0 is the number of texts, in `1 + i` how many of them have the label `i`, and in
    `1 + n_labels + i` of how many that isn't known. What is 0 is left out.

    keys (Array): The keys, sorted, `(n_keys,)`.
    parts (Array): `place * n_folds + fold`, sorted, of the keys that are in two texts or more,
        `(n_parts,)`.
    starts (Array): Where the counts of each row begin, those of the keys and then those of the
        parts, and where the last one ends, `(n_keys + n_parts + 1,)`.
    columns (Array): The column of each count, `(n_counts,)`.
    counts (Array): The counts: whole numbers, unless a text has a share of a label.
    """

    keys: Array
    parts: Array
    starts: Array
    columns: Array
    counts: Array

    @classmethod
    def nothing(cls) -> "LabelCounts":
        """RETURNS (LabelCounts): Counts of no texts."""
        return cls(
            keys=numpy.zeros(0, dtype="uint64"),
            parts=numpy.zeros(0, dtype="uint64"),
            starts=numpy.zeros(1, dtype="uint32"),
            columns=numpy.zeros(0, dtype="uint16"),
            counts=numpy.zeros(0, dtype="float32"),
        )

    def has_unknown(self, n_labels: int) -> bool:
        """n_labels (int): The number of labels.
        RETURNS (bool): Whether of some texts it isn't known whether a label applies.
        """
        return bool(len(self.columns)) and int(self.columns.max()) > n_labels

    def look_up(self, keys: Array, n_columns: int) -> Array:
        """keys (Array): Keys, `(n,)`.
        n_columns (int): How many columns there are.
        RETURNS (Array): Their counts, `(n, n_columns)`: 0 for keys that aren't known.
        """
        places, found = find_keys(self.keys, keys)
        return self._rows(places, found, n_columns)

    def look_up_outside(self, keys: Array, folds: Array, n_folds: int, n_columns: int) -> Array:
        """keys (Array): Keys, `(n,)`.
        folds (Array): The number of a fold for each, `(n,)`.
        n_folds (int): How many folds there are.
        n_columns (int): How many columns there are.
        RETURNS (Array): In how many texts of the other folds they are, `(n, n_columns)`. A key
            that is in one text has none: it is taken for the text that is asked about.
        """
        places, found = find_keys(self.keys, keys)
        totals = self._rows(places, found, n_columns)
        wanted = places.astype("uint64") * numpy.uint64(n_folds) + folds.astype("uint64")
        parts, is_part = find_keys(self.parts, wanted)
        inside = self._rows(parts + len(self.keys), is_part & found, n_columns)
        outside = numpy.maximum(totals - inside, 0.0)
        outside[totals[:, 0] < 2] = 0.0
        return outside

    def problem(self, n_labels: int, n_folds: int, max_keys: int) -> Optional[str]:
        """n_labels (int): The number of labels.
        n_folds (int): The number of folds.
        max_keys (int): How many keys there may be.
        RETURNS (Optional[str]): What doesn't fit together, or None.
        """
        n_keys, n_parts, n_counts = len(self.keys), len(self.parts), len(self.counts)
        if n_keys > max_keys:
            return f"{n_keys} n-grams, where there may be {max_keys}"
        if n_parts and int(self.parts[-1]) >= n_keys * n_folds:
            return f"the part {self.parts[-1]} of {n_keys} n-grams in {n_folds} folds"
        if len(self.starts) != n_keys + n_parts + 1:
            return f"{len(self.starts)} rows for {n_keys} n-grams and {n_parts} parts of them"
        if self.starts[-1] != n_counts or len(self.columns) != n_counts:
            return f"{n_counts} counts in {self.starts[-1]} cells of {len(self.columns)} columns"
        if n_counts and self.columns.max() > 2 * n_labels:
            return f"the column {self.columns.max()} of {n_labels} labels"
        return None

    def _rows(self, rows: Array, found: Array, n_columns: int) -> Array:
        dense = numpy.zeros((len(rows), n_columns), dtype="float32")
        places = rows[found]
        starts = self.starts[places].astype("int64")
        lengths = self.starts[places + 1].astype("int64") - starts
        owners = numpy.repeat(found.nonzero()[0], lengths)
        steps = numpy.arange(len(owners)) - numpy.repeat(lengths.cumsum() - lengths, lengths)
        entries = numpy.repeat(starts, lengths) + steps
        dense[owners, self.columns[entries]] = self.counts[entries]
        return dense


def most_bytes(n_labels: int, n_folds: int, max_keys: int) -> int:
    """n_labels (int): The number of labels.
    n_folds (int): The number of folds.
    max_keys (int): How many keys there may be.
    RETURNS (int): How many bytes `LabelCounts` may have at most.
    """
    n_rows = max_keys * (1 + n_folds)
    return 8 * n_rows + 4 * (n_rows + 1) + 6 * n_rows * (1 + 2 * n_labels)


class LabelCounter:
    """Counts, some texts at a time."""

    def __init__(self, n_folds: int, n_labels: int) -> None:
        """n_folds (int): How many folds there are.
        n_labels (int): How many labels there are.
        """
        self._n_folds = n_folds
        self._n_columns = 1 + 2 * n_labels
        self._entries: List[Dict[str, Array]] = []
        self._n_entries = 0
        self._least = LARGE

    def add(self, keys: Array, texts: Array, folds: Array, truths: Array, known: Array) -> None:
        """keys (Array): Keys, each once a text, `(n,)`.
        texts (Array): The number of the text that each is in, `(n,)`.
        folds (Array): The number of the fold of each text, `(n_texts,)`.
        truths (Array): How much each label applies, from 0 to 1, `(n_texts, n_labels)`.
        known (Array): Whether that is known, of the same shape.
        """
        row = numpy.concatenate([numpy.ones((len(truths), 1)), truths * known, ~known], axis=1)
        owners, columns = row.nonzero()
        n_of_text = numpy.bincount(owners, minlength=len(row))
        starts = n_of_text.cumsum() - n_of_text
        lengths = n_of_text[texts]
        steps = numpy.arange(lengths.sum()) - numpy.repeat(lengths.cumsum() - lengths, lengths)
        entries = numpy.repeat(starts[texts], lengths) + steps
        self._entries.append(
            {
                "keys": numpy.repeat(keys, lengths),
                "cells": numpy.repeat(folds[texts], lengths) * self._n_columns + columns[entries],
                "counts": row[owners, columns][entries],
            }
        )
        self._n_entries += len(entries)
        # Not before there are twice as many as were left, so that the time grows with the texts.
        if self._n_entries > self._least:
            self._entries = [_add_up(**_joined(self._entries))]
            self._n_entries = len(self._entries[0]["keys"])
            self._least = max(LARGE, 2 * self._n_entries)

    def finish(self, min_count: int, max_keys: int) -> LabelCounts:
        """min_count (int): In how many texts a key must be, at least.
        max_keys (int): How many keys there may be. Those in the fewest texts are left out.
        RETURNS (LabelCounts): The counts.
        """
        if not self._entries:
            return LabelCounts.nothing()
        entries = _add_up(**_joined(self._entries))
        folds, columns = numpy.divmod(entries["cells"], self._n_columns)
        keys, places = numpy.unique(entries["keys"], return_inverse=True)
        weights = numpy.where(columns == 0, entries["counts"], 0.0)
        n_texts = numpy.bincount(places, weights=weights, minlength=len(keys))
        # Of equally rare ones, those with the smaller hashes stay: no order of the texts matters.
        order = numpy.argsort(-n_texts, kind="stable")
        order = order[n_texts[order] >= min_count][:max_keys]
        new = numpy.full(len(keys), -1)
        order.sort()
        new[order] = numpy.arange(len(order))
        kept = new[places] >= 0
        places, folds, columns = new[places[kept]], folds[kept], columns[kept]
        counts, n_texts = entries["counts"][kept], n_texts[order]
        totals = _add_up(places, columns, counts)
        often = n_texts[places] >= 2
        of_parts = (places * self._n_folds + folds)[often]
        parts = numpy.unique(of_parts)
        rows = numpy.concatenate([totals["keys"], len(order) + numpy.searchsorted(parts, of_parts)])
        lengths = numpy.bincount(rows, minlength=len(order) + len(parts))
        return LabelCounts(
            keys=keys[order],
            parts=parts.astype("uint64"),
            starts=numpy.concatenate([[0], lengths.cumsum()]).astype("uint32"),
            columns=numpy.concatenate([totals["cells"], columns[often]]).astype("uint16"),
            counts=numpy.concatenate([totals["counts"], counts[often]]).astype("float32"),
        )


def _joined(entries: List[Dict[str, Array]]) -> Dict[str, Array]:
    return {name: numpy.concatenate([some[name] for some in entries]) for name in entries[0]}


def _add_up(keys: Array, cells: Array, counts: Array) -> Dict[str, Array]:
    """Make one entry of those with the same key and cell. They are sorted."""
    order = numpy.lexsort((cells, keys))
    keys, cells = keys[order], cells[order]
    first = numpy.ones(len(keys), dtype=bool)
    first[1:] = (keys[1:] != keys[:-1]) | (cells[1:] != cells[:-1])
    starts = first.nonzero()[0]
    sums = numpy.add.reduceat(counts[order], starts) if len(starts) else counts
    return {"keys": keys[starts], "cells": cells[starts], "counts": sums}
