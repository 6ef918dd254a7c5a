"""The weights of an attention pooling."""

from typing import Any, List, Tuple

import numpy
from spacy.tokens import Doc
from thinc.api import Model, Ragged, to_numpy
from thinc.layers.parametricattention import forward as parametric_attention

from ..errors import Errors
from ..layers.interposed import Interposed
from ..models.blank import is_blank
from ..pipeline.textcat import LSTMTextCategorizer
from ..types import Array


class _Watch(Interposed):
    """Notes what a layer is given."""

    def __init__(self, layer: Model) -> None:
        super().__init__(layer)
        self.seen: List[Ragged] = []

    def _forward(self, layer: Model, X: Ragged, is_train: bool) -> Tuple[Ragged, Any]:
        self.seen.append(X)
        return self._func(layer, X, is_train)


def attention_weights(name: str, pipe: Any, doc: Doc) -> Array:
    """Read where an attention pooling looks (Yang et al. 2016).

    name (str): The name of the component.
    pipe (Any): The component. Its model has a pooling by thinc's `ParametricAttention.v1`.
    doc (Doc): A text that has gone through the components before.
    RETURNS (Array): The weight of each token, which add up to 1, `(n_tokens,)`. All are 0 in a text
        of whitespace, which isn't pooled.
    RAISES (ValueError): If the model has no such pooling.
    """
    model = getattr(pipe, "model", None)
    nodes = model.walk() if isinstance(model, Model) else []
    layer = next((node for node in nodes if node._func is parametric_attention), None)
    if layer is None:
        others = '"integrated_gradients", "gradient_x_input" or "occlusion"'
        raise ValueError(Errors.L865.format(name=name, options=others))
    if isinstance(pipe, LSTMTextCategorizer) and is_blank(doc):
        return numpy.zeros(len(doc))
    with _Watch(layer) as watch:
        pipe.predict([doc])
    (vectors,) = watch.seen
    ops, query = layer.ops, layer.get_param("Q")
    drives = ops.gemm(vectors.dataXd, ops.reshape2f(query, -1, 1))  # type: ignore[arg-type]
    return to_numpy(ops.softmax_sequences(drives, vectors.lengths)).reshape(-1).astype("float64")
