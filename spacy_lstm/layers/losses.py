"""Losses of categories, from raw scores, where some of the truth may be missing."""

from typing import Tuple

import numpy
from thinc.types import Floats1d, Floats2d

Result = Tuple[Floats1d, Floats2d]


def exclusive_loss(
    scores: Floats2d,
    truths: Floats2d,
    known: Floats2d,
    weights: Floats1d,
    smoothing: float = 0.0,
) -> Result:
    """Cross-entropy of categories that exclude each other, under a softmax.

    Where the known values of a text add up to 1, it is `-sum(truth * log p)`. What is missing to 1
    lies on the categories that are not known, all together: so a text of which only is known what
    it is *not* has the loss `-log(1 - sum of p of those)`, and one of which nothing is known has
    none.

    scores (Floats2d): Logits, `(n_texts, n_labels)`.
    truths (Floats2d): How much each category applies, from 0 to 1, of the same shape; 0 where
        unknown.
    known (Floats2d): True where the truth is known, of the same shape.
    weights (Floats1d): The weight of each category, `(n_labels,)`.
    smoothing (float): The share of the truth that is spread evenly over all categories (Szegedy et
        al. 2016), where the truth is complete.
    RETURNS (Tuple[Floats1d, Floats2d]): The loss of each text, `(n_texts,)`, and the gradient of
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
    scores: Floats2d,
    truths: Floats2d,
    known: Floats2d,
    weights: Floats1d,
    smoothing: float = 0.0,
) -> Result:
    """Binary cross-entropy of categories that are independent of each other, under a sigmoid.
    Categories that are not known are left out.

    scores (Floats2d): Logits, `(n_texts, n_labels)`.
    truths (Floats2d): How much each category applies, from 0 to 1, of the same shape.
    known (Floats2d): True where the truth is known, of the same shape.
    weights (Floats1d): The weight of each category where it applies, `(n_labels,)`; where it
        doesn't apply, the weight is 1.
    smoothing (float): How far 0 and 1 are moved towards each other: to half of this, and one minus
        it.
    RETURNS (Tuple[Floats1d, Floats2d]): The loss of each text, `(n_texts,)`, and the gradient of
        their sum, `(n_texts, n_labels)`.
    """
    truths = truths * (1 - smoothing) + smoothing / 2
    positive, negative = truths * weights, 1 - truths
    losses = positive * numpy.logaddexp(0, -scores) + negative * numpy.logaddexp(0, scores)
    d_scores = sigmoid(scores) * (positive + negative) - positive
    return (losses * known).sum(axis=1), d_scores * known


def softmax(scores: Floats2d) -> Floats2d:
    """scores (Floats2d): Logits, `(n_texts, n_labels)`.
    RETURNS (Floats2d): Probabilities that add up to 1 in each row.
    """
    return numpy.exp(_log_softmax(scores))


def sigmoid(scores: Floats2d) -> Floats2d:
    """scores (Floats2d): Logits, of any shape.
    RETURNS (Floats2d): Probabilities, each for itself, without overflow.
    """
    return numpy.exp(-numpy.logaddexp(0, -scores))


def _log_softmax(scores: Floats2d) -> Floats2d:
    shifted = scores - scores.max(axis=1, keepdims=True)
    return shifted - numpy.log(numpy.exp(shifted).sum(axis=1, keepdims=True))
