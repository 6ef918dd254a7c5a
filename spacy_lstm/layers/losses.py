"""Losses of categories, from raw scores, where some of the truth may be missing."""

from typing import Tuple

import numpy

from ..types import Array

Result = Tuple[Array, Array]


def exclusive_loss(
    scores: Array,
    truths: Array,
    known: Array,
    weights: Array,
    smoothing: float = 0.0,
) -> Result:
    """Cross-entropy of categories that exclude each other, under a softmax.

    Where the known values of a text add up to 1, it is `-sum(truth * log p)`. What is missing to 1
    lies on the categories that are not known, all together: so a text of which only is known what
    it is *not* has the loss `-log(1 - sum of p of those)`, and one of which nothing is known has
    none.

    scores (Array): Logits, `(n_texts, n_labels)`.
    truths (Array): How much each category applies, from 0 to 1, of the same shape; 0 where
        unknown.
    known (Array): True where the truth is known, of the same shape.
    weights (Array): The weight of each category, `(n_labels,)`.
    smoothing (float): The share of the truth that is spread evenly over all categories (Szegedy et
        al. 2016), where the truth is complete.
    RETURNS (Tuple[Array, Array]): The loss of each text, `(n_texts,)`, and the gradient of
        their sum, `(n_texts, n_labels)`.
    """
    n_labels = scores.shape[1]
    log_p = _log_softmax(scores)
    p = numpy.exp(log_p)
    missing = 1.0 - truths.sum(axis=1, keepdims=True)
    missing[numpy.abs(missing) < 1e-6] = 0.0
    missing *= (~known).any(axis=1, keepdims=True)
    complete = missing == 0.0
    truths = numpy.where(complete, truths * (1 - smoothing) + smoothing / n_labels, truths)
    weighted = truths * weights
    losses = -(weighted * log_p).sum(axis=1)
    d_scores = p * weighted.sum(axis=1, keepdims=True) - weighted

    rows = ~complete[:, 0]
    if rows.any():
        # log of the sum of p over the unknown ones, and each one's share of that sum
        among = numpy.where(known[rows], -numpy.inf, log_p[rows])
        highest = among.max(axis=1, keepdims=True)
        log_sum = highest + numpy.log(numpy.exp(among - highest).sum(axis=1, keepdims=True))
        share = numpy.exp(among - log_sum)
        losses[rows] -= (missing[rows] * log_sum)[:, 0]
        d_scores[rows] += missing[rows] * (p[rows] - share)
    return losses, d_scores


def multilabel_loss(
    scores: Array,
    truths: Array,
    known: Array,
    weights: Array,
    smoothing: float = 0.0,
) -> Result:
    """Binary cross-entropy of categories that are independent of each other, under a sigmoid.
    Categories that are not known are left out.

    scores (Array): Logits, `(n_texts, n_labels)`.
    truths (Array): How much each category applies, from 0 to 1, of the same shape.
    known (Array): True where the truth is known, of the same shape.
    weights (Array): The weight of each category where it applies, `(n_labels,)`; where it
        doesn't apply, the weight is 1.
    smoothing (float): How far 0 and 1 are moved towards each other: to half of this, and one minus
        it.
    RETURNS (Tuple[Array, Array]): The loss of each text, `(n_texts,)`, and the gradient of
        their sum, `(n_texts, n_labels)`.
    """
    truths = truths * (1 - smoothing) + smoothing / 2
    positive, negative = truths * weights, 1 - truths
    losses = positive * numpy.logaddexp(0, -scores) + negative * numpy.logaddexp(0, scores)
    d_scores = sigmoid(scores) * (positive + negative) - positive
    return (losses * known).sum(axis=1), d_scores * known


def softmax(scores: Array) -> Array:
    """scores (Array): Logits, `(n_texts, n_labels)`.
    RETURNS (Array): Probabilities that add up to 1 in each row.
    """
    return numpy.exp(_log_softmax(scores))


def sigmoid(scores: Array) -> Array:
    """scores (Array): Logits, of any shape.
    RETURNS (Array): Probabilities, each for itself, without overflow.
    """
    return numpy.exp(-numpy.logaddexp(0, -scores))


def _log_softmax(scores: Array) -> Array:
    shifted = scores - scores.max(axis=1, keepdims=True)
    return shifted - numpy.log(numpy.exp(shifted).sum(axis=1, keepdims=True))
