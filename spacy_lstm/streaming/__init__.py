"""Entities and categories of texts that never end."""

from .events import Categories, Entity
from .stream import stream

__all__ = ["Categories", "Entity", "stream"]
