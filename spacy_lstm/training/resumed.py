"""What a logger has to know of a training that goes on: spaCy gives it the pipeline only."""

from contextvars import ContextVar
from typing import List, NamedTuple, Optional, Tuple


class Resumed(NamedTuple):
    """Where a training goes on.

    step (int): The number of its last step.
    epoch (int): The number of the epoch of that.
    seconds (float): How long it had gone on.
    results (List[Tuple[float, int]]): The score and the step of each evaluation.
    """

    step: int
    epoch: int
    seconds: float
    results: List[Tuple[float, int]]


#: Set while the logger of a training that goes on is set up.
RESUMED: ContextVar[Optional[Resumed]] = ContextVar("spacy_lstm_resumed", default=None)
