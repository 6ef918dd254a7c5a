"""What is explained where nothing else is said: the top prediction of a component."""

from typing import Dict, List, Optional, Tuple, Union

from spacy.language import Language
from spacy.tokens import Doc, Span

from ..errors import Errors
from ..pipeline.ner import LSTMEntityRecognizer
from ..pipeline.ner_tokens import Entity
from ..pipeline.textcat import LSTMTextCategorizer
from .heads import Head, copy_fresh, run_until
from .targets import CategoryInDoc, CategoryTarget, EntityInDoc, EntityTarget, Target

#: Which entity: its number among those that are found, its first token and the one after its last,
#: or it itself.
SpanChoice = Union[int, Tuple[int, int], Span]


def choose_target(
    nlp: Language, head: Head, doc: Doc, label: Optional[str], span: Optional[SpanChoice]
) -> Target:
    """Find what is to be explained.

    nlp (Language): The pipeline.
    head (Head): The component.
    doc (Doc): The text, a fresh document.
    label (Optional[str]): The label; None for that of the top prediction.
    span (Optional[SpanChoice]): The entity; None for the top one (of this label): the most
        probable, or the first where no probabilities are known.
    RETURNS (Target): What the component says of it.
    RAISES (ValueError): If there is no such label or entity, or it is impossible, or a category is
        to have a span.
    """
    if label is not None and label not in head.labels:
        options = ", ".join(head.labels)
        raise ValueError(Errors.L857.format(name=head.name, label=label, options=options))
    if head.place == "doc.ents":
        start, end, label = _choose_entity(nlp, head, doc, label, span)
        target = make_target(nlp, head, label, (start, end))
        if isinstance(target, EntityTarget) and not target.is_possible(copy_fresh(doc)):
            message = Errors.L863.format(name=head.name, label=label, start=start, end=end)
            raise ValueError(message)
        return target
    if span is not None:
        raise ValueError(Errors.L862.format(name=head.name))
    if label is None:
        (done,) = run_until(nlp, [copy_fresh(doc)], head.name, through=True)
        label = max(head.labels, key=lambda label: done.cats[label])
    return make_target(nlp, head, label, None)


def make_target(nlp: Language, head: Head, label: str, span: Optional[Tuple[int, int]]) -> Target:
    """nlp (Language): The pipeline.
    head (Head): The component.
    label (str): One of its labels.
    span (Optional[Tuple[int, int]]): The first token of an entity and the one after its last; None
        for a category.
    RETURNS (Target): What the component says of it: from its model, if it is ours.
    """
    if span is None:
        return (CategoryTarget if is_ours(head) else CategoryInDoc)(nlp, head, label)
    return (EntityTarget if is_ours(head) else EntityInDoc)(nlp, head, label, span)


def is_ours(head: Head) -> bool:
    """head (Head): A component.
    RETURNS (bool): Whether its model can be asked, and not only what it writes.
    """
    return isinstance(head.pipe, (LSTMTextCategorizer, LSTMEntityRecognizer))


def _choose_entity(
    nlp: Language, head: Head, doc: Doc, label: Optional[str], span: Optional[SpanChoice]
) -> Entity:
    if isinstance(span, Span):
        label = label or span.label_ or None
        span = (span.start, span.end)
    if isinstance(span, tuple):
        start, end = span
        if not 0 <= start < end <= len(doc):
            raise ValueError(Errors.L861.format(start=start, end=end, n_tokens=len(doc)))
        if label is not None:
            return start, end, label
    found = find_entities(nlp, head, doc)
    names = [entity for entity in found if label in (None, entity[2])]
    if isinstance(span, tuple):
        same = [entity for entity in names if entity[:2] == span]
        if not same:
            options = ", ".join(head.labels)
            message = Errors.L860.format(start=start, end=end, name=head.name, options=options)
            raise ValueError(message)
        return same[0]
    if not names:
        others = "".join(f", only {doc[start:end].text!r} ({kind})" for start, end, kind in found)
        of_label = "" if label is None else f"{label!r} "
        message = Errors.L858.format(name=head.name, of_label=of_label, found=others)
        raise ValueError(message)
    if span is None:
        return max(names, key=lambda entity: found[entity])
    if not 0 <= span < len(names):
        raise ValueError(Errors.L859.format(name=head.name, span=span, n=len(names)))
    return names[span]


def find_entities(nlp: Language, head: Head, doc: Doc) -> Dict[Entity, float]:
    """nlp (Language): The pipeline.
    head (Head): A component that finds entities.
    doc (Doc): A fresh document.
    RETURNS (Dict[Entity, float]): The entities that it finds, in order, and how probable each is; 0
        where that isn't known.
    """
    (done,) = run_until(nlp, [copy_fresh(doc)], head.name, through=False)
    if isinstance(head.pipe, LSTMEntityRecognizer):
        (prediction,) = head.pipe.predict([done])
        scores = prediction.scores or {}
        return {entity: scores.get(entity, 0.0) for entity in prediction.entities}
    before = [(ent.start, ent.end, ent.label_) for ent in done.ents]
    found: List[Entity] = [(e.start, e.end, e.label_) for e in head.pipe(done).ents]
    return {entity: 0.0 for entity in found if entity not in before}
