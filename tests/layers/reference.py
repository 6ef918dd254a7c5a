"""The LSTM written out from its equations, one document and one step at a time, in float64."""

from typing import Dict, List, Optional

import numpy
from thinc.api import Model

NAMES = ("input", "forget", "output", "candidate", "cell", "hidden")


def logistic(x: numpy.ndarray) -> numpy.ndarray:
    return 1.0 / (1.0 + numpy.exp(-x))


def relu(x: numpy.ndarray) -> numpy.ndarray:
    return numpy.maximum(x, 0.0)


def lstm_step(
    x: numpy.ndarray,
    hidden: numpy.ndarray,
    cell: numpy.ndarray,
    W: numpy.ndarray,
    R: numpy.ndarray,
    b: numpy.ndarray,
    P: Optional[numpy.ndarray] = None,
    *,
    forget_gate: bool = True,
    activation: str = "tanh",
) -> Dict[str, numpy.ndarray]:
    """Hochreiter & Schmidhuber (1997), with the forget gate of Gers et al. (2000) and the peepholes
    of Gers & Schmidhuber (2000), where there are any."""
    n = len(hidden)
    squash = {"tanh": numpy.tanh, "relu": relu}[activation]
    drive = W @ x + R @ hidden + b
    if not forget_gate:  # a row of zeros for what isn't there, so that the equations stay the same
        drive = numpy.concatenate([drive[:n], numpy.zeros(n), drive[n:]])
        P = None if P is None else numpy.stack([P[0], numpy.zeros(n), P[1]])
    if P is None:
        P = numpy.zeros((3, n))
    input_gate = logistic(drive[0 * n : 1 * n] + P[0] * cell)
    forget = logistic(drive[1 * n : 2 * n] + P[1] * cell) if forget_gate else 1.0
    candidate = squash(drive[2 * n : 3 * n])
    cell = forget * cell + input_gate * candidate
    if activation == "relu":
        cell = numpy.minimum(cell, 50.0)
    output_gate = logistic(drive[3 * n : 4 * n] + P[2] * cell)
    return {
        "input": input_gate,
        "forget": forget * numpy.ones(n),
        "output": output_gate,
        "candidate": candidate,
        "cell": cell,
        "hidden": output_gate * squash(cell),
    }


def lstm_direction(
    X: numpy.ndarray,
    W: numpy.ndarray,
    R: numpy.ndarray,
    b: numpy.ndarray,
    P: Optional[numpy.ndarray] = None,
    **variant,
):
    """RETURNS: By name, what it computes at each row."""
    n = R.shape[1]
    hidden, cell = numpy.zeros(n), numpy.zeros(n)
    steps = []
    for x in X:
        step = lstm_step(x, hidden, cell, W, R, b, P, **variant)
        hidden, cell = step["hidden"], step["cell"]
        steps.append(step)
    return {name: numpy.array([s[name] for s in steps]).reshape(len(X), n) for name in NAMES}


def lstm(model: Model, X: numpy.ndarray) -> numpy.ndarray:
    """What the layer should give for one document."""
    return lstm_parts(model, X)[1]


def lstm_parts(model: Model, X: numpy.ndarray):
    """RETURNS: By layer and direction, what it computes for one document, and what the layer gives.
    The rows are those of the document."""
    params = "WRbP" if model.attrs["peepholes"] else "WRb"
    variant = {name: model.attrs[name] for name in ("forget_gate", "activation")}

    def weights(layer: int, direction: str) -> List[numpy.ndarray]:
        return [model.get_param(f"{p}{layer}_{direction}").astype("float64") for p in params]

    states = X.astype("float64")
    parts = {}
    for layer in range(model.attrs["depth"]):
        sides = [lstm_direction(states, *weights(layer, "forward"), **variant)]
        if "backward" in model.attrs["directions"]:
            backward = lstm_direction(states[::-1], *weights(layer, "backward"), **variant)
            sides.append({name: rows[::-1] for name, rows in backward.items()})
        for direction, side in zip(model.attrs["directions"], sides, strict=True):
            parts[layer, direction] = side
        inputs, states = states, numpy.hstack([side["hidden"] for side in sides])
        if model.attrs["residual"] and layer > 0:
            states = states + inputs
        if model.attrs["layer_norm"]:
            gain, shift = (model.get_param(f"{part}{layer}") for part in ("gain", "shift"))
            states = layer_norm(states, gain, shift)
    return parts, states


def layer_norm(X: numpy.ndarray, gain: numpy.ndarray, shift: numpy.ndarray) -> numpy.ndarray:
    """Ba, Kiros & Hinton (2016), a token at a time."""
    normalized = [(x - x.mean()) / numpy.sqrt(x.var() + 1e-5) for x in X]
    return numpy.array(normalized).reshape(X.shape) * gain + shift
