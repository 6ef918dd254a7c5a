"""Why does a pipeline decide as it does, and what happens inside its LSTM?"""

from .attribution import explain
from .inside import Gates, gates
from .result import Attribution

__all__ = ["Attribution", "Gates", "explain", "gates"]
