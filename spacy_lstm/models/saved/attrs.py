"""The attributes of saved layers: most are what the config says, and few are learnt or set."""

from typing import Any, Callable, Dict, Tuple

import numpy
from thinc.api import Model, serialize_attr

from ...files.unpack import UnreadableError, is_size, unpack
from ...layers.precision import Precision
from .shapes import is_known


def _is_rate(value: Any) -> bool:
    return value is None or (type(value) in (int, float) and 0.0 <= value <= 1.0)


def _is_flag(value: Any) -> bool:
    return type(value) is bool


def _is_keys(value: Any) -> bool:
    is_list = isinstance(value, numpy.ndarray) and value.ndim == 1 and value.dtype == "uint64"
    return is_list and bool((value[1:] > value[:-1]).all())


#: What may differ from the config: what initialization finds, the seed that thinc draws where none
#: is given, and rates, which are for training only. What it must be, and whether a value is that.
FREE: Dict[str, Tuple[str, Callable[[Any], bool]]] = {
    "dropout": ("a number from 0 to 1", _is_rate),
    "dropout_rate": ("a number from 0 to 1", _is_rate),
    "keys": ("the sorted hashes of n-grams", _is_keys),
    "n_features": ("a number of n-grams", is_size),
    "n_texts": ("a number of texts", is_size),
    "rate": ("a number from 0 to 1", _is_rate),
    "recurrent_dropout": ("a number from 0 to 1", _is_rate),
    "seed": ("an integer", is_size),
    "variational": ("true or false", _is_flag),
}


def attrs_from_config(node: Model) -> Dict[str, bytes]:
    """node (Model): A layer.
    RETURNS (Dict[str, bytes]): Its attributes as thinc saves them; what it can't save isn't there.
    """
    saved = {}
    for name, value in node.attrs.items():
        try:
            saved[name] = serialize_attr(value, value, name, node)
        except TypeError:  # such as a function, which thinc leaves out too
            continue
    return saved


def read_attrs(
    node: Model, saved: Dict[Any, Any], refuse: Callable[[str, Any, Any], ValueError]
) -> Dict[str, Any]:
    """Check the attributes of a layer.

    node (Model): The layer, as the config describes it.
    saved (Dict[str, bytes]): The attributes in the file.
    refuse (Callable[[str, Any, Any], ValueError]): Makes an error of what is wrong, what the file
        says, and what it must say.
    RETURNS (Dict[str, Any]): The attributes that the layer will have.
    RAISES (ValueError): If one isn't there in the config, or is different, and isn't free.
    """
    attrs = dict(node.attrs)
    if not is_known(node):  # thinc reads them, by what its layers registered
        return attrs
    configured = attrs_from_config(node)
    for name, data in saved.items():
        what = f"`{name}` of the layer '{node.name}'"
        if not isinstance(data, bytes) or name not in configured:
            raise refuse(what, "there", "absent")
        if isinstance(attrs[name], Precision):
            continue
        if name in FREE:
            attrs[name] = _read_free(name, data, what, refuse)
        elif data != configured[name]:
            raise refuse(what, _shown(data), _shown(configured[name]))
    return attrs


def _read_free(
    name: str, data: bytes, what: str, refuse: Callable[[str, Any, Any], ValueError]
) -> Any:
    expected, is_right = FREE[name]
    try:
        value = unpack(data)
    except UnreadableError as err:
        raise refuse(what, f"damaged ({err})", expected) from err
    if not is_right(value):
        raise refuse(what, repr(value)[:80], expected)
    return value


def _shown(data: bytes) -> str:
    try:
        return repr(unpack(data))[:80]
    except UnreadableError:
        return repr(data)[:80]
