"""Rows that are computed some at a time."""

from typing import Any, Callable

from thinc.api import get_array_module
from thinc.types import Floats2d

# How many, where it is not worth a setting.
ROWS_AT_ONCE = 2**14


def in_parts(compute: Callable[[slice], Floats2d], n_rows: int) -> Floats2d:
    """Compute rows, some at a time, so that what is only needed on the way takes bounded memory.

    compute (Callable[[slice], Floats2d]): From rows to one row for each of them.
    n_rows (int): How many there are, at least one.
    RETURNS (Floats2d): What is computed, `(n_rows, width)`.
    """
    if n_rows <= ROWS_AT_ONCE:
        return compute(slice(0, n_rows))
    first: Any = compute(slice(0, ROWS_AT_ONCE))
    rows = get_array_module(first).empty((n_rows, first.shape[1]), dtype=first.dtype)
    rows[:ROWS_AT_ONCE] = first
    for start in range(ROWS_AT_ONCE, n_rows, ROWS_AT_ONCE):
        part = slice(start, min(start + ROWS_AT_ONCE, n_rows))
        rows[part] = compute(part)
    return rows
