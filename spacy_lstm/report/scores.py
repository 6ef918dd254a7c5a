"""Scores from what is right, wrong and missed.

All that a component finds is counted in one array, `(n_texts, n_labels, 3)`: how often in each text
each label is rightly found, wrongly found, and missed. Where exactly one category applies to each
text, a text with the wrong one counts as wrong for what was found and as missed for what is true,
so that F over all labels is the accuracy.
"""

from typing import List, NamedTuple, Optional, Sequence

import numpy

from ..types import Array

#: How many samples of the texts an interval comes from.
N_SAMPLES = 1000


class Score(NamedTuple):
    """An F-score, with what it is worth.

    value (Optional[float]): The score, from 0 to 1; None where nothing is to be found and nothing
        was.
    low (Optional[float]): The lower end of its interval of 95 %, by the bootstrap over texts.
    high (Optional[float]): The upper end.
    """

    value: Optional[float]
    low: Optional[float]
    high: Optional[float]


class LabelScores(NamedTuple):
    """The scores of a label.

    label (str): The label.
    precision (float): The share of what was found that is right.
    recall (float): The share of what is there that was found.
    f (float): Their harmonic mean.
    n_true (int): How often it is there.
    n_found (int): How often it was found.
    n_train (Optional[int]): How often it is there in the training texts; None if they aren't given.
    """

    label: str
    precision: float
    recall: float
    f: float
    n_true: int
    n_found: int
    n_train: Optional[int]


def f_of(right: float, wrong: float, missed: float) -> Optional[float]:
    """right (float): How much was rightly found.
    wrong (float): How much was wrongly found.
    missed (float): How much was missed.
    RETURNS (Optional[float]): The F-score; None where all are 0.
    """
    total = 2 * right + wrong + missed
    return 2 * right / total if total else None


def score(counts: Array, *, seed: int = 0) -> Score:
    """Compute an F-score and its interval (Efron 1979).

    counts (Array): What is right, wrong and missed in each text, `(n_texts, 3)`.
    seed (int): Seed of the samples.
    RETURNS (Score): The score. Its interval leaves out samples in which nothing is found or missed.
    """
    n = len(counts)
    value = f_of(*counts.sum(axis=0).tolist()) if n else None
    if value is None:
        return Score(None, None, None)
    rng = numpy.random.default_rng(seed)
    # By how often each text is drawn, which is the same as drawing it.
    draws = rng.multinomial(n, numpy.full(n, 1 / n), size=N_SAMPLES)
    right, wrong, missed = (draws @ counts.astype("float64")).T
    total = 2 * right + wrong + missed
    values = 2 * right[total > 0] / total[total > 0]
    low, high = numpy.percentile(values, [2.5, 97.5])
    return Score(value, float(low), float(high))


def score_labels(
    labels: Sequence[str], counts: Array, n_train: Optional[Sequence[int]]
) -> List[LabelScores]:
    """Compute the scores of each label, 0 where there is nothing to divide by, as spaCy's scorer.

    labels (Sequence[str]): The labels.
    counts (Array): What is right, wrong and missed, `(n_texts, n_labels, 3)`.
    n_train (Optional[Sequence[int]]): How often each is there in training, if that is known.
    RETURNS (List[LabelScores]): The scores, in the order of the labels.
    """
    scores = []
    for i, (label, row) in enumerate(zip(labels, counts.sum(axis=0).tolist(), strict=True)):
        right, wrong, missed = row
        scores.append(
            LabelScores(
                label,
                right / (right + wrong) if right + wrong else 0.0,
                right / (right + missed) if right + missed else 0.0,
                f_of(right, wrong, missed) or 0.0,
                right + missed,
                right + wrong,
                None if n_train is None else n_train[i],
            )
        )
    return scores
