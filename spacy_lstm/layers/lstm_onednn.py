"""The LSTM on a CPU by oneDNN: padded blocks of steps, one direction at a time.

torch's own `torch.lstm` would run the same primitive, but only for whole documents, with an
autograd graph around each call, and the backward direction from the end of the padding. What is
called here is the operator below it.
"""

import os
from typing import Any, Optional, Tuple

import torch

from .lstm_plan import Plan
from .lstm_types import BlockGradients, Run, Weights
from .precision import has_onednn_bfloat16

# oneDNN keeps code and buffers for the last 1024 shapes that it met, some 300 kB each, and texts of
# all lengths make ever new ones. Making one again takes a millisecond. It reads this when it is
# first used; who sets it otherwise is obeyed.
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "64")

# torch's number for an LSTM among the recurrent networks.
LSTM_MODE = 2


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


class OneDNN:
    """A `Kernel`: the standard LSTM by oneDNN.

    weights (Weights): W, R and b of the direction.
    plan (Plan): The layout of the batch.
    from_end (bool): Whether blocks are read from their end.
    """

    def __init__(self, weights: Weights, plan: Plan, from_end: bool) -> None:
        W, R, b = weights
        # torch's second bias, a cuDNN relic, is zero.
        self.weights = (W, R, b, torch.zeros_like(b))
        self.n_hidden = R.shape[1]
        self.from_end = from_end
        self.packed = self._pack(plan)

    def _pack(self, plan: Plan) -> Tuple[torch.Tensor, ...]:
        """The weights in the kernel's own layout, where several calls read them. (Else the call
        itself brings them into it.)"""
        if len(plan.segments) < 3:
            return self.weights
        W, R, b, zero = self.weights
        shape = [plan.segments[0].n_steps, plan.segments[0].n_docs, W.shape[1]]
        W, R = torch.ops.mkldnn._reorder_mkldnn_rnn_layer_weight(
            W, R, self.n_hidden, self.from_end, True, False, shape
        )
        return W, R, b, zero

    def run(self, X: torch.Tensor, hidden: torch.Tensor, cell: torch.Tensor, is_train: bool) -> Run:
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
            out, hidden_after, cell_after, workspace = torch.ops.aten.mkldnn_rnn_layer(
                X, *self.packed, hidden, cell, *settings, is_train
            )
        notes = (X, hidden, cell, workspace) if is_train else None
        return Run(out, hidden_after, cell_after, notes)

    def backprop(
        self,
        run: Run,
        d_out: torch.Tensor,
        d_hidden: Optional[torch.Tensor],
        d_cell: Optional[torch.Tensor],
    ) -> BlockGradients:
        X, hidden, cell, workspace = run.notes
        d_X, *d_weights, _, d_before, d_cell_before = torch.ops.aten.mkldnn_rnn_layer_backward(
            X,
            *self.weights,
            hidden,
            cell,
            *run[:3],
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
            workspace,
        )
        return BlockGradients(d_X, d_before, d_cell_before, d_weights)
