"""Does an explanation name the words that the prediction hangs on? Leave them out, and see."""

from typing import List, NamedTuple

import numpy
from spacy.language import Language
from spacy.tokens import Doc

from ..types import Array
from .choice import make_target
from .heads import find_head
from .occlusion import score_without
from .result import Attribution


class Faithfulness(NamedTuple):
    """What becomes of a prediction while its text loses more and more tokens.

    shares (Array): The share of tokens that is left out at each point of the curves: 0 first, and
        less than 1, `(n_points,)`.
    deletion (Array): How probable the prediction is then, where the tokens that speak most for it
        go first, `(n_points,)`. The lower, the better.
    insertion (Array): The same where those that speak least for it go first: read from the end,
        tokens come in, and the first are those that speak most for it. The higher, the better.
    random (Array): The same for orders by chance, `(n_orders, n_points)`.
    """

    shares: Array
    deletion: Array
    insertion: Array
    random: Array

    @property
    def deletion_gain(self) -> float:
        """RETURNS (float): How much less is under the curve than under a random one, on average.
        More than 0 is better than chance.
        """
        return float(self.random.mean() - self.deletion.mean())

    @property
    def insertion_gain(self) -> float:
        """RETURNS (float): How much more is under the curve than under a random one, on average."""
        return float(self.insertion.mean() - self.random.mean())


def measure_faithfulness(
    nlp: Language,
    attribution: Attribution,
    *,
    n_points: int = 20,
    n_orders: int = 20,
    seed: int = 0,
) -> Faithfulness:
    """Measure how faithful an explanation is, by deletion and insertion curves (Samek et al. 2017;
    Petsiuk, Das & Saenko 2018): tokens are left out in the order of their scores, and the component
    reads what is left. Those of a text whose category is explained are deleted, and those of one
    whose entity is become an unknown word. The text is never left without tokens, which would be
    the same in any order. Sentences are those that the pipeline finds.

    nlp (Language): The pipeline.
    attribution (Attribution): What `explain` says.
    n_points (int): The most points of a curve.
    n_orders (int): How many orders are drawn by chance.
    seed (int): Of the chance.
    RETURNS (Faithfulness): The curves: of the probability, or of the score where there is none.
    """
    target = make_target(
        nlp, find_head(nlp, attribution.component), attribution.label, attribution.span
    )
    spaces = [bool(space) for space in attribution.whitespace]
    doc = Doc(nlp.vocab, words=attribution.tokens, spaces=spaces)
    best_first = numpy.argsort(-attribution.scores, kind="stable")
    rng = numpy.random.default_rng(seed)
    orders = [best_first, best_first[::-1], *(rng.permutation(len(doc)) for _ in range(n_orders))]
    sizes = numpy.unique(numpy.linspace(0, len(doc) - 1, n_points).astype("int64"))
    missing: List[List[int]] = [order[:size].tolist() for order in orders for size in sizes]
    scores = score_without(target, doc, missing)
    probabilities = target.probabilities(scores)
    curves = (scores if probabilities is None else probabilities).reshape(len(orders), len(sizes))
    return Faithfulness(sizes / len(doc), curves[0], curves[1], curves[2:])
