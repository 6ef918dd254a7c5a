"""Losses of a CRF from what is known of the tags, and their gradients."""

from typing import Any, Tuple

import numpy
from thinc.api import get_array_module, to_numpy
from thinc.types import Floats1d

from ..types import Array
from .crf_passes import run_passes
from .crf_types import ChainGradients, ChainScores, check_allowed, take_docs


def crf_loss(scores: ChainScores, allowed: Any) -> Tuple[Floats1d, ChainGradients]:
    """The negative log-probability that the tags are among those that are allowed (Tsuboi et al.
    2008). Where each token has one tag, that is the usual loss of a CRF.

    A document for which no tagging is allowed that the scheme allows too has the loss 0 and no
    gradient, and stands in `impossible` of the gradients.

    scores (ChainScores): The scores.
    allowed (Bools2d): The tags that each token may have, `(n_tokens, n_tags)`: one where it is
        known, all where it is not.
    RETURNS (Tuple[Floats1d, ChainGradients]): The loss of each document, `(n_docs,)`, and the
        gradient of their sum.
    RAISES (ValueError): If the shapes don't fit together.
    """
    check_allowed(scores, allowed)
    xp: Any = get_array_module(scores.emissions)
    lengths = numpy.asarray(scores.lengths)
    n_allowed = xp.asarray(allowed).sum(axis=1)
    known = _all_of(n_allowed == 1, lengths)
    # What can be anything is as probable as all: there is nothing to learn from it.
    open_ = _all_of(n_allowed == scores.n_tags, lengths)
    work = _Work(xp, scores)
    work.subtract_paths(numpy.flatnonzero(known & ~open_), allowed)
    work.subtract_partly_known(numpy.flatnonzero(~known & ~open_), allowed)
    work.add_all(numpy.flatnonzero(~open_ & ~work.impossible))
    return work.losses, work.gradients()


class _Work:
    """Losses and gradients, while they are added up."""

    def __init__(self, xp: Any, scores: ChainScores) -> None:
        emissions: Any = scores.emissions
        self.xp = xp
        self.scores = scores
        self.losses = xp.zeros(len(scores.lengths), dtype=emissions.dtype)
        self.d_emissions = xp.zeros_like(emissions)
        self.d_transitions = xp.zeros_like(scores.transitions)
        self.impossible = numpy.zeros(len(scores.lengths), dtype=bool)

    def subtract_paths(self, docs: Array, allowed: Any) -> None:
        """Documents of which all is known: the score of the path is enough."""
        if not len(docs):
            return
        xp, rules, n_tags = self.xp, self.scores.legal, self.scores.n_tags
        some, only, rows = take_docs(self.scores, allowed, docs)
        params: Any = some
        tags = xp.asarray(only).argmax(axis=1)
        doc = numpy.repeat(numpy.arange(len(docs)), some.lengths)
        filled = numpy.asarray(some.lengths) > 0
        firsts = some.offsets[filled]
        lasts = firsts + some.lengths[filled] - 1
        follows = numpy.ones(len(rows), dtype=bool)
        follows[lasts] = False
        now = numpy.flatnonzero(follows)
        before, after = tags[now], tags[now + 1]
        token_scores = params.emissions[numpy.arange(len(rows)), tags].astype("float64")
        legal = xp.ones(len(rows), dtype=bool)
        for places, which, values, allows in (
            (now, (before, after), params.transitions, rules.transitions),
            (firsts, (tags[firsts],), params.start, rules.starts),
            (lasts, (tags[lasts],), params.end, rules.ends),
        ):
            token_scores[places] += values[which]
            legal[places] &= xp.asarray(allows)[which]
        wrong = ~_all_of(legal, some.lengths)
        self.impossible[docs[wrong]] = True
        right = xp.asarray(~wrong)
        totals = xp.bincount(xp.asarray(doc), weights=token_scores, minlength=len(docs))
        self.losses[docs] -= xp.where(right, totals, 0.0)
        counted = right[xp.asarray(doc)]
        self.d_emissions[rows, tags] -= counted
        index = before * n_tags + after
        counts = xp.bincount(index, weights=counted[now] * 1.0, minlength=n_tags**2)
        self.d_transitions -= counts.reshape(n_tags, n_tags).astype(self.d_transitions.dtype)

    def subtract_partly_known(self, docs: Array, allowed: Any) -> None:
        """Documents with several taggings: all of them are summed up."""
        if len(docs):
            some, only, rows = take_docs(self.scores, allowed, docs)
            self._add(some, only, docs, rows, -1.0)

    def add_all(self, docs: Array) -> None:
        """The sum over all taggings, of the documents that have a loss."""
        if len(docs) == len(self.losses):
            self._add(self.scores, None, docs, slice(None), 1.0)
        elif len(docs):
            some, _, rows = take_docs(self.scores, None, docs)
            self._add(some, None, docs, rows, 1.0)

    def _add(self, some: ChainScores, allowed: Any, docs: Array, rows: Any, sign: float) -> None:
        for part in run_passes(some, allowed):
            messages = part.messages
            these = docs[part.docs]
            partition = messages.log_partition
            # Not a number is no impossible document but a broken model, and must be seen.
            possible = partition != -numpy.inf
            self.impossible[these] |= ~to_numpy(possible)
            self.losses[these] += sign * self.xp.where(possible, partition, 0.0)
            at = part.rows if isinstance(rows, slice) else rows[part.rows]
            self.d_emissions[at] += sign * messages.marginals()
            self.d_transitions += sign * messages.transition_counts()

    def gradients(self) -> ChainGradients:
        impossible = tuple(numpy.flatnonzero(self.impossible).tolist())
        return chain_gradients(self.scores, self.d_emissions, self.d_transitions, impossible)


def chain_gradients(
    scores: ChainScores, d_emissions: Any, d_transitions: Any, impossible: Tuple[int, ...] = ()
) -> ChainGradients:
    """Add the gradients of starts and ends: where a document starts, they are those of emissions.

    scores (ChainScores): The scores.
    d_emissions (Floats2d): Their gradient.
    d_transitions (Floats2d): Their gradient.
    impossible (Tuple[int, ...]): The documents that were left out.
    RETURNS (ChainGradients): All of them.
    """
    xp: Any = get_array_module(d_emissions)
    lengths = numpy.asarray(scores.lengths)
    firsts = scores.offsets[lengths > 0]
    lasts = firsts + lengths[lengths > 0] - 1
    rules = [xp.asarray(rule) for rule in scores.legal]
    return ChainGradients(
        d_emissions,
        d_transitions * rules[0],
        d_emissions[firsts].sum(axis=0) * rules[1],
        d_emissions[lasts].sum(axis=0) * rules[2],
        impossible,
    )


def _all_of(tokens: Any, lengths: Array) -> Array:
    """Whether it is so at all tokens of each document."""
    doc = numpy.repeat(numpy.arange(len(lengths)), lengths)
    return numpy.bincount(doc[~to_numpy(tokens)], minlength=len(lengths)) == 0
