"""Why does a pipeline decide as it does, and what happens inside its LSTM?"""

from .attribution import explain
from .faithfulness import Faithfulness, measure_faithfulness
from .inside import Gates, gates
from .render import render
from .result import Attribution

__all__ = [
    "Attribution",
    "Faithfulness",
    "Gates",
    "explain",
    "gates",
    "measure_faithfulness",
    "render",
]
