"""A seam in a model: a place between two layers where the values that go forward can be moved, and
the gradients that come back can be read."""

from types import TracebackType
from typing import Any, Callable, List, Optional, Tuple, Type

from thinc.api import Model
from thinc.types import Floats2d

from ..errors import Errors
from ..types import Sequences
from .interposed import Interposed
from .joined import join, split

Backprop = Callable[[Sequences], Any]


class Seam(Interposed):
    """What comes after a layer, run several times over while the layer itself runs once.

    In the block, the first forward pass through the layer runs it, and keeps its output and its
    backprop. Each later pass gives the same output without running it again, so that what the layer
    draws at random, such as dropout, is drawn once; the layers after it draw anew in each pass.
    `perturbation`, where it is set, is added to the output of a pass.

    The gradients that come back are kept, one a pass. At the end of the block, the layer's backprop
    is called once, with their sum: the listener of a shared encoder must not be called more often.
    After an exception it isn't called at all, and the layer is as it was before. The params of the
    layers after the seam get their gradients from each backward pass, as ever.

        with Seam(model.get_ref("tok2vec")) as seam:
            scores, backprop = model.begin_update(docs)
            backprop(d_scores)
            seam.perturbation = 0.1 * seam.gradients[0]
            ...

    output (Floats2d): What the layer gave, all sequences one after the other, `(n_rows, width)`.
    lengths (List[int]): The number of rows of each sequence.
    gradients (List[Optional[Floats2d]]): The gradient of the output of each pass, `(n_rows,
        width)`; None where none came back yet. What comes back for a pass twice is added up.
    perturbation (Optional[Floats2d]): What is added to the output of the passes that follow,
        `(n_rows, width)`.
    """

    def __init__(self, layer: Model[Any, Sequences]) -> None:
        """layer (Model[Any, List[Floats2d]]): Any layer with one array for each sequence that it is
        given, such as a tok2vec, its ref `embed`, or a listener. Its own layers don't matter.
        """
        super().__init__(layer)
        self._backprop: Optional[Backprop] = None
        self.output: Optional[Floats2d] = None
        self.lengths: List[int] = []
        self.gradients: List[Optional[Floats2d]] = []
        self.perturbation: Optional[Floats2d] = None

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        super().__exit__(kind, error, traceback)
        backprop, self._backprop = self._backprop, None
        gradients: List[Any] = [g for g in self.gradients if g is not None]
        if kind is None and backprop is not None and gradients:
            backprop(split(sum(gradients[1:], gradients[0]), self.lengths))

    def _forward(
        self, layer: Model[Any, Sequences], X: Any, is_train: bool
    ) -> Tuple[Sequences, Backprop]:
        if self.output is None:
            Ys, self._backprop = self._func(layer, X, is_train)
            self.lengths = [len(Y) for Y in Ys]
            self.output = join(layer.ops, Ys)
        lengths = [len(x) for x in X]
        if lengths != self.lengths:
            message = Errors.L661.format(layer=layer.name, got=lengths, expected=self.lengths)
            raise ValueError(message)
        number = len(self.gradients)
        self.gradients.append(None)

        def backprop(dYs: Sequences) -> List[Any]:
            dY: Any = join(layer.ops, dYs)
            before: Any = self.gradients[number]
            # A copy, as `join` may give a view on memory that isn't ours.
            self.gradients[number] = dY.copy() if before is None else before + dY
            return []  # the layers before this one get theirs at the end

        flat: Any = self.output
        if self.perturbation is not None:
            flat = flat + self.perturbation
        return split(flat, lengths), backprop
