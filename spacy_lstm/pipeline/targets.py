"""What the annotations say, as arrays: which label applies, and what is known of it."""

from numbers import Real
from typing import Any, Dict, List, NamedTuple, Sequence, cast

import numpy
from spacy.tokens import Doc
from spacy.training import Example

from ..errors import Errors
from ..types import Array

# How far the values of one text may be from adding up to 1.
TOLERANCE = 1e-4


class Targets(NamedTuple):
    """The truth of a batch.

    truths (Array): How much each label applies, from 0 to 1, `(n_texts, n_labels)`; 0 where
        unknown.
    known (Array): True where an annotation says so, of the same shape.
    """

    truths: Array
    known: Array


def multilabel_targets(examples: Sequence[Example], labels: Sequence[str]) -> Targets:
    """Read the categories of a batch. Labels that a text doesn't mention are unknown.

    examples (Sequence[Example]): The batch.
    labels (Sequence[str]): The labels, in the order of the columns. Others are passed over.
    RETURNS (Targets): The truth.
    RAISES (ValueError): If a value is no number from 0 to 1.
    """
    column = {label: i for i, label in enumerate(labels)}
    truths = numpy.zeros((len(examples), len(labels)))
    known = numpy.zeros(truths.shape, dtype=bool)
    for i, eg in enumerate(examples):
        for label, value in eg.reference.cats.items():
            if not isinstance(value, Real) or not 0.0 <= value <= 1.0:
                text = snippet(eg.reference)
                raise ValueError(Errors.L202.format(label=label, value=value, text=text))
            j = column.get(label)
            if j is not None:
                truths[i, j] = value
                known[i, j] = True
    return Targets(truths, known)


def exclusive_targets(name: str, examples: Sequence[Example], labels: Sequence[str]) -> Targets:
    """Read the categories of a batch, of which just one applies to each text. Labels that a text
    doesn't mention are unknown, unless one that it does mention applies: then they are known not
    to.

    name (str): The component's name, for messages.
    examples (Sequence[Example]): The batch.
    labels (Sequence[str]): The labels, in the order of the columns.
    RETURNS (Targets): The truth. A text to which a label applies that is none of ours is unknown.
    RAISES (ValueError): If a value is no number from 0 to 1, or the values of a text contradict
        each other.
    """
    truths, known = multilabel_targets(examples, labels)
    for i, eg in enumerate(examples):
        cats = eg.reference.cats
        total = sum(cats.values())
        if total > 1 + TOLERANCE:
            message = Errors.L203.format(name=name, text=snippet(eg.reference), cats=cats)
            raise ValueError(message)
        if cats.keys() - set(labels) and truths[i].sum() < total:
            truths[i], known[i] = 0.0, False
        elif total >= 1 - TOLERANCE:
            truths[i] /= total
            known[i] = True
        elif known[i].all():
            message = Errors.L204.format(
                name=name, text=snippet(eg.reference), total=total, cats=cats
            )
            raise ValueError(message)
    return Targets(truths, known)


def balanced_weights(targets: Targets, *, exclusive: bool) -> List[float]:
    """Weights under which rare labels count as much as frequent ones.

    targets (Targets): The truth of the training data.
    exclusive (bool): Whether just one label applies to each text. Then a label's weight is
        `n_texts / (n_labels * n_of_label)` (King & Zeng 2001), and else, as it weighs only the
        texts to which it applies, `n_without / n_with`.
    RETURNS (List[float]): One a label; 1 for a label that never applies.
    """
    n_with = targets.truths.sum(axis=0)
    if exclusive:
        wanted = numpy.full(n_with.shape, n_with.sum() / len(n_with))
    else:
        wanted = targets.known.sum(axis=0) - n_with
    weights = numpy.ones(n_with.shape)
    numpy.divide(wanted, n_with, out=weights, where=(n_with > 0) & (wanted > 0))
    return weights.tolist()


def check_weights(name: str, class_weights: Any) -> None:
    """name (str): The component's name, for messages.
    class_weights (Any): The setting.
    RAISES (ValueError): If it is neither None, nor "balanced", nor a mapping to positive numbers.
    """
    if class_weights is None or class_weights == "balanced":
        return
    weights: Dict[str, Any] = class_weights if isinstance(class_weights, dict) else {}
    if not weights or not all(isinstance(w, Real) and cast(float, w) > 0 for w in weights.values()):
        raise ValueError(Errors.L208.format(name=name, value=class_weights))


def texts_of(examples: Sequence[Example]) -> List[Doc]:
    """examples (Sequence[Example]): Examples.
    RETURNS (List[Doc]): Their annotated documents.
    """
    return [eg.reference for eg in examples]


def snippet(doc: Doc) -> str:
    """doc (Doc): A document.
    RETURNS (str): Enough of its text to find it by.
    """
    text = " ".join(doc[:12].text.split())
    return text if len(doc) <= 12 else f"{text} …"
