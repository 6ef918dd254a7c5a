"""The LSTM on a CPU by oneDNN: segments of padded steps, one direction at a time.

torch's own `torch.lstm` would run the same primitive, but only for whole documents, with an
autograd graph around each call, and the backward direction from the end of the padding. What is
called here is the operator below it. In the forward pass, a segment hands its last states to the
next; in the backward pass, the next hands their gradients back. A document that has ended takes no
part in the next segment, so what padding computes after its end reaches nothing that is read.
"""

from typing import Any, List, NamedTuple, Sequence, Tuple

import torch

from .lstm_plan import Layout, Plan
from .lstm_types import Direction, Gradients, LayerResult

# torch's number for an LSTM among the recurrent networks.
LSTM_MODE = 2


Results = Tuple[torch.Tensor, torch.Tensor, torch.Tensor, Any]


class Call(NamedTuple):
    """One segment of one direction, as the backward pass needs it.

    X (torch.Tensor): The inputs, `(n_steps, n_docs, n_in)`.
    hidden (torch.Tensor): The hidden states before it, `(n_docs, n_hidden)`.
    cell (torch.Tensor): The cell states before it.
    results (Results): The hidden states at each step, the last hidden and cell states, and oneDNN's
        own notes, which are None out of training.
    """

    X: torch.Tensor
    hidden: torch.Tensor
    cell: torch.Tensor
    results: Results


def takes(dtype: torch.dtype) -> bool:
    """Whether this torch has oneDNN, and that computes in a type on this machine.

    dtype (torch.dtype): The type.
    RETURNS (bool): True if it does.
    """
    if not torch.backends.mkldnn.is_available() or not hasattr(torch.ops.aten, "mkldnn_rnn_layer"):
        return False
    if dtype == torch.bfloat16:
        return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
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
    layouts = [plan.forward, plan.backward][: len(directions)]
    sides = [_Side(weights, i == 1 and plan.uniform, dtype) for i, weights in enumerate(directions)]
    cast = X.to(dtype)
    blocks: List[torch.Tensor] = []
    calls: List[List[Call]] = []
    for side, layout in zip(sides, layouts, strict=True):
        if not blocks or layout is not plan.forward:
            blocks = _blocks(cast, layout, plan)
        calls.append(side.run(blocks, is_train))
    outputs = [call.results[0].view(-1, n_hidden) for side in calls for call in side]
    Y = _rows(outputs, len(directions), plan).to(X.dtype)

    def backprop(dY: torch.Tensor) -> Tuple[torch.Tensor, Gradients]:
        dX = torch.zeros_like(X)
        grads = []
        for i, (side, layout) in enumerate(zip(sides, layouts, strict=True)):
            d_out = dY[:, i * n_hidden : (i + 1) * n_hidden].to(dtype)
            d_cells, grad = side.backprop(calls[i], _d_blocks(d_out, layout, plan))
            dX += d_cells if plan.in_place else d_cells.index_select(0, layout.cells)
            grads.append(Direction(*(g.to(X.dtype) for g in grad)))
        return dX, grads

    return Y, backprop


def _blocks(rows: torch.Tensor, layout: Layout, plan: Plan) -> List[torch.Tensor]:
    """The rows of each segment as a padded block, `(n_steps, n_docs, width)`."""
    cells = rows if plan.in_place else rows.index_select(0, layout.rows)
    return [cells[s.cells].view(s.n_steps, s.n_docs, -1) for s in plan.segments]


def _d_blocks(d_rows: torch.Tensor, layout: Layout, plan: Plan) -> List[torch.Tensor]:
    """The same of a gradient, which is zero in the padding."""
    if plan.in_place:
        return _blocks(d_rows.contiguous(), layout, plan)
    d_cells = d_rows.index_select(0, layout.rows)
    if plan.n_cells > plan.n_rows:
        d_cells.index_fill_(0, plan.padding, 0.0)
    return [d_cells[s.cells].view(s.n_steps, s.n_docs, -1) for s in plan.segments]


def _rows(outputs: List[torch.Tensor], n_directions: int, plan: Plan) -> torch.Tensor:
    """The rows of the flat array, both directions side by side, from the cells of all calls."""
    if plan.in_place:
        n = len(plan.segments)
        sides = [torch.cat(outputs[i : i + n]) for i in range(0, len(outputs), n)]
        return torch.cat(sides, dim=1)
    index = plan.both if n_directions == 2 else plan.forward.cells
    return torch.cat(outputs).index_select(0, index).view(plan.n_rows, -1)


class _Side:
    """One direction of one layer.

    weights (Direction): Its weights.
    from_end (bool): Whether it reads the blocks from their last step on.
    dtype (torch.dtype): What to compute in.
    """

    def __init__(self, weights: Direction, from_end: bool, dtype: torch.dtype) -> None:
        W, R, b = (w.detach().to(dtype) for w in weights)
        # torch's second bias, a cuDNN relic, is zero.
        self.weights = (W, R, b, torch.zeros_like(b))
        self.n_hidden = R.shape[1]
        self.from_end = from_end

    def run(self, blocks: List[torch.Tensor], is_train: bool) -> List[Call]:
        """The calls for all blocks, in the order of the blocks."""
        calls = []
        hidden = cell = self.weights[0].new_zeros(blocks[0].shape[1], self.n_hidden)
        # The operator keeps its notes where gradients are enabled; it is told of none to compute.
        with torch.set_grad_enabled(is_train):
            for X in blocks[::-1] if self.from_end else blocks:
                hidden, cell = hidden[: X.shape[1]], cell[: X.shape[1]]
                settings = (self.from_end, [], LSTM_MODE, self.n_hidden, 1, True, False, False)
                results = torch.ops.aten.mkldnn_rnn_layer(
                    X, *self.weights, hidden, cell, *settings, is_train
                )
                calls.append(Call(X, hidden, cell, results))
                hidden, cell = results[1], results[2]
        return calls[::-1] if self.from_end else calls

    def backprop(
        self, calls: List[Call], d_blocks: List[torch.Tensor]
    ) -> Tuple[torch.Tensor, List[torch.Tensor]]:
        """From the gradients of the outputs to those of the cells that were read, and of `W`, `R`
        and `b`."""
        d_inputs = []
        totals: List[torch.Tensor] = []
        d_hidden = d_cell = None
        order = list(zip(calls, d_blocks, strict=True))
        for call, d_out in order if self.from_end else order[::-1]:
            n_docs = call.hidden.shape[0]
            d_hidden, d_cell = _padded(d_hidden, n_docs), _padded(d_cell, n_docs)
            d_input, *d_weights, _, d_hidden, d_cell = torch.ops.aten.mkldnn_rnn_layer_backward(
                call.X,
                *self.weights,
                call.hidden,
                call.cell,
                *call.results[:3],
                d_out,
                d_hidden,
                d_cell,
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
            d_inputs.append(d_input.view(-1, d_input.shape[2]))
            if not totals:
                totals = [d_weight.float() for d_weight in d_weights]
            else:
                for total, d_weight in zip(totals, d_weights, strict=True):
                    total += d_weight
        return torch.cat(d_inputs if self.from_end else d_inputs[::-1]), totals


def _padded(d_state: torch.Tensor | None, n_docs: int) -> torch.Tensor | None:
    """The gradient of the states that a segment leaves: zero for those of documents that ended."""
    if d_state is None or d_state.shape[0] == n_docs:
        return d_state
    padded = d_state.new_zeros(n_docs, d_state.shape[1])
    padded[: d_state.shape[0]] = d_state
    return padded
