"""Why a loss or a gradient isn't finite, as far as can be told."""

from typing import Any, Iterator, Optional, Tuple

import numpy
from spacy.pipeline import TrainablePipe
from spacy.vectors import Mode
from thinc.api import Model

LARGE_WEIGHT = 1e4
LARGE_RATE = 0.02


def likely_cause(pipe: TrainablePipe, rate: Optional[float]) -> str:
    """Guess why a loss or a gradient isn't finite: at what is wrong already, or else at what most
    often is.

    pipe (TrainablePipe): The component.
    rate (Optional[float]): The learning rate, if it is known.
    RETURNS (str): The cause and what to do, as a part of a sentence.
    """
    lower = "lower it" if rate is None else f"it is {rate:g}, lower it"
    for name, param in parameters(pipe.model):
        largest = float(abs(param).max()) if param.size else 0.0
        if not numpy.isfinite(largest):
            return f"{name} isn't finite already, so load or initialize the pipeline anew"
        if largest > LARGE_WEIGHT:
            return f"the learning rate, as {name} has grown to {largest:.1g}; {lower}"
    row = bad_vector(pipe.vocab.vectors)
    if row is not None:
        return f"row {row} of the word vectors isn't finite, so make the table of vectors anew"
    if rate is not None and rate > LARGE_RATE:
        return f"the learning rate; {lower}"
    if any(node.attrs.get("precision") in ("bfloat16", "auto") for node in pipe.model.walk()):
        return 'numbers too large for bfloat16; set `precision = "float32"` in the encoder'
    if getattr(pipe, "max_grad_norm", None) is None:
        return (
            f"gradients that explode; set `max_grad_norm = 5.0`, or, of the learning rate, {lower}"
        )
    return f"the learning rate ({lower}), or a component that it shares its encoder with"


def parameters(model: Model) -> Iterator[Tuple[str, Any]]:
    """model (Model): A model.
    YIELDS (Tuple[str, ArrayXd]): The parameters that thinc holds, with what to call them.
    """
    for node in model.walk():
        for name in node.param_names:
            if node.has_param(name):
                yield f"the parameter {name} of the layer '{node.name}'", node.get_param(name)


def bad_vector(vectors: Any) -> Optional[int]:
    """vectors (Vectors): A table of word vectors.
    RETURNS (Optional[int]): The first row that isn't finite.
    """
    data = vectors.data
    if vectors.mode not in (Mode.default, Mode.floret) or not data.size:
        return None
    rows = (~numpy.isfinite(data if isinstance(data, numpy.ndarray) else data.get())).any(axis=1)
    return int(rows.argmax()) if rows.any() else None
