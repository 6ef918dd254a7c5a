"""A kernel of the LSTM made of anything that torch can differentiate."""

from typing import Callable, Optional, Tuple

import torch

from .lstm_types import BlockGradients, Run, Weights

States = Tuple[torch.Tensor, torch.Tensor, torch.Tensor]
#: From a block, the hidden and cell states before it and the weights to the hidden states at each
#: step, and the hidden and cell states after it.
BlockFunction = Callable[[torch.Tensor, torch.Tensor, torch.Tensor, Weights], States]


class Autograd:
    """A `Kernel`, whose gradients are those of torch's autograd.

    weights (Weights): The weights of the direction.
    function (BlockFunction): What it computes.
    """

    def __init__(self, weights: Weights, function: BlockFunction) -> None:
        self.weights = [w.detach() for w in weights]
        self.function = function

    def run(self, X: torch.Tensor, hidden: torch.Tensor, cell: torch.Tensor, is_train: bool) -> Run:
        if not is_train:
            with torch.no_grad():
                out, hidden, cell = self.function(X, hidden, cell, self.weights)
            return Run(out, hidden, cell, None)
        inputs = [x.detach().requires_grad_() for x in (X, hidden, cell, *self.weights)]
        with torch.enable_grad():
            results = self.function(inputs[0], inputs[1], inputs[2], inputs[3:])
        out, hidden, cell = (result.detach() for result in results)
        return Run(out, hidden, cell, (inputs, results))

    def backprop(
        self,
        run: Run,
        d_out: torch.Tensor,
        d_hidden: Optional[torch.Tensor],
        d_cell: Optional[torch.Tensor],
    ) -> BlockGradients:
        inputs, results = run.notes
        given = [
            (result, gradient)
            for result, gradient in zip(results, (d_out, d_hidden, d_cell), strict=True)
            if gradient is not None
        ]
        outputs, gradients = zip(*given, strict=True)
        d_X, d_before, d_cell_before, *d_weights = torch.autograd.grad(
            outputs, inputs, gradients, retain_graph=True
        )
        return BlockGradients(d_X, d_before, d_cell_before, d_weights)
