"""The categories of a stream so far."""

from contextlib import ExitStack
from typing import Any, Dict, Iterator, List, Optional, Tuple

import numpy
from spacy.tokens import Doc
from thinc.api import Model, to_numpy
from thinc.types import Floats2d

from ..errors import Errors
from ..layers.running_pooling import RunningPooling
from ..layers.substitute import Substitute
from ..models.opinion_pool import learners
from ..pipeline.textcat import LSTMTextCategorizer
from .events import Categories
from .linear import LinearStream, linear_stream
from .window import Window


class CategoriesStream:
    """A text categorizer whose pooling and whose n-grams are running statistics.

    name (str): The name of the component.
    pipe (LSTMTextCategorizer): The component.
    RAISES (ValueError): If its model has parts that are unknown.
    """

    def __init__(self, name: str, pipe: LSTMTextCategorizer) -> None:
        self.name = name
        self.pipe = pipe
        network, *linear = learners(pipe.model)
        poolings = [node for node in network.walk() if "kinds" in node.attrs]
        if len(poolings) != 1 or not pipe.model.has_ref("tok2vec"):
            reason = f"its model '{pipe.model.name}' is not `spacy_lstm.TextCat.v1`"
            raise ValueError(Errors.L951.format(name=name, reason=reason))
        self._pooling = RunningPooling(poolings[0])
        self._linear_layer: Optional[Model] = None
        self._linear: Optional[LinearStream] = None
        if linear:
            self._linear_layer = linear[0]
            self._linear = linear_stream(name, linear[0].layers[0])
        self.n_before = self._linear.n_before if self._linear else 0
        self._is_blank = True

    def run(self, window: Window, vectors: Floats2d) -> Iterator[Categories]:
        """window (Window): The next tokens.
        vectors (Floats2d): Their vectors.
        RETURNS (Iterator[Categories]): The categories so far.
        """
        settled = window.settled
        self._pooling.add(to_numpy(vectors)[settled])
        if self._linear is not None:
            self._linear.add(window)
        self._is_blank = self._is_blank and all(t.is_space for t in window.doc[settled])
        last = window.tokens[settled.stop - 1]
        end_char = last.start_char + len(last.text) + len(last.space)
        cats = self._categories(window.doc, vectors)
        yield Categories(self.name, cats, end_char, window.is_final)

    def _categories(self, doc: Doc, vectors: Floats2d) -> Dict[str, float]:
        """Run what comes after the sums: the component's own model, with these in it."""
        ops = self.pipe.model.ops
        pooled: Any = self._pooling.value()
        given: List[Tuple[Model, Any]] = [(self.pipe.model.get_ref("tok2vec"), [vectors])]
        if self._linear is not None and self._linear_layer is not None:
            scores: Any = self._linear.biases if self._is_blank else self._linear.scores
            given.append((self._linear_layer, ops.asarray2f(scores[None])))
        if self._is_blank:
            pooled = numpy.zeros_like(pooled)
        given.append((self._pooling.pooling, ops.asarray2f(pooled)))
        with ExitStack() as stack:
            for layer, output in given:
                stack.enter_context(Substitute(layer, output))
            [row] = to_numpy(self.pipe.predict([doc])).tolist()
        return dict(zip(self.pipe.labels, row, strict=True))
