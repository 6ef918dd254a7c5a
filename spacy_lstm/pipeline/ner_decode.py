"""From the scores of a CRF to entities, their probabilities, and other readings."""

import math
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

import numpy
from thinc.api import to_numpy

from ..layers.crf import ChainScores
from ..layers.crf_posterior import posterior
from ..layers.crf_viterbi import best_path, k_best
from ..layers.tag_scheme import TagScheme
from ..types import Array
from .ner_pieces import Pieces
from .ner_spans import Prediction
from .ner_tokens import Entity

#: A way to read a text: its entities, and the natural logarithm of its probability.
Reading = Tuple[List[Entity], float]


#: Where entities are chosen by their probability, the least of all.
LEAST_PROBABILITY = 0.01


class Settings(NamedTuple):
    """How entities are chosen.

    mode (str): "marginals" for those of the most probable tags, "viterbi" for the same without
        their probabilities, "posterior" for those that are probable enough.
    threshold (float): The least probability of an entity.
    candidate_threshold (Optional[float]): The least probability of a span that isn't chosen and
        has its probability noted all the same; None for none.
    """

    mode: str
    threshold: float
    candidate_threshold: Optional[float]


def choose_entities(
    scores: ChainScores,
    scaled: ChainScores,
    allowed: Optional[Array],
    offsets: Array,
    given: Sequence[Sequence[Entity]],
    scheme: TagScheme,
    settings: Settings,
    *,
    path: Optional[Array] = None,
) -> List[Prediction]:
    """Choose the entities of each document: those of the most probable tags of all its tokens
    together (Viterbi 1967), or, by `mode = "posterior"`, all that are probable enough, each alone.

    scores (ChainScores): The model's scores, of documents or of pieces of them.
    scaled (ChainScores): The same, divided by the temperature: for probabilities.
    allowed (Optional[Array]): True where a tag is allowed, `(n_tokens, n_tags)`; None for all.
    offsets (Array): Where each document begins and the last one ends, `(n_docs + 1,)`.
    given (Sequence[Sequence[Entity]]): The entities of each document that are there already.
    scheme (TagScheme): The tags.
    settings (Settings): How to choose.
    path (Optional[Array]): The most probable tags, `(n_tokens,)`, where they are known already.
    RETURNS (List[Prediction]): A prediction for each document.
    """
    taken = [set(entities) for entities in given]
    flat: List[Entity] = []
    if settings.mode != "posterior":
        flat = scheme.decode(to_numpy(best_path(scores, allowed)) if path is None else path)
    if settings.mode == "viterbi":
        return [Prediction(chosen, None) for chosen in _by_document(flat, offsets, taken)]
    pieces = Pieces(scaled.lengths, scheme.labels)
    result = posterior(scaled, allowed)
    least = settings.threshold
    wanted = [] if settings.candidate_threshold is None else [settings.candidate_threshold]
    if settings.mode == "posterior":
        least = max(least, LEAST_PROBABILITY)
        wanted.append(least)
    known: Dict[Entity, float] = {}
    if wanted:
        spans, probabilities = result.candidates(min(wanted))
        found = pieces.entities(to_numpy(spans))
        known = dict(zip(found, to_numpy(probabilities).tolist(), strict=True))
    others: List[Entity] = []
    if settings.candidate_threshold is not None:
        others = [entity for entity in known if known[entity] >= settings.candidate_threshold]
    if settings.mode == "posterior":
        flat = choose_probable(known, least, int(offsets[-1]))
    else:
        marginals = to_numpy(result.span_marginals(pieces.locate(flat))).tolist()
        known.update(zip(flat, marginals, strict=True))
        flat = [entity for entity in flat if known[entity] >= least]
    predictions = []
    chosen, noted = (_by_document(entities, offsets, taken) for entities in (flat, others))
    for offset, entities, more in zip(offsets.tolist(), chosen, noted, strict=False):
        shown = {entity: known[_move(entity, offset)] for entity in [*entities, *more]}
        predictions.append(Prediction(entities, shown))
    return predictions


def choose_probable(known: Dict[Entity, float], least: float, n_tokens: int) -> List[Entity]:
    """Choose the entities that are probable enough, the most probable first, each if it overlaps
    none before it.

    known (Dict[Entity, float]): The probabilities of spans.
    least (float): The least probability.
    n_tokens (int): The number of tokens.
    RETURNS (List[Entity]): Entities, in order of their tokens.
    """
    is_taken = numpy.zeros(n_tokens, dtype=bool)
    chosen = []
    for entity in sorted(known, key=lambda entity: (-known[entity], entity)):
        start, end, _ = entity
        if known[entity] >= least and not is_taken[start:end].any():
            is_taken[start:end] = True
            chosen.append(entity)
    return sorted(chosen)


def _by_document(
    entities: Sequence[Entity], offsets: Array, taken: Sequence[Any]
) -> List[List[Entity]]:
    """Give each document its entities, with its own numbers of tokens, without those that it
    has."""
    starts = [start for start, _, _ in entities]
    owners = numpy.searchsorted(offsets, starts, side="right") - 1
    lists: List[List[Entity]] = [[] for _ in taken]
    for owner, entity in zip(owners.tolist(), entities, strict=True):
        own = _move(entity, -int(offsets[owner]))
        if own not in taken[owner]:
            lists[owner].append(own)
    return lists


def _move(entity: Entity, by: int) -> Entity:
    start, end, label = entity
    return start + by, end + by, label


def best_readings(
    scores: ChainScores, allowed: Optional[Array], scheme: TagScheme, k: int
) -> List[Reading]:
    """Find the most probable readings of one document.

    scores (ChainScores): The scores of the document, or of its pieces.
    allowed (Optional[Array]): True where a tag is allowed, `(n_tokens, n_tags)`; None for all.
    scheme (TagScheme): The tags.
    k (int): How many to find.
    RETURNS (List[Reading]): At most so many, the most probable first.
    """
    best: List[Reading] = [([], 0.0)]
    offset = 0
    for length, paths in zip(scores.lengths, k_best(scores, k, allowed), strict=True):
        readings = [(scheme.decode(to_numpy(path)), log_p) for path, log_p in paths]
        # Pieces are independent of each other, so each of the best is made of some of their best.
        joined = [
            (before + [_move(entity, offset) for entity in entities], log_before + log_p)
            for before, log_before in best
            for entities, log_p in readings
        ]
        best = sorted(joined, key=lambda reading: -reading[1])[:k]
        offset += int(length)
    return best


def to_probability(log_p: float) -> float:
    """log_p (float): A logarithm, which rounding may have made a little larger than 0.
    RETURNS (float): The probability.
    """
    return min(1.0, math.exp(log_p))
