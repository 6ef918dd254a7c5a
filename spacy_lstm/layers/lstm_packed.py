"""The LSTM by `torch.lstm`, over packed sequences or padded blocks: the ways that any device and
any type can go."""

from typing import List, Sequence, Tuple

import torch

from .lstm_autograd import Autograd, States
from .lstm_plan import Plan
from .lstm_types import Direction, Gradients, LayerResult, Weights


def run_packed(
    X: torch.Tensor,
    directions: Sequence[Direction],
    plan: Plan,
    is_train: bool,
    dtype: torch.dtype,
) -> LayerResult:
    """One LSTM layer by `torch.lstm`. The arguments and the result are those of `run_layer`.

    The graph is kept for as long as the callback is, which may be called more than once.
    """
    packed = X.index_select(0, plan.packed).to(dtype).requires_grad_(is_train)
    leaves, zeros = contiguous_weights(directions, dtype)
    leaves = [Direction(*(w.requires_grad_(is_train) for w in d)) for d in leaves]
    sizes = plan.batch_sizes
    state = packed.new_zeros((len(directions), int(sizes[0]), directions[0].R.shape[1]))
    args = [w for d, zero in zip(leaves, zeros, strict=True) for w in (*d, zero)]
    with torch.set_grad_enabled(is_train):
        out = torch.lstm(
            packed, sizes, (state, state), args, True, 1, 0.0, is_train, len(directions) == 2
        )[0]
    Y = X.new_empty(out.shape).index_copy_(0, plan.packed, out.detach().to(X.dtype))

    def backprop(dY: torch.Tensor) -> Tuple[torch.Tensor, Gradients]:
        d_out = dY.index_select(0, plan.packed).to(dtype)
        inputs = [packed, *(w for d in leaves for w in d)]
        d_packed, *grads = torch.autograd.grad(out, inputs, d_out, retain_graph=True)
        dX = torch.empty_like(X).index_copy_(0, plan.packed, d_packed.to(X.dtype))
        grads = [grad.to(X.dtype) for grad in grads]
        return dX, [Direction(*grads[i : i + 3]) for i in range(0, len(grads), 3)]

    return Y, backprop


class TorchLSTM(Autograd):
    """A `Kernel`: the standard LSTM by `torch.lstm`.

    weights (Weights): W, R and b of the direction.
    plan (Plan): The layout of the batch.
    from_end (bool): False: it always reads from the start.
    """

    def __init__(self, weights: Weights, plan: Plan, from_end: bool) -> None:
        [leaves], [self.zero] = contiguous_weights([Direction(*weights)], weights[0].dtype)
        super().__init__(leaves, self._run_block)

    def _run_block(
        self, X: torch.Tensor, hidden: torch.Tensor, cell: torch.Tensor, weights: Weights
    ) -> States:
        is_train = torch.is_grad_enabled()
        states, args = (hidden[None], cell[None]), [*weights, self.zero]
        out, hidden, cell = torch.lstm(X, states, args, True, 1, 0.0, is_train, False, False)
        return out, hidden[0], cell[0]


def contiguous_weights(
    directions: Sequence[Direction], dtype: torch.dtype
) -> Tuple[List[Direction], List[torch.Tensor]]:
    """Copy the weights into one buffer, as cuDNN wants them: the matrices of each direction, then
    the two biases of each direction. (From weights in several places torch makes such a buffer at
    each call, and warns.)

    directions (Sequence[Direction]): The weights.
    dtype (torch.dtype): Of the copy.
    RETURNS (Tuple[List[Direction], List[torch.Tensor]]): Views on the buffer: the weights, and the
        second bias of each direction, a relic in cuDNN, which is zero.
    """
    zero = torch.zeros_like(directions[0].b)
    parts = [w for d in directions for w in (d.W, d.R)]
    parts += [b for d in directions for b in (d.b, zero)]
    buffer = torch.cat([part.detach().reshape(-1) for part in parts]).to(dtype)
    views = [
        view.view(part.shape)
        for view, part in zip(buffer.split([p.numel() for p in parts]), parts, strict=True)
    ]
    n = len(directions)
    matrices, biases = views[: 2 * n], views[2 * n :]
    copies = [Direction(matrices[2 * i], matrices[2 * i + 1], biases[2 * i]) for i in range(n)]
    return copies, biases[1::2]
