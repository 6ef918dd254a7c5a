"""How good entities are, and what is wrong with those that are wrong."""

from collections import Counter
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

import numpy
from spacy.training import Example

from ..pipeline.ner_scorer import known_entities
from ..pipeline.ner_spans import confidence
from ..pipeline.ner_tokens import Entity
from ..types import Array
from .cases import Case
from .categories import Confusion
from .curves import Curves, draw_curves

#: What may be wrong with an entity: the tokens, the label, both, all of it, or that it isn't found.
KINDS = ("boundary", "type", "boundary and type", "spurious", "missed")


class Pair(NamedTuple):
    """An entity that was found and the one that is there instead, or one of both.

    text (int): The number of the text.
    kind (str): "right", or one of `KINDS`.
    gold (Optional[Entity]): The true entity, by the tokens of the annotated text.
    found (Optional[Entity]): The one that was found, likewise.
    span (Optional[Tuple[int, int]]): The tokens of what was found, or of what was missed, in the
        predicted text; None if they have none.
    probability (Optional[float]): How sure the component is of what was found; None where it
        doesn't say.
    """

    text: int
    kind: str
    gold: Optional[Entity]
    found: Optional[Entity]
    span: Optional[Tuple[int, int]]
    probability: Optional[float]


def pair_entities(examples: Sequence[Example]) -> List[Pair]:
    """Find out what is right, and what is wrong with each entity that isn't: its boundary, its
    type, or both, where it overlaps one that is there; else it is spurious. One that no entity
    overlaps is missed. (Chinchor & Sundheim 1993; SemEval-2013, task 9.) Each true entity
    is paired with one that was found: the one of the same tokens, then of the same label, then of
    most common tokens.

    examples (Sequence[Example]): The texts, with predictions. As in spaCy's score, what was found
        on tokens of which not all is known is neither right nor wrong.
    RETURNS (List[Pair]): All entities.
    """
    pairs = []
    for text, eg in enumerate(examples):
        known = {found: ent for ent, found in known_entities(eg)}
        golds = [(ent.start, ent.end, ent.label_) for ent in eg.reference.ents]
        for found, gold in match_entities(list(known), golds):
            if found is None:
                place = eg.alignment.y2x[gold[0] : gold[1]] if gold is not None else []
                span = (int(place[0]), int(place[-1]) + 1) if len(place) else None
                pairs.append(Pair(text, "missed", gold, None, span, None))
            else:
                ent = known[found]
                span = (ent.start, ent.end)
                pairs.append(Pair(text, _kind(found, gold), gold, found, span, confidence(ent)))
    return pairs


def match_entities(
    found: Sequence[Entity], golds: Sequence[Entity]
) -> List[Tuple[Optional[Entity], Optional[Entity]]]:
    """Pair what was found in a text with what is there.

    found (Sequence[Entity]): The entities that were found.
    golds (Sequence[Entity]): Those that are there.
    RETURNS (List[Tuple[Optional[Entity], Optional[Entity]]]): Pairs of those that overlap, and the
        rest with None, in the order of the text.
    """
    options = []
    for i, (start, end, label) in enumerate(found):
        for j, (other_start, other_end, other_label) in enumerate(golds):
            common = min(end, other_end) - max(start, other_start)
            if common > 0:
                same = (start, end) == (other_start, other_end)
                options.append((not same, label != other_label, -common, i, j))
    left, right = dict(enumerate(found)), dict(enumerate(golds))
    pairs: List[Tuple[Optional[Entity], Optional[Entity]]] = []
    for *_, i, j in sorted(options):
        if i in left and j in right:
            pairs.append((left.pop(i), right.pop(j)))
    pairs += [(entity, None) for entity in left.values()]
    pairs += [(None, entity) for entity in right.values()]
    return sorted(pairs, key=lambda pair: pair[0] or pair[1] or ())


def _kind(found: Entity, gold: Optional[Entity]) -> str:
    if gold is None:
        return "spurious"
    if found == gold:
        return "right"
    if found[:2] == gold[:2]:
        return "type"
    return "boundary" if found[2] == gold[2] else "boundary and type"


def labels_of(pairs: Sequence[Pair], labels: Sequence[str]) -> List[str]:
    """pairs (Sequence[Pair]): Entities.
    labels (Sequence[str]): The labels of the component.
    RETURNS (List[str]): These, and the others that are there, sorted.
    """
    entities = [entity for pair in pairs for entity in (pair.gold, pair.found) if entity]
    return sorted({*labels, *(label for _, _, label in entities)})


def count_entities(pairs: Sequence[Pair], labels: Sequence[str], n_texts: int) -> Array:
    """Count as spaCy's scorer does: an entity is right if its tokens and its label are.

    pairs (Sequence[Pair]): The entities.
    labels (Sequence[str]): All of their labels.
    n_texts (int): How many texts there are.
    RETURNS (Array): What is right, wrong and missed, `(n_texts, n_labels, 3)`.
    """
    places = {label: i for i, label in enumerate(labels)}
    counts = numpy.zeros((n_texts, len(labels), 3), dtype="int64")
    for pair in pairs:
        if pair.kind == "right" and pair.found:
            counts[pair.text, places[pair.found[2]], 0] += 1
            continue
        if pair.found:
            counts[pair.text, places[pair.found[2]], 1] += 1
        if pair.gold:
            counts[pair.text, places[pair.gold[2]], 2] += 1
    return counts


def count_errors(pairs: Sequence[Pair]) -> Dict[str, int]:
    """pairs (Sequence[Pair]): Entities.
    RETURNS (Dict[str, int]): How many are wrong, by kind.
    """
    counts = Counter(pair.kind for pair in pairs)
    return {kind: counts[kind] for kind in KINDS}


def confuse_entities(pairs: Sequence[Pair], labels: Sequence[str]) -> Confusion:
    """pairs (Sequence[Pair]): Entities.
    labels (Sequence[str]): All of their labels.
    RETURNS (Confusion): Which labels are taken for which, whether the tokens are right or not. The
        last one, "", is none.
    """
    names = [*labels, ""]
    places = {label: i for i, label in enumerate(names)}
    counts: Any = numpy.zeros((len(names), len(names)), dtype="int64")
    for pair in pairs:
        gold, found = (places[entity[2] if entity else ""] for entity in (pair.gold, pair.found))
        counts[gold, found] += 1
    return Confusion(names, counts.tolist())


def entity_curves(
    pairs: Sequence[Pair], labels: Sequence[str], threshold: Optional[float]
) -> List[Curves]:
    """Compute the curves of all labels together and of each, from the entities that were found:
    what a higher threshold would drop.

    pairs (Sequence[Pair]): Entities.
    labels (Sequence[str]): All of their labels.
    threshold (Optional[float]): That of the component, which is the same for all labels; None if it
        has none.
    RETURNS (List[Curves]): The curves; none where no entity has a probability.
    """
    sure = [pair for pair in pairs if pair.probability is not None]
    curves = []
    for label in ["", *labels] if sure else []:
        chosen = [pair for pair in sure if pair.found and label in ("", pair.found[2])]
        p = numpy.array([pair.probability for pair in chosen], dtype="float64")
        right = numpy.array([pair.kind == "right" for pair in chosen], dtype=bool)
        n_true = sum(pair.gold is not None and label in ("", pair.gold[2]) for pair in pairs)
        curves.append(draw_curves(label, p, right, n_true, threshold, least=threshold or 0.0))
    return curves


def entity_cases(
    examples: Sequence[Example], pairs: Sequence[Pair], n: int
) -> Tuple[List[Case], List[Case]]:
    """Choose entities that are worth a look.

    examples (Sequence[Example]): The texts.
    pairs (Sequence[Pair]): Their entities.
    n (int): How many of each kind.
    RETURNS (Tuple[List[Case], List[Case]]): The worst mistakes: those of which the component was
        surest, and, at least for a third, the longest that were missed; and those of which it is
        least sure, right or wrong.
    """
    wrong = [pair for pair in pairs if pair.found and pair.kind != "right"]
    wrong.sort(key=lambda pair: -(pair.probability or 0.0))
    missed = [pair for pair in pairs if pair.kind == "missed" and pair.gold]
    missed.sort(key=lambda pair: pair.gold[0] - pair.gold[1] if pair.gold else 0)
    worst = wrong[: n - min(len(missed), n // 3)]
    worst += missed[: n - len(worst)]
    sure = [(pair.probability, pair) for pair in pairs if pair.probability is not None]
    unsure = [pair for _, pair in sorted(sure, key=lambda item: item[0])[:n]]
    return [_case(examples, pair) for pair in worst], [_case(examples, pair) for pair in unsure]


def _case(examples: Sequence[Example], pair: Pair) -> Case:
    reference = examples[pair.text].reference

    def name(entity: Optional[Entity]) -> str:
        if entity is None:
            return "none"
        start, end, label = entity
        return f"{reference[start:end].text} ({label})"

    explained = pair.found or pair.gold
    label = explained[2] if explained else ""
    return Case(
        text=pair.text,
        kind=pair.kind,
        expected=name(pair.gold),
        found=name(pair.found),
        probability=pair.probability,
        label=label,
        span=pair.span,
        reason="" if pair.span else "The pipeline's tokenizer has no tokens there.",
    )
