"""A list of arrays that are views on one flat array, there and back without a copy."""

from typing import Any, Callable, List, Optional, Sequence, Tuple, cast

import numpy
import torch
from thinc.api import Model, Ops
from thinc.types import ArrayXd, Floats2d, Ragged

from ..errors import Errors
from ..types import Array
from .parts import in_parts


def split(flat: Floats2d, lengths: Sequence[int]) -> List[Floats2d]:
    """Cut a flat array into one view a document.

    flat (Floats2d): The rows of all documents, one after the other, `(n_tokens, width)`.
    lengths (Sequence[int]): The number of rows of each document.
    RETURNS (List[Floats2d]): Views on `flat`, in order.
    """
    views = []
    start = 0
    for length in lengths:
        views.append(flat[start : start + length])
        start += length
    return views


def join(ops: Ops, arrays: List[Floats2d]) -> Floats2d:
    """Put the rows of all arrays into one flat array: without a copy if they lie one after the
    other in the same memory, as `split` leaves them.

    ops (Ops): Where a new array is made.
    arrays (List[Floats2d]): Arrays of shape `(n_rows, width)`, all of one width and type.
    RETURNS (Floats2d): Of shape `(n_tokens, width)`. It may be a view on the arrays' memory.
    RAISES (ValueError): If an array has other than two dimensions, or widths or types differ.
    """
    if not arrays:
        return ops.alloc2f(0, 0)
    kinds = {(a.ndim, a.shape[-1], a.dtype.str) for a in cast(List[Any], arrays)}
    if len(kinds) > 1 or arrays[0].ndim != 2:
        got = sorted({f"{a.dtype} of shape {tuple(a.shape)}" for a in arrays})
        raise ValueError(Errors.L006.format(got=", ".join(got[:5])))
    flat = _adjacent(arrays)
    if flat is not None:
        return flat
    return ops.xp.concatenate(arrays)


def to_torch(array: ArrayXd) -> torch.Tensor:
    """A tensor on the array's memory, on the device where it lies. Only read-only and strided
    arrays are copied.

    array (ArrayXd): A numpy or cupy array.
    RETURNS (torch.Tensor): Of the same shape and type.
    """
    if isinstance(array, numpy.ndarray):
        if not (array.flags.writeable and array.flags.c_contiguous):
            array = array.copy()
        return torch.from_numpy(array)
    return torch.from_dlpack(array)


def _adjacent(arrays: List[Any]) -> Optional[Floats2d]:
    """The arrays' common memory as one array, or None where they don't lie one after the other."""
    filled = [array for array in arrays if array.shape[0]]
    if not filled:
        return arrays[0]
    if len(filled) == 1:
        return filled[0]
    base = getattr(filled[0], "base", None)
    if not isinstance(base, numpy.ndarray) or not base.flags.c_contiguous:
        return None
    start = end = _address(filled[0])
    n_rows = 0
    for array in filled:
        if array.base is not base or not array.flags.c_contiguous or _address(array) != end:
            return None
        end += array.nbytes
        n_rows += array.shape[0]
    first = filled[0]
    flat: Any = numpy.ndarray(
        (n_rows, first.shape[1]), dtype=first.dtype, buffer=base, offset=start - _address(base)
    )
    flat.flags.writeable = first.flags.writeable
    return flat


def _address(array: Array) -> int:
    return array.__array_interface__["data"][0]


def with_joined(layer: Model[Floats2d, Floats2d]) -> Model[List[Floats2d], List[Floats2d]]:
    """thinc's `with_array` for lists, without the copies where the arrays lie one after the other,
    and in prediction some rows at a time.

    layer (Model[Floats2d, Floats2d]): What is computed of each row apart.
    RETURNS (Model[List[Floats2d], List[Floats2d]]): The same of the rows of each document.
    """
    dims = {name: layer.maybe_get_dim(name) for name in ("nO", "nI")}
    return Model(
        f"with_joined({layer.name})", _forward_joined, init=_init_joined, layers=[layer], dims=dims
    )


def _forward_joined(
    model: Model[List[Floats2d], List[Floats2d]], Xs: List[Floats2d], is_train: bool
) -> Tuple[List[Floats2d], Callable[[List[Floats2d]], List[Floats2d]]]:
    layer = model.layers[0]
    lengths = [X.shape[0] for X in Xs]
    X: Any = join(model.ops, Xs)
    bp_layer: Any = None
    if is_train:
        Y, bp_layer = layer(X, True)
    else:
        Y = in_parts(lambda part: layer.predict(X[part]), len(X))

    def backprop(dYs: List[Floats2d]) -> List[Floats2d]:
        return split(bp_layer(join(model.ops, dYs)), lengths)

    return split(Y, lengths), backprop


def _init_joined(
    model: Model[List[Floats2d], List[Floats2d]],
    X: Optional[List[Floats2d]] = None,
    Y: Optional[List[Floats2d]] = None,
) -> None:
    layer = model.layers[0]
    joined = [None if arrays is None else join(model.ops, arrays) for arrays in (X, Y)]
    layer.initialize(*joined)
    for name in ("nO", "nI"):
        if model.has_dim(name) is None and layer.has_dim(name):
            model.set_dim(name, layer.get_dim(name))


def join_ragged() -> Model[List[Floats2d], Ragged]:
    """thinc's `list2ragged` without the copy, where the arrays lie one after the other.

    RETURNS (Model[List[Floats2d], Ragged]): From one array a document to one array for all.
    """
    return Model("join_ragged", _forward_ragged)


def _forward_ragged(
    model: Model[List[Floats2d], Ragged], Xs: List[Floats2d], is_train: bool
) -> Tuple[Ragged, Callable[[Ragged], List[Floats2d]]]:
    lengths = [X.shape[0] for X in Xs]

    def backprop(dYr: Ragged) -> List[Floats2d]:
        return split(cast(Floats2d, dYr.dataXd), lengths)

    return Ragged(join(model.ops, Xs), model.ops.asarray1i(lengths)), backprop
