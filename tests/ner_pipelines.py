"""Small pipelines and examples with entities."""

from typing import Any, Dict, List, Optional, Tuple

from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.training import Example

from .pipelines import TOK2VEC, blank, listener

#: Texts of words between blanks, and their entities by tokens.
TEXTS: List[Tuple[str, List[Tuple[int, int, str]]]] = [
    ("Anna lives in Berlin", [(0, 1, "PERSON"), (3, 4, "PLACE")]),
    ("Ben Moss saw New York", [(0, 2, "PERSON"), (3, 5, "PLACE")]),
    ("it rains in Rio de Janeiro today", [(3, 6, "PLACE")]),
    ("nobody called", []),
    ("Anna met Ben Moss", [(0, 1, "PERSON"), (2, 4, "PERSON")]),
    ("the train to Berlin is late", [(3, 4, "PLACE")]),
    ("Carla Maria Diaz went home", [(0, 3, "PERSON")]),
    ("New York is far from Rio de Janeiro", [(0, 2, "PLACE"), (5, 8, "PLACE")]),
]


def ner_model(tok2vec: Optional[Dict[str, Any]] = None, **settings: Any) -> Dict[str, Any]:
    return {
        "@architectures": "spacy_lstm.CRFTagger.v2",
        "tok2vec": tok2vec or TOK2VEC,
        "linear_model": None,
        **settings,
    }


def ner_pipeline(*, seed: int = 0, model: Any = None, **settings: Any) -> Language:
    nlp = blank(seed)
    nlp.add_pipe("lstm_ner", name="ner", config={"model": model or ner_model(), **settings})
    return nlp


def shared_ner_pipeline(*, seed: int = 0, **settings: Any) -> Language:
    nlp = blank(seed)
    nlp.add_pipe("lstm_encoder", name="tok2vec", config={"model": TOK2VEC})
    config = {"model": ner_model(listener()), **settings}
    nlp.add_pipe("lstm_ner", name="ner", config=config)
    return nlp


def annotated(nlp: Language, text: str, entities: Any, **more: Any) -> Doc:
    doc = nlp.make_doc(text)
    doc.set_ents([Span(doc, start, end, label) for start, end, label in entities], **more)
    return doc


def ner_example(nlp: Language, text: str, entities: Any, **more: Any) -> Example:
    return Example(nlp.make_doc(text), annotated(nlp, text, entities, **more))


def ner_examples(nlp: Language) -> List[Example]:
    return [ner_example(nlp, text, entities) for text, entities in TEXTS]


def train_ner(
    nlp: Language, data: Optional[List[Example]] = None, *, steps: int = 30, **settings: Any
) -> Dict[str, float]:
    """Initialize and update. RETURNS: The losses of the last step."""
    data = ner_examples(nlp) if data is None else data
    optimizer = nlp.initialize(lambda: data)
    optimizer.learn_rate = 0.02
    losses: Dict[str, float] = {}
    for _ in range(steps):
        losses = nlp.update(data, sgd=optimizer, **settings)
    return losses


def entities(doc: Doc) -> List[Tuple[int, int, str]]:
    return [(ent.start, ent.end, ent.label_) for ent in doc.ents]


def found(nlp: Language) -> List[List[Tuple[int, int, str]]]:
    return [entities(doc) for doc in nlp.pipe(text for text, _ in TEXTS)]


def scores(doc: Doc, key: str = "lstm_ner") -> Dict[Tuple[int, int, str], float]:
    group = doc.spans[key]
    spans = [(span.start, span.end, span.label_) for span in group]
    return dict(zip(spans, map(float, group.attrs["scores"]), strict=True))


GOLD = [spans for _, spans in TEXTS]
