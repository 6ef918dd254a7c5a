"""A linear layer over bags: sets of features, each of which is there or not."""

from typing import Any, Callable, Optional, Tuple

import numpy
from thinc.api import Model
from thinc.types import Floats2d

from ..types import Array

#: The features of all bags, one bag after the other, and their number in each.
Bags = Tuple[Array, Array]


def BagLinear(
    nO: Optional[int] = None,
    *,
    n_features: int = 0,
    learn_rate_scale: float = 1.0,
    optimizer_eps: Optional[float] = None,
) -> Model[Bags, Floats2d]:
    """Score sets of features: the sum of the weights of those that are in a set, and the bias. It
    is thinc's `Linear` on vectors of zeros and ones, without the zeros.

    nO (Optional[int]): The number of scores.
    n_features (int): The number of features that there are. It is an attr and no dimension, so that
        a layer can be initialized again, or loaded, with another number of them.
    learn_rate_scale (float): How many times as fast as others it learns, in components of ours.
    optimizer_eps (Optional[float]): The `eps` of the optimizer for it, if it isn't that of the
        others.
    RETURNS (Model[Tuple[Ints1d, Ints1d], Floats2d]): From `(n_features_of_all,)` numbers, at least
        0 and less than `n_features`, and `(n_bags,)` lengths to scores, `(n_bags, nO)`. A bag may
        be empty. Params: `W`, `(nO, n_features)`, and `b`, `(nO,)`, zeros at first.
    """
    return Model(
        "bag_linear",
        forward,
        init=init,
        dims={"nO": nO},
        params={"W": None, "b": None},
        attrs={
            "n_features": n_features,
            "learn_rate_scale": learn_rate_scale,
            "optimizer_eps": optimizer_eps,
        },
    )


def forward(
    model: Model[Bags, Floats2d], bags: Bags, is_train: bool
) -> Tuple[Floats2d, Callable[[Floats2d], Bags]]:
    W: Any = model.get_param("W")
    b: Any = model.get_param("b")
    xp: Any = model.ops.xp
    found, lengths = bags
    rows = xp.asarray(found)
    owners = xp.asarray(numpy.repeat(numpy.arange(len(lengths)), lengths))
    Y = xp.empty((len(lengths), W.shape[0]), dtype=W.dtype)
    for i, weights in enumerate(W):
        Y[:, i] = xp.bincount(owners, weights=weights[rows], minlength=len(lengths)) + b[i]

    def backprop(dY: Any) -> Bags:
        dW = xp.empty_like(W)
        for i in range(W.shape[0]):
            dW[i] = xp.bincount(rows, weights=dY[owners, i], minlength=W.shape[1])
        if model.has_grad("W") and model.get_grad("W").shape != W.shape:
            # It is of before other weights were loaded: zeros, as all steps were taken.
            model.set_grad("W", dW)
        else:
            model.inc_grad("W", dW)
        model.inc_grad("b", dY.sum(axis=0))
        return bags

    return Y, backprop


def init(
    model: Model[Bags, Floats2d], X: Optional[Bags] = None, Y: Optional[Floats2d] = None
) -> None:
    if Y is not None and model.has_dim("nO") is None:
        model.set_dim("nO", Y.shape[1])
    if model.has_dim("nO"):
        nO = model.get_dim("nO")
        model.set_param("W", model.ops.alloc2f(nO, model.attrs["n_features"]))
        if model.has_grad("W"):
            model.set_grad("W", model.ops.alloc2f(nO, model.attrs["n_features"]))
        model.set_param("b", model.ops.alloc1f(nO))
