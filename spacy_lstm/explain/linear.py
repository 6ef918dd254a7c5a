"""What the linear model of a head adds to its scores, feature by feature: exact, as it comes from
its weights."""

from typing import Any, NamedTuple, Optional

import numpy
from spacy.tokens import Doc
from thinc.api import Model, to_numpy

from ..errors import Errors
from ..models.affixes import prefix_keys
from ..models.blank import is_blank
from ..models.ngram_linear import forward as ngram_linear
from ..models.ngram_linear import look_up
from ..models.ngrams import forward as extract_ngrams
from ..models.ngrams import ngram_keys
from ..models.word_features import FEATURES, feature_rows
from ..types import Array


class LinearPart(NamedTuple):
    """The features of a text, and what they add to the output of the linear model.

    weights (Array): What each feature adds, `(n_features, n_columns)`, float64.
    rows (Array): To which row of the output, `(n_features,)`.
    tokens (Array): The tokens that features are made of, `(n_uses,)`.
    features (Array): Which feature each of them belongs to, `(n_uses,)`.
    shares (Array): Its share in the feature, `(n_uses,)`: all of a feature's tokens have the same.
    baseline (Array): The output of a text without features, `(n_rows, n_columns)`.
    is_per_token (bool): Whether the rows of the output are the tokens; else there is one.
    """

    weights: Array
    rows: Array
    tokens: Array
    features: Array
    shares: Array
    baseline: Array
    is_per_token: bool

    @property
    def output(self) -> Array:
        """RETURNS (Array): The output of the linear model, `(n_rows, n_columns)`."""
        total = self.baseline.copy()
        numpy.add.at(total, self.rows, self.weights)
        return total

    def attribute(self, gradient: Array, n_tokens: int) -> Array:
        """Give the tokens what their features add to a score.

        gradient (Array): Of the score with respect to the output, `(n_rows, n_columns)`.
        n_tokens (int): The number of tokens.
        RETURNS (Array): What each token adds, `(n_tokens,)`.
        """
        added = (gradient[self.rows] * self.weights).sum(axis=1)
        parts = added[self.features] * self.shares
        return numpy.bincount(self.tokens, weights=parts, minlength=n_tokens)


def read_linear_part(name: str, model: Model, doc: Doc) -> Optional[LinearPart]:
    """name (str): The name of the component.
    model (Model): Its model.
    doc (Doc): A text, or the part of it that the model sees.
    RETURNS (Optional[LinearPart]): What its linear model adds, if it has one.
    RAISES (ValueError): If it has one that isn't known.
    """
    if not model.has_ref("linear_model"):
        return None
    linear = model.get_ref("linear_model")
    if model.has_ref("crf"):
        return _word_features(linear, doc)
    for node in linear.walk():
        if node._func in (extract_ngrams, ngram_linear):
            return _ngrams(node, linear.get_ref("output_layer"), doc)
    reason = f"its linear model '{linear.name}' isn't one of n-grams"
    raise ValueError(Errors.L864.format(name=name, reason=reason))


def _ngrams(extractor: Model, output: Model, doc: Doc) -> LinearPart:
    attr: Any = [extractor.attrs["attr"]]
    n_tokens = 0 if is_blank(doc) else len(doc)
    words = doc.to_array(attr).reshape(-1)[:n_tokens]
    grams, _ = ngram_keys([words], extractor.attrs["ngram_size"])
    beginnings, beginners = prefix_keys([doc], [words], extractor.attrs.get("prefixes", ()))
    keys = numpy.concatenate([grams, beginnings])
    bias: Any = to_numpy(output.get_param("b")).astype("float64")
    weights: Any = numpy.zeros((0, len(bias)))
    if len(keys):
        alone: Any = output.predict(_each_alone(extractor, keys))
        weights = to_numpy(alone).astype("float64") - bias
    if extractor._func is ngram_linear:
        # Each counts once: those that are there several times share it.
        _, places, counts = numpy.unique(keys, return_inverse=True, return_counts=True)
        weights = weights / counts[places][:, None]
    starts, sizes = [], []
    for size in range(1, min(extractor.attrs["ngram_size"], n_tokens) + 1):
        starts.append(numpy.arange(n_tokens - size + 1))
        sizes.append(numpy.full(n_tokens - size + 1, size))
    first = numpy.concatenate([*starts, beginners])
    length = numpy.concatenate([*sizes, numpy.ones_like(beginners)])
    features = numpy.repeat(numpy.arange(len(keys)), length)
    steps = numpy.arange(len(features)) - numpy.repeat(length.cumsum() - length, length)
    return LinearPart(
        weights=weights,
        rows=numpy.zeros(len(keys), dtype="int64"),
        tokens=first[features] + steps,
        features=features,
        shares=1.0 / length[features],
        baseline=bias[None],
        is_per_token=False,
    )


def _each_alone(extractor: Model, keys: Array) -> Any:
    """Each n-gram as if it were a text."""
    ones = numpy.ones(len(keys), dtype="int32")
    if extractor._func is ngram_linear:
        return look_up(extractor, keys, ones)
    return keys, ones.astype("float32"), ones


def _word_features(linear: Model, doc: Doc) -> LinearPart:
    table: Any = to_numpy(linear.get_param("W"))
    found = feature_rows([doc], linear.attrs["length"])
    n_tokens, n_features = found.shape
    number = numpy.arange(n_tokens * n_features).reshape(n_tokens, n_features)
    tokens, features, shares = [], [], []
    for column, feature in enumerate(FEATURES):
        places = numpy.arange(n_tokens)[:, None] + numpy.array(feature.places)
        inside = (places >= 0) & (places < n_tokens)
        # That no word is there is known from the word beside it.
        lost = ~inside.any(axis=1)
        places[lost] = places[lost].clip(0, n_tokens - 1)
        inside[lost, :1] = True
        tokens.append(places[inside])
        features.append(numpy.repeat(number[:, column], inside.sum(axis=1)))
        shares.append(numpy.repeat(1.0 / inside.sum(axis=1), inside.sum(axis=1)))
    return LinearPart(
        weights=table[found.reshape(-1)].astype("float64"),
        rows=numpy.repeat(numpy.arange(n_tokens), n_features),
        tokens=numpy.concatenate(tokens),
        features=numpy.concatenate(features),
        shares=numpy.concatenate(shares),
        baseline=numpy.zeros((n_tokens, table.shape[1])),
        is_per_token=True,
    )
