"""Every message a user can get, with a code: what is wrong, where, and what to do."""

from .corpora import CorpusErrors
from .models import ModelErrors, Warnings

__all__ = ["Errors", "Warnings"]


class Errors(ModelErrors, CorpusErrors):
    """All errors, by their codes."""
