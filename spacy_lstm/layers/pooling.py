"""From the tokens' vectors to one vector a document."""

from typing import Any, Callable, List, Optional, Sequence, Tuple, Union

from thinc.api import (
    Model,
    ParametricAttention,
    chain,
    concatenate,
    reduce_last,
    reduce_max,
    reduce_mean,
    reduce_sum,
)
from thinc.types import Floats2d, Ragged

from ..errors import Errors
from ..types import PoolingLayer

POOLINGS = ("max", "mean", "attention", "last")


def pooling(
    kinds: Union[str, Sequence[str]], width: Optional[int] = None, *, ends_apart: bool = True
) -> PoolingLayer:
    """Reduce the vectors of each document to one, in one way or in several, concatenated.

    - `max`: the largest value of each feature (Collobert et al. 2011).
    - `mean`: the average.
    - `attention`: the average weighted by a learned query (Yang et al. 2016).
    - `last`: the final state of each direction: the first half of the features at the last token,
      and the second half at the first token.

    A document without tokens gives zeros.

    kinds (Union[str, Sequence[str]]): One of the above, or several.
    width (Optional[int]): The width of the vectors; inferred where it is None.
    ends_apart (bool): Whether the second half of the features was read backwards. If not, `last`
        takes them all from the last token.
    RETURNS (Model[Ragged, Floats2d]): From `(n_tokens, width)` to `(n_docs, len(kinds) * width)`.
    RAISES (ValueError): If a kind is unknown, or there is none.
    """
    names = [kinds] if isinstance(kinds, str) else list(kinds)
    if not names or len(set(names)) < len(names):
        raise ValueError(Errors.L005.format(pooling=kinds, options=", ".join(POOLINGS)))
    layers: List[PoolingLayer] = []
    for name in names:
        if name not in POOLINGS:
            raise ValueError(Errors.L005.format(pooling=name, options=", ".join(POOLINGS)))
        layers.append(_build(name, width, ends_apart))
    model = with_nonempty(layers[0] if len(layers) == 1 else concatenate(*layers))
    model.attrs["kinds"] = names
    return model


def _build(name: str, width: Optional[int], ends_apart: bool) -> PoolingLayer:
    if name == "max":
        return reduce_max()
    if name == "mean":
        return reduce_mean()
    if name == "attention":
        return chain(ParametricAttention(width), reduce_sum())
    return reduce_ends() if ends_apart else reduce_last()


def reduce_ends() -> PoolingLayer:
    """The final state of each direction of a bidirectional layer: the first half of the features at
    the last token, and the second half at the first. No document may be empty.

    RETURNS (Model[Ragged, Floats2d]): From `(n_tokens, width)` to `(n_docs, width)`.
    """
    return Model("reduce_ends", _forward_ends)


def _forward_ends(
    model: PoolingLayer, Xr: Ragged, is_train: bool
) -> Tuple[Floats2d, Callable[[Floats2d], Ragged]]:
    X: Any = Xr.dataXd
    lengths: Any = Xr.lengths
    half = X.shape[1] // 2
    last = lengths.cumsum() - 1
    first = last - lengths + 1
    Y = model.ops.xp.hstack((X[last, :half], X[first, half:]))

    def backprop(dY: Floats2d) -> Ragged:
        dX = model.ops.xp.zeros_like(X)
        dX[last, :half] = dY[:, :half]
        dX[first, half:] = dY[:, half:]
        return Ragged(dX, lengths)

    return Y, backprop


def with_nonempty(layer: PoolingLayer) -> PoolingLayer:
    """Run a pooling over the documents that have tokens, and give zeros for the others.

    layer (Model[Ragged, Floats2d]): The pooling.
    RETURNS (Model[Ragged, Floats2d]): The same for any documents.
    """
    return Model("with_nonempty", _forward_nonempty, init=_init_nonempty, layers=[layer])


def _forward_nonempty(
    model: PoolingLayer, Xr: Ragged, is_train: bool
) -> Tuple[Floats2d, Callable[[Floats2d], Ragged]]:
    filled = Xr.lengths > 0
    if filled.all() and len(filled):
        return model.layers[0](Xr, is_train)
    if not filled.any():
        # There is nothing to run the layer on: one zero vector tells the width of its output.
        X: Any = Xr.dataXd
        probe = Ragged(model.ops.alloc2f(1, X.shape[1]), model.ops.alloc1i(1) + 1)
        width = model.layers[0].predict(probe).shape[1]
        return model.ops.alloc2f(len(filled), width), lambda dY: Xr
    pooled, bp_pooled = model.layers[0](Ragged(Xr.data, Xr.lengths[filled]), is_train)
    Y = model.ops.xp.zeros((len(filled), pooled.shape[1]), dtype=pooled.dtype)
    Y[filled] = pooled

    def backprop(dY: Floats2d) -> Ragged:
        return Ragged(bp_pooled(dY[filled]).data, Xr.lengths)

    return Y, backprop


def _init_nonempty(
    model: PoolingLayer, X: Optional[Ragged] = None, Y: Optional[Floats2d] = None
) -> None:
    if X is not None:
        filled = X.lengths > 0
        X = Ragged(X.data, X.lengths[filled]) if filled.any() else None
    model.layers[0].initialize(X, Y)
