"""What components have written to a document, as plain data."""

from typing import Any, Dict, List, Optional

from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup

from ..explain.heads import run_until
from ..pipeline.ner import LSTMEntityRecognizer
from ..pipeline.ner_spans import MARK, confidence


def read_doc(doc: Doc, tokens: bool) -> Dict[str, Any]:
    """doc (Doc): A document that has gone through a pipeline.
    tokens (bool): Whether to give its tokens and sentences too.
    RETURNS (Dict[str, Any]): Its categories, entities and spans, in the form of `Doc.to_json`, with
        probabilities where they are known.
    """
    entities = [{**read_span(ent), "confidence": confidence(ent)} for ent in doc.ents]
    found: Dict[str, Any] = {
        "cats": {label: float(score) for label, score in doc.cats.items()},
        "ents": entities,
        "spans": {
            key: _read_group(group)
            for key, group in doc.spans.items()
            if not _says_nothing_new(group)
        },
    }
    if tokens:
        whole = doc.to_json()
        found.update(tokens=whole["tokens"], sents=whole.get("sents"))
    return found


def read_span(span: Span) -> Dict[str, Any]:
    """span (Span): A span.
    RETURNS (Dict[str, Any]): Its text and label; its first character and the one after its last;
        and the same of its tokens.
    """
    return {
        "text": span.text,
        "label": span.label_,
        "start": span.start_char,
        "end": span.end_char,
        "start_token": span.start,
        "end_token": span.end,
    }


def _read_group(group: SpanGroup) -> List[Dict[str, Any]]:
    scores = group.attrs.get("scores")
    known: List[Optional[float]] = [None] * len(group)
    if scores is not None and len(scores) == len(group):
        known = [float(score) for score in scores]
    return [{**read_span(span), "score": score} for span, score in zip(group, known, strict=True)]


def _says_nothing_new(group: SpanGroup) -> bool:
    """Where `lstm_ner` notes its probabilities, which the entities have."""
    if MARK not in group.attrs:
        return False
    entities = {(ent.start, ent.end, ent.label_) for ent in group.doc.ents}
    return all((span.start, span.end, span.label_) in entities for span in group)


def read_readings(nlp: Language, text: str, k: int) -> Dict[str, List[Dict[str, Any]]]:
    """nlp (Language): A pipeline.
    text (str): A text.
    k (int): How many readings to find.
    RETURNS (Dict[str, List[Dict[str, Any]]]): For each component that knows them, the most probable
        ways to read the entities of the text, and their probabilities.
    """
    found = {}
    for name, pipe in nlp.pipeline:
        if isinstance(pipe, LSTMEntityRecognizer):
            (doc,) = run_until(nlp, [nlp.make_doc(text)], name, through=False)
            found[name] = [
                {"probability": probability, "ents": [read_span(entity) for entity in entities]}
                for entities, probability in pipe.readings(doc, k)
            ]
    return found
