"""A head of ours as a function of its inputs, with its gradient."""

from contextlib import ExitStack
from typing import Any, List, NamedTuple, Optional

import numpy
from thinc.api import Model, to_numpy

from ..errors import Errors
from ..layers.joined import join
from ..layers.substitute import Substitute
from ..layers.undisturbed import undisturbed
from ..types import Array
from .encoders import Encoder
from .linear import LinearPart, read_linear_part
from .targets import ModelTarget, Piece

#: How many tokens a model is shown at once, so that memory stays bounded: copies of a text, or a
#: single one, if it has more.
MAX_TOKENS = 4096


class Gradients(NamedTuple):
    """What comes back from copies of a text.

    scores (Array): The score of each copy, `(n_copies,)`, float64.
    vectors (Array): The gradient of each with respect to the vectors, `(n_copies, n_tokens,
        width)`, float32.
    linear (Optional[Array]): With respect to the output of the linear model, `(n_copies, n_rows,
        n_columns)`, float32; None where there is no such model.
    """

    scores: Array
    vectors: Array
    linear: Optional[Array]


class Network:
    """The score of a text, from the vectors of its tokens before they are encoded, and from what
    the linear model gives.

    The encoder, a shared one too, and the head run with a substitute for the layer that embeds, and
    for the linear model. Weights and gradients stay as they are.

    vectors (Array): The vectors of the text, `(n_tokens, width)`, float32.
    linear (Optional[LinearPart]): What the linear model adds, if there is one.
    """

    def __init__(self, target: ModelTarget, encoder: Encoder, piece: Piece) -> None:
        """target (ModelTarget): The score.
        encoder (Encoder): The encoder of its component.
        piece (Piece): The text.
        RAISES (ValueError): If the component has a linear model that isn't known.
        """
        self._target = target
        self._encoder = encoder
        self._piece = piece
        self._model: Model = target.head.pipe.model
        self.linear: Optional[LinearPart] = read_linear_part(
            target.head.name, self._model, piece.doc
        )
        (vectors,) = encoder.embed.predict([piece.doc])
        self.vectors: Array = to_numpy(vectors)

    @property
    def n_copies(self) -> int:
        """RETURNS (int): How many copies of the text fit into a pass."""
        return max(1, MAX_TOKENS // len(self._piece.doc))

    def run(self, vectors: Array, linear: Optional[Array]) -> Gradients:
        """Compute the scores of copies of the text, and their gradients.

        vectors (Array): The vectors of each copy, `(n_copies, n_tokens, width)`.
        linear (Optional[Array]): What the linear model gives for each, `(n_copies, n_rows,
            n_columns)`; None where there is none.
        RETURNS (Gradients): Scores and gradients.
        RAISES (ValueError): If the model doesn't read the layer that embeds.
        """
        docs = [self._piece.doc] * len(vectors)
        ops, listener = self._model.ops, self._encoder.listener
        copies: Any = vectors.astype("float32")
        embedded: List[Any] = list(ops.asarray(copies))
        added: Any = None
        with ExitStack() as stack:
            stack.enter_context(undisturbed(self._model, self._encoder.model))
            embed = stack.enter_context(Substitute(self._encoder.embed, embedded))
            if linear is not None and self.linear is not None:
                given: Any = linear.astype("float32")
                given = ops.asarray(given)
                given = list(given) if self.linear.is_per_token else given[:, 0]
                added = stack.enter_context(Substitute(self._model.get_ref("linear_model"), given))
            if listener is None:
                output, backprop = self._model.begin_update(docs)
            else:
                encoded, bp_encoder = self._encoder.model.begin_update(docs)
                heard = stack.enter_context(Substitute(listener, encoded))
                output, backprop = self._model.begin_update(docs)
            scores, d_output = self._target.evaluate(output, [self._piece] * len(docs))
            backprop(d_output)
            if listener is not None and heard.gradient is not None:
                bp_encoder(heard.gradient)
            if embed.gradient is None:
                reason = f"none came back to the layer '{self._encoder.embed.name}'"
                raise ValueError(Errors.L864.format(name=self._target.head.name, reason=reason))
            d_vectors = to_numpy(join(ops, embed.gradient)).reshape(vectors.shape).copy()
            d_linear = None if added is None else _stacked(ops, added.gradient, linear)
        return Gradients(scores, d_vectors, d_linear)


def _stacked(ops: Any, gradient: Any, like: Any) -> Array:
    """The gradient of each copy. A linear model that isn't asked, as for a blank text, gets
    none."""
    if gradient is None:
        return numpy.zeros(like.shape, dtype="float32")
    flat = join(ops, gradient) if isinstance(gradient, list) else gradient
    return to_numpy(flat).reshape(like.shape).copy()
