"""The attributes of saved layers: most are what the config says, and few are learnt or set."""

from typing import Any, Callable, Dict, Tuple

import numpy
from thinc.api import Model, serialize_attr

from ...files.unpack import UnreadableError, is_size, unpack
from .shapes import is_known, module_of


def _is_rate(value: Any) -> bool:
    return value is None or (type(value) in (int, float) and 0.0 <= value <= 1.0)


def _is_flag(value: Any) -> bool:
    return type(value) is bool


def _is_keys(value: Any) -> bool:
    is_list = isinstance(value, numpy.ndarray) and value.ndim == 1 and value.dtype == "uint64"
    return is_list and bool((value[1:] > value[:-1]).all())


def _is_list_of(dtype: str) -> Callable[[Any], bool]:
    def is_right(value: Any) -> bool:
        return isinstance(value, numpy.ndarray) and value.ndim == 1 and value.dtype == dtype

    return is_right


def _is_counts(value: Any) -> bool:
    return _is_list_of("float32")(value) and bool((numpy.isfinite(value) & (value > 0)).all())


def _is_starts(value: Any) -> bool:
    is_list = _is_list_of("uint32")(value) and len(value) > 0 and value[0] == 0
    return is_list and bool((value[1:] >= value[:-1]).all())


def _is_priors(value: Any) -> bool:
    return _is_counts(value) and bool((value < 1).all())


#: What may differ from the config: what initialization finds, the seed that thinc draws where none
#: is given, and rates, which are for training only. What it must be, and whether a value is that.
FREE: Dict[str, Tuple[str, Callable[[Any], bool]]] = {
    "columns": ("the columns of counts", _is_list_of("uint16")),
    "counts": ("counts of texts", _is_counts),
    "dropout": ("a number from 0 to 1", _is_rate),
    "dropout_rate": ("a number from 0 to 1", _is_rate),
    "keys": ("the sorted hashes of n-grams", _is_keys),
    "n_features": ("a number of n-grams", is_size),
    "n_texts": ("a number of texts", is_size),
    "parts": ("the sorted numbers of folds", _is_keys),
    "priors": ("the shares of the labels", _is_priors),
    "rate": ("a number from 0 to 1", _is_rate),
    "recurrent_dropout": ("a number from 0 to 1", _is_rate),
    "seed": ("an integer", is_size),
    "starts": ("where the counts of n-grams begin", _is_starts),
    "variational": ("true or false", _is_flag),
}


#: What layers had that others have taken the place of since, by the module of those.
FORMER = {"spacy_lstm.layers.joined": ("pad",)}


def _plain(value: Any) -> Any:
    """A value as it is after it was saved and loaded."""
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def _is_same(value: Any, other: Any) -> bool:
    if isinstance(value, numpy.ndarray) and isinstance(other, numpy.ndarray):
        return value.dtype == other.dtype and numpy.array_equal(value, other)
    return repr(value) == repr(other)  # 1, 1.0 and True are different


def _has_own_format(value: Any) -> bool:
    """Whether somebody registered how values of this type are saved, and checked when loaded."""
    return serialize_attr.dispatch(type(value)) is not serialize_attr.dispatch(object)


def read_attrs(
    node: Model, saved: Dict[str, Any], refuse: Callable[[str, Any, Any], ValueError]
) -> Dict[str, Any]:
    """Check the attributes of a layer.

    node (Model): The layer, as the config describes it.
    saved (Dict[str, bytes]): The attributes in the file. Those that the layer has already are taken
        out: what isn't loaded takes no time.
    refuse (Callable[[str, Any, Any], ValueError]): Makes an error of what is wrong, what the file
        says, and what it must say.
    RETURNS (Dict[str, Any]): The attributes that the layer will have.
    RAISES (ValueError): If one isn't there in the config, or is different, and isn't free.
    """
    attrs = dict(node.attrs)
    if not is_known(node):  # thinc reads them, by what its layers registered
        return attrs
    for name, data in list(saved.items()):
        if name in FORMER.get(module_of(node), ()):
            del saved[name]
            continue
        what = f"`{str(name)[:80]}` of the layer '{node.name}'"
        if name not in attrs or not isinstance(data, bytes):
            raise refuse(what, "there", "absent")
        if _has_own_format(attrs[name]):
            continue
        expected, is_right = FREE.get(name, (None, None))
        try:
            value = unpack(data)
        except UnreadableError as err:
            raise refuse(what, f"damaged ({err})", expected or attrs[name]) from err
        is_same = _is_same(value, _plain(attrs[name]))
        if not is_same and (is_right is None or not is_right(value)):
            raise refuse(what, repr(value), expected or repr(attrs[name]))
        attrs[name] = value
        if is_same:
            del saved[name]
    return attrs
