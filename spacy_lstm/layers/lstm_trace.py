"""What happens inside an LSTM: all gates and states of a sequence, step by step."""

from typing import Any, List, NamedTuple

import torch
from thinc.api import to_numpy
from thinc.types import Floats2d

from ..errors import Errors
from ..types import Array, SequenceLayer
from .lstm import adds_inputs, variant_of
from .lstm_variants import Step, run_step
from .normalize import Norm, normalize


class Trace(NamedTuple):
    """What one direction of one layer computes for a sequence, `(n_tokens, n_hidden)` each, in
    float64. The rows are those of the tokens in either direction: the backward one starts at the
    last row.

    layer (int): The number of the layer, from 0.
    direction (str): "forward" or "backward".
    input (Array): The input gate: how much of the candidate comes into the cell, 0 to 1.
    forget (Array): The forget gate: how much of the cell state before stays, where 1 is all. 1
        everywhere if the LSTM has no forget gate.
    output (Array): The output gate: how much of the cell is shown, 0 to 1.
    candidate (Array): What may come into the cell.
    cell (Array): The cell state after the token.
    hidden (Array): The hidden state after the token, before anything is added to it, or it is
        normalized.
    """

    layer: int
    direction: str
    input: Array
    forget: Array
    output: Array
    candidate: Array
    cell: Array
    hidden: Array


class Traces(NamedTuple):
    """What an LSTM computes for a sequence.

    parts (List[Trace]): Each direction of each layer, the lowest layer first.
    output (Array): What it gives, `(n_tokens, width)`, in float64.
    """

    parts: List[Trace]
    output: Array


def trace_lstm(model: SequenceLayer, X: Floats2d) -> Traces:
    """Compute the gates and states of an LSTM from its equations (Hochreiter & Schmidhuber 1997;
    Gers, Schmidhuber & Cummins 2000; Gers & Schmidhuber 2000), one step at a time, in float64
    whatever it computes in.

    model (Model[List[Floats2d], List[Floats2d]]): A layer made by `LSTM`, in any variant.
    X (Floats2d): A sequence of vectors, `(n_tokens, nI)`.
    RETURNS (Traces): All gates and states. Nothing is dropped.
    RAISES (ValueError): If the vectors have another width.
    """
    if X.shape[1] != model.get_dim("nI"):
        raise ValueError(Errors.L004.format(expected=model.get_dim("nI"), got=X.shape[1]))
    states = torch.from_numpy(to_numpy(X).astype("float64"))
    parts = []
    for layer in range(model.attrs["depth"]):
        traces = [_run(model, layer, name, states) for name in model.attrs["directions"]]
        parts.extend(traces)
        inputs = states
        states = torch.cat([torch.from_numpy(trace.hidden) for trace in traces], dim=1)
        if adds_inputs(model, layer):
            states = states + inputs
        if model.attrs["layer_norm"]:
            norm = Norm(*(_weights(model, f"{part}{layer}") for part in Norm._fields))
            states, _ = normalize(states, norm)
    return Traces(parts, states.numpy())


def _run(model: SequenceLayer, layer: int, direction: str, X: torch.Tensor) -> Trace:
    variant = variant_of(model)
    W, R, b, *P = (_weights(model, f"{param}{layer}_{direction}") for param in variant.params)
    peepholes = dict(zip(variant.peeping, P[0], strict=True)) if P else {}
    is_backward = direction == "backward"
    hidden = cell = X.new_zeros((1, R.shape[1]))
    steps: List[Step] = []
    for x in X.flip(0) if is_backward else X:
        step = run_step(W @ x + b + hidden @ R.T, cell, peepholes, variant)
        hidden, cell = step.hidden, step.cell
        steps.append(step)
    if is_backward:
        steps.reverse()
    rows = {
        name: torch.cat([X.new_zeros((0, R.shape[1])), *(getattr(step, name) for step in steps)])
        for name in Step._fields
    }
    return Trace(layer, direction, **{name: value.numpy() for name, value in rows.items()})


def _weights(model: SequenceLayer, name: str) -> torch.Tensor:
    param: Any = to_numpy(model.get_param(name))
    return torch.from_numpy(param.astype("float64"))
