"""Read msgpack and JSON that may be anything: what they say of their sizes isn't believed.

srsly's own reader makes room for as many items as a header announces, and arrays of any type.
"""

import json
import math
from typing import Any, Dict, List, Sequence, Tuple

import numpy
from srsly import msgpack

from ..types import Array

#: How many items a list or dict may have: layers of a model, attributes of one.
MAX_ITEMS = 1 << 16
#: How many bytes are looked at for the first item of a message.
HEAD = 1 << 20
LIMITS = {"max_array_len": MAX_ITEMS, "max_map_len": MAX_ITEMS, "max_ext_len": 0}
#: Floats, integers and truth values, in the byte order that thinc writes.
DTYPES = ("<f2", "<f4", "<f8", "|b1", "|i1", "|u1", *(f"<{k}{n}" for k in "iu" for n in (2, 4, 8)))


class UnreadableError(ValueError):
    """What was read isn't what it should be. The message says why."""


def unpack(data: bytes) -> Any:
    """Read a whole msgpack message. The memory that it takes is a small multiple of its size.

    data (bytes): The message.
    RETURNS (Any): What it says, with numpy arrays where srsly packed some, `bytes` for binary data.
    RAISES (UnreadableError): If it is incomplete, no msgpack, or has what srsly doesn't write.
    """
    try:
        return msgpack.unpackb(
            data, raw=False, strict_map_key=True, object_pairs_hook=_from_pairs, **LIMITS
        )
    except UnreadableError:
        raise
    except Exception as err:  # whatever it is, it comes from the message
        raise UnreadableError(str(err) or type(err).__name__) from err


def unpack_first(head: bytes, key: str) -> Tuple[Any, int]:
    """Read the first entry of a msgpack dict, from the beginning of the message alone.

    head (bytes): The first `HEAD` bytes.
    key (str): Its key.
    RETURNS (Tuple[Any, int]): The value, and how many bytes were read.
    RAISES (UnreadableError): If it isn't there.
    """
    unpacker = msgpack.Unpacker(
        raw=False, strict_map_key=True, max_buffer_size=HEAD, max_str_len=HEAD, max_bin_len=HEAD,
        **LIMITS,
    )  # fmt: skip
    try:
        unpacker.feed(head)
        n_items = unpacker.read_map_header()
        found = unpacker.unpack() if n_items else None
        value = unpacker.unpack() if found == key else None
    except Exception as err:  # whatever it is, it comes from the message
        raise UnreadableError(str(err) or type(err).__name__) from err
    if found != key:
        raise UnreadableError(f"it doesn't begin with {key!r}")
    return value, unpacker.tell()


def _from_pairs(pairs: Sequence[Tuple[Any, Any]]) -> Any:
    found: Dict[Any, Any] = dict(pairs)
    if len(found) < len(pairs):
        raise UnreadableError("a key is there twice")
    return _to_array(found) if b"nd" in found else found


def _to_array(found: Dict[Any, Any]) -> Any:
    dtype, data = found.get(b"type"), found.get(b"data")
    shape: List[int] = found.get(b"shape", [])
    if dtype not in DTYPES or not isinstance(data, bytes):
        raise UnreadableError("an array has an unknown type")
    if not isinstance(shape, list) or len(shape) > 8 or not all(map(is_size, shape)):
        raise UnreadableError("an array has an impossible shape")
    kind = numpy.dtype(dtype)
    if len(data) != math.prod(shape) * kind.itemsize:
        raise UnreadableError("an array has other than the values that its shape says")
    array: Array = numpy.frombuffer(data, dtype=kind).reshape(shape)
    return array if found[b"nd"] is True else array[()]


def is_size(value: Any) -> bool:
    """value (Any): What a file has where a size should be.
    RETURNS (bool): Whether it is one: an integer, and no truth value, of at least 0.
    """
    return type(value) is int and 0 <= value < 2**63


def read_json(data: bytes) -> Dict[str, Any]:
    """Read a JSON object.

    data (bytes): The text, in UTF-8.
    RETURNS (Dict[str, Any]): The object.
    RAISES (UnreadableError): If it is none.
    """
    try:
        found = json.loads(data.decode("utf8"), parse_constant=_refuse)
    except (ValueError, RecursionError) as err:
        raise UnreadableError(str(err) or type(err).__name__) from err
    if not isinstance(found, dict):
        raise UnreadableError("it has no settings")
    return found


def _refuse(name: str) -> float:
    raise UnreadableError(f"{name} is no number")
