"""The vectors of a stream's tokens."""

from typing import Any

from spacy.tokens import Doc
from thinc.api import Model
from thinc.types import Floats2d

from ..errors import Errors
from ..explain.encoders import Encoder
from ..layers.lstm import forward as lstm
from ..layers.lstm_stream import LSTMStream
from ..models.log_odds import forward as log_odds


class EncoderStream:
    """An encoder that goes on from where it was.

    encoder (Encoder): The encoder: an embedding that sees each token alone, or those just before
        it, and our LSTM. `n_before` is how many tokens that came before it needs to see again.
    RAISES (ValueError): If it has another layer that sees the context of tokens.
    """

    def __init__(self, encoder: Encoder) -> None:
        if encoder.encode._func is not lstm:
            reason = f"its encoder '{encoder.encode.name}' is not `spacy_lstm.BiLSTMEncoder.v1`"
            raise ValueError(Errors.L951.format(name=encoder.name, reason=reason))
        self.encoder = encoder
        self.n_before = max(map(_n_before, encoder.embed.walk()))
        self._lstm = LSTMStream(encoder.encode)

    def run(self, doc: Doc, n_before: int, n_settled: int) -> Floats2d:
        """Go on.

        doc (Doc): Some tokens again that came before, the next ones, and those that are looked
            ahead at.
        n_before (int): How many of the first kind.
        n_settled (int): How many of the second.
        RETURNS (Floats2d): The vectors, `(n_tokens, width)`: zeros for those of the first kind.
        """
        [embedded] = self.encoder.embed.predict([doc])
        settled = self._lstm.run(embedded[n_before:], n_settled)
        xp: Any = self.encoder.model.ops.xp
        vectors = xp.zeros((len(doc), settled.shape[1]), dtype="float32")
        vectors[n_before:] = settled
        return vectors


def _n_before(node: Model) -> int:
    """How many tokens before each a layer of an embedding sees."""
    return node.attrs["ngram_size"] - 1 if node._func is log_odds else 0
