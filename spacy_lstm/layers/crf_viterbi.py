"""The best taggings of a CRF (Viterbi 1967), the next best ones (Lawler 1972; Nilsson & Goldberger
2001), and their probabilities."""

import heapq
from dataclasses import replace
from typing import Any, List, NamedTuple, Optional, Tuple

import numpy
from thinc.api import get_array_module, to_numpy
from thinc.types import Ints1d

from ..errors.checks import check_integer
from ..types import Array
from .crf_posterior import log_partition
from .crf_types import ChainScores, Steps, check_allowed, steps_of
from .tag_scheme import PREFIXES

Path = Tuple[Ints1d, float]


class Blocks(NamedTuple):
    """An order of the tags in which those that may follow each other are next to each other, so
    that a step works on slices: I, B, O, and in BILUO U, L. After all tags of `exits` there may be
    all of `entries`, and after B and I only the I and L of their own label.

    order (Array): The tags in this order.
    exits (slice): The tags after which no entity is open, or need not go on.
    entries (slice): The tags that open an entity, and O.
    targets (Tuple[slice, ...]): The tags that go on in an entity: I, and in BILUO L.
    """

    order: Array
    exits: slice
    entries: slice
    targets: Tuple[slice, ...]


def blocks(scheme: str, n_labels: int) -> Blocks:
    """scheme (str): The tag scheme.
    n_labels (int): The number of labels.
    RETURNS (Blocks): The order of its tags.
    """
    n, per_label = n_labels, len(PREFIXES[scheme])
    B = numpy.arange(1, per_label * n, per_label)
    inside = slice(0, n)
    if scheme == "BIO":
        order = numpy.concatenate((B + 1, B, [0]))
        return Blocks(order, slice(0, 2 * n + 1), slice(n, 2 * n + 1), (inside,))
    order = numpy.concatenate((B + 1, B, [0], B + 3, B + 2))
    ends = slice(3 * n + 1, 4 * n + 1)
    return Blocks(order, slice(2 * n, 4 * n + 1), slice(n, 3 * n + 1), (inside, ends))


#: After so many steps the scores of the ways are brought near 0 again, so that long documents lose
#: nothing to rounding.
LEVEL_STEPS = 8


class Lattice:
    """The score of the best way to each tag at each token.

    scores (ChainScores): The scores.
    allowed (Optional[Bools2d]): The tags that each token may have, if not all.
    level (bool): Whether to subtract something from all scores of a token, now and then.

    best (Floats2d): `(n_tags, n_tokens)`: tags in the order of `blocks`, tokens in that of the
        steps.
    """

    def __init__(
        self, scores: ChainScores, allowed: Optional[Any] = None, *, level: bool = True
    ) -> None:
        check_allowed(scores, allowed)
        self.xp: Any = get_array_module(scores.emissions)
        xp = self.xp
        self.steps: Steps = steps_of(scores.lengths)
        self.blocks = blocks(scores.scheme, scores.n_labels)
        order = self.blocks.order
        rules = scores.legal
        self.transitions = _only(xp, rules.transitions, scores.transitions)[order][:, order]
        self.start = _only(xp, rules.starts, scores.start)[order]
        self.end = _only(xp, rules.ends, scores.end)[order]
        E = _only(xp, allowed, scores.emissions)
        self.emissions = xp.ascontiguousarray(E[self.steps.ahead].T)[order]
        self.best = self._run(level)

    def _run(self, level: bool) -> Any:
        """One max-plus product a step, with the documents as the innermost dimension."""
        xp, begins, T, E = self.xp, self.steps.begins, self.transitions, self.emissions
        _, exits, entries, targets = self.blocks
        best = xp.empty_like(E)
        if not len(self.steps):
            return best
        n_docs, n_labels = begins[1], targets[0].stop
        xp.add(E[:, :n_docs], self.start[:, None], out=best[:, :n_docs])
        outside = xp.ascontiguousarray(T[exits, entries])[:, :, None]
        n_exits, n_entries = outside.shape[:2]
        room = xp.empty(n_exits * n_entries * n_docs, dtype=E.dtype)
        sources = slice(0, n_labels), slice(n_labels, 2 * n_labels)
        inside = xp.stack([xp.diagonal(T[s, t]) for t in targets for s in sources])
        inside = inside.reshape(len(targets), 2, n_labels, 1)
        room_inside = xp.empty(2 * len(targets) * n_labels * n_docs, dtype=E.dtype)
        open_ = best[: 2 * n_labels].reshape(2, n_labels, best.shape[1])
        for step in range(1, len(self.steps)):
            previous, begin, end = begins[step - 1], begins[step], begins[step + 1]
            n = end - begin
            before = slice(previous, previous + n)
            now = best[:, begin:end]
            ways = room[: n_exits * n_entries * n].reshape(n_exits, n_entries, n)
            xp.add(best[exits, None, before], outside, out=ways)
            ways.max(axis=0, out=now[entries])
            ways = room_inside[: 2 * len(targets) * n_labels * n].reshape(
                len(targets), 2, n_labels, n
            )
            xp.add(open_[:, :, before], inside, out=ways)
            for target, way in zip(targets, ways, strict=True):
                xp.maximum(way[0], way[1], out=now[target])
            now += E[:, begin:end]
            if level and not step % LEVEL_STEPS:
                highest = now.max(axis=0)
                now -= xp.where(xp.isfinite(highest), highest, 0.0)
        return best

    def trace(self) -> Any:
        """RETURNS (Ints1d): The best tag of each token, in the order of the batch: -1 in a document
        that can't be tagged.
        """
        xp, begins, steps = self.xp, self.steps.begins, self.steps
        path = xp.empty(self.best.shape[1], dtype="int32")
        if not len(path):
            return path
        from_tag = xp.ascontiguousarray(self.transitions.T)
        best = xp.ascontiguousarray(self.best.T)
        # Documents by their rank, the longest first, as the rows of each step are.
        ranked = numpy.argsort(steps.row_ahead[steps.first])
        finals = best[steps.row_ahead[steps.last[ranked]]] + self.end
        tags = finals.argmax(axis=1)
        for step in range(len(steps) - 1, 0, -1):
            previous, begin, end = begins[step - 1], begins[step], begins[step + 1]
            n = end - begin
            path[begin:end] = tags[:n]
            ways = from_tag[tags[:n]]
            ways += best[previous : previous + n]
            tags[:n] = ways.argmax(axis=1)
        path[: begins[1]] = tags
        result = xp.asarray(self.blocks.order.astype("int32"))[path[steps.row_ahead]]
        impossible = steps.doc[steps.first[ranked]][to_numpy(finals.max(axis=1) == -xp.inf)]
        if len(impossible):
            result[numpy.isin(steps.doc, impossible)] = -1
        return result


def best_path(scores: ChainScores, allowed: Optional[Any] = None) -> Ints1d:
    """Find the tagging of each document with the highest score.

    scores (ChainScores): The scores.
    allowed (Optional[Bools2d]): The tags that each token may have, `(n_tokens, n_tags)`; all that
        the scheme allows where it is None.
    RETURNS (Ints1d): A tag for each token, `(n_tokens,)`: a legal path, or -1 at all tokens of a
        document for which none is allowed.
    RAISES (ValueError): If the shapes don't fit together.
    """
    return Lattice(scores, allowed).trace()


def k_best(scores: ChainScores, k: int, allowed: Optional[Any] = None) -> List[List[Path]]:
    """Find the k taggings of each document with the highest scores.

    scores (ChainScores): The scores.
    k (int): How many, at least 1.
    allowed (Optional[Bools2d]): The tags that each token may have, `(n_tokens, n_tags)`; all that
        the scheme allows where it is None.
    RETURNS (List[List[Tuple[Ints1d, float]]]): For each document its paths, `(n_tokens,)`, and
        their log-probability given what is allowed, the best first: fewer than k where there are
        fewer.
    RAISES (ValueError): If k is less than 1, or the shapes don't fit together.
    """
    check_integer("The number of paths `k`", k)
    params: Any = scores
    scores = replace(
        scores,
        emissions=params.emissions.astype("float64"),
        transitions=params.transitions.astype("float64"),
        start=params.start.astype("float64"),
        end=params.end.astype("float64"),
    )
    lattice = Lattice(scores, allowed, level=False)
    log_partitions = to_numpy(log_partition(scores, allowed))
    parts = (lattice.best, lattice.emissions, lattice.transitions, lattice.end)
    best, E, T, end = (to_numpy(array) for array in parts)
    order = lattice.blocks.order.astype("int32")
    result = []
    for doc, (offset, length) in enumerate(zip(scores.offsets, scores.lengths, strict=True)):
        columns = lattice.steps.row_ahead[offset : offset + length]
        found = _search(best[:, columns], E[:, columns], T, end, k)
        log_Z = float(log_partitions[doc])
        result.append([(lattice.xp.asarray(order[path]), score - log_Z) for path, score in found])
    return result


def _search(best: Array, E: Array, T: Array, end: Array, k: int) -> List[Tuple[Array, float]]:
    """The k best paths of one document, best first: from each path that was found come those that
    share its end, take another tag at one place, and go on from there in the best way."""
    n_tokens = best.shape[1]
    if not n_tokens:
        return [(numpy.zeros(0, dtype="int64"), 0.0)]
    # A way that is not yet walked: minus its score, a number to sort by, the tag, the place, and
    # the path whose tags after this place it shares.
    ways: List[Tuple[float, int, int, int, Array]] = []
    none = numpy.zeros(n_tokens, dtype="int64")
    n_ways = 0
    for tag, score in _highest(best[:, -1] + end, k):
        heapq.heappush(ways, (-score, n_ways, tag, n_tokens - 1, none))
        n_ways += 1
    found: List[Tuple[Array, float]] = []
    while ways and len(found) < k:
        negative, _, tag, place, shared = heapq.heappop(ways)
        path = shared.copy()
        path[place] = tag
        for i in range(place, 0, -1):
            path[i - 1] = numpy.argmax(best[:, i - 1] + T[:, path[i]])
        found.append((path, -negative))
        if not place:
            continue
        # `rest` is the score from each token to the end, with its own.
        own = E[path, numpy.arange(n_tokens)]
        own[:-1] += T[path[:-1], path[1:]]
        own[-1] += end[path[-1]]
        rest = own[::-1].cumsum()[::-1]
        others = best[:, :place] + T[:, path[1 : place + 1]] + rest[1 : place + 1]
        others[path[:place], numpy.arange(place)] = -numpy.inf
        for index, score in _highest(others.ravel(), k - len(found)):
            heapq.heappush(ways, (-score, n_ways, index // place, index % place, path))
            n_ways += 1
    return found


def _highest(scores: Array, k: int) -> List[Tuple[int, float]]:
    """The places of the k highest scores that are finite."""
    if k <= 0:
        return []
    where = numpy.argpartition(-scores, k - 1)[:k] if k < len(scores) else range(len(scores))
    return [(int(i), float(scores[i])) for i in where if scores[i] > -numpy.inf]


def _only(xp: Any, rules: Optional[Any], scores: Any) -> Any:
    return scores if rules is None else xp.where(xp.asarray(rules), scores, -xp.inf)
