"""How good categories are."""

from typing import Any, List, NamedTuple, Optional, Sequence

import numpy
from spacy.training import Example

from ..types import Array
from .curves import Curves, draw_curves


class Confusion(NamedTuple):
    """How often each label is taken for each other.

    labels (List[str]): The labels; for entities "" is none, of what is spurious or missed.
    counts (List[List[int]]): How often, by the true label, then by the one that was found.
    """

    labels: List[str]
    counts: List[List[int]]


class CategoryTable(NamedTuple):
    """What a component says of texts, and what is true.

    labels (Sequence[str]): The labels.
    probabilities (Array): How probable each is, `(n_texts, n_labels)`.
    golds (Array): What is annotated, likewise; nan where nothing is.
    threshold (Optional[float]): From which probability on a category applies; None if exactly one
        does, the most probable.
    """

    labels: Sequence[str]
    probabilities: Array
    golds: Array
    threshold: Optional[float]

    def known(self) -> Array:
        """RETURNS (Array): What is annotated, `(n_texts, n_labels)`."""
        return ~numpy.isnan(self.golds)

    def found(self) -> Array:
        """RETURNS (Array): The number of the most probable category of each text, `(n_texts,)`."""
        return self.probabilities.argmax(axis=1)


def read_categories(
    examples: Sequence[Example], labels: Sequence[str], threshold: Optional[float]
) -> CategoryTable:
    """Read the categories of texts.

    examples (Sequence[Example]): The texts, with predictions. Where exactly one category applies, a
        text of which it isn't annotated isn't among them.
    labels (Sequence[str]): The labels of the component.
    threshold (Optional[float]): See `CategoryTable`.
    RETURNS (CategoryTable): Their categories. Where exactly one applies, one that isn't named in an
        annotation doesn't.
    """
    default = 0.0 if threshold is None else numpy.nan
    shape = (len(examples), len(labels))
    probabilities = [[eg.predicted.cats.get(label, 0.0) for label in labels] for eg in examples]
    golds = [[eg.reference.cats.get(label, default) for label in labels] for eg in examples]
    return CategoryTable(
        labels,
        numpy.array(probabilities, dtype="float64").reshape(shape),
        numpy.array(golds, dtype="float64").reshape(shape),
        threshold,
    )


def has_category(example: Example, labels: Sequence[str], threshold: Optional[float]) -> bool:
    """example (Example): A text.
    labels (Sequence[str]): The labels of a component.
    threshold (Optional[float]): Its threshold; None if exactly one category applies to each text.
    RETURNS (bool): Whether it is annotated, so that the component can be right or wrong.
    """
    values = [example.reference.cats[label] for label in labels if label in example.reference.cats]
    return bool(values) and (threshold is not None or max(values) > 0)


def count_categories(table: CategoryTable) -> Array:
    """Count as spaCy's scorer does.

    table (CategoryTable): What a component says of texts.
    RETURNS (Array): What is right, wrong and missed, `(n_texts, n_labels, 3)`.
    """
    n_labels = len(table.labels)
    if table.threshold is None:
        found = numpy.eye(n_labels, dtype=bool)[table.found()]
        true = numpy.eye(n_labels, dtype=bool)[table.golds.argmax(axis=1)]
    else:
        found = (table.probabilities >= table.threshold) & table.known()
        true = table.golds > 0
    return numpy.stack([found & true, found & ~true, true & ~found], axis=2).astype("int64")


def confuse_categories(table: CategoryTable) -> Confusion:
    """table (CategoryTable): What a component says of texts, to each of which one category applies.
    RETURNS (Confusion): Which categories it takes for which.
    """
    n = len(table.labels)
    counts: Any = numpy.zeros((n, n), dtype="int64")
    numpy.add.at(counts, (table.golds.argmax(axis=1), table.found()), 1)
    return Confusion(list(table.labels), counts.tolist())


def category_curves(table: CategoryTable) -> List[Curves]:
    """Compute the curves of all categories together and of each.

    table (CategoryTable): What a component says of texts.
    RETURNS (List[Curves]): The curves. "All together" is the most probable category of each text
        where exactly one applies, and else each category of each text.
    """
    known, true = table.known(), table.golds > 0
    if table.threshold is None:
        found = table.found()
        true = numpy.eye(len(table.labels), dtype=bool)[table.golds.argmax(axis=1)]
        rows = numpy.arange(len(found))
        whole = (table.probabilities[rows, found], true[rows, found], len(found))
    else:
        whole = (table.probabilities[known], true[known], int(true.sum()))
    curves = [draw_curves("", *whole, table.threshold)]
    for i, label in enumerate(table.labels):
        rows = known[:, i]
        answers = (table.probabilities[rows, i], true[rows, i])
        curves.append(draw_curves(label, *answers, int(true[:, i].sum()), table.threshold))
    return curves
