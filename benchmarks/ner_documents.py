"""Section 4, documents: a model that was trained on sentences, used on whole documents."""

from typing import Any, Dict, List

import spacy
from cells import markdown
from ner_trained import (
    SPANISH,
    WIKIGOLD,
    Settings,
    evaluate,
    our_ner,
    read_corpus,
    trained,
)
from spacy.tokens import Doc

CHUNK = 30  # sentences
SENTENCES, WHOLE, KNOWN, RESET = (
    "sentence by sentence",
    "whole",
    "whole, sentences known",
    'whole, reset = "sentence"',
)


def measure(settings: Settings) -> Dict[str, Any]:
    """settings (Settings): How to measure.
    RETURNS (Dict[str, Any]): The entity F1 by corpus, seed and way of reading.
    """
    return {
        "corpora": {
            f"{WIKIGOLD}, its documents": [
                _f_of(WIKIGOLD, seed, settings) for seed in settings.seeds
            ],
            f"{SPANISH}, {CHUNK} sentences at a time": [
                _f_of(SPANISH, seed, settings) for seed in settings.seeds
            ],
        }
    }


def _f_of(name: str, seed: int, settings: Settings) -> Dict[str, float]:
    corpus = read_corpus(name)
    if name == WIKIGOLD:
        documents = corpus["test"]
        sentences = {split: in_sentences(docs) for split, docs in corpus.items()}
    else:  # nobody knows where its documents end
        documents = in_chunks(corpus["test"])
        sentences = corpus
    path = trained(our_ner(name), sentences, seed, settings)
    nlp = spacy.load(path)
    apart = spacy.load(path, config={"components.ner.reset": "sentence"})
    found = {
        SENTENCES: evaluate(nlp, sentences["test"]),
        WHOLE: evaluate(nlp, documents),
        KNOWN: evaluate(nlp, documents, with_sentences=True),
        RESET: evaluate(apart, documents, with_sentences=True),
    }
    return {way: 100 * (scores["ents_f"] or 0.0) for way, scores in found.items()}


def in_sentences(docs: List[Doc]) -> List[Doc]:
    """docs (List[Doc]): Docs whose sentences are known.
    RETURNS (List[Doc]): A doc for each sentence.
    """
    return [sentence.as_doc() for doc in docs for sentence in doc.sents]


def in_chunks(docs: List[Doc], size: int = CHUNK) -> List[Doc]:
    """docs (List[Doc]): A doc for each sentence.
    size (int): How many sentences are put together.
    RETURNS (List[Doc]): Docs of so many sentences; the last one may have fewer.
    """
    chunks = []
    for start in range(0, len(docs), size):
        chunk = Doc.from_docs(docs[start : start + size])
        assert chunk is not None, "there is at least one doc in it"
        chunks.append(chunk)
    return chunks


def lost(by_way: Dict[str, float], way: str = WHOLE) -> float:
    """by_way (Dict[str, float]): The F1 of each way of reading.
    way (str): One of them.
    RETURNS (float): How many points it is worse than sentence by sentence.
    """
    return by_way[SENTENCES] - by_way[way]


def tables(data: Dict[str, Any]) -> str:
    """data (Dict[str, Any]): What was measured.
    RETURNS (str): A table in Markdown.
    """
    ways = (SENTENCES, WHOLE, KNOWN, RESET)
    rows = []
    for name, by_seed in data["corpora"].items():
        for n, by_way in enumerate(by_seed):
            rows.append(
                [
                    name if n == 0 else "",
                    *(f"{by_way[way]:.1f}" for way in ways),
                    f"{lost(by_way):+.1f}",
                ]
            )
    return "\n\n".join(
        [
            "Entity F1 on test of a model that was trained on single sentences, a row for each "
            "seed, and the points that are lost where it reads whole documents and nobody tells "
            "it the sentences:",
            markdown(["corpus", *ways, "lost"], rows),
        ]
    )
