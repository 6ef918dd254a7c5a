"""The score of entities: right and wrong ones, and whether their probabilities can be trusted."""

from typing import Any, Callable, Dict, Iterable, Iterator, List, Tuple

import numpy
from spacy.scorer import get_ner_prf
from spacy.tokens import Span
from spacy.training import Example

from ..types import Array
from .calibration import measure_calibration
from .ner_spans import confidence
from .ner_tokens import Entity


def ner_score(examples: Iterable[Example], **kwargs: Any) -> Dict[str, Any]:
    """Score entities as spaCy's `ner` does, and the calibration of their probabilities.

    examples (Iterable[Example]): The examples, with predictions.
    RETURNS (Dict[str, Any]): `ents_p`, `ents_r`, `ents_f` and `ents_per_type`; `ents_ece`, the
        expected calibration error of the entities that were predicted, its interval of 95 %
        (`ents_ece_low`, `ents_ece_high`), and `ents_ece_floor`, what perfect probabilities would
        get with so many entities. None where no entity has a probability.
    """
    examples = list(examples)
    scores = get_ner_prf(examples, **kwargs)
    error = measure_calibration(*judged_entities(examples))
    for key in ("value", "low", "high", "floor"):
        name = "ents_ece" if key == "value" else f"ents_ece_{key}"
        scores[name] = None if error is None else getattr(error, key)
    return scores


def make_ner_scorer() -> Callable[..., Dict[str, Any]]:
    """RETURNS (Callable): The scorer of `lstm_ner`."""
    return ner_score


def judged_entities(examples: Iterable[Example]) -> Tuple[Array, Array]:
    """Collect the predicted entities that have a probability, and whether they are right. As in
    spaCy's score, one on tokens of which not all is known counts as neither right nor wrong.

    examples (Iterable[Example]): The examples, with predictions.
    RETURNS (Tuple[Array, Array]): The probabilities and whether the entity is right, both
        `(n_entities,)`.
    """
    probabilities: List[float] = []
    correct: List[bool] = []
    for eg in examples:
        golds = {(ent.start, ent.end, ent.label_) for ent in eg.reference.ents}
        for ent, found in known_entities(eg):
            probability = confidence(ent)
            if probability is not None:
                probabilities.append(probability)
                correct.append(found in golds)
    return numpy.array(probabilities), numpy.array(correct, dtype="float64")


def known_entities(eg: Example) -> Iterator[Tuple[Span, Entity]]:
    """Find the predicted entities that can be right or wrong: those on tokens of which all is known
    in the annotation.

    eg (Example): The example, with a prediction.
    YIELDS (Tuple[Span, Entity]): The predicted entity, and where it is in the annotated text: its
        first token, the one after its last, and its label.
    """
    if not eg.reference.has_annotation("ENT_IOB"):
        return
    aligned = eg.alignment.x2y
    for ent in eg.predicted.ents:
        indices = aligned[ent.start : ent.end]
        if not len(indices):
            continue
        start, end = int(indices[0]), int(indices[-1]) + 1
        if all(token.ent_iob != 0 for token in eg.reference[start:end]):
            yield ent, (start, end, ent.label_)
