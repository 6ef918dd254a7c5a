"""Poolings of a document that never ends, as running statistics."""

from abc import ABC, abstractmethod
from typing import Any, Dict, List, Type

import numpy
from thinc.api import to_numpy

from ..types import Array, PoolingLayer


class RunningPooling:
    """What `pooling` computes, of all vectors so far.

    pooling (Model[Ragged, Floats2d]): A layer made by `pooling`.
    """

    def __init__(self, pooling: PoolingLayer) -> None:
        self.pooling = pooling
        self._parts: List[_Part] = [PARTS[kind](pooling) for kind in pooling.attrs["kinds"]]

    def add(self, X: Array) -> None:
        """X (Array): The vectors of the next tokens, `(n_tokens, width)`, at least one."""
        for part in self._parts:
            part.add(X)

    def value(self) -> Array:
        """RETURNS (Array): The pooled vector, `(1, n_kinds * width)`. At least one vector was
        added.
        """
        return numpy.concatenate([part.value() for part in self._parts])[None].astype("float32")


class _Part(ABC):
    def __init__(self, pooling: PoolingLayer) -> None:
        self.n = 0

    @abstractmethod
    def add(self, X: Array) -> None:
        """Take the next vectors in."""

    @abstractmethod
    def value(self) -> Array:
        """The pooled vector."""


class _Max(_Part):
    highest: Array

    def add(self, X: Array) -> None:
        highest = X.max(axis=0)
        self.highest = numpy.maximum(self.highest, highest) if self.n else highest
        self.n += len(X)

    def value(self) -> Array:
        return self.highest


class _Mean(_Part):
    total: Array

    def add(self, X: Array) -> None:
        total = X.sum(axis=0, dtype="float64")
        self.total = self.total + total if self.n else total
        self.n += len(X)

    def value(self) -> Array:
        return self.total / self.n


class _Attention(_Part):
    def __init__(self, pooling: PoolingLayer) -> None:
        super().__init__(pooling)
        [attention] = [node for node in pooling.walk() if node.name == "para-attn"]
        query: Any = attention.get_param("Q")
        self.query = to_numpy(query).astype("float64")
        self.norm, self.total = 0.0, numpy.zeros(len(self.query))

    def add(self, X: Array) -> None:
        # thinc's own softmax of sequences clips here, so that nothing can overflow.
        weights = numpy.exp(numpy.clip(X @ self.query, -20.0, 20.0))
        self.norm += weights.sum()
        self.total += weights @ X

    def value(self) -> Array:
        return self.total / self.norm


class _Last(_Part):
    """The last vector, of which the half that was read backwards is that of the first token."""

    def __init__(self, pooling: PoolingLayer) -> None:
        super().__init__(pooling)
        self.ends_apart = any(node.name == "reduce_ends" for node in pooling.walk())

    def add(self, X: Array) -> None:
        if not self.n:
            self.first = X[0].copy()
        self.last = X[-1].copy()
        self.n += len(X)

    def value(self) -> Array:
        if not self.ends_apart:
            return self.last
        half = len(self.last) // 2
        return numpy.concatenate((self.last[:half], self.first[half:]))


PARTS: Dict[str, Type[_Part]] = {
    "max": _Max,
    "mean": _Mean,
    "attention": _Attention,
    "last": _Last,
}
