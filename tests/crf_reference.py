"""A CRF by definition, in float64: the sum over all taggings, one by one."""

from itertools import pairwise, product
from typing import Any, Dict, List, Optional, Tuple

import numpy

from spacy_lstm.layers.crf_types import ChainScores
from spacy_lstm.layers.tag_scheme import TagScheme

SCHEMES = ("BILUO", "BIO")


def scheme_of(n_labels: int, scheme: str) -> TagScheme:
    """The scheme with the labels X, Y, Z …"""
    return TagScheme([chr(ord("X") + i) if i < 3 else f"L{i}" for i in range(n_labels)], scheme)


def random_scores(
    lengths: List[int],
    n_labels: int,
    scheme: str,
    *,
    seed: int = 0,
    dtype: str = "float64",
    size: float = 1.0,
) -> ChainScores:
    """Normally distributed scores. What is illegal has a high one, which must not be read."""
    rng = numpy.random.default_rng(seed)
    tags = scheme_of(n_labels, scheme)
    n_tags = len(tags)
    shapes = ((sum(lengths), n_tags), (n_tags, n_tags), (n_tags,), (n_tags,))
    emissions, transitions, start, end = (
        (rng.normal(size=shape) * size).astype(dtype) for shape in shapes
    )
    transitions[~tags.transitions] = 1e5
    start[~tags.starts] = 1e5
    end[~tags.ends] = 1e5
    return ChainScores(
        emissions, numpy.array(lengths, dtype="int64"), transitions, start, end, scheme
    )


def random_allowed(scores: ChainScores, *, seed: int = 0, rate: float = 0.5) -> numpy.ndarray:
    """Tags that a token may have, at random: for some documents there is no way through."""
    rng = numpy.random.default_rng(seed)
    return rng.random(scores.emissions.shape) < rate


def doc_rows(scores: ChainScores) -> List[slice]:
    ends = numpy.cumsum(scores.lengths)
    return [slice(end - n, end) for end, n in zip(ends, scores.lengths, strict=True)]


def paths(
    scores: ChainScores, rows: slice, allowed: Optional[Any] = None
) -> Dict[Tuple[int, ...], float]:
    """All taggings of one document that are legal and allowed, and their scores."""
    tags = scheme_of(scores.n_labels, scores.scheme)
    E = scores.emissions[rows].astype("float64")
    options = [
        [t for t in range(len(tags)) if allowed is None or allowed[rows][i, t]]
        for i in range(len(E))
    ]
    found = {}
    for path in product(*options):
        steps = list(pairwise(path))
        if not all(tags.transitions[a, b] for a, b in steps):
            continue
        if path and not (tags.starts[path[0]] and tags.ends[path[-1]]):
            continue
        score = sum(float(E[i, t]) for i, t in enumerate(path))
        score += sum(float(scores.transitions[a, b]) for a, b in steps)
        if path:
            score += float(scores.start[path[0]]) + float(scores.end[path[-1]])
        found[path] = score
    return found


def log_total(values: List[float]) -> float:
    if not values:
        return -numpy.inf
    highest = max(values)
    return highest + float(numpy.log(sum(numpy.exp(v - highest) for v in values)))


def log_partitions(scores: ChainScores, allowed: Optional[Any] = None) -> numpy.ndarray:
    return numpy.array(
        [log_total(list(paths(scores, rows, allowed).values())) for rows in doc_rows(scores)]
    )


def marginals(scores: ChainScores, allowed: Optional[Any] = None) -> numpy.ndarray:
    result = numpy.zeros(scores.emissions.shape)
    for rows in doc_rows(scores):
        found = paths(scores, rows, allowed)
        total = log_total(list(found.values()))
        for path, score in found.items():
            for i, tag in enumerate(path):
                result[rows.start + i, tag] += numpy.exp(score - total)
    return result


def span_probabilities(
    scores: ChainScores, allowed: Optional[Any] = None
) -> Dict[Tuple[int, int, int, int], float]:
    """Every span that a document could have as an entity, and the probability that it has it."""
    tags = scheme_of(scores.n_labels, scores.scheme)
    result = {}
    for doc, rows in enumerate(doc_rows(scores)):
        n_tokens = int(scores.lengths[doc])
        for start in range(n_tokens):
            for end in range(start + 1, n_tokens + 1):
                for label in range(scores.n_labels):
                    result[(doc, start, end, label)] = 0.0
        found = paths(scores, rows, allowed)
        total = log_total(list(found.values()))
        for path, score in found.items():
            for start, end, label in tags.decode(numpy.array(path, dtype="int32")):
                key = (doc, start, end, tags.labels.index(label))
                result[key] += float(numpy.exp(score - total))
    return result


def log_partitions_by_step(scores: ChainScores) -> numpy.ndarray:
    """The same sum token by token, for documents that are too long for all taggings."""
    rules = scheme_of(scores.n_labels, scores.scheme)
    T = numpy.where(rules.transitions, scores.transitions.astype("float64"), -numpy.inf)
    result = []
    for rows in doc_rows(scores):
        E = scores.emissions[rows].astype("float64")
        state = numpy.where(rules.starts, scores.start, -numpy.inf) + E[0]
        for row in E[1:]:
            state = numpy.logaddexp.reduce(state[:, None] + T, axis=0) + row
        result.append(
            numpy.logaddexp.reduce(state + numpy.where(rules.ends, scores.end, -numpy.inf))
        )
    return numpy.array(result)
