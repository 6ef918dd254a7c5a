"""The loss of entities that are not there."""

from typing import Any, List, Tuple

import numpy
from thinc.api import get_array_module
from thinc.types import Floats1d, Ints2d

from ..types import Array
from .crf_log import log_sum
from .crf_losses import chain_gradients
from .crf_passes import run_passes
from .crf_posterior import check_spans
from .crf_types import ChainGradients, ChainScores, check_allowed, take_docs
from .tag_scheme import PREFIXES


def span_loss(scores: ChainScores, spans: Ints2d) -> Tuple[Floats1d, ChainGradients]:
    """The negative log-probability that an entity is not there: `-log(1 - p)`, with p as in
    `Posterior.span_marginals`. Nothing cancels out, so it is right where p is almost 1 too.

    scores (ChainScores): The scores.
    spans (Ints2d): Document, first token, the token after the last (both counted within the
        document) and number of the label of each entity, `(n_spans, 4)`.
    RETURNS (Tuple[Floats1d, ChainGradients]): The loss of each entity, `(n_spans,)`, and the
        gradient of their sum.
    RAISES (ValueError): If an entity isn't in the batch, or the shapes don't fit together.
    """
    check_allowed(scores, None)
    xp: Any = get_array_module(scores.emissions)
    emissions: Any = scores.emissions
    rows = check_spans(scores, spans)
    losses = xp.zeros(len(rows), dtype=emissions.dtype)
    d_emissions = xp.zeros_like(emissions)
    d_transitions = xp.zeros_like(scores.transitions)
    if not len(rows):
        return losses, chain_gradients(scores, d_emissions, d_transitions)
    # Documents in which nothing is wanted have no part in it.
    docs, rows[:, 0] = numpy.unique(rows[:, 0], return_inverse=True)
    some, _, tokens = take_docs(scores, None, docs)
    first = some.offsets[rows[:, 0]] + rows[:, 1]
    for part in run_passes(some, None):
        on, local = part.locate(first)
        if not len(local):
            continue
        found = _Spans(xp, some, part.messages, rows[on], local)
        losses[on] = found.losses
        d_emissions[tokens[part.rows]] += found.d_emissions
        d_transitions += found.d_transitions.astype(d_transitions.dtype)
    return losses, chain_gradients(scores, d_emissions, d_transitions)


class _Spans:
    """The entities of one pass.

    All taggings are cut into events: the tags of an entity up to its token k, and then a tag. Those
    in which the tag is another than the entity's make up what is not the entity, those in which
    its end is reached are the entity. With probability p, the gradient of the loss is p times the
    difference between what is expected in the entity's events and in the others (the expectation
    over all taggings is their mean, so that it falls out).
    """

    def __init__(self, xp: Any, scores: ChainScores, messages: Any, rows: Array, first: Array):
        self.xp, self.messages, self.first = xp, messages, first
        self.n_tags = scores.n_tags
        self.is_biluo = scores.scheme == "BILUO"
        doc, start, end, label = rows.T
        self.n_tokens = end - start
        self.begin = 1 + label * len(PREFIXES[scores.scheme])
        at_end = end == numpy.asarray(scores.lengths)[doc]
        # In BIO an entity ends where the next tag is not its I: one token more must be looked at.
        self.n_events = self.n_tokens + (0 if self.is_biluo else ~at_end)
        self.events = self._find_events()
        inside = self._log_total(True)
        outside = self._log_total(False)
        self.losses = -outside
        p = xp.exp(xp.minimum(inside, 0.0))
        for event in self.events:
            share = event.log_mass - outside[event.on][:, None]
            away = xp.exp(xp.where(event.is_other, share, -xp.inf)) * p[event.on][:, None]
            event.weights = xp.where(event.is_entity, xp.exp(event.log_mass), -away)
        self._collect()

    def _tag(self, on: Array, k: int) -> Array:
        """The tag of an entity's token number k."""
        tag = self.begin[on] + min(k, 1)
        if self.is_biluo:
            last = self.n_tokens[on] == k + 1
            tag = numpy.where(last, self.begin[on] + (2 if k else 3), tag)
        return tag

    def _find_events(self) -> List["_Event"]:
        xp = self.xp
        events = []
        log_so_far = xp.zeros(len(self.first))
        everything = numpy.arange(self.n_tags)
        for k in range(int(self.n_events.max())):
            on = numpy.flatnonzero(self.n_events > k)
            token = (self.first[on] + k)[:, None]
            tags = numpy.broadcast_to(everything, (len(on), self.n_tags))
            if k == 0:
                log_mass = self.messages.log_marginal(token, tags)
            else:
                before = numpy.broadcast_to(self._tag(on, k - 1)[:, None], tags.shape)
                log_mass = self.messages.log_transition(token - 1, before, tags)
            log_mass = log_mass + log_so_far[on][:, None]
            own = everything == self._tag(on, k)[:, None]
            closes = self.n_tokens[on] == k
            ends = self.n_events[on] == k + 1
            # After the end, to be the entity is not to go on with its I.
            is_entity = numpy.where(closes[:, None], ~own, own & ends[:, None])
            goes_on = own & ~ends[:, None]
            events.append(_Event(k, on, xp.asarray(is_entity), xp.asarray(~is_entity & ~goes_on)))
            events[-1].log_mass = log_mass
            log_so_far[on] = log_mass[numpy.arange(len(on)), self._tag(on, k)]
        return events

    def _log_total(self, entity: bool) -> Any:
        total = self.xp.full(len(self.first), -self.xp.inf)
        for event in self.events:
            which = event.is_entity if entity else event.is_other
            mass = log_sum(self.xp, self.xp.where(which, event.log_mass, -self.xp.inf), axis=1)
            total[event.on] = self.xp.logaddexp(total[event.on], mass)
        return total

    def _collect(self) -> None:
        """Put the weights of events where they belong: on the tags of the entity up to the event,
        on its own tag, and from both ends on the rest of the document."""
        xp = self.xp
        marginals = self.messages.marginals()
        d_emissions, to_left, to_right = (xp.zeros_like(marginals) for _ in range(3))
        d_transitions = xp.zeros((self.n_tags, self.n_tags), dtype=marginals.dtype)
        later = xp.zeros(len(self.first))
        for event in reversed(self.events):
            k, on = event.k, event.on
            token = self.first[on] + k
            weights = xp.where(event.is_entity | event.is_other, event.weights, 0.0)
            xp.add.at(to_right, token, weights)
            own = self._tag(on, k)
            # What comes later goes through the entity's own tag here.
            through = weights.copy()
            through[numpy.arange(len(on)), own] += later[on]
            xp.add.at(d_emissions, token, through)
            if k:
                xp.add.at(d_transitions, self._tag(on, k - 1), through)
            else:
                xp.add.at(to_left, token, through)
            later[on] += weights.sum(axis=1)
        left, left_counts = self.messages.spread_left(to_left)
        right, right_counts = self.messages.spread_right(to_right)
        self.d_emissions = d_emissions + left + right
        self.d_transitions = d_transitions + left_counts + right_counts


class _Event:
    """All events that leave the entities at their token number k, one row an entity and one column
    a tag."""

    log_mass: Any
    weights: Any

    def __init__(self, k: int, on: Array, is_entity: Any, is_other: Any) -> None:
        self.k, self.on = k, on
        self.is_entity, self.is_other = is_entity, is_other
