"""Which rows go where: the plan of a batch, made once and shared by all layers and directions."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import List, Sequence

import numpy
import torch

from ..types import Array

# The time of a padded step in units of one row: a step of few rows costs about as much as this
# many.
STEP_COST = 12.0


@dataclass(frozen=True)
class Bucket:
    """Documents of similar length, side by side as the columns of a padded block.

    n_steps (int): The length of the longest.
    n_docs (int): How many.
    forward (torch.Tensor): For each cell of the block, the row of the flat array that is read
        there, `(n_steps * n_docs,)`; padding reads the document's last row.
    backward (torch.Tensor): The same with each document's rows reversed within its own length.
    rows (torch.Tensor): The bucket's rows of the flat array, `(n_rows,)`, document by document.
    forward_cells (torch.Tensor): The cell in which each of `rows` lies in a forward block.
    backward_cells (torch.Tensor): The same in a backward block.
    """

    n_steps: int
    n_docs: int
    forward: torch.Tensor
    backward: torch.Tensor
    rows: torch.Tensor
    forward_cells: torch.Tensor
    backward_cells: torch.Tensor


class Plan:
    """How the documents of one batch are laid out for the kernel.

    lengths (Sequence[int]): The number of rows of each document, in the order of the flat array.
        Documents may be empty.
    device (torch.device): Where the indices are needed.
    """

    def __init__(self, lengths: Sequence[int], device: torch.device) -> None:
        self.lengths = numpy.asarray(lengths, dtype="int64")
        self.starts = numpy.cumsum(self.lengths) - self.lengths
        self.n_rows = int(self.lengths.sum())
        self.device = device
        order = numpy.argsort(-self.lengths, kind="stable")
        self.order = order[self.lengths[order] > 0]

    @cached_property
    def buckets(self) -> List[Bucket]:
        """The padded layout, longest documents first."""
        lengths = self.lengths[self.order]
        edges = [0, *choose_edges(lengths), len(lengths)]
        return [
            self._bucket(self.order[start:end]) for start, end in pairwise(edges) if end > start
        ]

    def _bucket(self, docs: Array) -> Bucket:
        lengths, starts = self.lengths[docs], self.starts[docs]
        n_steps, n_docs = int(lengths[0]), len(docs)
        step = numpy.arange(n_steps)[:, None]
        last = lengths - 1
        forward = starts + numpy.minimum(step, last)
        backward = starts + numpy.maximum(last - step, 0)
        # For every row of the bucket: the column of its document, and its place in it.
        column = numpy.repeat(numpy.arange(n_docs), lengths)
        place = numpy.arange(len(column)) - numpy.repeat(numpy.cumsum(lengths) - lengths, lengths)
        return Bucket(
            n_steps=n_steps,
            n_docs=n_docs,
            forward=self._tensor(forward.ravel()),
            backward=self._tensor(backward.ravel()),
            rows=self._tensor(starts[column] + place),
            forward_cells=self._tensor(place * n_docs + column),
            backward_cells=self._tensor((last[column] - place) * n_docs + column),
        )

    @cached_property
    def batch_sizes(self) -> torch.Tensor:
        """The packed layout: how many documents reach each step, `(n_steps,)`, on the CPU as torch
        wants it."""
        lengths = self.lengths[self.order]
        n_steps = int(lengths[0]) if len(lengths) else 0
        ended = numpy.cumsum(numpy.bincount(lengths, minlength=n_steps + 1))[:n_steps]
        return torch.from_numpy(len(lengths) - ended)

    @cached_property
    def packed(self) -> torch.Tensor:
        """The packed layout: the row of the flat array that is read at each packed row,
        `(n_rows,)`."""
        sizes = self.batch_sizes.numpy()
        step = numpy.repeat(numpy.arange(len(sizes)), sizes)
        rank = numpy.arange(self.n_rows) - numpy.repeat(numpy.cumsum(sizes) - sizes, sizes)
        return self._tensor(self.starts[self.order][rank] + step)

    def _tensor(self, index: Array) -> torch.Tensor:
        return torch.from_numpy(numpy.ascontiguousarray(index)).to(self.device)


def choose_edges(lengths: Array) -> List[int]:
    """Where to cut documents, sorted from long to short, into buckets.

    A bucket of `n` documents, the longest of `t` steps, takes about `t * (n + STEP_COST)`: padding
    is wasted rows, and too many buckets are wasted steps. The cuts that make the sum smallest are
    found by dynamic programming over the distinct lengths.

    lengths (Array): From long to short, none 0.
    RETURNS (List[int]): The positions of the first document of each bucket but the first.
    """
    if len(lengths) == 0:
        return []
    # Candidates: the first document of each distinct length. At most 64 of them, evenly spread, so
    # that the search takes no time worth speaking of.
    firsts = numpy.flatnonzero(numpy.diff(lengths, prepend=lengths[0] + 1))
    if len(firsts) > 64:
        firsts = firsts[numpy.linspace(0, len(firsts) - 1, 64).astype("int64")]
    ends = numpy.append(firsts[1:], len(lengths))
    steps = lengths[firsts].astype("float64")
    best = numpy.zeros(len(firsts) + 1)
    came_from = numpy.zeros(len(firsts) + 1, dtype="int64")
    for i, end in enumerate(ends, start=1):
        costs = best[:i] + steps[:i] * (end - firsts[:i] + STEP_COST)
        came_from[i] = costs.argmin()
        best[i] = costs[came_from[i]]
    edges = []
    at = int(came_from[len(firsts)])
    while at > 0:
        edges.append(int(firsts[at]))
        at = int(came_from[at])
    return edges[::-1]
