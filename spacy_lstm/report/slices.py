"""Where is a component good, and where not: scores of parts of the texts, and of the labels."""

from typing import Callable, Counter, List, NamedTuple, Optional, Sequence

import numpy
from spacy.tokens import Doc

from ..types import Array
from .scores import LabelScores, Score, score

#: Into how many parts of about the same size texts are cut, and labels.
N_PARTS, N_LABEL_PARTS = 4, 3


class Slice(NamedTuple):
    """A part of the texts, or of the labels.

    name (str): What they have in common.
    n (int): How many texts or labels there are.
    score (Score): Their F-score.
    """

    name: str
    n: int
    score: Score


class Slices(NamedTuple):
    """Scores by something that may matter.

    by (str): What the texts or labels are parted by.
    unit (str): "texts" or "labels".
    parts (List[Slice]): The parts.
    """

    by: str
    unit: str
    parts: List[Slice]


def slice_texts(
    by: str, values: Array, counts: Array, name: Callable[[float, float], str]
) -> Slices:
    """Cut the texts at the quartiles of a value.

    by (str): What the value is.
    values (Array): The value of each text, `(n_texts,)`.
    counts (Array): What is right, wrong and missed, `(n_texts, n_labels, 3)`.
    name (Callable[[float, float], str]): Names a part by its least value and its largest.
    RETURNS (Slices): Up to four parts: fewer where many texts have the same value.
    """
    if not len(values):
        return Slices(by, "texts", [])
    edges = numpy.unique(
        numpy.quantile(values, numpy.arange(1, N_PARTS) / N_PARTS, method="inverted_cdf")
    )
    places = numpy.searchsorted(edges, values)
    parts = []
    for place in numpy.unique(places).tolist():
        rows = places == place
        least, most = float(values[rows].min()), float(values[rows].max())
        parts.append(Slice(name(least, most), int(rows.sum()), score(counts[rows].sum(axis=1))))
    return Slices(by, "texts", parts)


def slice_labels(labels: Sequence[LabelScores], counts: Array) -> Slices:
    """Cut the labels by how often they are there: in training where that is known, or else in these
    texts.

    labels (Sequence[LabelScores]): The scores of the labels.
    counts (Array): What is right, wrong and missed, `(n_texts, n_labels, 3)`.
    RETURNS (Slices): Up to three parts, the rarest labels first.
    """
    numbers = [label.n_true if label.n_train is None else label.n_train for label in labels]
    order = sorted(range(len(labels)), key=lambda i: numbers[i])
    parts = []
    for group in numpy.array_split(order, min(N_LABEL_PARTS, len(order))):
        least, most = numbers[group[0]], numbers[group[-1]]
        span = f"{least:,}" if least == most else f"{least:,} to {most:,}"
        names = ", ".join(labels[i].label for i in group)
        parts.append(Slice(f"{span}: {names}", len(group), score(counts[:, group].sum(axis=1))))
    known = any(label.n_train is not None for label in labels)
    return Slices(
        f"frequency of the label in {'training' if known else 'these texts'}", "labels", parts
    )


def slice_all(
    docs: Sequence[Doc],
    labels: Sequence[LabelScores],
    counts: Array,
    known: Optional[Counter[str]],
) -> List[Slices]:
    """Cut the texts by their length, and by their share of words that training hasn't seen, and the
    labels by their frequency.

    docs (Sequence[Doc]): The texts.
    labels (Sequence[LabelScores]): The scores of the labels.
    counts (Array): What is right, wrong and missed, `(n_texts, n_labels, 3)`.
    known (Optional[Counter[str]]): The words of the training texts, as `norm_`.
    RETURNS (List[Slices]): The parts.
    """
    lengths = numpy.array([len(doc) for doc in docs])
    slices = [slice_texts("length of the text, in tokens", lengths, counts, _name_lengths)]
    if known is not None:
        shares = numpy.array([unseen_share(doc, known) for doc in docs])
        by = "share of words that aren't in the training texts"
        slices.append(slice_texts(by, shares, counts, _name_shares))
    return [*slices, slice_labels(labels, counts)]


def unseen_share(doc: Doc, known: Counter[str]) -> float:
    """doc (Doc): A text.
    known (Counter[str]): The words of the training texts, as `norm_`.
    RETURNS (float): The share of its words that aren't among them; 0 if it has no words.
    """
    words = [token.norm_ for token in doc if not token.is_space]
    return sum(word not in known for word in words) / max(1, len(words))


def _name_lengths(least: float, most: float) -> str:
    return f"{least:,.0f}" if least == most else f"{least:,.0f} to {most:,.0f}"


def _name_shares(least: float, most: float) -> str:
    low, high = f"{100 * least:.0f}", f"{100 * most:.0f}"
    return f"{low} %" if low == high else f"{low} to {high} %"
