"""What the ways through the LSTM kernel have in common."""

from typing import Any, Callable, List, NamedTuple, Optional, Protocol, Sequence, Tuple

import torch


class Direction(NamedTuple):
    """The weights of one direction of one layer. Gates lie in the order input, forget, candidate,
    output, `n_hidden` rows each.

    W (torch.Tensor): Input weights, `(4 * n_hidden, n_in)`.
    R (torch.Tensor): Recurrent weights, `(4 * n_hidden, n_hidden)`.
    b (torch.Tensor): Biases, `(4 * n_hidden,)`.
    """

    W: torch.Tensor
    R: torch.Tensor
    b: torch.Tensor


#: W, R and b of a direction, and what else a variant of the LSTM has; and their gradients.
Weights = Sequence[torch.Tensor]
Gradients = List[Weights]
LayerResult = Tuple[torch.Tensor, Callable[[torch.Tensor], Tuple[torch.Tensor, Gradients]]]


class Run(NamedTuple):
    """What a kernel computes of a block.

    out (torch.Tensor): The hidden states, `(n_steps, n_docs, n_hidden)`.
    hidden (torch.Tensor): The hidden states after it, `(n_docs, n_hidden)`.
    cell (torch.Tensor): The cell states after it.
    notes (Any): What the backward pass needs; None in prediction.
    """

    out: torch.Tensor
    hidden: torch.Tensor
    cell: torch.Tensor
    notes: Any


class BlockGradients(NamedTuple):
    """The gradients of what a kernel read.

    X (torch.Tensor): Of the block.
    hidden (torch.Tensor): Of the hidden states before it.
    cell (torch.Tensor): Of the cell states before it.
    weights (Weights): Of the weights.
    """

    X: torch.Tensor
    hidden: torch.Tensor
    cell: torch.Tensor
    weights: Weights


class Kernel(Protocol):
    """One direction of one layer, over one padded block of steps after the other."""

    def run(self, X: torch.Tensor, hidden: torch.Tensor, cell: torch.Tensor, is_train: bool) -> Run:
        """Compute a block, `(n_steps, n_docs, n_in)`, from the states before it."""

    def backprop(
        self,
        run: Run,
        d_out: torch.Tensor,
        d_hidden: Optional[torch.Tensor],
        d_cell: Optional[torch.Tensor],
    ) -> BlockGradients:
        """From the gradients of what `run` gave; those of the states after it are None where
        nothing goes on from them. May be called more than once."""
