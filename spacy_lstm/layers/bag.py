"""A linear layer over bags: sets of features, each of which is there or not."""

from typing import Any, Callable, Optional, Tuple

from thinc.api import Model
from thinc.types import Floats2d

from ..types import Array

#: The features of all sequences, one sequence after the other, and their number in each.
Bags = Tuple[Array, Array]


def BagLinear(nO: Optional[int] = None, nI: Optional[int] = None) -> Model[Bags, Floats2d]:
    """Score sets of features: the sum of the weights of those that are in a set, and the bias. It
    is thinc's `Linear` on vectors of zeros and ones, without the zeros.

    nO (Optional[int]): The number of scores.
    nI (Optional[int]): The number of features that there are.
    RETURNS (Model[Tuple[Ints1d, Ints1d], Floats2d]): From `(n_features_of_all,)` numbers from 0 to
        nI - 1 and `(n_bags,)` lengths to scores, `(n_bags, nO)`. A bag may be empty. Params: `W`,
        `(nO, nI)`, and `b`, `(nO,)`, zeros at first.
    """
    return Model(
        "bag_linear",
        forward,
        init=init,
        dims={"nO": nO, "nI": nI},
        params={"W": None, "b": None},
    )


def forward(
    model: Model[Bags, Floats2d], bags: Bags, is_train: bool
) -> Tuple[Floats2d, Callable[[Floats2d], Bags]]:
    W: Any = model.get_param("W")
    b: Any = model.get_param("b")
    found: Any
    n_found: Any
    found, n_found = bags
    rows: Any = model.ops.asarray(found)
    lengths = model.ops.asarray1i(n_found)
    Y: Any = model.ops.reduce_sum(model.ops.as_contig(W[:, rows].T), lengths) + b

    def backprop(dY: Floats2d) -> Bags:
        d_rows: Any = model.ops.backprop_reduce_sum(model.ops.as_contig(dY), lengths)
        dW: Any = model.ops.alloc2f(*W.shape)
        for i in range(W.shape[0]):
            dW[i] = model.ops.xp.bincount(rows, weights=d_rows[:, i], minlength=W.shape[1])
        model.inc_grad("W", dW)
        model.inc_grad("b", dY.sum(axis=0))
        return bags

    return Y, backprop


def init(
    model: Model[Bags, Floats2d], X: Optional[Bags] = None, Y: Optional[Floats2d] = None
) -> None:
    if Y is not None and model.has_dim("nO") is None:
        model.set_dim("nO", Y.shape[1])
    if model.has_dim("nO") and model.has_dim("nI"):
        model.set_param("W", model.ops.alloc2f(model.get_dim("nO"), model.get_dim("nI")))
        model.set_param("b", model.ops.alloc1f(model.get_dim("nO")))
