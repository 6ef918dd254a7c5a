"""The fixtures of these tests."""

from .nltk_folder import folder

__all__ = ["folder"]
