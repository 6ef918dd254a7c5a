"""The forward-backward pass of a CRF on scaled probabilities: matrix products, and a check of
whether they lost anything."""

from typing import Any, Optional, Tuple

import numpy
from thinc.api import get_array_module, to_numpy

from ..types import Array
from .crf_types import ChainScores, steps_of


class ScaledMessages:
    """The messages of `LogMessages`, not as logarithms: at each token they are divided by a factor
    (Rabiner 1989), so that a step for all documents, in both directions, is one matrix product.

    Sums and products of positive numbers lose nothing but what is too small for the type. So the
    result is as exact as rounding allows where no message is as small as that, and this is checked:
    documents where it is are `doubtful`, and left to a pass with a wider range.

    scores (ChainScores): The scores.
    allowed (Optional[Bools2d]): The tags that each token may have, if not all.
    dtype (str): The type to compute in.

    log_partition (Floats1d): As in `LogMessages`, in float64; 0 where doubtful.
    doubtful (Array): The numbers of the documents that must be computed in another way.
    """

    def __init__(self, scores: ChainScores, allowed: Optional[Any], dtype: str) -> None:
        xp: Any = get_array_module(scores.emissions)
        self.xp = xp
        self.steps = steps = steps_of(scores.lengths)
        rules = scores.legal
        emissions: Any = scores.emissions
        E, highest = _exp_rows(xp, emissions.astype(dtype, copy=False), allowed)
        self.transitions, self.log_transitions, T_max = _exp(
            xp, scores.transitions, rules.transitions, dtype
        )
        start, _, start_max = _exp(xp, scores.start, rules.starts, dtype)
        end, _, end_max = _exp(xp, scores.end, rules.ends, dtype)
        self.n_tags = n_tags = len(start)
        # Both directions side by side, and a column for the sum of the row that is gone on from.
        sums = xp.ones((2, n_tags, n_tags + 1), dtype=dtype)
        sums[0, :, :n_tags], sums[1, :, :n_tags] = self.transitions, self.transitions.T
        own = xp.empty((2, *E.shape), dtype=dtype)
        xp.take(E, xp.asarray(steps.ahead), axis=0, out=own[0])
        xp.take(E, xp.asarray(steps.back), axis=0, out=own[1])
        del E
        #: By direction and row, where the others are in the order of the tokens.
        self.arriving, self.states = run_scaled(xp, steps.begins, own, sums, xp.stack((start, end)))
        self.joint = self._alpha()
        with numpy.errstate(invalid="ignore", over="ignore"):
            self.joint *= self._beta()
            self.norm = self.joint.sum(axis=1)
        self.log_partition = self._log_partition(scores, highest, end, T_max, start_max + end_max)
        self._doubt(scores, allowed)

    # The messages in the order of the tokens, as `LogMessages` has them: each is a copy.

    def _before(self) -> Any:
        return self.arriving[0, :, : self.n_tags][self.steps.row_ahead]

    def _alpha(self) -> Any:
        return self.states[0][self.steps.row_ahead]

    def _beta(self) -> Any:
        return self.arriving[1, :, : self.n_tags][self.steps.row_back]

    def _gamma(self) -> Any:
        return self.states[1][self.steps.row_back]

    def _log_partition(
        self, scores: ChainScores, highest: Any, end: Any, T_max: float, ends_max: float
    ) -> Any:
        xp, steps = self.xp, self.steps
        n_docs = len(scores.lengths)
        result = xp.zeros(n_docs)
        if not len(steps):
            return result
        filled = numpy.flatnonzero(numpy.asarray(scores.lengths))
        with numpy.errstate(divide="ignore", invalid="ignore"):
            logs = xp.log(self.arriving[0, :, -1].astype("float64"))[steps.row_ahead] + highest
            logs = xp.bincount(xp.asarray(steps.doc), weights=logs, minlength=n_docs)
            last = (self.states[0][steps.row_ahead[steps.last]].astype("float64") * end).sum(axis=1)
            n_steps = xp.asarray(numpy.asarray(scores.lengths)[filled] - 1)
            result[filled] = logs[filled] + xp.log(last) + n_steps * T_max + ends_max
        return xp.where(xp.isnan(result), -xp.inf, result)

    def _doubt(self, scores: ChainScores, allowed: Optional[Any]) -> None:
        """Find the documents with messages that are too small, and take them out."""
        xp, steps = self.xp, self.steps
        kind = numpy.finfo(self.joint.dtype)
        # Below this, what is lost of a sum is more than rounding.
        least = float(kind.tiny / kind.eps)
        wrong = xp.zeros(len(self.norm), dtype=bool)
        if allowed is not None or not self._all_at_least(least, scores):
            wrong |= self._lost(least, scores, allowed)
        possible = xp.isfinite(self.log_partition)[xp.asarray(steps.doc)]
        wrong |= possible & ~(self.norm >= least)
        wrong = to_numpy(wrong)
        self.doubtful = numpy.unique(steps.doc[wrong])
        out = numpy.zeros(len(scores.lengths), dtype=bool)
        out[self.doubtful] = True
        #: By token: whether it is in a document that was taken out.
        self.dropped = out[steps.doc]
        self.log_partition[self.doubtful] = 0.0
        impossible = ~to_numpy(possible) | self.dropped
        if impossible.any():
            rows = numpy.flatnonzero(impossible)
            for array in (self.arriving, self.states):
                array[0, steps.row_ahead[rows]] = 0.0
                array[1, steps.row_back[rows]] = 0.0
            self.joint[rows] = 0.0
            self.norm[rows] = 1.0

    def _all_at_least(self, least: float, scores: ChainScores) -> bool:
        """Whether all messages are large enough where any tag may be at any token. The first row of
        a document and the last have tags that can't be there."""
        if not len(self.norm):
            return True
        n_first = self.steps.begins[1]
        rules = self.xp.asarray(scores.legal.starts), self.xp.asarray(scores.legal.ends)
        for direction, rule in enumerate(rules):
            if not (self.states[direction, :n_first][:, rule] >= least).all():
                return False
        later = self.states[:, n_first:], self.arriving[:, n_first:]
        return all(array.size == 0 or bool(array.min() >= least) for array in later)

    def _lost(self, least: float, scores: ChainScores, allowed: Optional[Any]) -> Any:
        """By token, whether a tag that can be reached from the token before it, or from the one
        after it, has a message that is too small."""
        xp, rules, steps = self.xp, scores.legal, self.steps
        lost = xp.zeros(len(self.norm), dtype=bool)
        if not len(lost):
            return lost
        legal = xp.asarray(rules.transitions, dtype="float32")
        begins = numpy.array(steps.begins)
        widths = begins[1:] - begins[:-1]
        # The row from which each row after those of the first step is gone on.
        previous = numpy.arange(widths[0], begins[-1]) - numpy.repeat(widths[:-1], widths[1:])
        for direction, rule, T, tokens in (
            (0, rules.starts, legal, steps.ahead),
            (1, rules.ends, legal.T, steps.back),
        ):
            there = self.states[direction] >= least
            there &= self.arriving[direction, :, : self.n_tags] >= least
            missing = ~there
            missing[: widths[0]] &= xp.asarray(rule)
            missing[widths[0] :] &= (xp.matmul(there.astype("float32"), T) > 0)[previous]
            if allowed is not None:
                missing &= xp.asarray(allowed)[tokens]
            lost[tokens] |= missing.any(axis=1)
        return lost

    def marginals(self) -> Any:
        """RETURNS (Floats2d): The probability of each tag at each token, `(n_tokens, n_tags)`."""
        return self.joint / self.norm[:, None]

    def log_marginal(self, tokens: Any, tags: Any) -> Any:
        """tokens (Ints1d): Tokens, by their number in the batch.
        tags (Ints1d): A tag for each.
        RETURNS (Floats1d): The log-probability that the token has the tag.
        """
        alpha = self.states[0, self.steps.row_ahead[tokens], tags]
        beta = self.arriving[1, self.steps.row_back[tokens], tags]
        return self._log(alpha) + self._log(beta) - self._log(self.norm[tokens])

    def log_transition(self, tokens: Any, tags: Any, after: Any) -> Any:
        """tokens (Ints1d): Tokens, each of which has a next one in its document.
        tags (Ints1d): A tag for each.
        after (Ints1d): A tag for the token after each.
        RETURNS (Floats1d): The log-probability of the tag after it, given that the token has its
            tag.
        """
        rows = self.steps.row_back
        beta = self.arriving[1, rows[tokens], tags]
        beta = self.xp.where(beta > 0, beta, 1.0)
        gamma = self.states[1, rows[tokens + 1], after]
        joint = self.log_transitions[tags, after] + self._log(gamma)
        return joint - self._log(beta)

    def _log(self, values: Any) -> Any:
        with numpy.errstate(divide="ignore"):
            return self.xp.log(values.astype("float64"))

    def transition_counts(self) -> Any:
        """RETURNS (Floats2d): How many transitions of each kind there are in all documents, as
        expected, `(n_tags, n_tags)`.
        """
        if not len(self.norm):
            return self.xp.zeros_like(self.transitions)
        now = self._alpha()
        now /= self.norm[:, None]
        now[self.steps.last] = 0.0
        return self.transitions * self.xp.matmul(now[:-1].T, self._gamma()[1:])

    def spread_right(self, mass: Any) -> Tuple[Any, Any]:
        """Let probability mass go on from where it lies to the end of the document, as the model
        expects the tags after a tag.

        mass (Floats2d): Mass by token and tag, `(n_tokens, n_tags)`.
        RETURNS (Tuple[Floats2d, Floats2d]): What comes to each token and tag from those before it,
            and what goes over each transition.
        """
        steps = self.steps
        mass = mass.astype(self.joint.dtype, copy=False)
        by_row = [array[steps.ahead] for array in (mass, self._beta(), self._gamma())]
        come, shares = self._spread(self.transitions, *by_row)
        shares = shares[steps.row_ahead]
        shares[steps.last] = 0.0
        return come[steps.row_ahead], self.transitions * (shares[:-1].T @ self._gamma()[1:])

    def spread_left(self, mass: Any) -> Tuple[Any, Any]:
        """The same to the start of the document, as the model expects the tags before a tag.

        mass (Floats2d): Mass by token and tag, `(n_tokens, n_tags)`.
        RETURNS (Tuple[Floats2d, Floats2d]): What comes to each token and tag from those after it,
            and what goes over each transition.
        """
        steps = self.steps
        mass = mass.astype(self.joint.dtype, copy=False)
        by_row = [array[steps.back] for array in (mass, self._before(), self._alpha())]
        come, shares = self._spread(self.transitions.T, *by_row)
        shares = shares[steps.row_back]
        shares[steps.first] = 0.0
        return come[steps.row_back], self.transitions * (self._alpha()[:-1].T @ shares[1:])

    def _spread(self, T: Any, mass: Any, arriving: Any, state: Any) -> Tuple[Any, Any]:
        """Step by step: each row's mass by its share of the sum that arrives at it, times what goes
        into the sum."""
        xp, begins = self.xp, self.steps.begins
        come, shares = xp.zeros_like(state), xp.zeros_like(state)
        arriving = xp.where(arriving > 0, arriving, 1.0)
        T = xp.ascontiguousarray(T)
        for step in range(len(self.steps)):
            begin, end = begins[step], begins[step + 1]
            rows = slice(begin, end)
            if step:
                previous = begins[step - 1]
                xp.matmul(shares[previous : previous + end - begin], T, out=come[rows])
                come[rows] *= state[rows]
            shares[rows] = (mass[rows] + come[rows]) / arriving[rows]
        return come, shares


def run_scaled(xp: Any, begins: Any, own: Any, sums: Any, starts: Any) -> Tuple[Any, Any]:
    """Go through the documents, from their start and from their end.

    xp (Any): numpy or cupy.
    begins (List[int]): Where each step begins, and where the last ends.
    own (Floats3d): The tokens' own factors in each direction, `(2, n_tokens, n_tags)`. They are
        overwritten.
    sums (Floats3d): The transitions, with a column of ones, `(2, n_tags, n_tags + 1)`.
    starts (Floats2d): The factors of the first tag in each direction, `(2, n_tags)`.
    RETURNS (Tuple[Floats3d, Floats3d]): What arrives at each tag, with what it has to be divided
        by as the last column, and the same with the own factor, divided.
    """
    n_tags = own.shape[2]
    arriving = xp.empty((*own.shape[:2], n_tags + 1), dtype=own.dtype)
    states = own
    if len(begins) == 1:
        return arriving, states
    first = slice(0, begins[1])
    arriving[:, first, :n_tags] = starts[:, None]
    arriving[:, first, n_tags] = 1.0
    states[:, first] *= arriving[:, first, :n_tags]
    matmul, multiply, divide = xp.matmul, xp.multiply, xp.divide
    previous, begin = 0, begins[1]
    # A row that has lost everything goes on as not a number, and is found by the check.
    with numpy.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
        for end in begins[2:]:
            came, state = arriving[:, begin:end], states[:, begin:end]
            matmul(states[:, previous : previous + end - begin], sums, out=came)
            multiply(came[:, :, :n_tags], state, out=state)
            divide(state, came[:, :, n_tags:], out=state)
            previous, begin = begin, end
    return arriving, states


def _exp_rows(xp: Any, scores: Any, allowed: Optional[Any]) -> Tuple[Any, Any]:
    """The exp of each row, divided by its highest value, and the logarithm of this."""
    if not scores.size:
        return scores.copy(), xp.zeros(len(scores))
    if allowed is None:
        highest = scores.max(axis=1, keepdims=True)
        scaled = scores - highest
    else:
        scaled = xp.where(xp.asarray(allowed), scores, -xp.inf)
        highest = scaled.max(axis=1, keepdims=True)
        highest = xp.where(xp.isfinite(highest), highest, 0.0)
        scaled -= highest
    return xp.exp(scaled, out=scaled), highest[:, 0].astype("float64")


def _exp(xp: Any, scores: Any, rules: Array, dtype: str) -> Tuple[Any, Any, float]:
    """The same of a param, with one highest value of what is legal. The logarithms in between are
    kept in float64."""
    logs = xp.where(xp.asarray(rules), scores.astype("float64"), -xp.inf)
    highest = float(logs.max())
    logs -= highest
    return xp.exp(logs).astype(dtype), logs, highest
