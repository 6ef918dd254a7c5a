"""What a CRF believes: the probability of tags and of entities."""

from typing import Any, List, Optional, Tuple

import numpy
from thinc.api import get_array_module, to_numpy
from thinc.types import Floats1d, Floats2d, Ints2d

from ..errors import Errors
from ..types import Array
from .crf_passes import Part, run_passes
from .crf_types import ChainScores, check_allowed
from .tag_scheme import PREFIXES


def log_partition(scores: ChainScores, allowed: Optional[Any] = None) -> Floats1d:
    """The log of the sum over all taggings of a document of the exp of their score.

    scores (ChainScores): The scores.
    allowed (Optional[Bools2d]): The tags that each token may have, `(n_tokens, n_tags)`; all that
        the scheme allows where it is None.
    RETURNS (Floats1d): One number a document: minus infinity where nothing is allowed, and 0 for a
        document without tokens.
    RAISES (ValueError): If the shapes don't fit together.
    """
    return Posterior(scores, allowed).log_partition


def posterior(scores: ChainScores, allowed: Optional[Any] = None) -> "Posterior":
    """Compute what the model believes, given the allowed tags.

    scores (ChainScores): The scores.
    allowed (Optional[Bools2d]): The tags that each token may have, `(n_tokens, n_tags)`; all that
        the scheme allows where it is None.
    RETURNS (Posterior): Probabilities of tags and of entities.
    RAISES (ValueError): If the shapes don't fit together.
    """
    return Posterior(scores, allowed)


class Posterior:
    """Probabilities of tags and of entities, all exact. A document that can't be tagged at all has
    probabilities of 0.

    scores (ChainScores): The scores.
    allowed (Optional[Bools2d]): The tags that each token may have, if not all.

    log_partition (Floats1d): See the function of the same name, `(n_docs,)`.
    marginals (Floats2d): The probability of each tag at each token, `(n_tokens, n_tags)`.
    """

    def __init__(self, scores: ChainScores, allowed: Optional[Any] = None) -> None:
        check_allowed(scores, allowed)
        self.scores = scores
        self._xp: Any = get_array_module(scores.emissions)
        self._parts: List[Part] = run_passes(scores, allowed)
        emissions: Any = scores.emissions
        self.log_partition: Any = self._xp.zeros(len(scores.lengths), dtype=emissions.dtype)
        self._marginals: Optional[Any] = None
        for part in self._parts:
            self.log_partition[part.docs] = part.messages.log_partition

    @property
    def marginals(self) -> Floats2d:
        if self._marginals is None:
            self._marginals = self._xp.zeros_like(self.scores.emissions)
            for part in self._parts:
                self._marginals[part.rows] = part.messages.marginals()
        return self._marginals

    def span_marginals(self, spans: Ints2d) -> Floats1d:
        """The probability that exactly this entity is there: this first token, last token, label.

        spans (Ints2d): Document, first token, the token after the last (both counted within the
            document) and number of the label of each entity, `(n_spans, 4)`.
        RETURNS (Floats1d): A probability for each, `(n_spans,)`.
        RAISES (ValueError): If an entity isn't in the batch.
        """
        xp = self._xp
        rows = check_spans(self.scores, spans)
        doc, start, end, label = rows.T
        first = self.scores.offsets[doc] + start
        begin = 1 + label * len(PREFIXES[self.scores.scheme])
        n_inside = end - start - 1
        at_end = end == numpy.asarray(self.scores.lengths)[doc]
        if self.scores.scheme == "BIO":
            result = self._marginal(first, begin)
            last = first + n_inside
        else:
            result = self._marginal(first, begin + numpy.where(n_inside, 0, 3))
            last = first + numpy.maximum(n_inside - 1, 0)
        for step in range(int((last - first).max(initial=0))):
            on = numpy.flatnonzero(last - first > step)
            tag = begin[on] + min(step, 1)
            result[on] *= self._transition(first[on] + step, tag, begin[on] + 1)
        tag = begin + (last > first)
        if self.scores.scheme == "BIO":
            on = numpy.flatnonzero(~at_end)
            result[on] *= self._close(last[on], tag[on])
        else:
            on = numpy.flatnonzero(n_inside)
            result[on] *= self._transition(last[on], tag[on], begin[on] + 2)
        return xp.minimum(result, 1.0)

    def candidates(self, threshold: float) -> Tuple[Ints2d, Floats1d]:
        """Find every entity that is there with a probability of at least `threshold`. An entity is
        no more probable than that it begins where it does and goes on as far as it has come, so
        nothing is missed where less than that is left out.

        threshold (float): The probability, more than 0.
        RETURNS (Tuple[Ints2d, Floats1d]): The entities as in `span_marginals`, in order, and their
            probabilities.
        RAISES (ValueError): If the threshold is not more than 0.
        """
        if not 0.0 < threshold <= 1.0:
            raise ValueError(Errors.L613.format(value=threshold))
        xp, scheme = self._xp, self.scores.scheme
        n_prefixes = len(PREFIXES[scheme])
        steps_to_end = self._to_end()
        begins: Any = self.marginals[:, 1::n_prefixes]
        first, label = (to_numpy(a) for a in xp.nonzero(begins >= threshold))
        p = begins[first, label]
        tag = 1 + label * n_prefixes
        found: List[Tuple[Array, Array, Array, Any]] = [(first[:0], first[:0], label[:0], p[:0])]
        if scheme == "BILUO":
            singles: Any = self.marginals[:, 4::n_prefixes]
            token, kind = (to_numpy(a) for a in xp.nonzero(singles >= threshold))
            found.append((token, numpy.ones_like(token), kind, singles[token, kind]))
        length = 1
        while len(first):
            now = first + length - 1
            at_end = steps_to_end[now] == 0
            if scheme == "BIO":
                whole = p.copy()
                on = numpy.flatnonzero(~at_end)
                whole[on] *= self._close(now[on], tag[on])
                found.append((first, numpy.full_like(first, length), label, whole))
            on = numpy.flatnonzero(~at_end)
            first, label, p, tag, now = first[on], label[on], p[on], tag[on], now[on]
            inside = 2 + label * n_prefixes
            if scheme == "BILUO":
                whole = p * self._transition(now, tag, inside + 1)
                found.append((first, numpy.full_like(first, length + 1), label, whole))
            p = p * self._transition(now, tag, inside)
            on = to_numpy(xp.nonzero(p >= threshold)[0])
            first, label, p, tag = first[on], label[on], p[on], inside[on]
            length += 1
        return self._in_order(found, threshold)

    def _in_order(
        self, found: List[Tuple[Array, Array, Array, Any]], threshold: float
    ) -> Tuple[Ints2d, Floats1d]:
        first, length, label = (numpy.concatenate([f[i] for f in found]) for i in range(3))
        p = self._xp.concatenate([f[3] for f in found])
        keep = to_numpy(p >= threshold)
        first, length, label, p = first[keep], length[keep], label[keep], p[keep]
        order = numpy.lexsort((label, length, first))
        docs = numpy.repeat(numpy.arange(len(self.scores.lengths)), self.scores.lengths)
        doc = docs[first]
        start = first - self.scores.offsets[doc]
        spans: Any = numpy.stack((doc, start, start + length, label), axis=1)[order]
        return spans, self._xp.minimum(p[order], 1.0)

    def _to_end(self) -> Array:
        """How many tokens of its document follow each token."""
        lengths = numpy.asarray(self.scores.lengths)
        ends = numpy.repeat(numpy.cumsum(lengths), lengths)
        return ends - 1 - numpy.arange(len(ends))

    def _marginal(self, tokens: Array, tags: Array) -> Any:
        marginals: Any = self.marginals
        return marginals[tokens, tags]

    def _transition(self, tokens: Array, tags: Array, after: Array) -> Any:
        """The probability of the tag after a token's tag, given this tag."""
        emissions: Any = self.scores.emissions
        result = self._xp.empty(len(tokens), dtype=emissions.dtype)
        for part in self._parts:
            on, local = part.locate(tokens)
            found = part.messages.log_transition(local, tags[on], after[on])
            result[on] = self._xp.exp(found)
        return result

    def _close(self, tokens: Array, tags: Array) -> Any:
        """In BIO, the probability that an entity doesn't go on after a token that is in it: the sum
        over all tags but the I of its label, so that nothing cancels out."""
        emissions: Any = self.scores.emissions
        result = self._xp.empty(len(tokens), dtype=emissions.dtype)
        after = numpy.array([0, *range(1, self.scores.n_tags, 2)])
        for part in self._parts:
            on, local = part.locate(tokens)
            found = part.messages.log_transition(local[:, None], tags[on][:, None], after)
            result[on] = self._xp.exp(found).sum(axis=1)
        return result


def check_spans(scores: ChainScores, spans: Ints2d) -> Array:
    """scores (ChainScores): The scores.
    spans (Ints2d): Entities, as in `Posterior.span_marginals`.
    RETURNS (Array): The same, as a numpy array of `(n_spans, 4)`.
    RAISES (ValueError): If an entity isn't in the batch.
    """
    rows = to_numpy(spans).reshape(-1, 4).astype("int64")
    doc, start, end, label = rows.T
    n_docs = len(scores.lengths)
    known = (doc >= 0) & (doc < n_docs) & (label >= 0) & (label < scores.n_labels)
    lengths = numpy.append(scores.lengths, 0)[numpy.where(known, doc, -1)]
    wrong = numpy.flatnonzero(~known | (start < 0) | (start >= end) | (end > lengths))
    if len(wrong):
        names = ("doc", "start", "end", "label")
        values = dict(zip(names, rows[wrong[0]].tolist(), strict=True))
        raise ValueError(
            Errors.L612.format(index=wrong[0], n_docs=n_docs, n_labels=scores.n_labels, **values)
        )
    return rows
