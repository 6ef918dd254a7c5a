"""The forward-backward pass of a CRF in log space and float64: slow, and right for any scores."""

from typing import Any, List, Optional, Tuple

import numpy
from thinc.api import get_array_module

from ..types import Array
from .crf_types import ChainScores, Steps, steps_of


class LogMessages:
    """What each token knows of the tokens before and after it (Rabiner 1989). All is by token, in
    the order of the batch, as logarithms.

    scores (ChainScores): The scores.
    allowed (Optional[Bools2d]): The tags that each token may have, if not all.

    log_partition (Floats1d): The log of the sum over all taggings of a document, `(n_docs,)`:
        minus infinity where there is none.
    doubtful (Array): No documents: nothing is left to another pass.
    dropped (Array): By token, whether its document is one of these.
    """

    def __init__(self, scores: ChainScores, allowed: Optional[Any] = None) -> None:
        xp = get_array_module(scores.emissions)
        self.xp: Any = xp
        self.steps = steps = steps_of(scores.lengths)
        self.doubtful = numpy.zeros(0, dtype="int64")
        self.dropped = numpy.zeros(len(steps.doc), dtype=bool)
        rules = scores.legal
        E = _where(xp, allowed, scores.emissions)
        self.transitions = T = _where(xp, rules.transitions, scores.transitions)
        start = _where(xp, rules.starts, scores.start)
        end = _where(xp, rules.ends, scores.end)
        # `arriving` is without the token's own score, `state` with it.
        arriving = run_log(xp, steps, E[steps.ahead], T, start)[steps.row_ahead]
        self.before, self.alpha = arriving, arriving + E
        self.beta = run_log(xp, steps, E[steps.back], T.T, end)[steps.row_back]
        self.gamma = self.beta + E
        self.log_partition = xp.zeros(len(scores.lengths))
        filled = numpy.flatnonzero(numpy.asarray(scores.lengths))
        last = self.alpha[steps.last] + end
        self.log_partition[filled] = log_sum(xp, last, axis=1)
        # A document that can't be tagged has marginals of 0, and no gradient.
        possible = xp.where(xp.isfinite(self.log_partition), self.log_partition, 0.0)
        self.norm = possible[steps.doc][:, None]

    def marginals(self) -> Any:
        """RETURNS (Floats2d): The probability of each tag at each token, `(n_tokens, n_tags)`."""
        return self.xp.exp(self.alpha + self.beta - self.norm)

    def log_marginal(self, tokens: Any, tags: Any) -> Any:
        """tokens (Ints1d): Tokens, by their number in the batch.
        tags (Ints1d): A tag for each.
        RETURNS (Floats1d): The log-probability that the token has the tag.
        """
        return self.alpha[tokens, tags] + self.beta[tokens, tags] - self.norm[tokens, 0]

    def log_transition(self, tokens: Any, tags: Any, after: Any) -> Any:
        """tokens (Ints1d): Tokens, each of which has a next one in its document.
        tags (Ints1d): A tag for each.
        after (Ints1d): A tag for the token after each.
        RETURNS (Floats1d): The log-probability of the tag after it, given that the token has its
            tag.
        """
        joint = self.transitions[tags, after] + self.gamma[tokens + 1, after]
        beta = self.beta[tokens, tags]
        return joint - self.xp.where(self.xp.isfinite(beta), beta, 0.0)

    def transition_counts(self) -> Any:
        """RETURNS (Floats2d): How many transitions of each kind there are in all documents, as
        expected, `(n_tags, n_tags)`.
        """
        counts = self.xp.zeros_like(self.transitions)
        for now, then in self._pairs():
            joint = self.alpha[now][:, :, None] + self.transitions + self.gamma[then][:, None]
            counts += self.xp.exp(joint - self.norm[now][:, :, None]).sum(axis=0)
        return counts

    def spread_right(self, mass: Any) -> Tuple[Any, Any]:
        """Let probability mass go on from where it lies to the end of the document, as the model
        expects the tags after a tag.

        mass (Floats2d): Mass by token and tag, `(n_tokens, n_tags)`.
        RETURNS (Tuple[Floats2d, Floats2d]): What comes to each token and tag from those before it,
            and what goes over each transition.
        """
        xp, T = self.xp, self.transitions
        come, counts = xp.zeros_like(self.beta), xp.zeros_like(T)
        beta = xp.where(xp.isfinite(self.beta), self.beta, 0.0)
        for now, then in self._pairs():
            chance = xp.exp(T + self.gamma[then][:, None] - beta[now][:, :, None])
            flow = chance * (mass[now] + come[now])[:, :, None]
            come[then] = flow.sum(axis=1)
            counts += flow.sum(axis=0)
        return come, counts

    def spread_left(self, mass: Any) -> Tuple[Any, Any]:
        """The same to the start of the document, as the model expects the tags before a tag.

        mass (Floats2d): Mass by token and tag, `(n_tokens, n_tags)`.
        RETURNS (Tuple[Floats2d, Floats2d]): What comes to each token and tag from those after it,
            and what goes over each transition.
        """
        xp, T = self.xp, self.transitions
        come, counts = xp.zeros_like(self.beta), xp.zeros_like(T)
        before = xp.where(xp.isfinite(self.before), self.before, 0.0)
        for now, then in reversed(self._pairs()):
            chance = xp.exp(self.alpha[now][:, :, None] + T - before[then][:, None])
            flow = chance * (mass[then] + come[then])[:, None]
            come[now] = flow.sum(axis=2)
            counts += flow.sum(axis=0)
        return come, counts

    def _pairs(self) -> List[Tuple[Array, Array]]:
        """The tokens of each step but the first, with those before them."""
        begins, ahead = self.steps.begins, self.steps.ahead
        steps = [ahead[begins[i] : begins[i + 1]] for i in range(1, len(self.steps))]
        return [(then - 1, then) for then in steps]


def message_after(scores: ChainScores, allowed: Optional[Any] = None) -> Any:
    """What a document hands on to tokens that come after it: as `start` of a chain with
    `open_start`, it makes of these the rest of one document.

    scores (ChainScores): The scores of one document, which is not empty.
    allowed (Optional[Bools2d]): The tags that each token may have, if not all.
    RETURNS (Floats1d): The log of the sum over all taggings that lead to a tag of the next token,
        up to a number that is the same for all tags, `(n_tags,)`, in float64.
    """
    xp: Any = get_array_module(scores.emissions)
    rules = scores.legal
    E = _where(xp, allowed, scores.emissions)
    T = _where(xp, rules.transitions, scores.transitions)
    start = _where(xp, rules.starts, scores.start)
    last = run_log(xp, steps_of(scores.lengths), E, T, start)[-1] + E[-1]
    message = log_sum(xp, last[:, None] + T, axis=0)
    return message - message.max()


def run_log(xp: Any, steps: Steps, E: Any, T: Any, start: Any) -> Any:
    """Go through the documents in one direction.

    xp (Any): numpy or cupy.
    steps (Steps): The order of the rows.
    E (Floats2d): The score of each tag, by row.
    T (Floats2d): The score of the second tag after the first.
    start (Floats1d): The score of a tag as the first.
    RETURNS (Floats2d): The log-sum over all that leads to a tag, without its own score, by row.
    """
    arriving = xp.empty_like(E)
    begins = steps.begins
    if len(steps):
        arriving[: begins[1]] = start
    for step in range(1, len(steps)):
        previous, begin, end = begins[step - 1], begins[step], begins[step + 1]
        rows = slice(previous, previous + end - begin)
        state = arriving[rows] + E[rows]
        arriving[begin:end] = log_sum(xp, state[:, :, None] + T, axis=1)
    return arriving


def log_sum(xp: Any, scores: Any, axis: int) -> Any:
    """scores (FloatsXd): Logarithms, which may be minus infinity.
    axis (int): The axis to sum over.
    RETURNS (FloatsXd): The logarithm of the sum.
    """
    highest = scores.max(axis=axis, keepdims=True)
    highest = xp.where(xp.isfinite(highest), highest, 0.0)
    with numpy.errstate(divide="ignore"):
        return xp.log(xp.exp(scores - highest).sum(axis=axis)) + highest.squeeze(axis)


def _where(xp: Any, rules: Optional[Any], scores: Any) -> Any:
    scores = scores.astype("float64")
    return scores if rules is None else xp.where(xp.asarray(rules), scores, -xp.inf)
