"""Layer normalization of flat states, by torch's kernel."""

from typing import Any, Callable, List, NamedTuple, Tuple

import torch

EPSILON = 1e-5  # torch's own


class Norm(NamedTuple):
    """The weights of a layer normalization.

    gain (torch.Tensor): What each feature is multiplied with, `(width,)`.
    shift (torch.Tensor): What is added to it, `(width,)`.
    """

    gain: torch.Tensor
    shift: torch.Tensor


NormBackprop = Callable[[torch.Tensor], Tuple[torch.Tensor, Norm]]


def normalize(states: torch.Tensor, norm: Norm) -> Tuple[torch.Tensor, NormBackprop]:
    """Give the features of each token a mean of 0 and a variance of 1, then a gain and a shift that
    are learnt (Ba, Kiros & Hinton 2016).

    states (torch.Tensor): `(n_tokens, width)`.
    norm (Norm): The weights.
    RETURNS (Tuple[torch.Tensor, NormBackprop]): The normalized states, and a function from their
        gradient to the gradients of the states and of the weights.
    """
    shape: List[int] = [states.shape[1]]
    kernels: Any = torch.ops.aten
    with torch.no_grad():
        Y, mean, spread = torch.native_layer_norm(states, shape, norm.gain, norm.shift, EPSILON)

    def backprop(dY: torch.Tensor) -> Tuple[torch.Tensor, Norm]:
        with torch.no_grad():
            dX, d_gain, d_shift = kernels.native_layer_norm_backward(
                dY.contiguous(), states, shape, mean, spread, *norm, [True, True, True]
            )
        return dX, Norm(d_gain, d_shift)

    return Y, backprop
