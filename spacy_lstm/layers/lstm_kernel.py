"""The LSTM itself: one layer over the flat rows of a batch, by torch.

Several ways to the same numbers. Packed sequences are what cuDNN is fast at. On a CPU they never
reach oneDNN, which takes padded one-directional sequences only; so there, `lstm_onednn` runs it on
segments of the batch. Where that can't be, a batch that is too large for one call, or in which
gradients are cut off, goes through torch's LSTM in segments.
"""

import os
from typing import Sequence

import torch

from .lstm_onednn import OneDNN, takes
from .lstm_packed import TorchLSTM, run_packed
from .lstm_plan import Plan
from .lstm_segments import run_segments
from .lstm_types import Direction, LayerResult


def run_layer(
    X: torch.Tensor,
    directions: Sequence[Direction],
    plan: Plan,
    is_train: bool,
    *,
    dtype: torch.dtype | None = None,
) -> LayerResult:
    """One LSTM layer (Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000), in
    one direction or two (Graves & Schmidhuber 2005).

    X (torch.Tensor): The rows of all documents, `(n_rows, n_in)`.
    directions (Sequence[Direction]): The forward weights, and the backward ones if there are any.
    plan (Plan): The layout of the batch.
    is_train (bool): Whether to keep what the backward pass needs.
    dtype (Optional[torch.dtype]): What to compute in. That of `X` where it is None.
    RETURNS (LayerResult): The hidden states, `(n_rows, n_directions * n_hidden)`, and a callback
        from their gradient to the gradients of `X` and of the weights, all in the type of `X`.
    """
    dtype = dtype or X.dtype
    if uses_onednn(X, dtype):
        return run_segments(X, directions, plan, is_train, OneDNN, dtype=dtype, from_end=True)
    if plan.n_rows > plan.max_tokens or plan.cut_every is not None:
        return run_segments(X, directions, plan, is_train, TorchLSTM, dtype=dtype)
    return run_packed(X, directions, plan, is_train, dtype)


def uses_onednn(X: torch.Tensor, dtype: torch.dtype) -> bool:
    """Whether oneDNN is the fast way: on a CPU, where torch has one that computes in this type.

    X (torch.Tensor): The input.
    dtype (torch.dtype): What to compute in.
    RETURNS (bool): True if so.
    """
    return X.device.type == "cpu" and takes(dtype)


def _one_thread() -> None:
    torch.set_num_threads(1)


# A forked worker inherits torch's thread pool without its threads, and waits for them for ever.
# The workers of `nlp.pipe(n_process=...)` are such; the work is already spread over them.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_one_thread)
