"""All that a report says of a pipeline."""

import math
from collections import Counter
from typing import Any, Dict, List, NamedTuple, Optional, Sequence
from typing import Counter as CounterType

from spacy.language import Language
from spacy.training import Example

from ..errors import Errors
from ..explain import Attribution
from ..explain.heads import PLACES
from ..pipeline.ner import LSTMEntityRecognizer
from ..training.debug_data.vocabulary import count_words
from ..training.readers.records import DataError
from ..training.robustness import Head, find_heads, is_annotated
from ..training.training_log import is_number
from .about import About, Speed, describe, predict
from .cases import Case, category_cases
from .categories import (
    Confusion,
    category_curves,
    confuse_categories,
    count_categories,
    has_category,
    read_categories,
)
from .curves import Curves
from .entities import (
    confuse_entities,
    count_entities,
    count_errors,
    entity_cases,
    entity_curves,
    labels_of,
    pair_entities,
)
from .explanations import explain_cases
from .scores import LabelScores, Score, score, score_labels
from .slices import Slices, slice_all


class ComponentReport(NamedTuple):
    """How good a component is.

    name (str): The component.
    factory (str): What made it.
    kind (str): "exclusive" categories, one a text; "multilabel" categories, any number a text; or
        "entities".
    threshold (Optional[float]): Its threshold; None if it chooses otherwise.
    n_texts (int): The texts in which its labels are annotated.
    main (Score): The accuracy where one category applies to each text, and else the F-score of all
        labels together (micro), with its interval.
    scores (Dict[str, float]): What the component's scorer says, by spaCy's names.
    labels (List[LabelScores]): The scores of each label.
    confusion (Optional[Confusion]): Which labels are taken for which; None for "multilabel".
    errors (Dict[str, int]): Of entities, how many are wrong, by what is wrong.
    curves (List[Curves]): Of all labels together, then of each; none where nothing is probable.
    slices (List[Slices]): The scores of parts of the texts and labels.
    worst (List[Case]): The worst mistakes.
    unsure (List[Case]): The least sure predictions.
    """

    name: str
    factory: str
    kind: str
    threshold: Optional[float]
    n_texts: int
    main: Score
    scores: Dict[str, float]
    labels: List[LabelScores]
    confusion: Optional[Confusion]
    errors: Dict[str, int]
    curves: List[Curves]
    slices: List[Slices]
    worst: List[Case]
    unsure: List[Case]


class Report(NamedTuple):
    """What there is to say of a pipeline.

    about (About): What is measured.
    speed (Speed): How fast it is, and how large.
    components (List[ComponentReport]): How good its components are.
    training (List[Dict[str, Any]]): The evaluations while it was trained, as `record_of` makes
        them; none if there is no log.
    texts (Dict[int, str]): The texts of the single predictions, by their number.
    """

    about: About
    speed: Speed
    components: List[ComponentReport]
    training: List[Dict[str, Any]]
    texts: Dict[int, str]


def make_report(
    nlp: Language,
    examples: Sequence[Example],
    *,
    model: str = "",
    data: str = "",
    train: Optional[Sequence[Example]] = None,
    train_name: str = "",
    log: Sequence[Dict[str, Any]] = (),
    n_cases: int = 6,
) -> Report:
    """Measure a pipeline on annotated texts.

    nlp (Language): The pipeline.
    examples (Sequence[Example]): Annotated texts that it wasn't trained on.
    model (str): What it is called, in the report and in messages.
    data (str): What the texts are called.
    train (Optional[Sequence[Example]]): The texts that it was trained on, if they are known.
    train_name (str): What they are called.
    log (Sequence[Dict[str, Any]]): The evaluations while it was trained, as `read_log` gives them.
    n_cases (int): How many of the worst mistakes, and of the least sure predictions, are explained.
    RETURNS (Report): What there is to say of it.
    RAISES (DataError): If it has no component that can be measured, or nothing of what they find is
        annotated.
    """
    heads = [head for head in find_heads(nlp) if head.place in PLACES]
    if not heads:
        others = ", ".join(nlp.pipe_names) or "none"
        raise DataError(Errors.L882.format(name=model, components=others))
    annotated = {
        head: [i for i, eg in enumerate(examples) if is_annotated(head, eg.reference)]
        for head in heads
    }
    if not any(annotated.values()):
        names = ", ".join(head.name for head in heads)
        raise DataError(Errors.L702.format(path=data, names=names))
    done, speed = predict(nlp, examples)
    known = None if train is None else count_words(train)
    components = [
        _report(nlp, head, done, texts, train, known, n_cases)
        for head, texts in annotated.items()
        if texts
    ]
    shown = {
        case.text: done[case.text].predicted.text
        for component in components
        for case in (*component.worst, *component.unsure)
    }
    about = describe(nlp, model, data, train_name)
    return Report(about, speed, components, list(log), shown)


def _report(
    nlp: Language,
    head: Head,
    examples: Sequence[Example],
    texts: Sequence[int],
    train: Optional[Sequence[Example]],
    known: Optional[CounterType[str]],
    n_cases: int,
) -> ComponentReport:
    """The report of a component, on those texts in which its labels are annotated."""
    labels = list(head.pipe.labels)
    scores: Dict[str, Any] = head.pipe.score([examples[i] for i in texts])
    threshold = _threshold(head)
    confusion: Optional[Confusion] = None
    errors: Dict[str, int] = {}
    if head.place == "doc.cats":
        if scores.get("cats_score_desc") == "macro AUC":
            kind, threshold = "multilabel", 0.5 if threshold is None else threshold
        else:
            kind, threshold = "exclusive", None
        texts = [i for i in texts if has_category(examples[i], labels, threshold)]
        chosen = [examples[i] for i in texts]
        table = read_categories(chosen, labels, threshold)
        counts = count_categories(table)
        curves = category_curves(table)
        confusion = confuse_categories(table) if threshold is None else None
        worst, unsure = category_cases(table, n_cases)
    else:
        kind = "entities"
        chosen = [examples[i] for i in texts]
        pairs = pair_entities(chosen)
        labels = labels_of(pairs, labels)
        counts = count_entities(pairs, labels, len(chosen))
        curves = entity_curves(pairs, labels, threshold)
        confusion, errors = confuse_entities(pairs, labels), count_errors(pairs)
        worst, unsure = entity_cases(chosen, pairs, n_cases)
    n_train = None if train is None else _frequencies(head, labels, train)
    label_scores = score_labels(labels, counts, n_train)
    docs = [eg.predicted for eg in chosen]
    worst, unsure = (
        [
            case._replace(text=texts[case.text])
            for case in explain_cases(nlp, head.name, chosen, cases)
        ]
        for cases in (worst, unsure)
    )
    return ComponentReport(
        name=head.name,
        factory=nlp.get_pipe_meta(head.name).factory,
        kind=kind,
        threshold=threshold,
        n_texts=len(chosen),
        main=score(counts.sum(axis=1)),
        scores={
            name: float(value)
            for name, value in scores.items()
            if is_number(value) and math.isfinite(value)
        },
        labels=label_scores,
        confusion=confusion,
        errors=errors,
        curves=curves,
        slices=slice_all(docs, label_scores, counts, known),
        worst=worst,
        unsure=unsure,
    )


def _threshold(head: Head) -> Optional[float]:
    """The least probability that a component asks for, where it is a setting."""
    if isinstance(head.pipe, LSTMEntityRecognizer):
        return head.pipe.decoding().threshold
    return (getattr(head.pipe, "cfg", None) or {}).get(
        "threshold", getattr(head.pipe, "threshold", None)
    )


def _frequencies(head: Head, labels: Sequence[str], examples: Sequence[Example]) -> List[int]:
    counts: CounterType[str] = Counter()
    for eg in examples:
        if head.place == "doc.ents":
            counts.update(ent.label_ for ent in eg.reference.ents)
        else:
            counts.update(label for label, value in eg.reference.cats.items() if value > 0)
    return [counts[label] for label in labels]


def to_json(value: Any) -> Any:
    """value (Any): A report, or a part of one.
    RETURNS (Any): The same for JSON: tuples with names become objects.
    """
    if isinstance(value, Attribution):
        return value.to_dict()
    if hasattr(value, "_asdict"):
        return to_json(value._asdict())
    if isinstance(value, dict):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json(item) for item in value]
    return value
