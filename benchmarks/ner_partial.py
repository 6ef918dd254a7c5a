"""Section 3, partial annotation: what is learnt where half of it is missing, and known to be."""

import statistics
from functools import partial
from typing import Any, Dict, List, Set, Tuple

import numpy
import spacy
from cells import markdown
from ner_trained import SPANISH, Settings, evaluate, our_ner, read_corpus, trained, with_train
from spacy.tokens import Doc

FULL, MISSING, OUTSIDE = (
    "all is annotated",
    "half is missing",
    "half is missing, and taken for O",
)


def measure(settings: Settings) -> Dict[str, Any]:
    """settings (Settings): How to measure.
    RETURNS (Dict[str, Any]): The entity F1 on test of each way to train, by seed.
    """
    corpus = read_corpus(SPANISH)
    found: Dict[str, List[float]] = {FULL: [], MISSING: [], OUTSIDE: []}
    for seed in settings.seeds:
        half = with_train(corpus, partial(masked, seed=seed))
        corpora = {FULL: corpus, MISSING: half, OUTSIDE: with_train(half, closed)}
        for name, variant in corpora.items():
            nlp = spacy.load(trained(our_ner(SPANISH), variant, seed, settings))
            found[name].append(100 * (evaluate(nlp, corpus["test"])["ents_f"] or 0.0))
    return {"source": SPANISH, "seeds": settings.seeds, "f": found}


def masked(docs: List[Doc], seed: int) -> List[Doc]:
    """Forget half of all entities, and half of all the longest stretches of tokens outside of
    entities: so the tokens of an entity are all known, or all missing.

    docs (List[Doc]): Annotated docs, of which all is known.
    seed (int): The seed of which half.
    RETURNS (List[Doc]): Copies that know half.
    """
    entities = [(i, ent.start, ent.end) for i, doc in enumerate(docs) for ent in doc.ents]
    stretches = [(i, start, end) for i, doc in enumerate(docs) for start, end in _outside(doc)]
    rng = numpy.random.default_rng(seed)
    forgotten: List[Set[Tuple[int, int]]] = [set() for _ in docs]
    for units in (entities, stretches):
        for n in rng.permutation(len(units))[: len(units) // 2].tolist():
            i, start, end = units[n]
            forgotten[i].add((start, end))
    copies = []
    for doc, spans in zip(docs, forgotten, strict=True):
        copy = doc.copy()
        copy.set_ents(
            [ent for ent in copy.ents if (ent.start, ent.end) not in spans],
            missing=[copy[start:end] for start, end in sorted(spans)],
            default="outside",
        )
        copies.append(copy)
    return copies


def _outside(doc: Doc) -> List[Tuple[int, int]]:
    """The longest stretches of tokens outside of entities."""
    borders = [0, *(border for ent in doc.ents for border in (ent.start, ent.end)), len(doc)]
    pairs = zip(borders[::2], borders[1::2], strict=True)
    return [(start, end) for start, end in pairs if start < end]


def closed(docs: List[Doc]) -> List[Doc]:
    """docs (List[Doc]): Partly annotated docs.
    RETURNS (List[Doc]): Copies in which whatever isn't known is outside of entities.
    """
    copies = [doc.copy() for doc in docs]
    for copy in copies:
        copy.set_ents(list(copy.ents), default="outside")
    return copies


def kept(data: Dict[str, Any]) -> float:
    """data (Dict[str, Any]): What was measured.
    RETURNS (float): How much of the F1 is left where half is missing, in percent.
    """
    return 100 * statistics.mean(data["f"][MISSING]) / statistics.mean(data["f"][FULL])


def tables(data: Dict[str, Any]) -> str:
    """data (Dict[str, Any]): What was measured.
    RETURNS (str): A table in Markdown.
    """
    full = statistics.mean(data["f"][FULL])
    rows = [
        [
            name,
            *(f"{value:.1f}" for value in values),
            f"{statistics.mean(values):.1f}",
            f"{100 * statistics.mean(values) / full:.0f} %" if full else "",
        ]
        for name, values in data["f"].items()
    ]
    seeds = [f"seed {seed}" for seed in data["seeds"]]
    return "\n\n".join(
        [
            f"Entity F1 on {data['source']} (test). Half of the entities and half of the stretches "
            "between them were forgotten in train; dev, by which the best step is chosen, is "
            "whole.",
            markdown(["annotation of train", *seeds, "mean", "of the first"], rows),
        ]
    )
