"""Single predictions: the worst mistakes, and those of which a component is least sure."""

from typing import List, NamedTuple, Optional, Tuple

import numpy

from ..explain import Attribution
from .categories import CategoryTable


class Case(NamedTuple):
    """A prediction that is worth a look.

    text (int): The number of the text, from 0.
    kind (str): What is wrong: "wrong", "missed", "spurious", "boundary", "type", "boundary and
        type"; or "right".
    expected (str): What the annotation says.
    found (str): What the component says.
    probability (Optional[float]): How probable what is explained is for the component; None where
        it doesn't say.
    label (str): The label that is explained.
    span (Optional[Tuple[int, int]]): The tokens of the entity that is explained, in the predicted
        text; None for a category.
    explanation (Optional[Attribution]): Which words speak for it.
    reason (str): Why there is no explanation.
    """

    text: int
    kind: str
    expected: str
    found: str
    probability: Optional[float]
    label: str
    span: Optional[Tuple[int, int]] = None
    explanation: Optional[Attribution] = None
    reason: str = ""


def category_cases(table: CategoryTable, n: int) -> Tuple[List[Case], List[Case]]:
    """Choose predictions of categories. Where any number of categories applies to a text, each of
    them is a prediction of its own.

    table (CategoryTable): What a component says of the texts.
    n (int): How many of each kind.
    RETURNS (Tuple[List[Case], List[Case]]): The worst mistakes, which are those of which it was
        surest; and the least sure predictions, right or wrong: with the smallest distance to the
        threshold, or between the two most probable categories.
    """
    cases = _exclusive(table) if table.threshold is None else _independent(table, table.threshold)
    worst = sorted(
        (judged for judged in cases if judged.case.kind != "right"), key=lambda judged: -judged.sure
    )
    unsure = sorted(cases, key=lambda judged: judged.distance)
    return [judged.case for judged in worst[:n]], [judged.case for judged in unsure[:n]]


class _Judged(NamedTuple):
    """A prediction, how probable it is for the component, and how far from being another one."""

    case: Case
    sure: float
    distance: float


def _exclusive(table: CategoryTable) -> List[_Judged]:
    cases = []
    found, golds = table.found(), table.golds.argmax(axis=1)
    for i, (place, gold) in enumerate(zip(found.tolist(), golds.tolist(), strict=True)):
        ordered = numpy.sort(table.probabilities[i])
        margin = float(ordered[-1] - ordered[-2]) if len(ordered) > 1 else 1.0
        label, expected = table.labels[place], table.labels[gold]
        kind = "right" if place == gold else "wrong"
        probability = float(table.probabilities[i, place])
        case = Case(i, kind, expected, label, probability, label)
        cases.append(_Judged(case, probability, margin))
    return cases


def _independent(table: CategoryTable, threshold: float) -> List[_Judged]:
    cases = []
    for i, j in numpy.argwhere(table.known()).tolist():
        label, probability = table.labels[j], float(table.probabilities[i, j])
        found, gold = probability >= threshold, bool(table.golds[i, j] > 0)
        kind = "right" if found == gold else "spurious" if found else "missed"
        expected, said = (label if applies else f"not {label}" for applies in (gold, found))
        case = Case(i, kind, expected, said, probability, label)
        sure = probability if found else 1.0 - probability
        cases.append(_Judged(case, sure, abs(probability - threshold)))
    return cases
