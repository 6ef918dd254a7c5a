"""Annotations of any kind, as training data: each either is learnt from, or is refused with a
code."""

import math
import random
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

import numpy
import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.training import Example

from spacy_lstm.training.debug_data.corpora import Corpora
from spacy_lstm.training.debug_data.report import debug_data

from ..ner_pipelines import ner_model
from ..pipelines import TOK2VEC, listener, textcat_model
from .outcome import Outcome, is_fault, soak
from .text_cases import random_text
from .text_pipelines import BEST, FEATURES, LINEAR

LABELS = [
    "A",
    "B",
    "",
    " ",
    "\x00",
    "é" * 300,
    "B-A",
    "O",
    "a\nb",
    "[L001]",
    "{x}",
    "%s",
    "-",
    "🏽",
]
VALUES: List[Any] = [0.0, 1.0, 1, 0, True, False, 0.5, 0.3, 1e-320, 1 + 1e-5, 1.5, -0.1, -0.0]
VALUES += [math.nan, math.inf, -math.inf, 1e308, numpy.float32(0.25), numpy.int64(1), None, "1"]
VALUES += [[1.0], 2**70]
#: What one text in so many has of values that no annotation should have.
ODD = 6


class AnnotationCase(NamedTuple):
    """Training data for a component.

    factory (str): The name of its factory.
    settings (Dict[str, Any]): Its config.
    is_shared (bool): Whether it listens to a shared encoder.
    initialize (Dict[str, Any]): The arguments of `initialize`.
    data (List[Annotated]): The texts.
    """

    factory: str
    settings: Dict[str, Any]
    is_shared: bool
    initialize: Dict[str, Any]
    data: List["Annotated"]


class Annotated(NamedTuple):
    """An annotated text.

    words (List[str]): Its tokens.
    spaces (List[bool]): Whether a space follows each.
    cats (Dict[str, Any]): Its categories.
    spans (List[Tuple[int, int, str]]): Its entities.
    default (str): What other tokens are: "outside", "missing" or "blocked".
    groups (Dict[str, List[Tuple[int, int, str]]]): Spans by their keys.
    starts (List[int]): Where sentences begin.
    is_split (bool): Whether `example.predicted` has tokens of its own, by the tokenizer.
    """

    words: List[str]
    spaces: List[bool]
    cats: Dict[str, Any]
    spans: List[Tuple[int, int, str]]
    default: str
    groups: Dict[str, List[Tuple[int, int, str]]]
    starts: List[int]
    is_split: bool


def make_case(rng: random.Random) -> AnnotationCase:
    """rng (random.Random): The source of chance.
    RETURNS (AnnotationCase): A case.
    """
    factory = rng.choice(("lstm_textcat", "lstm_textcat_multilabel", "lstm_ner"))
    is_shared = rng.random() < 0.2
    labels = rng.choices(LABELS[:2], k=2) + rng.choices(LABELS, k=rng.randrange(3))
    is_odd = rng.random() < 0.5
    data = [_annotated(rng, factory, labels, is_odd) for _ in range(rng.randrange(7))]
    initialize: Dict[str, Any] = {}
    if rng.random() < 0.3:
        initialize["labels"] = rng.sample(LABELS, k=rng.randrange(4))
    settings: Dict[str, Any]
    if factory == "lstm_ner":
        if rng.random() < 0.2:
            initialize["min_label_count"] = rng.choice((0, 1, 2, 100))
        settings = {
            "model": ner_model(
                listener() if is_shared else BEST,
                scheme=rng.choice(("BILUO", "BIO")),
                linear_model=rng.choice((None, FEATURES)),
            ),
            "mode": rng.choice(("marginals", "viterbi", "posterior")),
            "reset": None if is_shared else rng.choice((None, "sentence")),
            "incorrect_spans_key": rng.choice((None, "wrong", "lstm_ner")),
        }
    else:
        tok2vec = listener() if is_shared else BEST
        settings = {
            "model": textcat_model(tok2vec, linear_model=rng.choice((None, LINEAR))),
            "class_weights": rng.choice((None, "balanced", {"A": 3.0})),
            "label_smoothing": rng.choice((0.0, 0.1)),
        }
        if factory == "lstm_textcat" and rng.random() < 0.2:
            initialize["positive_label"] = rng.choice(LABELS)
    return AnnotationCase(factory, settings, is_shared, initialize, data)


def _annotated(rng: random.Random, factory: str, labels: List[str], is_odd: bool) -> Annotated:
    words = rng.choice(
        (
            rng.choices(["Anna", "lives", "in", "Berlin", ".", "New", "York"], k=rng.randrange(9)),
            rng.choices(["Anna", " ", "\n", "don't", "a-b", "can", "not", "\t\t"], k=6),
            random_text(rng).split() or [" "],
            [],
            [" ", "\n"],
        )
    )
    n = len(words)

    def spans(most: int) -> List[Tuple[int, int, str]]:
        edge = n + 2 if is_odd else n
        found = []
        for _ in range(rng.randrange(most)):
            start = rng.randrange(edge) if edge else 0
            end = start + rng.randrange(0 if is_odd else 1, 4)
            found.append((start, end, rng.choice(labels)))
        return found

    odd_values = is_odd and rng.randrange(ODD) == 0
    if odd_values:
        cats = {label: rng.choice(VALUES) for label in rng.choices(labels, k=rng.randrange(4))}
    elif factory == "lstm_textcat" and rng.random() < 0.8:
        chosen = rng.choice(labels)
        cats = {label: float(label == chosen) for label in labels}
    else:
        cats = {label: rng.choice((0.0, 1.0, 0.5)) for label in rng.sample(labels, k=1)}
    return Annotated(
        words=words,
        spaces=[rng.random() < 0.8 for _ in words],
        cats=cats,
        spans=spans(5),
        default=rng.choice(("outside", "outside", "missing", "blocked")),
        groups={key: spans(4) for key in rng.sample(["wrong", "lstm_ner", "sc"], k=2)},
        starts=[i for i in range(n) if rng.random() < 0.2],
        is_split=rng.random() < 0.3,
    )


def make_example(nlp: Language, text: Annotated) -> Example:
    """nlp (Language): A pipeline.
    text (Annotated): An annotated text.
    RETURNS (Example): The example. Spans that spaCy refuses aren't in it.
    """
    reference = Doc(nlp.vocab, words=text.words, spaces=text.spaces)
    reference.cats = dict(text.cats)
    for i in text.starts:
        reference[i].is_sent_start = True
    entities: List[Span] = []
    for span in _spans(reference, text.spans):
        try:
            reference.set_ents([*entities, span], default=text.default)
        except ValueError:  # it overlaps another one, or is empty
            continue
        entities.append(span)
    if not entities and len(reference):
        reference.set_ents([], default=text.default)
    for key, spans in text.groups.items():
        reference.spans[key] = _spans(reference, spans)
    if text.is_split:
        return Example(nlp.make_doc(reference.text), reference)
    return Example(Doc(nlp.vocab, words=text.words, spaces=text.spaces), reference)


def _spans(doc: Doc, spans: List[Tuple[int, int, str]]) -> List[Span]:
    found = []
    for start, end, label in spans:
        try:
            found.append(Span(doc, start, end, label=label))
        except IndexError:  # out of the text
            continue
    return found


def run_case(case: AnnotationCase) -> int:
    """Go through what training does with the data, step by step, as far as nothing is refused, and
    through what the user may look at in any case.

    case (AnnotationCase): A case.
    RETURNS (int): 1.
    """
    nlp = _pipeline(case)
    pipe: Any = nlp.get_pipe("pipe")
    data = [make_example(nlp, text) for text in case.data]
    try:
        nlp.initialize(lambda: data)
    except Exception as err:
        if is_fault(err):
            raise
        debug_data(Corpora(_pipeline(case), data, data[:2], unready=str(err)))
        raise
    debug_data(Corpora(nlp, data, data[:2]))
    optimizer = nlp.create_optimizer()
    for _ in range(2):
        losses: Dict[str, float] = {}
        nlp.update(data, sgd=optimizer, losses=losses)
        assert all(math.isfinite(loss) for loss in losses.values())
    for name, param in _params(pipe.model):
        assert numpy.isfinite(param).all(), name
    copies = [make_example(nlp, text) for text in case.data]
    nlp.evaluate(copies)
    return 1


def _pipeline(case: AnnotationCase) -> Language:
    nlp = spacy.blank("en")
    if case.is_shared:
        nlp.add_pipe("lstm_encoder", name="tok2vec", config={"model": TOK2VEC})
    nlp.add_pipe(case.factory, name="pipe", config=case.settings)
    nlp.config["initialize"]["components"]["pipe"] = case.initialize
    return nlp


def _params(model: Any) -> List[Tuple[str, Any]]:
    return [
        (name, node.get_param(name))
        for node in model.walk()
        for name in node.param_names
        if node.has_param(name)
    ]


def fuzz_annotations(n: int, seed: int, *, minutes: Optional[float] = None) -> Outcome:
    """n (int): The number of training sets.
    seed (int): The seed.
    minutes (Optional[float]): When to stop before that.
    RETURNS (Outcome): What was found.
    """
    return soak("fuzzed annotations", n, seed, minutes=minutes, make=make_case, run=run_case)
