"""Attributions by gradients: integrated gradients, and gradient times input."""

from typing import Dict, List, NamedTuple, Optional, Tuple

import numpy

from ..types import Array
from .network import Network
from .result import LEAST_DIFFERENCE, Scores

#: The first parts of the path, and how many steps each takes.
N_PARTS = 4
N_NODES = 4
#: The fewest steps.
MIN_STEPS = N_PARTS * (N_NODES + 1) + 1


class _Part(NamedTuple):
    """A part of the path.

    start (float): Where it begins: 0 is the baseline, and 1 the text.
    end (float): Where it ends.
    tokens (Array): The integral over it for each token, `(n_tokens,)`.
    gap (float): How far their sum is from the difference between the scores at its ends.
    """

    start: float
    end: float
    tokens: Array
    gap: float


class Path:
    """The straight way from a baseline to a text: of its vectors, and of what the linear model adds
    to the scores.
    """

    def __init__(self, network: Network, name: str, baseline: Array) -> None:
        """network (Network): The score of the text.
        name (str): The name of the baseline.
        baseline (Array): Its vectors, `(n_tokens, width)`.
        """
        self.name = name
        self._network = network
        self._from = baseline.astype("float64")
        self._way = network.vectors - self._from
        self.n_steps = 0

    def run(self, places: Array) -> Tuple[Array, Array]:
        """Compute scores and gradients on the way, some at a time so that memory stays bounded.

        places (Array): Where: 0 is the baseline, and 1 the text, `(n_places,)`.
        RETURNS (Tuple[Array, Array]): The score of each, `(n_places,)`, and what each token adds to
            its derivative along the way, `(n_places, n_tokens)`.
        """
        scores, tokens = [], []
        size = self._network.n_copies
        for first in range(0, len(places), size):
            chunk = places[first : first + size, None, None]
            linear: Optional[Array] = None
            part = self._network.linear
            if part is not None:
                linear = part.baseline + chunk * (part.output - part.baseline)
            got = self._network.run(self._from + chunk * self._way, linear)
            rows = numpy.einsum("ptw,tw->pt", got.vectors.astype("float64"), self._way)
            if part is not None and got.linear is not None:
                rows += [part.attribute(gradient, rows.shape[1]) for gradient in got.linear]
            scores.append(got.scores)
            tokens.append(rows)
            self.n_steps += len(chunk)
        return numpy.concatenate(scores), numpy.concatenate(tokens)


def gradient_x_input(path: Path) -> Scores:
    """Multiply the gradient at the text with the way from the baseline: with a baseline of zeros,
    that is gradient times input (Shrikumar et al. 2016). Exact where the model is linear.

    path (Path): The path from the baseline to the text.
    RETURNS (Scores): What the gradient says.
    """
    scores, tokens = path.run(numpy.array([0.0, 1.0]))
    return Scores(tokens[1], float(scores[1]), path.n_steps, path.name, float(scores[0]))


def integrate_gradients(path: Path, *, tolerance: float, max_steps: int) -> Scores:
    """Integrate the gradient on the straight way from the baseline to the text (Sundararajan, Taly
    & Yan 2017). What all tokens add is then the difference between the scores of both.

    Each part of the way is integrated by a Gauss-Legendre rule. How wrong that is, is known: the
    sum must be the difference between the scores at its ends. Parts that are too wrong are halved,
    so that most steps are where the score bends, as where another token becomes the maximum of a
    pooling.

    path (Path): The path from the baseline to the text.
    tolerance (float): The largest gap: the sum of the gaps of all parts, as a share of the
        difference between the scores, or of 0.05 if that is more.
    max_steps (int): The most steps; the last halving may go over it.
    RETURNS (Scores): What the gradients say.
    """
    edges = numpy.linspace(0.0, 1.0, N_PARTS + 1)
    at_edges, _ = path.run(edges)
    known = dict(zip(edges.tolist(), at_edges.tolist(), strict=True))
    score, baseline_score = known[1.0], known[0.0]
    largest = tolerance * max(abs(score - baseline_score), LEAST_DIFFERENCE)
    parts = _integrate(path, edges[:-1], edges[1:], known)
    while sum(part.gap for part in parts) > largest and path.n_steps < max_steps:
        wrong = [part for part in parts if part.gap > largest * (part.end - part.start)]
        middles = numpy.array([(part.start + part.end) / 2 for part in wrong])
        at_middles, _ = path.run(middles)
        known.update(zip(middles.tolist(), at_middles.tolist(), strict=True))
        starts, ends = (numpy.array(side) for side in zip(*(p[:2] for p in wrong), strict=True))
        done = [part for part in parts if part.gap <= largest * (part.end - part.start)]
        halves = (numpy.append(starts, middles), numpy.append(middles, ends))
        parts = done + _integrate(path, *halves, known)
    tokens = numpy.sum([part.tokens for part in parts], axis=0)
    return Scores(tokens, score, path.n_steps, path.name, baseline_score)


def _integrate(path: Path, starts: Array, ends: Array, known: Dict[float, float]) -> List[_Part]:
    nodes, weights = numpy.polynomial.legendre.leggauss(N_NODES)
    half = (ends - starts)[:, None] / 2
    places = (starts + ends)[:, None] / 2 + half * nodes
    _, rows = path.run(places.reshape(-1))
    rows = rows.reshape(len(starts), N_NODES, -1)
    integrals = numpy.einsum("pnt,pn->pt", rows, half * weights)
    parts = []
    for start, end, tokens in zip(starts.tolist(), ends.tolist(), integrals, strict=True):
        gap = abs(float(tokens.sum()) - (known[end] - known[start]))
        parts.append(_Part(start, end, tokens, gap))
    return parts
