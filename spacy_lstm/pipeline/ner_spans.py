"""Entities on a `Doc`, and how sure the model is of them."""

from bisect import bisect_left
from typing import Dict, Iterable, List, NamedTuple, Optional, Sequence, Tuple

import numpy
from spacy.tokens import Doc, Span, SpanGroup

from .ner_tokens import Entity, read_tokens

EXTENSION = "confidence"
MARK = "lstm_ner"  # the attribute by which a group of spans is known as ours


class Prediction(NamedTuple):
    """What a model says of a text.

    entities (List[Entity]): The entities, in order. Those that were set before aren't among them.
    scores (Optional[Dict[Entity, float]]): The probability of each of them, and of whatever else
        it may be; None where none were computed.
    """

    entities: List[Entity]
    scores: Optional[Dict[Entity, float]]


def write_entities(doc: Doc, entities: Sequence[Entity]) -> None:
    """Set the entities of a document, beside those that it has. All other tokens are outside of
    entities then, and none is unknown.

    doc (Doc): The document.
    entities (Sequence[Entity]): The entities. They don't overlap those that the document has.
    """
    spans = [
        Span(doc, start, end, label=label, kb_id=doc[start].ent_kb_id)
        for start, end, label in entities
    ]
    blocked: List[Span] = []
    if doc.has_annotation("ENT_IOB"):
        tokens = read_tokens([doc])
        is_blocked = (tokens.iob == 3) & (tokens.ent_type == 0)
        blocked = [doc[i : i + 1] for i in numpy.flatnonzero(is_blocked).tolist()]
        spans += doc.ents
    doc.set_ents(spans, blocked=blocked, default="outside")


def write_scores(doc: Doc, prediction: Prediction, key: str) -> None:
    """Write the probabilities of a prediction to `doc.spans[key]`, whose `attrs["scores"]` has one
    for each span, in order. Entities that have one from before keep it.

    doc (Doc): The document, with its entities set.
    prediction (Prediction): The prediction.
    key (str): The key in `doc.spans`.
    """
    scores = dict(prediction.scores or {})
    if key in doc.spans and MARK in doc.spans[key].attrs:
        present = {(ent.start, ent.end, ent.label_) for ent in doc.ents}
        for entity, score in _read_scores(doc.spans[key]):
            if entity in present:
                scores.setdefault(entity, score)
    ordered = sorted(scores)
    doc.spans[key] = SpanGroup(
        doc,
        name=key,
        spans=[Span(doc, start, end, label=label) for start, end, label in ordered],
        attrs={
            "scores": numpy.array([scores[entity] for entity in ordered], dtype="float32"),
            MARK: True,
        },
    )


def _read_scores(group: SpanGroup) -> Iterable[Tuple[Entity, float]]:
    scores = group.attrs["scores"]
    if len(scores) != len(group):  # somebody has changed the group since
        return []
    entities = [(span.start, span.end, span.label_) for span in group]
    return zip(entities, map(float, scores), strict=True)


def confidence(span: Span) -> Optional[float]:
    """Look up how sure `lstm_ner` is of an entity: the probability, under the model, of exactly
    this span with exactly this label. It is not the probability that a fact is true, nor that the
    text means it, and it agrees with how often the model is right only as far as the model is
    calibrated: see `spacy lstm calibrate`.

    span (Span): An entity, or any span.
    RETURNS (Optional[float]): From 0 to 1; None where no component has computed it.
    """
    for group in span.doc.spans.values():
        if MARK not in group.attrs or len(group.attrs["scores"]) != len(group):
            continue
        # The groups are sorted, and each look creates a span.
        wanted = (span.start, span.end, span.label_)
        found = bisect_left(range(len(group)), wanted, key=lambda i: _key(group[i]))
        if found < len(group) and _key(group[found]) == wanted:
            return float(group.attrs["scores"][found])
    return None


def _key(span: Span) -> Entity:
    return span.start, span.end, span.label_


def add_extension() -> None:
    """Make `span._.confidence` a name for `confidence`, unless the name is taken."""
    if not Span.has_extension(EXTENSION):
        Span.set_extension(EXTENSION, getter=confidence)
