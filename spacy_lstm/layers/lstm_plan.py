"""Which rows go where: the plan of a batch, made once and shared by all layers and directions."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import List, Optional, Sequence

import numpy
import torch

from ..types import Array

# What one call of the kernel costs besides its rows, in units of one row. A row takes the time of
# its products with the weights. A call takes the time of so many products at any width, and brings
# the weights into another layout, which takes the time of so many rows. (In bfloat16 a row takes
# half the time, so the first is twice as much.) `benchmarks/kernel_tuning.py` measures both.
CALL_PRODUCTS = 8e6
CALL_ROWS = 40.0

# The most hidden units (cells times width) of one call. In prediction it bounds the memory of the
# call, 16 bytes for each. In training the kernel keeps 62 bytes for each, and above 32 MB glibc
# takes every block anew from the system, which costs as much time as to compute the half of it.
MAX_UNITS = 2**20
MAX_UNITS_TRAINING = 2**19

# The most tokens of one call, and the most of a direction of which the backward pass finds all that
# it needs in memory: 62 bytes for each of their hidden units.
MAX_TOKENS = 2**15

# The search for the cheapest cuts looks at so many lengths at most, so that it takes no time worth
# speaking of.
MAX_CANDIDATES = 48


@dataclass(frozen=True)
class Segment:
    """Some steps of the documents that reach them, as one padded block.

    first (int): Its first cell.
    start (int): Its first step.
    n_steps (int): How many steps.
    n_docs (int): How many documents: the longest ones, those that reach the first of the steps.
    """

    first: int
    start: int
    n_steps: int
    n_docs: int

    @property
    def n_cells(self) -> int:
        """int: How many cells it has."""
        return self.n_steps * self.n_docs

    @property
    def cells(self) -> slice:
        """slice: Where they are among those of all segments."""
        return slice(self.first, self.first + self.n_cells)

    @property
    def steps(self) -> slice:
        """slice: Which steps it has."""
        return slice(self.start, self.start + self.n_steps)


@dataclass(frozen=True)
class Layout:
    """Where one direction finds the rows of the flat array.

    rows (Sequence[torch.Tensor]): For each cell of each segment, the row that is read there;
        padding reads a row of its own document.
    targets (Sequence[torch.Tensor]): The row to which each cell's result belongs; that of padding
        to one more row than there are.
    """

    rows: Sequence[torch.Tensor]
    targets: Sequence[torch.Tensor]


class Plan:
    """How the documents of one batch are laid out for the kernel.

    The documents stand side by side, the longest first, and are cut across into segments of some
    steps: a document that has ended is in the next segment no more. So a batch of any lengths takes
    as many steps as its longest document, and only those that end within a segment are padded.

    lengths (Sequence[int]): The number of rows of each document, in the order of the flat array.
        Documents may be empty.
    device (torch.device): Where the indices are needed.
    call_cost (float): What one call of the kernel costs besides its rows, in units of one row.
    max_cells (int): The most cells of one call, but for those of one step.
    max_tokens (int): The same for any kernel, and the most cells of each direction of which all
        that the backward pass needs is kept.
    cut_every (Optional[int]): After how many steps, counted from where a direction starts to read a
        document, no gradient goes back over the states; None is never.
    """

    def __init__(
        self,
        lengths: Sequence[int],
        device: torch.device,
        *,
        call_cost: float = 100.0,
        max_cells: int = 8192,
        max_tokens: int = MAX_TOKENS,
        cut_every: Optional[int] = None,
    ) -> None:
        self.device = device
        self.call_cost = call_cost
        self.max_cells = min(max_cells, max_tokens)
        self.max_tokens = max_tokens
        every = numpy.asarray(lengths, dtype="int64")
        starts = numpy.cumsum(every) - every
        self.n_rows = int(every.sum())
        order = numpy.argsort(-every, kind="stable")
        order = order[: numpy.count_nonzero(every)]
        #: The lengths of the documents that aren't empty, from long to short.
        self.lengths = every[order]
        #: The first row of each of them.
        self.starts = starts[order]
        longest = int(self.lengths[0]) if len(order) else 0
        #: `cut_every`, where a document is longer than that.
        self.cut_every = cut_every if cut_every and cut_every < longest else None
        #: Whether all have one length, and no gradient is cut off. Then there is no padding, so the
        #: backward direction can read the blocks of the forward one from their end, and no index is
        #: needed.
        self.uniform = longest > 0 and longest == self.lengths[-1] and self.cut_every is None

    @cached_property
    def segments(self) -> List[Segment]:
        """The padded layout, from the first step on."""
        segments = []
        first = 0
        bounds = {0, *choose_cuts(self.lengths, self.call_cost)}
        if self.cut_every is not None:
            bounds.update(range(self.cut_every, int(self.lengths[0]), self.cut_every))
        for start, end in pairwise(sorted(bounds)):
            n_docs = int(numpy.searchsorted(-self.lengths, -start, side="left"))
            most = max(1, self.max_cells // n_docs)
            for step in range(start, end, most):
                segment = Segment(first, step, min(most, end - step), n_docs)
                segments.append(segment)
                first = segment.cells.stop
        return segments

    def is_cut(self, segment: Segment) -> bool:
        """segment (Segment): A segment.
        RETURNS (bool): Whether no gradient goes back from it to what was read before.
        """
        return self.cut_every is not None and segment.start % self.cut_every == 0

    @cached_property
    def n_cells(self) -> int:
        """How many cells a direction has: the rows, and the padding."""
        return self.segments[-1].cells.stop if self.segments else 0

    @cached_property
    def forward(self) -> Layout:
        """Each document from its first row on."""
        return self._layout(self._step)

    @cached_property
    def backward(self) -> Layout:
        """Each document from its last row on: its rows are reversed within its own length."""
        return self._layout(self.lengths[self._rank] - 1 - self._step)

    @cached_property
    def padding(self) -> List[torch.Tensor]:
        """The cells of each segment that are no row's, counted from its first, in either
        direction."""
        parts = (self._is_padding[segment.cells] for segment in self.segments)
        return [self._tensor(numpy.flatnonzero(part)) for part in parts]

    @cached_property
    def batch_sizes(self) -> torch.Tensor:
        """The packed layout: how many documents reach each step, `(n_steps,)`, on the CPU as torch
        wants it."""
        n_steps = int(self.lengths[0]) if len(self.lengths) else 0
        ended = numpy.cumsum(numpy.bincount(self.lengths, minlength=n_steps + 1))[:n_steps]
        return torch.from_numpy(len(self.lengths) - ended)

    @cached_property
    def packed(self) -> torch.Tensor:
        """The packed layout: the row of the flat array that is read at each packed row,
        `(n_rows,)`."""
        sizes = self.batch_sizes.numpy()
        return self._tensor(self.starts[_count_up(sizes)] + _repeat_index(sizes))

    @cached_property
    def _docs_at(self) -> Array:
        # How many documents each step has in the padded layout, `(n_steps,)`.
        shapes = [(segment.n_docs, segment.n_steps) for segment in self.segments]
        n_docs, n_steps = numpy.array(shapes, dtype="int64").reshape(-1, 2).T
        return numpy.repeat(n_docs, n_steps)

    @cached_property
    def _step(self) -> Array:
        return _repeat_index(self._docs_at)

    @cached_property
    def _rank(self) -> Array:
        return _count_up(self._docs_at)

    @cached_property
    def _is_padding(self) -> Array:
        return self._step >= self.lengths[self._rank]

    def _layout(self, place: Array) -> Layout:
        # `place` is that of each cell's row in its document.
        starts = self.starts[self._rank]
        if self.n_cells == self.n_rows:
            rows = self._split(starts + place)
            return Layout(rows, rows)
        rows = starts + numpy.clip(place, 0, self.lengths[self._rank] - 1)
        targets = numpy.where(self._is_padding, self.n_rows, rows)
        return Layout(self._split(rows), self._split(targets))

    def _split(self, cells: Array) -> Sequence[torch.Tensor]:
        return self._tensor(cells).split([segment.n_cells for segment in self.segments])

    def _tensor(self, index: Array) -> torch.Tensor:
        return torch.from_numpy(index).to(self.device)


def call_cost(n_in: int, n_hidden: int, dtype: torch.dtype) -> float:
    """What one call of the kernel costs besides its rows.

    n_in (int): The width of its input.
    n_hidden (int): The width of its one direction.
    dtype (torch.dtype): What it computes in.
    RETURNS (float): The cost, in units of one row.
    """
    products = CALL_PRODUCTS * (2 if dtype == torch.bfloat16 else 1)
    return CALL_ROWS + products / (4 * n_hidden * (n_in + n_hidden))


def max_cells(n_hidden: int, is_train: bool) -> int:
    """The most cells of one call of the kernel.

    n_hidden (int): The width of its one direction.
    is_train (bool): Whether it keeps what the backward pass needs.
    RETURNS (int): How many.
    """
    return max(1, (MAX_UNITS_TRAINING if is_train else MAX_UNITS) // n_hidden)


def _repeat_index(counts: Array) -> Array:
    """0 as often as the first count says, then 1, and so on."""
    return numpy.repeat(numpy.arange(len(counts)), counts)


def _count_up(counts: Array) -> Array:
    """From 0 to the first count, then from 0 to the second, and so on."""
    ends = numpy.cumsum(counts)
    return numpy.arange(ends[-1] if len(ends) else 0) - numpy.repeat(ends - counts, counts)


def choose_cuts(lengths: Array, call_cost: float) -> List[int]:
    """Where to cut documents across.

    A segment from step `a` to step `b` takes about `(b - a) * n + call_cost`, where `n` documents
    reach step `a`: with few cuts there is much padding, and with many there are many calls. The
    cuts that make the sum smallest are found by dynamic programming over the distinct lengths.

    lengths (Array): From long to short, none 0.
    call_cost (float): What a segment costs besides its cells, in units of one cell.
    RETURNS (List[int]): The end of each segment, ascending; the last is the greatest length.
    """
    if len(lengths) == 0:
        return []
    if lengths[0] == lengths[-1]:
        return [int(lengths[0])]
    firsts = numpy.flatnonzero(numpy.diff(lengths, prepend=lengths[0] + 1))[::-1]
    ends, longer = lengths[firsts], firsts
    if len(ends) > MAX_CANDIDATES:
        chosen = numpy.linspace(0, len(ends) - 1, MAX_CANDIDATES).astype("int64")
        ends, longer = ends[chosen], longer[chosen]
    bounds = numpy.append(0, ends)
    # How many documents reach each bound: those that are longer.
    n_docs = numpy.append(len(lengths), longer)
    best = numpy.zeros(len(bounds))
    came_from = [0] * len(bounds)
    for i in range(1, len(bounds)):
        costs = best[:i] + (bounds[i] - bounds[:i]) * n_docs[:i]
        came_from[i] = int(costs.argmin())
        best[i] = costs[came_from[i]] + call_cost
    cuts = []
    at = len(bounds) - 1
    while at > 0:
        cuts.append(int(bounds[at]))
        at = came_from[at]
    return cuts[::-1]
