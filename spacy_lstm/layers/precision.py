"""What the LSTM computes in: float32, or bfloat16 where that is worth it."""

from functools import lru_cache
from typing import Any

import torch
from thinc.api import Model, deserialize_attr, serialize_attr

PRECISIONS = ("float32", "bfloat16", "auto")


class Precision(str):
    """One of `PRECISIONS` among the attributes of a layer. What to compute in is for the machine
    that computes to say, so a layer that is loaded keeps the one that its config says now, not the
    one that it was saved with."""


@serialize_attr.register(Precision)
def _save(_: Precision, value: Precision, name: str, model: Model) -> bytes:
    return str(value).encode("utf8")


@deserialize_attr.register(Precision)
def _load(_: Precision, value: Any, name: str, model: Model) -> Any:
    return model.attrs[name]


def compute_type(precision: str, X: torch.Tensor) -> torch.dtype:
    """The type to compute in.

    precision (str): One of `PRECISIONS`.
    X (torch.Tensor): The input, by its type and device. Only float32 is ever made less precise:
        float64 stays what it is.
    RETURNS (torch.dtype): That of `X`, or bfloat16.
    """
    if precision == "float32" or X.dtype != torch.float32:
        return X.dtype
    if precision == "bfloat16" or fast_bfloat16(X.device.type):
        return torch.bfloat16
    return torch.float32


@lru_cache
def fast_bfloat16(device: str) -> bool:
    """Whether bfloat16 is faster than float32: whether the processor has instructions for it. Asked
    once a process, and not timed, so that the answer never depends on what else the machine does.

    device (str): "cpu" or "cuda".
    RETURNS (bool): True if so. False where torch can't tell.
    """
    if device == "cuda":
        # Before compute capability 8 it is emulated.
        return torch.cuda.get_device_capability() >= (8, 0)
    if not torch.backends.mkldnn.is_available() or not has_onednn_bfloat16():
        return False
    # oneDNN takes bfloat16 from AVX-512 on, and without these instructions it only emulates them.
    instructions = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(getattr(torch.cpu, name, _no)() for name in instructions)


def has_onednn_bfloat16() -> bool:
    """Whether torch's oneDNN computes in bfloat16 on this machine, fast or not.

    RETURNS (bool): True if so. False where torch can't tell.
    """
    supported = getattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", _no)
    return bool(supported())


def _no() -> bool:
    return False
