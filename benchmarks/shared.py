"""One encoder for categories and names, against a pipeline for each: how good, and how fast.

    python -m spacy project run preprocess project --vars.corpus bundled
    python benchmarks/shared.py

The shared encoder is that of project/configs/shared.cfg. Apart, the same heads have an encoder
each: the same config without one of its heads. Every cell runs in a process of its own, with one
thread; seconds are CPU time, and training ends where each config says. Both kinds then read the
same texts by turns, in the process of the first. What is done is kept in benchmarks/results/.
"""

import json
import statistics
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Callable, Dict, List, Optional, Tuple

import curve
import typer
from alternate import alternate
from cells import RESULTS, Results, Scores, markdown, measure_missing, one_thread, spread
from peers import our_config, train_pipeline
from spacy.language import Language
from spacy.tokens import DocBin
from spacy.training import Corpus
from thinc.api import Config

from spacy_lstm.pipeline.ner_calibrate import calibrate_pipeline

ROOT = Path(__file__).resolve().parent.parent
ENCODER, CATEGORIES, NAMES = "tok2vec", "textcat", "ner"
SCORES = {CATEGORIES: "cats_micro_f", NAMES: "ents_f"}  # what is reported
CHOICE = {CATEGORIES: "cats_score", NAMES: "ents_f"}  # what the config chooses by


def config_of(*heads: str) -> Config:
    """heads (str): The heads to keep.
    RETURNS (Config): project/configs/shared.cfg with the encoder and these.
    """
    config = our_config("shared")
    config["nlp"]["pipeline"] = [ENCODER, *heads]
    config["components"] = {name: config["components"][name] for name in (ENCODER, *heads)}
    weights = config["training"]["score_weights"]
    for head, score in CHOICE.items():
        weights[score] = float(head in heads) / len(heads)
    config["training"]["logger"] = {"@loggers": curve.NAME}
    return config


def trained(heads: Tuple[str, ...], corpus: Path, seed: int) -> Tuple[Language, Scores]:
    """Train a pipeline, and measure it.

    heads (Tuple[str, ...]): Its heads.
    corpus (Path): The folder of train, dev and test.spacy.
    seed (int): The seed.
    RETURNS (Tuple[Language, Scores]): The pipeline, and its seconds and scores.
    """
    nlp = train_pipeline(config_of(*heads), corpus, seed)
    scores: Scores = {"train_cpu_seconds": curve.points[-1]["cpu_seconds"]}
    if NAMES in heads:
        calibrate_pipeline(nlp, list(Corpus(corpus / "dev.spacy")(nlp)))
    for split in ("dev", "test"):
        found: Dict[str, Any] = nlp.evaluate(list(Corpus(corpus / f"{split}.spacy")(nlp)))
        scores[split] = {head: found[SCORES[head]] for head in heads}
    return nlp, scores


def apart(corpus: Path, seed: int) -> Tuple[List[Language], Scores]:
    """corpus (Path): The folder of train, dev and test.spacy.
    seed (int): The seed.
    RETURNS (Tuple[List[Language], Scores]): A pipeline for each head, and what they are together.
    """
    pipelines, both = zip(*(trained((head,), corpus, seed) for head in SCORES), strict=True)
    merged: Scores = deepcopy(both[0])
    merged["train_cpu_seconds"] += both[1]["train_cpu_seconds"]
    for split in ("dev", "test"):
        merged[split].update(both[1][split])
    return list(pipelines), merged


def shared(corpus: Path, seed: int) -> Scores:
    """Train one pipeline and two, and time them by turns.

    corpus (Path): The folder of train, dev and test.spacy.
    seed (int): The seed.
    RETURNS (Scores): The scores of the one, those of the two as "apart", and how much faster the
        one is.
    """
    one, scores = trained(tuple(SCORES), corpus, seed)
    two, scores["apart"] = apart(corpus, seed)
    texts = [doc.text for doc in DocBin().from_disk(corpus / "test.spacy").get_docs(one.vocab)]
    times = alternate(partial(read, [one], texts), partial(read, two, texts), pairs=7, most=60.0)
    scores["faster"] = times.ratio.median
    return scores


def read(pipelines: List[Language], texts: List[str]) -> int:
    """pipelines (List[Language]): Pipelines.
    texts (List[str]): What each of them reads.
    RETURNS (int): How many texts they read.
    """
    return sum(1 for nlp in pipelines for _ in nlp.pipe(texts))


ROWS: Dict[str, Callable[[Path, int], Scores]] = {"project/configs/shared.cfg": shared}


def table(results: Results) -> str:
    """results (Results): The scores by row and seed.
    RETURNS (str): A table in Markdown.
    """
    [cells] = (list(results[row].values()) for row in ROWS)
    rows = []
    for name, kind in (
        ("one encoder, two heads", cells),
        ("two pipelines", [cell["apart"] for cell in cells]),
    ):
        values = [
            spread([100 * cell[split][head] for cell in kind])
            for head in SCORES
            for split in ("dev", "test")
        ]
        seconds = statistics.mean(cell["train_cpu_seconds"] for cell in kind)
        rows.append([name, str(len(kind)), *values, f"{seconds:.0f} s"])
    header = ["pipeline", "seeds", "accuracy, dev", "test", "F of names, dev", "test", "CPU"]
    faster = spread([cell["faster"] for cell in cells])
    sentence = f"One pipeline reads texts {faster} times as fast as two, one after the other."
    return "\n\n".join([markdown(header, rows), sentence])


def main(
    corpus: Annotated[str, typer.Argument(help="A corpus with categories and names.")] = "bundled",
    seeds: Annotated[
        Optional[List[int]], typer.Option(help="The seeds, an option for each; 0, 1 and 2.")
    ] = None,
    cell: Annotated[str, typer.Option(hidden=True)] = "",
) -> None:
    """Measure a shared encoder against one for each head."""
    seeds = seeds or [0, 1, 2]
    folder = ROOT / "project" / "corpora" / corpus
    if cell:
        one_thread()
        print(json.dumps(ROWS[cell](folder, seeds[0])))
        return
    path = RESULTS / f"shared_{corpus}.json"
    done = table(measure_missing(__file__, path, corpus, list(ROWS), seeds))
    path.with_suffix(".md").write_text(done + "\n", encoding="utf8")
    print(done)


if __name__ == "__main__":
    typer.run(main)
