"""Attribution without gradients: what happens to a score where a token is missing."""

from typing import List, Sequence

import numpy
from spacy.tokens import Doc

from ..types import Array
from .baselines import UNKNOWN
from .heads import fresh_doc
from .result import Scores
from .targets import Target

#: How many tokens the texts have that are made at a time, so that memory stays bounded.
MAX_TOKENS = 2**15


def occlude(target: Target, doc: Doc) -> Scores:
    """Leave each token out in turn, and see how much lower the score is then (Zeiler & Fergus 2014;
    of words: Li, Monroe & Jurafsky 2016).

    target (Target): The score.
    doc (Doc): The text.
    RETURNS (Scores): The difference that each token makes.
    """
    missing = [[], *([i] for i in range(len(doc)))]
    scores = score_without(target, doc, missing)
    baseline = "replaced" if _is_replacing(target) else "deleted"
    return Scores(scores[0] - scores[1:], float(scores[0]), len(missing), baseline)


def score_without(target: Target, doc: Doc, missing: Sequence[Sequence[int]]) -> Array:
    """Compute the scores of a text without some of its tokens.

    target (Target): The score.
    doc (Doc): The text.
    missing (Sequence[Sequence[int]]): Which tokens are left out, for each score.
    RETURNS (Array): The scores, `(n_scores,)`, float64.
    """
    scores: List[Array] = [numpy.zeros(0)]
    size = max(1, MAX_TOKENS // len(doc))
    for first in range(0, len(missing), size):
        texts = [_without(target, doc, tokens) for tokens in missing[first : first + size]]
        scores.append(target.scores(texts))
    return numpy.concatenate(scores)


def _is_replacing(target: Target) -> bool:
    """Whether tokens that are left out become an unknown word, so that entities keep their places;
    else they are deleted."""
    return target.span is not None


def _without(target: Target, doc: Doc, missing: Sequence[int]) -> Doc:
    out = set(missing)
    # Many components can't read a text without tokens.
    if _is_replacing(target) or len(out) == len(doc):
        words = [UNKNOWN if token.i in out else token.text for token in doc]
        kept = list(range(len(doc)))
    else:
        kept = [i for i in range(len(doc)) if i not in out]
        words = [doc[i].text for i in kept]
    return fresh_doc(doc, words, [bool(doc[i].whitespace_) for i in kept], kept)
