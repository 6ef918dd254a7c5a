"""A layer that isn't run, and gives what it is told."""

from typing import Any, Callable, Tuple

from thinc.api import Model

from .interposed import Interposed


class Substitute(Interposed):
    """What comes after a layer, as a function of the layer's output: in the block, the layer itself
    isn't run. Each pass through it gives `output`, whatever its input, and the gradient that comes
    back for it is kept, and goes no further.

        with Substitute(tok2vec.get_ref("embed"), vectors) as embed:
            scores, backprop = model.begin_update(docs)
            backprop(d_scores)
            embed.gradient

    output (Any): What the layer gives. May be set anew for each pass.
    gradient (Any): What came back last; None where nothing did yet. It may lie in memory that the
        layers after it write on again in the next pass.
    """

    def __init__(self, layer: Model, output: Any = None) -> None:
        """layer (Model): Any layer.
        output (Any): What it gives.
        """
        super().__init__(layer)
        self.output = output
        self.gradient: Any = None

    def _forward(self, layer: Model, X: Any, is_train: bool) -> Tuple[Any, Callable[[Any], Any]]:
        def backprop(dY: Any) -> Any:
            self.gradient = dY
            return []

        return self.output, backprop
