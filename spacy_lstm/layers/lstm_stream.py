"""An LSTM over a sequence that never ends: some tokens at a time, and a look at some more."""

from typing import Any, List, NamedTuple

import torch
from thinc.api import torch2xp
from thinc.types import Floats2d

from ..types import SequenceLayer
from .joined import to_torch
from .lstm import finish_in_place, variant_of, weights_of
from .lstm_kernel import uses_onednn
from .lstm_onednn import OneDNN
from .lstm_packed import TorchLSTM
from .lstm_plan import Plan
from .lstm_segments import KernelMaker
from .lstm_variants import kernel_of
from .precision import compute_type


class States(NamedTuple):
    """What the forward direction of a layer remembers, `(1, n_hidden)` each.

    hidden (torch.Tensor): The hidden states.
    cell (torch.Tensor): The cell states.
    """

    hidden: torch.Tensor
    cell: torch.Tensor


class LSTMStream:
    """Runs an LSTM over a sequence in blocks. The forward direction goes on from where it was; the
    backward direction starts at the end of each block, which should therefore be some tokens
    longer than what is wanted of it: the tokens that are only looked ahead at. They come again at
    the beginning of the next block.

    Where there is no more to come, so that the last block holds the rest of the sequence, its
    outputs are as if the forward direction had always known all that follows. Those of a single
    block are the outputs of the LSTM.

    model (Model[List[Floats2d], List[Floats2d]]): An LSTM.
    """

    def __init__(self, model: SequenceLayer) -> None:
        self.model = model
        self.states: List[States] = []

    def run(self, X: Floats2d, n_settled: int) -> Floats2d:
        """Go on.

        X (Floats2d): The vectors of the next tokens and of those that are looked ahead at,
            `(n_tokens, nI)`, at least one.
        n_settled (int): How many aren't looked ahead at only, at least one.
        RETURNS (Floats2d): The outputs, `(n_tokens, nO)`.
        """
        model = self.model
        outputs = to_torch(X)
        dtype = compute_type(model.attrs["precision"], outputs)
        after = []
        for layer in range(model.attrs["depth"]):
            forward, *backward = weights_of(model, layer)
            inputs = outputs
            block = inputs.to(dtype)[:, None]
            kernel = self._kernel(forward, block, n_settled)
            before = self.states[layer] if self.states else _zeros(block, forward)
            run = kernel.run(block[:n_settled], before.hidden, before.cell, False)
            after.append(States(run.hidden.clone(), run.cell.clone()))
            sides = [run.out]
            if n_settled < len(block):
                ahead = kernel.run(block[n_settled:], run.hidden, run.cell, False)
                sides = [torch.cat([run.out, ahead.out])]
            for weights in backward:
                kernel = self._kernel(weights, block, len(block))
                run = kernel.run(block.flip(0), *_zeros(block, weights), False)
                sides.append(run.out.flip(0))
            outputs = torch.cat(sides, dim=2)[:, 0].to(inputs.dtype)
            outputs = finish_in_place(model, layer, inputs, outputs)
        self.states = after
        Y: Any = torch2xp(outputs, ops=model.ops)
        return Y

    def _kernel(self, weights: Any, block: torch.Tensor, n_steps: int) -> Any:
        variant = variant_of(self.model)
        make_kernel: KernelMaker = TorchLSTM
        if not variant.is_standard:
            make_kernel = kernel_of(variant)
        elif uses_onednn(block, block.dtype):
            make_kernel = OneDNN
        plan = Plan([n_steps], block.device)
        return make_kernel([w.detach().to(block.dtype) for w in weights], plan, False)


def _zeros(block: torch.Tensor, weights: Any) -> States:
    zeros = block.new_zeros((1, weights[1].shape[1]))
    return States(zeros, zeros)
