"""The LSTM on a CPU by oneDNN: segments of padded steps, one direction at a time.

torch's own `torch.lstm` would run the same primitive, but only for whole documents, with an
autograd graph around each call, and the backward direction from the end of the padding. What is
called here is the operator below it. In the forward pass, a segment hands its last states to the
next; in the backward pass, the next hands their gradients back. A document that has ended takes no
part in the next segment, so what padding computes after its end reaches nothing that is read.
"""

from typing import Any, List, NamedTuple, Sequence, Tuple

import torch

from .lstm_blocks import Access, Dense, Scattered
from .lstm_plan import Plan
from .lstm_types import Direction, Gradients, LayerResult
from .precision import has_onednn_bfloat16

# torch's number for an LSTM among the recurrent networks.
LSTM_MODE = 2

Results = Tuple[torch.Tensor, torch.Tensor, torch.Tensor, Any]


class Call(NamedTuple):
    """One segment of one direction, as the backward pass needs it.

    X (torch.Tensor): The inputs, `(n_steps, n_docs, n_in)`.
    hidden (torch.Tensor): The hidden states before it, `(n_docs, n_hidden)`.
    cell (torch.Tensor): The cell states before it.
    results (Results): The hidden states at each step, the last hidden and cell states, and oneDNN's
        own notes.
    """

    X: torch.Tensor
    hidden: torch.Tensor
    cell: torch.Tensor
    results: Results


def takes(dtype: torch.dtype) -> bool:
    """Whether this torch has oneDNN, switched on, and that computes in a type on this machine.

    dtype (torch.dtype): The type.
    RETURNS (bool): True if it does.
    """
    if not torch.backends.mkldnn.is_available() or not torch.backends.mkldnn.enabled:
        return False
    if dtype == torch.bfloat16:
        return has_onednn_bfloat16()
    return dtype == torch.float32


def run_segments(
    X: torch.Tensor,
    directions: Sequence[Direction],
    plan: Plan,
    is_train: bool,
    dtype: torch.dtype,
) -> LayerResult:
    """One LSTM layer by oneDNN. The arguments and the result are those of `run_layer`.

    The callback may be called more than once. What it needs is kept for as long as it is.
    """
    n_hidden = directions[0].R.shape[1]
    access: Access = Dense(plan) if plan.uniform else Scattered(plan)
    sides = [_Side(weights, plan, access, i) for i, weights in enumerate(_cast(directions, dtype))]
    inputs = access.inputs(X.to(dtype))
    # One row more than there are: what is computed in padding is written there.
    Y = X.new_empty((plan.n_rows + 1, len(directions) * n_hidden))
    calls = [side.run(inputs, Y[:, side.columns], is_train) for side in sides]

    def backprop(dY: torch.Tensor) -> Tuple[torch.Tensor, Gradients]:
        dX = torch.zeros_like(X)
        grads = [side.backprop(calls[i], dY[:, side.columns], dX) for i, side in enumerate(sides)]
        return dX, grads

    return Y[: plan.n_rows], backprop


def _cast(directions: Sequence[Direction], dtype: torch.dtype) -> List[Direction]:
    return [Direction(*(w.detach().to(dtype) for w in d)) for d in directions]


class _Side:
    """One direction of one layer.

    weights (Direction): Its weights, in the type to compute in.
    plan (Plan): The layout of the batch.
    access (Access): How the blocks are read and written.
    number (int): 0 for the forward direction, 1 for the backward one.
    """

    def __init__(self, weights: Direction, plan: Plan, access: Access, number: int) -> None:
        # torch's second bias, a cuDNN relic, is zero.
        self.weights = (*weights, torch.zeros_like(weights.b))
        self.plan = plan
        self.access = access
        self.number = number
        self.n_hidden = weights.R.shape[1]
        self.columns = slice(number * self.n_hidden, (number + 1) * self.n_hidden)
        # Without padding the backward direction reads the forward one's blocks from their end.
        self.from_end = number == 1 and plan.uniform

    def run(self, inputs: torch.Tensor, Y: torch.Tensor, is_train: bool) -> List[Call]:
        """Write the hidden states into `Y`, and return what `backprop` needs.

        One segment after the other is gathered, computed and scattered, so that its rows are still
        in the processor's cache, and its memory is used again by the next.
        """
        calls = []
        segments = self.plan.segments
        hidden = cell = inputs.new_zeros(segments[0].n_docs, self.n_hidden)
        weights = self._packed(inputs.shape[-1])
        settings: Tuple[Any, ...] = (
            self.from_end,
            [],
            LSTM_MODE,
            self.n_hidden,
            1,
            True,
            False,
            False,
        )
        # The operator keeps its notes where gradients are enabled; it is told of none to compute.
        with torch.set_grad_enabled(is_train):
            for i in self._order():
                X = self.access.block(inputs, i, self.number)
                hidden, cell = hidden[: segments[i].n_docs], cell[: segments[i].n_docs]
                results = torch.ops.aten.mkldnn_rnn_layer(
                    X, *weights, hidden, cell, *settings, is_train
                )
                self.access.put(Y, i, self.number, results[0])
                if is_train:
                    calls.append(Call(X, hidden, cell, results))
                hidden, cell = results[1], results[2]
        return calls

    def backprop(self, calls: List[Call], dY: torch.Tensor, dX: torch.Tensor) -> Direction:
        """Add to `dX`, and return the gradients of the weights."""
        totals: List[torch.Tensor] = []
        d_hidden = d_cell = None
        for i, call in zip(reversed(self._order()), reversed(calls), strict=True):
            n_docs = self.plan.segments[i].n_docs
            d_input, *d_weights, _, d_hidden, d_cell = torch.ops.aten.mkldnn_rnn_layer_backward(
                call.X,
                *self.weights,
                call.hidden,
                call.cell,
                *call.results[:3],
                self.access.gradient(dY, i, self.number).to(call.X.dtype),
                _padded(d_hidden, n_docs),
                _padded(d_cell, n_docs),
                self.from_end,
                LSTM_MODE,
                self.n_hidden,
                1,  # layer
                True,  # biases
                True,  # training
                False,  # not bidirectional
                [],
                False,  # steps first
                call.results[3],
            )
            self.access.add(dX, i, self.number, d_input.to(dX.dtype))
            if not totals:
                totals = [torch.zeros_like(d_weight, dtype=dX.dtype) for d_weight in d_weights]
            for total, d_weight in zip(totals, d_weights, strict=True):
                total += d_weight
        return Direction(*totals)

    def _order(self) -> range:
        n = len(self.plan.segments)
        return range(n)[::-1] if self.from_end else range(n)

    def _packed(self, n_in: int) -> Tuple[torch.Tensor, ...]:
        """The weights in the kernel's own layout, where several calls read them. (Else the call
        itself brings them into it.)"""
        segments = self.plan.segments
        if len(segments) < 3:
            return self.weights
        W, R, b, zero = self.weights
        shape = [segments[0].n_steps, segments[0].n_docs, n_in]
        W, R = torch.ops.mkldnn._reorder_mkldnn_rnn_layer_weight(
            W, R, self.n_hidden, self.from_end, True, False, shape
        )
        return W, R, b, zero


def _padded(d_state: torch.Tensor | None, n_docs: int) -> torch.Tensor | None:
    """The gradient of the states that a segment leaves: zero for those of documents that ended."""
    if d_state is None or d_state.shape[0] == n_docs:
        return d_state
    padded = d_state.new_zeros(n_docs, d_state.shape[1])
    padded[: d_state.shape[0]] = d_state
    return padded
