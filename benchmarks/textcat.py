"""Accuracy of text categorizers: ours, spaCy's own and linear ones, on the same texts and tokens.

    make assets
    python -m spacy project run preprocess project --vars.corpus sentence_polarity
    python benchmarks/textcat.py sentence_polarity

Every cell (a model and a seed) runs in a process of its own, with one thread. What is done is kept
in benchmarks/results/, and not done again. Settings are chosen on dev; test is only reported.
"""

import json
import statistics
import time
from pathlib import Path
from typing import Annotated, Callable, Dict, List, Optional

import spacy
import typer
from cells import (
    RESULTS,
    Results,
    Scores,
    markdown,
    measure_missing,
    one_thread,
    spread,
)
from peers import linear_trials, our_config, stock_config, train_pipeline
from scores import measure, predicted
from spacy.tokens import DocBin
from spacy.training import Corpus
from thinc.api import Config

ROOT = Path(__file__).resolve().parent.parent


def pipeline(config: Config, corpus: Path, seed: int) -> Scores:
    """Train a pipeline, and measure it on dev and test.

    config (Config): The config.
    corpus (Path): The folder of train, dev and test.spacy.
    seed (int): The seed.
    RETURNS (Scores): Accuracies, seconds of training, and words per second of prediction.
    """
    best, seconds = train_pipeline(config, corpus, seed)
    scores: Scores = {"train_seconds": round(seconds, 1)}
    for split in ("dev", "test"):
        result = best.evaluate(list(Corpus(corpus / f"{split}.spacy")(best)))
        scores[split] = result["cats_micro_f"]
        scores["words_per_second"] = round(result["speed"])
    return scores


def linear(corpus: Path, kind: str) -> Scores:
    """Fit a linear model, and measure it on dev and test.

    corpus (Path): The folder of train, dev and test.spacy.
    kind (str): "tfidf" or "nbsvm".
    RETURNS (Scores): Accuracies, the strength that was chosen on dev, and seconds of training.
    """
    vocab = spacy.blank("en").vocab
    docs = {
        split: list(DocBin().from_disk(corpus / f"{split}.spacy").get_docs(vocab))
        for split in ("train", "dev", "test")
    }
    labels = sorted(docs["train"][0].cats)
    start = time.perf_counter()
    trials = linear_trials(docs, labels, kind=kind, exclusive=True)
    seconds = time.perf_counter() - start
    tried = []
    for strength, margins in trials:
        accuracy = {
            split: measure(predicted(docs[split], labels, rows), exclusive=True)["accuracy"]
            for split, rows in margins.items()
        }
        tried.append((accuracy["dev"], accuracy["test"], strength))
    dev, test, strength = max(tried, key=lambda trial: (trial[0], -trial[2]))
    return {"dev": dev, "test": test, "C": strength, "train_seconds": round(seconds, 1)}


def in_bfloat16(name: str) -> Config:
    """The shipped config, with its LSTM in bfloat16 in training and in prediction.

    name (str): The name of the config, without its suffix.
    RETURNS (Config): The config.
    """
    config = our_config(name)
    config["components"]["textcat"]["model"]["tok2vec"]["encode"]["precision"] = "bfloat16"
    return config


ROWS: Dict[str, Callable[[Path, int], Scores]] = {
    "spacy-lstm, project/configs/textcat.cfg": lambda corpus, seed: pipeline(
        our_config("textcat"), corpus, seed
    ),
    "— in bfloat16": lambda corpus, seed: pipeline(in_bfloat16("textcat"), corpus, seed),
    "— its n-gram branch alone": lambda corpus, seed: pipeline(
        our_config("textcat", "linear_model"), corpus, seed
    ),
    "— its BiLSTM alone": lambda corpus, seed: pipeline(
        our_config("textcat", "tok2vec"), corpus, seed
    ),
    "spaCy -o efficiency (bag of words)": lambda corpus, seed: pipeline(
        stock_config("textcat", "efficiency"), corpus, seed
    ),
    "spaCy -o accuracy, no vectors (CNN ensemble)": lambda corpus, seed: pipeline(
        stock_config("textcat", "accuracy"), corpus, seed
    ),
    "tf-idf + logistic regression, bigrams": lambda corpus, _: linear(corpus, "tfidf"),
    "NBSVM (logistic), bigrams": lambda corpus, _: linear(corpus, "nbsvm"),
}
DETERMINISTIC = [name for name in ROWS if "bigrams" in name]


def table(results: Results) -> str:
    """Make a table of what is known.

    results (Results): The scores by row and seed.
    RETURNS (str): A table in Markdown: means over the seeds, with the standard deviation.
    """
    rows = []
    for row in ROWS:
        cells = list(results.get(row, {}).values())
        if cells:
            dev, test = (spread([100 * cell[split] for cell in cells]) for split in ("dev", "test"))
            seconds = statistics.mean(cell["train_seconds"] for cell in cells)
            rows.append([row, str(len(cells)), dev, test, f"{seconds:.0f} s"])
    return markdown(["model", "seeds", "dev", "test", "training"], rows)


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
    """Measure text categorizers side by side."""
    seeds = seeds or [0, 1, 2]
    folder = ROOT / "project" / "corpora" / corpus
    if not (folder / "test.spacy").exists():
        command = f"python -m spacy project run preprocess project --vars.corpus {corpus}"
        raise typer.BadParameter(f"{folder} isn't there. Make it with: {command}")
    if cell:
        one_thread()
        print(json.dumps(ROWS[cell](folder, seeds[0])))
        return
    path = RESULTS / f"textcat_{corpus}.json"
    results = measure_missing(
        __file__, path, corpus, list(ROWS), seeds, only=row, deterministic=DETERMINISTIC
    )
    done = table(results)
    path.with_suffix(".md").write_text(done + "\n", encoding="utf8")
    print(done)


if __name__ == "__main__":
    typer.run(main)
