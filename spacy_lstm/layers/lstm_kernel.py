"""The LSTM itself: one layer over the flat rows of a batch, by torch.

Two ways to the same numbers. Packed sequences are what cuDNN is fast at. On a CPU they never reach
oneDNN, which takes padded one-directional sequences only; so there, documents are put into buckets
of similar length, the forward direction runs over them as they are, and the backward direction over
rows reversed within their own length. What a direction computes in the padding after a document's
end reaches no row that is read.
"""

import os
from typing import Callable, List, NamedTuple, Sequence, Tuple

import torch

from .lstm_plan import Bucket, Plan


class Direction(NamedTuple):
    """The weights of one direction of one layer. Gates lie in the order input, forget, candidate,
    output, `n_hidden` rows each.

    W (torch.Tensor): Input weights, `(4 * n_hidden, n_in)`.
    R (torch.Tensor): Recurrent weights, `(4 * n_hidden, n_hidden)`.
    b (torch.Tensor): Biases, `(4 * n_hidden,)`.
    """

    W: torch.Tensor
    R: torch.Tensor
    b: torch.Tensor


Gradients = List[Direction]
LayerResult = Tuple[torch.Tensor, Callable[[torch.Tensor], Tuple[torch.Tensor, Gradients]]]


def run_layer(
    X: torch.Tensor, directions: Sequence[Direction], plan: Plan, is_train: bool
) -> LayerResult:
    """One LSTM layer (Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000), in
    one direction or two (Graves & Schmidhuber 2005).

    X (torch.Tensor): The rows of all documents, `(n_rows, n_in)`.
    directions (Sequence[Direction]): The forward weights, and the backward ones if there are any.
    plan (Plan): The layout of the batch.
    is_train (bool): Whether to keep what the backward pass needs.
    RETURNS (LayerResult): The hidden states, `(n_rows, n_directions * n_hidden)`, and a callback
        from their gradient to the gradients of `X` and of the weights.
    """
    leaves = [Direction(*(w.detach().requires_grad_(is_train) for w in d)) for d in directions]
    if uses_buckets(X):
        return _run_buckets(X, leaves, plan, is_train)
    return _run_packed(X, leaves, plan, is_train)


def uses_buckets(X: torch.Tensor) -> bool:
    """Whether padded buckets are the fast way: on a CPU for which torch has oneDNN.

    X (torch.Tensor): The input.
    RETURNS (bool): True for buckets, False for packed sequences.
    """
    return X.device.type == "cpu" and torch.backends.mkldnn.is_available()


def _run_buckets(
    X: torch.Tensor, leaves: List[Direction], plan: Plan, is_train: bool
) -> LayerResult:
    n_hidden = leaves[0].R.shape[1]
    Y = X.new_empty((plan.n_rows, len(leaves) * n_hidden))
    kept = []
    for bucket in plan.buckets:
        for i, (weights, cells, into) in enumerate(_sides(leaves, bucket)):
            block = X.index_select(0, cells).view(bucket.n_steps, bucket.n_docs, -1)
            block.requires_grad_(is_train)
            with torch.set_grad_enabled(is_train):
                out = _lstm(block, [weights])
            hidden = out.detach().reshape(-1, n_hidden).index_select(0, into)
            Y[:, i * n_hidden : (i + 1) * n_hidden].index_copy_(0, bucket.rows, hidden)
            if is_train:
                kept.append((i, bucket, block, out, into))

    def backprop(dY: torch.Tensor) -> Tuple[torch.Tensor, Gradients]:
        dX = torch.zeros_like(X)
        grads = [Direction(*(torch.zeros_like(w) for w in d)) for d in leaves]
        for i, bucket, block, out, into in kept:
            d_rows = dY[:, i * n_hidden : (i + 1) * n_hidden].index_select(0, bucket.rows)
            d_out = dY.new_zeros((bucket.n_steps * bucket.n_docs, n_hidden))
            d_out.index_copy_(0, into, d_rows)
            d_block, *d_weights = torch.autograd.grad(
                out, [block, *leaves[i]], d_out.view_as(out), retain_graph=True
            )
            d_block = d_block.reshape(-1, X.shape[1])
            dX.index_add_(0, bucket.rows, d_block.index_select(0, into))
            for total, part in zip(grads[i], d_weights, strict=True):
                total += part
        return dX, grads

    return Y, backprop


def _sides(
    leaves: List[Direction], bucket: Bucket
) -> List[Tuple[Direction, torch.Tensor, torch.Tensor]]:
    cells = (bucket.forward, bucket.backward)
    into = (bucket.forward_cells, bucket.backward_cells)
    return list(zip(leaves, cells, into, strict=False))


def _run_packed(
    X: torch.Tensor, leaves: List[Direction], plan: Plan, is_train: bool
) -> LayerResult:
    packed = X.index_select(0, plan.packed).requires_grad_(is_train)
    with torch.set_grad_enabled(is_train):
        out = _lstm(packed, leaves, plan.batch_sizes)
    Y = torch.empty_like(out).index_copy_(0, plan.packed, out.detach())

    def backprop(dY: torch.Tensor) -> Tuple[torch.Tensor, Gradients]:
        d_out = dY.index_select(0, plan.packed)
        inputs = [packed, *(w for d in leaves for w in d)]
        d_packed, *d_weights = torch.autograd.grad(out, inputs, d_out, retain_graph=True)
        dX = torch.empty_like(d_packed).index_copy_(0, plan.packed, d_packed)
        return dX, [Direction(*d_weights[i : i + 3]) for i in range(0, len(d_weights), 3)]

    return Y, backprop


def _lstm(
    X: torch.Tensor, directions: List[Direction], batch_sizes: torch.Tensor | None = None
) -> torch.Tensor:
    """torch's LSTM: padded `(n_steps, n_docs, n_in)`, or packed where `batch_sizes` are given. Its
    second bias, a cuDNN relic, is zero."""
    n_docs = X.shape[1] if batch_sizes is None else int(batch_sizes[0])
    n_hidden = directions[0].R.shape[1]
    state = X.new_zeros((len(directions), n_docs, n_hidden))
    weights = [w for d in directions for w in (d.W, d.R, d.b, torch.zeros_like(d.b))]
    args = (weights, True, 1, 0.0, torch.is_grad_enabled(), len(directions) == 2)
    if batch_sizes is None:
        return torch.lstm(X, (state, state), *args, False)[0]
    return torch.lstm(X, batch_sizes, (state, state), *args)[0]


def _one_thread() -> None:
    torch.set_num_threads(1)


# A forked worker inherits torch's thread pool without its threads, and waits for them for ever.
# The workers of `nlp.pipe(n_process=...)` are such; the work is already spread over them.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_one_thread)
