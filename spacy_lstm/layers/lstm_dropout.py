"""What an LSTM drops in training: values of its inputs and outputs, and recurrent weights."""

from typing import Any, Callable, List, Optional, Sequence, Tuple

import torch
from thinc.api import Ops

from ..types import SequenceLayer
from .joined import to_torch
from .lstm_types import Direction

Backprop = Callable[[torch.Tensor], torch.Tensor]


def value_rate(model: SequenceLayer, is_train: bool) -> float:
    """model (Model[List[Floats2d], List[Floats2d]]): An LSTM.
    is_train (bool): Whether it is training.
    RETURNS (float): The rate at which values are dropped: its own, or what `set_dropout_rate` set,
        where that is more or 0.
    """
    drop, least = model.attrs["dropout_rate"], model.attrs["dropout"]
    if not is_train or least is None or drop == 0.0:
        return 0.0
    return least if drop is None else max(drop, least)


def recurrent_rate(model: SequenceLayer, is_train: bool) -> float:
    """model (Model[List[Floats2d], List[Floats2d]]): An LSTM.
    is_train (bool): Whether it is training.
    RETURNS (float): The rate at which recurrent weights are dropped: its own, or 0 where
        `set_dropout_rate` set that.
    """
    if not is_train or model.attrs["dropout_rate"] == 0.0:
        return 0.0
    return model.attrs["recurrent_dropout"]


def drop_values(
    ops: Ops, states: torch.Tensor, rate: float, lengths: Optional[Sequence[int]] = None
) -> Tuple[torch.Tensor, Backprop]:
    """Drop values at random, and scale the others up to the same expectation.

    ops (Ops): Where the states lie.
    states (torch.Tensor): Values, all sequences one after the other, `(n_rows, width)`.
    rate (float): The share that is dropped.
    lengths (Optional[Sequence[int]]): The number of rows of each sequence, if the same columns are
        to be dropped in all rows of a sequence (Gal & Ghahramani 2016). By default each value is
        drawn for itself.
    RETURNS (Tuple[torch.Tensor, Callable[[torch.Tensor], torch.Tensor]]): What is left, and the
        callback from its gradient to that of the states.
    """
    if not rate:
        return states, same
    n_rows, width = states.shape
    if lengths is None:
        mask = _mask(ops, (n_rows, width), rate, states)
    else:
        masks = _mask(ops, (len(lengths), width), rate, states)
        repeats = torch.tensor(lengths, device=states.device)
        mask = masks.repeat_interleave(repeats, dim=0, output_size=n_rows)

    def backprop(d_states: torch.Tensor) -> torch.Tensor:
        return d_states * mask

    return states * mask, backprop


def drop_recurrent(
    ops: Ops, directions: List[Any], rate: float
) -> Tuple[List[Any], Callable[[Any], Any]]:
    """Drop recurrent weights of a layer at random, at all steps of all sequences of a batch, and
    scale the others up to the same expectation (Merity, Keskar & Socher 2018; DropConnect: Wan et
    al. 2013).

    ops (Ops): Where the weights lie.
    directions (List[Sequence[torch.Tensor]]): The weights of each direction, `R` the second of
        them.
    rate (float): The share that is dropped.
    RETURNS (Tuple[List[Sequence[torch.Tensor]], Callable]): What is left, and the callback from its
        gradients to those of the weights.
    """
    if not rate:
        return directions, same
    masks = [_mask(ops, tuple(weights[1].shape), rate, weights[1]) for weights in directions]

    def dropped(directions: List[Any]) -> List[Any]:
        return [_with_mask(w, mask) for w, mask in zip(directions, masks, strict=True)]

    return dropped(directions), dropped


def _with_mask(weights: Any, mask: torch.Tensor) -> Any:
    if isinstance(weights, Direction):
        return weights._replace(R=weights.R * mask)
    W, R, *others = weights
    return [W, R * mask, *others]


def _mask(ops: Ops, shape: Tuple[int, ...], rate: float, like: torch.Tensor) -> torch.Tensor:
    # From the ops and not from torch, as all of thinc's dropout is: one seed, one stream.
    mask: Any = ops.get_dropout_mask(shape, rate)
    return to_torch(mask).to(like.dtype)


def same(gradient: Any) -> Any:
    """gradient (Any): A gradient.
    RETURNS (Any): The same.
    """
    return gradient
