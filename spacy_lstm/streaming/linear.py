"""Linear models of n-grams, as running sums."""

from typing import Any, Protocol

import numpy
from spacy.tokens import Span
from thinc.api import to_numpy

from ..errors import Errors
from ..models.ngram_linear import find_ngrams, look_up
from ..models.ngram_linear import forward as ngram_linear
from ..models.ngrams import forward as extract_ngrams
from ..types import Array, DocScorer
from .window import Window


class LinearStream(Protocol):
    """A linear model of all n-grams so far.

    n_before (int): How many tokens that came before it needs to see again.
    biases (Array): The scores of no n-grams, `(n_labels,)`.
    scores (Array): The scores so far.
    """

    n_before: int
    biases: Array
    scores: Array

    def add(self, window: Window) -> None:
        """Count the n-grams that end in the tokens of a window that are settled."""


def linear_stream(name: str, model: DocScorer) -> LinearStream:
    """name (str): The name of the component.
    model (Model[List[Doc], Floats2d]): Its linear model.
    RETURNS (LinearStream): The same for a stream.
    RAISES (ValueError): If it is of a kind that isn't known.
    """
    if model._func is ngram_linear:
        return DistinctNgrams(model)
    sizes = [n.attrs["ngram_size"] for n in model.walk() if n._func is extract_ngrams]
    if len(sizes) != 1:
        reason = f"it has a linear model of an unknown kind, '{model.name}'"
        raise ValueError(Errors.L951.format(name=name, reason=reason))
    return CountedNgrams(model, sizes[0])


class DistinctNgrams:
    """`spacy_lstm.NgramLinear.v1`, where an n-gram counts once. Which ones were there takes a byte
    for each that has a weight.

    model (Model[List[Doc], Floats2d]): The model.
    """

    def __init__(self, model: DocScorer) -> None:
        self.model = model
        self.n_before = model.attrs["ngram_size"] - 1
        self.biases = _biases(model)
        self.scores = self.biases.copy()
        self._weights: Any = to_numpy(model.get_ref("output_layer").get_param("W"))
        self._seen = numpy.zeros(self._weights.shape[1], dtype=bool)

    def add(self, window: Window) -> None:
        first = max(0, window.n_before - self.n_before)
        words: Any = window.doc.to_array([self.model.attrs["attr"]])
        keys, _ = find_ngrams(self.model, [window.doc], [words[first : window.settled.stop]])
        found = numpy.unique(look_up(self.model, keys, numpy.array([len(keys)]))[0])
        new = found[~self._seen[found]]
        self._seen[new] = True
        self.scores += self._weights[:, new].sum(axis=1, dtype="float64")


class CountedNgrams:
    """`spacy.TextCatBOW.v3`, where an n-gram counts as often as it is there, so that the score of a
    text is the sum of those of its parts.

    model (Model[List[Doc], Floats2d]): The model.
    ngram_size (int): The size of its largest n-grams.
    """

    def __init__(self, model: DocScorer, ngram_size: int) -> None:
        self.model = model
        self.n_before = ngram_size - 1
        self.biases = _biases(model)
        self.scores = self.biases.copy()

    def add(self, window: Window) -> None:
        first = max(0, window.n_before - self.n_before)
        self.scores += self._score(window.doc[first : window.settled.stop])
        # Those that end before were counted before.
        if first < window.n_before:
            self.scores -= self._score(window.doc[first : window.n_before])

    def _score(self, span: Span) -> Array:
        scores: Any = to_numpy(self.model.predict([span.as_doc()]))
        return scores[0].astype("float64") - self.biases


def _biases(model: DocScorer) -> Array:
    biases: Any = to_numpy(model.get_ref("output_layer").get_param("b"))
    return biases.astype("float64")
