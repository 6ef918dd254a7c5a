"""Measure how much worse a pipeline gets when the words of its texts are changed."""

from typing import Any, Dict, FrozenSet, Iterable, List, NamedTuple, Optional, Sequence, Tuple

import numpy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example

from ..errors import Errors
from .perturbations import ATTACKS, RANDOM, Perturbed, with_words
from .readers.records import DataError

#: Where a component writes what it finds, in the order in which it decides what it is: lstm_ner
#: notes its candidates in doc.spans as well.
PLACES = ("doc.cats", "doc.ents", "doc.spans")

#: What is found in a text: labels, or for spans their label and the tokens of the annotated text.
Found = FrozenSet[Any]


class Head(NamedTuple):
    """A component that can be attacked.

    name (str): Its name.
    place (str): Where it writes: one of `PLACES`.
    pipe (Any): The component.
    """

    name: str
    place: str
    pipe: Any

    @property
    def key(self) -> str:
        """The key of its score: the share of what it finds and should find that is right."""
        if self.place == "doc.spans":
            return f"spans_{self.pipe.key}_f"
        return "ents_f" if self.place == "doc.ents" else "cats_micro_f"


class Outcome(NamedTuple):
    """What a pipeline does under an attack.

    attack (str): The name of the attack, or "clean".
    scores (Dict[str, Optional[float]]): The main scores of the component, from 0 to 1; its own
        first. None where nothing can be said.
    difference (Optional[float]): The first score less that of the clean texts.
    changed (float): The share of texts in which something else is found than in the clean one.
    touched (float): The share of words that the attack changed or moved.
    """

    attack: str
    scores: Dict[str, Optional[float]]
    difference: Optional[float]
    changed: float
    touched: float


class Report(NamedTuple):
    """What a component does under attacks.

    name (str): The component.
    n_texts (int): The annotated texts.
    outcomes (List[Outcome]): The clean texts, then each attack.
    """

    name: str
    n_texts: int
    outcomes: List[Outcome]


class _Run(NamedTuple):
    """Some texts with their predictions, and of each what the attack did.

    examples (List[Example]): The texts.
    orders (List[List[int]]): Which of the old tokens each annotated one is.
    touched (float): The share of words that were changed or moved.
    """

    examples: List[Example]
    orders: List[List[int]]
    touched: float


class Counts(NamedTuple):
    """How much in a text is rightly found, wrongly found, and missed; and what was found."""

    right: int
    wrong: int
    missed: int
    found: Found


def find_heads(nlp: Language) -> List[Head]:
    """nlp (Language): A pipeline.
    RETURNS (List[Head]): Its components that write categories, entities or spans with labels, and
        have a scorer.
    """
    heads = []
    for name, pipe in nlp.pipeline:
        assigns = nlp.get_pipe_meta(name).assigns
        place = next((place for place in PLACES if place in assigns), None)
        scored = hasattr(pipe, "score") and getattr(pipe, "scorer", pipe.score) is not None
        if place is not None and scored and getattr(pipe, "labels", None):
            heads.append(Head(name, place, pipe))
    return heads


def attack_pipeline(
    nlp: Language,
    docs: Sequence[Doc],
    *,
    kinds: Sequence[str] = tuple(ATTACKS),
    rate: float = 0.1,
    tries: int = 1,
    seed: int = 0,
) -> List[Report]:
    """Attack a pipeline. Of several tries, for each text the one counts that makes the component's
    score the lowest: a text's category is right only if it is right in all of them (accuracy under
    attack). The first of several tries is the same as a single one.

    nlp (Language): The pipeline.
    docs (Sequence[Doc]): Annotated texts.
    kinds (Sequence[str]): The names of the attacks.
    rate (float): The share of words that are touched by those attacks that touch some.
    tries (int): How often each text is attacked.
    seed (int): Of the chance.
    RETURNS (List[Report]): What each component does of which something is annotated.
    RAISES (DataError): If the rate or the name of an attack is wrong, or a component's scorer is of
        another kind.
    """
    if not 0 < rate <= 1:
        raise DataError(Errors.L703.format(rate=rate))
    for kind in kinds:
        if kind not in ATTACKS:
            raise DataError(Errors.L704.format(name=kind, options=", ".join(ATTACKS)))
    heads = find_heads(nlp)
    # By head, its texts. What isn't annotated can't be right or wrong.
    known = {
        head.name: [i for i, doc in enumerate(docs) if is_annotated(head, doc)] for head in heads
    }
    heads = [head for head in heads if known[head.name]]
    unchanged = [Perturbed([t.text for t in doc], list(range(len(doc)))) for doc in docs]
    clean = _run(nlp, docs, unchanged)
    reports = {}
    for head in heads:
        scores = _scores(head, [clean.examples[i] for i in known[head.name]])
        outcomes = [Outcome("clean", scores, 0.0, 0.0, 0.0)]
        reports[head.name] = Report(head.name, len(known[head.name]), outcomes)
    for kind in kinds:
        number = list(ATTACKS).index(kind)
        n_tries = tries if kind in RANDOM else 1
        runs = []
        for attempt in range(n_tries):
            # By text, so that one is attacked in the same way however many come after it.
            changes = []
            for i, doc in enumerate(docs):
                rng = numpy.random.default_rng([seed, number, attempt, i])
                changes.append(ATTACKS[kind](doc, rng, rate))
            runs.append(_run(nlp, docs, changes))
        for head in heads:
            outcomes = reports[head.name].outcomes
            outcomes.append(_outcome(kind, head, known[head.name], clean, runs, outcomes[0]))
    return list(reports.values())


def _outcome(
    kind: str,
    head: Head,
    known: Sequence[int],
    clean: _Run,
    runs: Sequence[_Run],
    before: Outcome,
) -> Outcome:
    exclusive = _is_exclusive(before)
    counts = [
        [_count(head, run.examples[i], run.orders[i], exclusive) for run in runs] for i in known
    ]
    picks = worst(counts)
    examples = [runs[pick].examples[i] for i, pick in zip(known, picks, strict=True)]
    olds = [_count(head, clean.examples[i], clean.orders[i], exclusive).found for i in known]
    news = [row[pick].found for row, pick in zip(counts, picks, strict=True)]
    changed = sum(old != new for old, new in zip(olds, news, strict=True)) / len(known)
    scores = _scores(head, examples)
    first, first_before = next(iter(scores.values())), next(iter(before.scores.values()))
    difference = None if first is None or first_before is None else first - first_before
    touched = sum(run.touched for run in runs) / len(runs)
    return Outcome(kind, scores, difference, changed, touched)


def worst(counts: Sequence[Sequence[Counts]]) -> List[int]:
    """Choose for each text the try that makes the F-score of all texts together the lowest.

    The F-score is a ratio of sums, `2 right / (2 right + wrong + missed)`. Whether some choice has
    one below f is told by each text alone: the sum of `2 right - f (2 right + wrong + missed)`
    must be below 0. The f of the choice that makes this sum the least is the next one, until it
    stays (Dinkelbach, 1967, https://doi.org/10.1287/mnsc.13.7.492).

    counts (Sequence[Sequence[Counts]]): By text, what each try counts.
    RETURNS (List[int]): By text, the number of the try; the first of equal ones.
    """
    picks = [0] * len(counts)
    lowest = None
    while lowest is None or (f := _f(counts, picks)) < lowest:
        lowest = _f(counts, picks) if lowest is None else f
        costs = [
            [2 * c.right - lowest * (2 * c.right + c.wrong + c.missed) for c in row]
            for row in counts
        ]
        picks = [row.index(min(row)) for row in costs]
    return picks


def _f(counts: Sequence[Sequence[Counts]], picks: Sequence[int]) -> float:
    chosen = [row[pick] for row, pick in zip(counts, picks, strict=True)]
    right = sum(c.right for c in chosen)
    total = 2 * right + sum(c.wrong + c.missed for c in chosen)
    return 2 * right / total if total else 0.0


def _run(nlp: Language, docs: Sequence[Doc], changes: Sequence[Perturbed]) -> _Run:
    examples = []
    n_words = n_touched = 0
    for doc, change in zip(docs, changes, strict=True):
        n_touched += sum(t.text != word for t, word in zip(doc, change.words, strict=True))
        n_words += sum(not token.is_space and not token.is_punct for token in doc)
        reference = with_words(doc, change.words)
        examples.append(Example(_predicted(nlp, reference), reference))
    found = nlp.pipe([eg.predicted for eg in examples])
    for eg, predicted in zip(examples, found, strict=True):
        # Some components keep a vector of each token here, which nothing needs any more.
        predicted.tensor = numpy.zeros((0,), dtype="float32")
        eg.predicted = predicted
    return _Run(examples, [change.order for change in changes], n_touched / max(1, n_words))


def _predicted(nlp: Language, reference: Doc) -> Doc:
    """What the pipeline gets, as spaCy's corpus makes it: the text, or where that isn't known the
    words."""
    if not reference.has_unknown_spaces:
        return nlp.make_doc(reference.text)
    spaces = [bool(token.whitespace_) for token in reference]
    return Doc(nlp.vocab, words=[token.text for token in reference], spaces=spaces)


def is_annotated(head: Head, doc: Doc) -> bool:
    """head (Head): A component.
    doc (Doc): An annotated text.
    RETURNS (bool): Whether something is annotated of what the component finds.
    """
    if head.place == "doc.cats":
        return any(label in doc.cats for label in head.pipe.labels)
    if head.place == "doc.ents":
        return len(doc) > 0 and bool(doc.has_annotation("ENT_IOB"))  # which an empty doc has
    return head.pipe.key in doc.spans


def _scores(head: Head, examples: Iterable[Example]) -> Dict[str, Optional[float]]:
    """The scores of a component, by names for a person."""
    scores = head.pipe.score(list(examples))
    keys = [head.key, *(["cats_score", "cats_score_desc"] if head.place == "doc.cats" else [])]
    for key in keys:
        if key not in scores:
            found = ", ".join(scores) or "none"
            raise DataError(Errors.L706.format(name=head.name, key=key, scores=found))
    if head.place != "doc.cats":
        return {"F": scores[head.key]}
    description = scores["cats_score_desc"]
    name = "micro F" if description == "macro AUC" else "accuracy"
    return {name: scores[head.key], description: scores["cats_score"]}


def _is_exclusive(outcome: Outcome) -> bool:
    return "accuracy" in outcome.scores


def _count(head: Head, eg: Example, order: Sequence[int], exclusive: bool) -> Counts:
    """Count in a text what the scorer of a component counts."""
    if head.place == "doc.cats":
        return _count_labels(head, eg, exclusive)
    golds = {(span.start, span.end, span.label_) for span in _spans(head, eg.reference)}
    found: List[Tuple[FrozenSet[int], str]] = []
    right = wrong = 0
    aligned = eg.alignment.x2y
    for span in _spans(head, eg.predicted):
        indices = aligned[span.start : span.end]
        if not len(indices):
            continue
        start, end = int(indices[0]), int(indices[-1]) + 1
        found.append((frozenset(order[start:end]), span.label_))
        gold = (start, end, span.label_)
        if head.place == "doc.ents" and any(t.ent_iob == 0 for t in eg.reference[start:end]):
            continue
        if gold in golds:
            right += 1
            golds.remove(gold)
        else:
            wrong += 1
    return Counts(right, wrong, len(golds), frozenset(found))


def _count_labels(head: Head, eg: Example, exclusive: bool) -> Counts:
    labels = frozenset(head.pipe.labels)
    found = {k: v for k, v in eg.predicted.cats.items() if k in labels}
    golds = {k: v for k, v in eg.reference.cats.items() if k in labels}
    if exclusive:
        top = max(found, key=lambda label: found[label])
        right = int(top == max(golds, key=lambda label: golds[label]))
        return Counts(right, 1 - right, 1 - right, frozenset([top]))
    threshold = (getattr(head.pipe, "cfg", None) or {}).get("threshold", 0.5)
    over = frozenset(label for label, value in found.items() if value >= threshold)
    true = {label for label, value in golds.items() if value > 0}
    false = golds.keys() - true
    return Counts(len(over & true), len(over & false), len(true - over), over)


def _spans(head: Head, doc: Doc) -> Iterable[Any]:
    return doc.ents if head.place == "doc.ents" else doc.spans.get(head.pipe.key, ())
