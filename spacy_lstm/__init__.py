"""A BiLSTM for spaCy: one encoder, heads for text categories, trained from a spaCy config."""

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .streaming import stream

__all__ = ["__version__", "stream"]

__version__ = version("spacy-lstm")


def __getattr__(name: str) -> Any:
    # Imported when it is asked for: the package itself imports nothing.
    if name == "stream":
        from .streaming import stream

        return stream
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
