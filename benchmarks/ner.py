"""Accuracy of named entities: ours, spaCy's own and a CRF of features, on the same tokens.

    make assets
    python -m spacy project run preprocess project --vars.corpus wnut17
    python benchmarks/ner.py wnut17

Every cell (a model and a seed) runs in a process of its own, with one thread. What is done is kept
in benchmarks/results/, and not done again. Settings are chosen on dev; test is only reported. How
good a pipeline was on dev at what time is kept too. "CPU" is the time that the process itself took,
which other work on the machine hardly changes.
"""

import json
import statistics
from pathlib import Path
from typing import Annotated, Callable, Dict, List, Optional

import curve
import typer
from cells import (
    RESULTS,
    Scores,
    markdown,
    measure_missing,
    one_thread,
    spread,
)
from crfsuite import crf
from peers import our_config, stock_config, train_pipeline
from scores import entity_scores
from spacy.training import Corpus
from thinc.api import Config, NumpyOps, set_current_ops

from spacy_lstm.pipeline.ner_calibrate import calibrate_pipeline

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = {"conll2002_esp": "es", "conll2002_ned": "nl"}  # of those that aren't English


def pipeline(config: Config, corpus: Path, seed: int) -> Scores:
    """Train a pipeline, and measure it on dev and test.

    config (Config): The config.
    corpus (Path): The folder of train, dev and test.spacy.
    seed (int): The seed.
    RETURNS (Scores): The entity scores, the course of the training, and words per second of
        prediction.
    """
    config["nlp"]["lang"] = LANGUAGES.get(corpus.name, "en")
    config["training"]["logger"] = {"@loggers": curve.NAME}
    best, seconds = train_pipeline(config, corpus, seed)
    calibrate_pipeline(best, list(Corpus(corpus / "dev.spacy")(best)))  # ours only
    scores: Scores = {
        "train_seconds": round(seconds, 1),
        "train_cpu_seconds": curve.points[-1]["cpu_seconds"],
        "curve": list(curve.points),
    }
    for split in ("dev", "test"):
        result = best.evaluate(list(Corpus(corpus / f"{split}.spacy")(best)))
        scores[split] = entity_scores(result)
        scores["words_per_second"] = round(result["speed"])
    return scores


def without_blis(corpus: Path, seed: int) -> Scores:
    """spaCy's own, with numpy's matrix product in place of BLIS, for a fair comparison of times.

    corpus (Path): The folder of train, dev and test.spacy.
    seed (int): The seed.
    RETURNS (Scores): As for `pipeline`.
    """
    set_current_ops(NumpyOps(use_blis=False))
    return pipeline(stock_config("ner", "efficiency"), corpus, seed)


OURS = "spacy-lstm, project/configs/ner.cfg"
STOCK = "spaCy ner -o efficiency (CNN)"
CRF = "CRFsuite with features of words"
ROWS: Dict[str, Callable[[Path, int], Scores]] = {
    OURS: lambda corpus, seed: pipeline(our_config("ner"), corpus, seed),
    STOCK: lambda corpus, seed: pipeline(stock_config("ner", "efficiency"), corpus, seed),
    "— without BLIS": without_blis,
    CRF: lambda corpus, _: crf(corpus),
}
DETERMINISTIC = [CRF]


def table(results: Dict[str, Dict[str, Scores]]) -> str:
    """Make a table of what is known.

    results (Dict[str, Dict[str, Scores]]): The scores by row and seed.
    RETURNS (str): A table in Markdown: means over the seeds, with the standard deviation; and how
        long each took to reach the best dev F of spaCy's own, with the same seed.
    """
    stock = results.get(STOCK, {})
    targets = {seed: max(p["score"] for p in cell["curve"]) for seed, cell in stock.items()}
    rows = []
    for row in ROWS:
        by_seed = results.get(row, {})
        if not by_seed:
            continue
        cells = list(by_seed.values())
        dev, test = (
            spread([100 * cell[split]["f"] for cell in cells]) for split in ("dev", "test")
        )
        seconds, cpu, speed = (
            statistics.mean(cell[name] for cell in cells)
            for name in ("train_seconds", "train_cpu_seconds", "words_per_second")
        )
        times = [
            curve.time_to(cell["curve"], targets[seed], clock="cpu_seconds")
            for seed, cell in by_seed.items()
            if seed in targets and "curve" in cell
        ]
        reached = [time for time in times if time is not None]
        until = f"{statistics.mean(reached):.0f} s" if reached else ""
        if len(reached) < len(times):
            until += f" ({len(reached)} of {len(times)} seeds)"
        rows.append(
            [
                row,
                str(len(cells)),
                dev,
                test,
                f"{seconds:.0f} s",
                f"{cpu:.0f} s",
                until.strip() or "–",
                f"{speed:,.0f}",
            ]
        )
    header = ["model", "seeds", "dev F", "test F", "training", "CPU"]
    return markdown([*header, "CPU to spaCy's best dev F", "words/s"], rows)


def main(
    corpus: Annotated[str, typer.Argument(help="A corpus that the project has preprocessed.")],
    seeds: Annotated[
        Optional[List[int]], typer.Option(help="The seeds, an option for each; 0, 1 and 2.")
    ] = None,
    row: Annotated[
        Optional[List[str]], typer.Option(help="Only rows whose name contains this.")
    ] = None,
    cell: Annotated[str, typer.Option(hidden=True)] = "",
) -> None:
    """Measure named entities side by side."""
    seeds = seeds or [0, 1, 2]
    folder = ROOT / "project" / "corpora" / corpus
    if not (folder / "test.spacy").exists():
        command = f"python -m spacy project run preprocess project --vars.corpus {corpus}"
        raise typer.BadParameter(f"{folder} isn't there. Make it with: {command}")
    if cell:
        one_thread()
        print(json.dumps(ROWS[cell](folder, seeds[0])))
        return
    path = RESULTS / f"ner_{corpus}.json"
    results = measure_missing(
        __file__, path, corpus, list(ROWS), seeds, only=row, deterministic=DETERMINISTIC
    )
    done = table(results)
    path.with_suffix(".md").write_text(done + "\n", encoding="utf8")
    print(done)


if __name__ == "__main__":
    typer.run(main)
