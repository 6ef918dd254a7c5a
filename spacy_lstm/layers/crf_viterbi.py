"""The best taggings of a CRF (Viterbi 1967), the next best ones (Lawler 1972; Nilsson & Goldberger
2001), and their probabilities."""

import heapq
from dataclasses import replace
from typing import Any, List, NamedTuple, Optional, Tuple

import numpy
from thinc.api import get_array_module
from thinc.types import Ints1d

from ..errors import Errors
from ..types import Array
from .crf_posterior import log_partition
from .crf_types import ChainScores, Steps, check_allowed, steps_of

Path = Tuple[Ints1d, float]


class Blocks(NamedTuple):
    """An order of the tags in which those that may follow each other are next to each other, so
    that a step works on slices. All tags of `exits` may be followed by all of `entries`, and the
    others only by those of their own label: with n labels, 4 * n of these and no more.

    order (Array): The tags in this order.
    exits (slice): The tags after which no entity is open, or need not go on.
    entries (slice): The tags that open an entity, and O.
    sources (Tuple[slice, ...]): The tags that are in an entity: B and I.
    targets (Tuple[slice, ...]): The tags that go on in it: I and L, or I.
    """

    order: Array
    exits: slice
    entries: slice
    sources: Tuple[slice, ...]
    targets: Tuple[slice, ...]


def blocks(scheme: str, n_labels: int) -> Blocks:
    """scheme (str): The tag scheme.
    n_labels (int): The number of labels.
    RETURNS (Blocks): The order of its tags.
    """
    n = n_labels
    if scheme == "BIO":
        B = numpy.arange(1, 2 * n, 2)
        order = numpy.concatenate(([0], B, B + 1))
        inside = slice(n + 1, 2 * n + 1)
        sources = (slice(1, n + 1), inside)
        return Blocks(order, slice(0, 2 * n + 1), slice(0, n + 1), sources, (inside,))
    B = numpy.arange(1, 4 * n, 4)
    order = numpy.concatenate((B, [0], B + 3, B + 2, B + 1))
    ends, inside = slice(2 * n + 1, 3 * n + 1), slice(3 * n + 1, 4 * n + 1)
    sources = (slice(0, n), inside)
    return Blocks(order, slice(n, 3 * n + 1), slice(0, 2 * n + 1), sources, (inside, ends))


class Lattice:
    """The score of the best way to each tag at each token.

    scores (ChainScores): The scores.
    allowed (Optional[Bools2d]): The tags that each token may have, if not all.

    best (Floats2d): `(n_tags, n_tokens)`: tags in the order of `blocks`, tokens in that of the
        steps. Float64, so that long documents lose nothing.
    """

    def __init__(self, scores: ChainScores, allowed: Optional[Any]) -> None:
        check_allowed(scores, allowed)
        self.xp: Any = get_array_module(scores.emissions)
        xp = self.xp
        self.steps: Steps = steps_of(scores.lengths)
        self.blocks = blocks(scores.scheme, scores.n_labels)
        order = self.blocks.order
        rules = scores.legal
        transitions = _only(xp, rules.transitions, scores.transitions)
        self.transitions = transitions[order][:, order]
        self.start = _only(xp, rules.starts, scores.start)[order]
        self.end = _only(xp, rules.ends, scores.end)[order]
        E = _only(xp, allowed, scores.emissions)
        self.emissions = xp.ascontiguousarray(E[self.steps.ahead].T[order])
        self.best = self._run()

    def _run(self) -> Any:
        """One max-plus product a step, with the documents as the innermost dimension."""
        xp, begins, T = self.xp, self.steps.begins, self.transitions
        exits, entries, sources, targets = self.blocks[1:]
        best, E = xp.empty_like(self.emissions), self.emissions
        if not len(self.steps):
            return best
        xp.add(E[:, : begins[1]], self.start[:, None], out=best[:, : begins[1]])
        outside = xp.ascontiguousarray(T[exits, entries])[:, :, None]
        n_exits, n_entries = outside.shape[:2]
        room = xp.empty(n_exits * n_entries * begins[1])
        inside = [
            (target, *[xp.diagonal(T[source, target])[:, None].copy() for source in sources])
            for target in targets
        ]
        for step in range(1, len(self.steps)):
            previous, begin, end = begins[step - 1], begins[step], begins[step + 1]
            n = end - begin
            before = best[:, previous : previous + n]
            now = best[:, begin:end]
            ways = room[: n_exits * n_entries * n].reshape(n_exits, n_entries, n)
            xp.add(before[exits, None], outside, out=ways)
            xp.max(ways, axis=0, out=now[entries])
            opened, open_ = before[sources[0]], before[sources[1]]
            for target, from_begin, from_inside in inside:
                xp.maximum(opened + from_begin, open_ + from_inside, out=now[target])
            now += E[:, begin:end]
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
        lasts = steps.row_ahead[steps.last]
        # Documents by their rank, the longest first, as the rows of each step are.
        lasts = lasts[numpy.argsort(steps.row_ahead[steps.first])]
        finals = best[lasts] + self.end
        tags = finals.argmax(axis=1)
        possible = finals.max(axis=1) > -xp.inf
        for step in range(len(steps) - 1, -1, -1):
            begin, end = begins[step], begins[step + 1]
            n = end - begin
            path[begin:end] = xp.where(possible[:n], xp.asarray(self.blocks.order)[tags[:n]], -1)
            if step:
                previous = begins[step - 1]
                ways = best[previous : previous + n] + from_tag[tags[:n]]
                tags[:n] = ways.argmax(axis=1)
        return path[steps.row_ahead]


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
    if k < 1:
        raise ValueError(Errors.L002.format(name="The number of paths `k`", least=1, value=k))
    emissions: Any = scores.emissions
    scores = replace(scores, emissions=emissions.astype("float64"))
    lattice = Lattice(scores, allowed)
    log_partitions = _host(log_partition(scores, allowed))
    parts = (lattice.best, lattice.emissions, lattice.transitions, lattice.end)
    best, E, T, end = (_host(array) for array in parts)
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
    scores = scores.astype("float64")
    return scores if rules is None else xp.where(xp.asarray(rules), scores, -xp.inf)


def _host(array: Any) -> Array:
    return array.get() if hasattr(array, "get") else numpy.asarray(array)
