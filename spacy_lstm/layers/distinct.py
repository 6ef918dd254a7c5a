"""Work on the distinct rows of an array only: find them, spread what was computed, and collect
gradients."""

from typing import Any, NamedTuple, cast

import numpy
from thinc.api import Ops
from thinc.types import Floats2d

from ..types import Array

# Odd, so that multiplication by it loses nothing (the golden ratio: Knuth 1973, 6.4).
MULTIPLIER = numpy.uint64(0x9E3779B97F4A7C15)
HALF = numpy.uint64(32)


class Distinct(NamedTuple):
    """Which rows of an array are equal.

    first (Array): Where one row of each kind is, `(n_distinct,)`.
    kinds (Array): The kind of each row, `(n_rows,)`: `rows[first][kinds]` are the rows again.
    """

    first: Array
    kinds: Array


def find_distinct(rows: Array) -> Distinct:
    """Find the rows of an array that are equal: by a hash of each, which is verified, so that no
    two rows are ever taken for each other.

    rows (Array): Unsigned 64-bit integers, `(n_rows, n_columns)`.
    RETURNS (Distinct): One row of each kind, and the kind of each row.
    """
    hashes = _hash(rows)
    order = hashes.argsort()
    in_order = hashes[order]
    begins = numpy.ones(len(rows), dtype=bool)
    numpy.not_equal(in_order[1:], in_order[:-1], out=begins[1:])
    kinds = numpy.empty(len(rows), dtype="int64")
    kinds[order] = begins.cumsum() - 1
    first = order[begins]
    if numpy.array_equal(rows[first[kinds]], rows):
        return Distinct(first, kinds)
    # Two rows that differ have the same hash: slow, and by chance once in many billions of batches.
    _, first, kinds = numpy.unique(rows, axis=0, return_index=True, return_inverse=True)
    return Distinct(first, kinds.reshape(-1))


def _hash(rows: Array) -> Array:
    hashes = numpy.zeros(len(rows), dtype="uint64")
    for column in rows.T:
        hashes = mix(hashes ^ column)
    return hashes


def mix(keys: Array) -> Array:
    """keys (Array): Unsigned 64-bit integers.
    RETURNS (Array): A new array, of the shape of `keys`: other numbers for other keys, each of
        whose bits depends on many of theirs.
    """
    mixed: Array = keys * MULTIPLIER
    mixed ^= mixed >> HALF
    return mixed


def spread(ops: Ops, computed: Floats2d, distinct: Distinct) -> Floats2d:
    """Give each row what was computed for its kind.

    ops (Ops): Where the array lies.
    computed (Floats2d): One row a kind, `(n_distinct, width)`.
    distinct (Distinct): The kinds.
    RETURNS (Floats2d): A new array, `(n_rows, width)`.
    """
    return cast(Any, computed).take(ops.asarray(cast(Any, distinct.kinds)), axis=0)


def collect(ops: Ops, d_rows: Floats2d, distinct: Distinct) -> Floats2d:
    """The gradient of `spread`: that of a kind is the sum of those of its rows.

    ops (Ops): Where the array lies.
    d_rows (Floats2d): The gradients, `(n_rows, width)`.
    distinct (Distinct): The kinds.
    RETURNS (Floats2d): A new array, `(n_distinct, width)`.
    """
    d_computed: Any = ops.xp.zeros((len(distinct.first), d_rows.shape[1]), dtype=d_rows.dtype)
    kinds: Any = ops.asarray(cast(Any, distinct.kinds), dtype="int32")
    ops.scatter_add(d_computed, kinds, cast(Any, ops.as_contig(d_rows)))
    return d_computed
