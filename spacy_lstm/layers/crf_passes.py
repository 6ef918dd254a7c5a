"""Which pass computes which documents."""

from typing import Any, List, NamedTuple, Optional, Tuple

import numpy

from ..types import Array
from .crf_log import LogMessages
from .crf_types import ChainScores


class Part(NamedTuple):
    """Documents of a batch that went through one pass.

    docs (Any): Their numbers, or a slice over all.
    rows (Any): Their rows among all rows, or a slice over all.
    messages (Any): What the pass has found.
    """

    docs: Any
    rows: Any
    messages: Any

    def locate(self, tokens: Array) -> Tuple[Any, Array]:
        """tokens (Array): Tokens of the batch.
        RETURNS (Tuple[Any, Array]): Which of them are in this part, and their numbers in it.
        """
        if isinstance(self.rows, slice):
            return slice(None), tokens
        local = numpy.searchsorted(self.rows, tokens)
        on = numpy.flatnonzero(self.rows[numpy.minimum(local, len(self.rows) - 1)] == tokens)
        return on, local[on]


def run_passes(scores: ChainScores, allowed: Optional[Any]) -> List[Part]:
    """Compute the messages of all documents.

    scores (ChainScores): The scores.
    allowed (Optional[Bools2d]): The tags that each token may have, if not all.
    RETURNS (List[Part]): Parts that hold each document once.
    """
    return [Part(slice(None), slice(None), LogMessages(scores, allowed))]
