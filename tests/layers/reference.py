"""The LSTM written out from its equations, one document and one step at a time, in float64."""

from typing import Dict, List

import numpy
from thinc.api import Model


def logistic(x: numpy.ndarray) -> numpy.ndarray:
    return 1.0 / (1.0 + numpy.exp(-x))


def lstm_step(
    x: numpy.ndarray,
    hidden: numpy.ndarray,
    cell: numpy.ndarray,
    W: numpy.ndarray,
    R: numpy.ndarray,
    b: numpy.ndarray,
) -> Dict[str, numpy.ndarray]:
    """Hochreiter & Schmidhuber (1997), with the forget gate of Gers et al. (2000)."""
    n = len(hidden)
    drive = W @ x + R @ hidden + b
    input_gate = logistic(drive[0 * n : 1 * n])
    forget_gate = logistic(drive[1 * n : 2 * n])
    candidate = numpy.tanh(drive[2 * n : 3 * n])
    output_gate = logistic(drive[3 * n : 4 * n])
    cell = forget_gate * cell + input_gate * candidate
    return {"cell": cell, "hidden": output_gate * numpy.tanh(cell)}


def lstm_direction(X: numpy.ndarray, W: numpy.ndarray, R: numpy.ndarray, b: numpy.ndarray):
    n = R.shape[1]
    hidden, cell = numpy.zeros(n), numpy.zeros(n)
    states = []
    for x in X:
        step = lstm_step(x, hidden, cell, W, R, b)
        hidden, cell = step["hidden"], step["cell"]
        states.append(hidden)
    return numpy.array(states).reshape(len(X), n)


def lstm(model: Model, X: numpy.ndarray) -> numpy.ndarray:
    """What the layer should give for one document."""

    def weights(layer: int, direction: str) -> List[numpy.ndarray]:
        return [model.get_param(f"{p}{layer}_{direction}").astype("float64") for p in "WRb"]

    states = X.astype("float64")
    for layer in range(model.attrs["depth"]):
        sides = [lstm_direction(states, *weights(layer, "forward"))]
        if "backward" in model.attrs["directions"]:
            sides.append(lstm_direction(states[::-1], *weights(layer, "backward"))[::-1])
        states = numpy.hstack(sides)
    return states
