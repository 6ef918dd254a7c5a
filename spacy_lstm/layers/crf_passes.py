"""Which pass computes which documents."""

from typing import Any, List, NamedTuple, Optional, Tuple, Union

import numpy

from ..types import Array
from .crf_log import LogMessages
from .crf_scaled import ScaledMessages
from .crf_types import ChainScores, take_docs

Messages = Union[ScaledMessages, LogMessages]


class Part(NamedTuple):
    """Documents that went through one pass. In those that the pass has left to another one, which
    comes after it, all that it has found is 0.

    docs (Array): Their numbers in the batch.
    rows (Any): Their rows in the batch, or a slice over all.
    messages (Messages): What the pass has found.
    """

    docs: Array
    rows: Any
    messages: Messages

    def locate(self, tokens: Array) -> Tuple[Array, Array]:
        """tokens (Array): Tokens of the batch.
        RETURNS (Tuple[Array, Array]): Which of them the pass knows, and their numbers in it.
        """
        local = tokens
        on = numpy.arange(len(tokens))
        if not isinstance(self.rows, slice):
            local = numpy.searchsorted(self.rows, tokens)
            on = numpy.flatnonzero(self.rows[numpy.minimum(local, len(self.rows) - 1)] == tokens)
        if len(self.messages.doubtful):
            on = on[~self.messages.dropped[local[on]]]
        return on, local[on]


def run_passes(scores: ChainScores, allowed: Optional[Any]) -> List[Part]:
    """Compute the messages of all documents: on scaled probabilities, in the type of the scores;
    what this can't hold, in float64; and what even this can't, in log space.

    scores (ChainScores): The scores.
    allowed (Optional[Bools2d]): The tags that each token may have, if not all.
    RETURNS (List[Part]): The parts, in which each document is found once.
    """
    docs = numpy.arange(len(scores.lengths))
    rows: Any = slice(None)
    parts: List[Part] = []
    emissions: Any = scores.emissions
    for dtype in ("float32", "float64", "log"):
        if dtype == "float32" and emissions.dtype != "float32":
            continue
        if parts:
            doubtful = parts[-1].messages.doubtful
            scores, allowed, local = take_docs(scores, allowed, doubtful)
            docs = docs[doubtful]
            rows = local if isinstance(rows, slice) else rows[local]
        if dtype == "log":
            messages: Messages = LogMessages(scores, allowed)
        else:
            messages = ScaledMessages(scores, allowed, dtype)
        parts.append(Part(docs, rows, messages))
        if not len(messages.doubtful):
            break
    return parts
