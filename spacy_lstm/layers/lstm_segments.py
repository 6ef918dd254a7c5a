"""An LSTM layer over the segments of a batch, one after the other, one direction at a time.

In the forward pass, a segment hands its last states to the next; in the backward pass, the next
hands their gradients back, except where truncated backpropagation through time (Williams & Peng
1990) cuts. A document that has ended takes no part in the next segment, so what padding computes
after its end reaches nothing that is read.

What the backward pass needs of a segment is kept for the segments that it comes to first, as far as
the plan allows. Of the others only the states before them are kept, and they are computed again
when their turn comes (Chen et al. 2016), from the same weights and inputs: nothing in here is drawn
at random.
"""

from typing import Callable, List, NamedTuple, Optional, Sequence, Tuple

import torch

from .lstm_blocks import Access, Dense, Scattered
from .lstm_plan import Plan
from .lstm_types import Gradients, Kernel, LayerResult, Run, Weights

#: Makes the kernel of a direction from its weights, of the plan, and whether blocks are to be read
#: from their end.
KernelMaker = Callable[[Weights, Plan, bool], Kernel]


class Call(NamedTuple):
    """One segment of one direction, as the backward pass needs it.

    hidden (torch.Tensor): The hidden states before it, `(n_docs, n_hidden)`.
    cell (torch.Tensor): The cell states before it.
    run (Optional[Run]): What was computed; None where it is to be computed again.
    """

    hidden: torch.Tensor
    cell: torch.Tensor
    run: Optional[Run]


def run_segments(
    X: torch.Tensor,
    directions: Sequence[Weights],
    plan: Plan,
    is_train: bool,
    make_kernel: KernelMaker,
    *,
    dtype: torch.dtype,
    from_end: bool = False,
) -> LayerResult:
    """One LSTM layer. The first arguments and the result are those of `run_layer`.

    make_kernel (KernelMaker): Makes the kernel of each direction.
    dtype (torch.dtype): What to compute in.
    from_end (bool): Whether the kernel can read blocks from their end, which saves the indices
        where all documents have one length.
    RETURNS (LayerResult): As in `run_layer`. The callback may be called more than once. What it
        needs is kept for as long as it is.
    """
    weights = [[w.detach().to(dtype) for w in direction] for direction in directions]
    n_hidden = weights[0][1].shape[1]
    access: Access = Dense(plan) if plan.uniform and from_end else Scattered(plan)
    sides = [_Side(make_kernel, w, plan, access, i) for i, w in enumerate(weights)]
    inputs = access.inputs(X.to(dtype))
    # One row more than there are: what is computed in padding is written there.
    Y = X.new_empty((plan.n_rows + 1, len(directions) * n_hidden))
    calls = [side.run(inputs, Y[:, side.columns], is_train) for side in sides]

    def backprop(dY: torch.Tensor) -> Tuple[torch.Tensor, Gradients]:
        dX = torch.zeros_like(X)
        grads = [
            side.backprop(inputs, calls[i], dY[:, side.columns], dX) for i, side in enumerate(sides)
        ]
        return dX, grads

    return Y[: plan.n_rows], backprop


class _Side:
    """One direction of one layer.

    make_kernel (KernelMaker): Makes its kernel.
    weights (Weights): Its weights, in the type to compute in.
    plan (Plan): The layout of the batch.
    access (Access): How the blocks are read and written.
    number (int): 0 for the forward direction, 1 for the backward one.
    """

    def __init__(
        self, make_kernel: KernelMaker, weights: Weights, plan: Plan, access: Access, number: int
    ) -> None:
        self.plan = plan
        self.access = access
        self.number = number
        self.n_hidden = weights[1].shape[1]
        self.columns = slice(number * self.n_hidden, (number + 1) * self.n_hidden)
        # Without padding the backward direction reads the forward one's blocks from their end.
        from_end = number == 1 and isinstance(access, Dense)
        n = len(plan.segments)
        self.order = range(n)[::-1] if from_end else range(n)
        self.kernel = make_kernel(weights, plan, from_end)

    def run(self, inputs: torch.Tensor, Y: torch.Tensor, is_train: bool) -> List[Call]:
        """Write the hidden states into `Y`, and return what `backprop` needs.

        One segment after the other is gathered, computed and scattered, so that its rows are still
        in the processor's cache, and its memory is used again by the next.
        """
        calls = []
        segments = self.plan.segments
        hidden = cell = inputs.new_zeros(segments[0].n_docs, self.n_hidden)
        for i, is_kept in zip(self.order, self._kept(is_train), strict=True):
            X = self.access.block(inputs, i, self.number)
            hidden, cell = hidden[: segments[i].n_docs], cell[: segments[i].n_docs]
            run = self.kernel.run(X, hidden, cell, is_kept)
            self.access.put(Y, i, self.number, run.out)
            if is_train:
                calls.append(Call(hidden, cell, run if is_kept else None))
            hidden, cell = run.hidden, run.cell
        return calls

    def backprop(
        self, inputs: torch.Tensor, calls: List[Call], dY: torch.Tensor, dX: torch.Tensor
    ) -> Weights:
        """Add to `dX`, and return the gradients of the weights."""
        totals: List[torch.Tensor] = []
        d_hidden = d_cell = None
        for i, call in zip(reversed(self.order), reversed(calls), strict=True):
            segment = self.plan.segments[i]
            run = call.run
            if run is None:
                X = self.access.block(inputs, i, self.number)
                run = self.kernel.run(X, call.hidden, call.cell, True)
            d_input, d_hidden, d_cell, d_weights = self.kernel.backprop(
                run,
                self.access.gradient(dY, i, self.number).to(inputs.dtype),
                _padded(d_hidden, segment.n_docs),
                _padded(d_cell, segment.n_docs),
            )
            self.access.add(dX, i, self.number, d_input.to(dX.dtype))
            if not totals:
                totals = [torch.zeros_like(d_weight, dtype=dX.dtype) for d_weight in d_weights]
            for total, d_weight in zip(totals, d_weights, strict=True):
                total += d_weight
            if self.plan.is_cut(segment):
                d_hidden = d_cell = None
        return totals

    def _kept(self, is_train: bool) -> List[bool]:
        """Of which segments all that the backward pass needs is kept, in the order of the forward
        pass: of the last ones."""
        kept = []
        left = self.plan.max_tokens if is_train else 0
        for i in reversed(self.order):
            left -= self.plan.segments[i].n_cells
            kept.append(left >= 0)
        return kept[::-1]


def _padded(d_state: Optional[torch.Tensor], n_docs: int) -> Optional[torch.Tensor]:
    """The gradient of the states that a segment leaves: zero for those of documents that ended."""
    if d_state is None or d_state.shape[0] == n_docs:
        return d_state
    padded = d_state.new_zeros(n_docs, d_state.shape[1])
    padded[: d_state.shape[0]] = d_state
    return padded
