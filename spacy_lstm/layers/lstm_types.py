"""What the ways through the LSTM kernel have in common."""

from typing import Callable, List, NamedTuple, Tuple

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


Gradients = List[Direction]
LayerResult = Tuple[torch.Tensor, Callable[[torch.Tensor], Tuple[torch.Tensor, Gradients]]]
