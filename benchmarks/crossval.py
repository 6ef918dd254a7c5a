"""Cross-validation on the bundled corpus: ours, spaCy's own and a linear model, on the same texts
and tokens.

    python benchmarks/crossval.py sentiment
    python benchmarks/crossval.py topics

Of the five parts in corpus/folds.json, fold i measures on part i, chooses on part i + 1 (when to
stop, C, the threshold), and learns from the other three. Every cell (a model and a fold) runs in a
process of its own, with one thread. What is done is kept in benchmarks/results/, and not done
again: remove a row from the file there to measure it anew.
"""

import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Annotated, Any, Callable, Dict, List, NamedTuple, Optional, Sequence

import numpy
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
from folds import N_FOLDS, Docs, docs_of_fold
from peers import linear_trials, our_config, stock_config, train_pipeline
from scores import best_threshold, measure, predicted
from spacy.tokens import DocBin
from thinc.api import Config, NumpyOps, set_current_ops

from spacy_lstm.layers.losses import sigmoid
from spacy_lstm.types import Array


class Task(NamedTuple):
    """What is categorized.

    attribute (str): The attribute of the corpus that holds the labels.
    exclusive (bool): Whether exactly one of them applies to each text.
    config (str): The name of our config.
    factory (str): The name of spaCy's component.
    criterion (str): The score that decides on dev, in spaCy's training as well.
    columns (Dict[str, str]): The scores to report, by key, and their names.
    """

    attribute: str
    exclusive: bool
    config: str
    factory: str
    criterion: str
    columns: Dict[str, str]


TASKS = {
    "sentiment": Task(
        "sentiment",
        True,
        "textcat",
        "textcat",
        "macro_f",
        {"accuracy": "accuracy", "macro_f": "macro F"},
    ),
    "topics": Task(
        "topics",
        False,
        "textcat_multilabel",
        "textcat_multilabel",
        "macro_auc",
        {
            "macro_auc": "macro AUC",
            "micro_f": "micro F at 0.5",
            "macro_f": "macro F at 0.5",
            "micro_f_chosen": "micro F, chosen",
            "macro_f_chosen": "macro F, chosen",
        },
    ),
}


class Guesses(NamedTuple):
    """What a model gives.

    rows (Dict[str, Array]): By split, dev and test, the scores, `(n_texts, n_labels)`.
    seconds (float): How long it learned.
    chosen (Dict[str, Any]): What it chose on dev.
    """

    rows: Dict[str, Array]
    seconds: float
    chosen: Dict[str, Any]


def pipeline(config: Config, docs: Docs, labels: Sequence[str]) -> Guesses:
    """Train a spaCy pipeline.

    config (Config): The config.
    docs (Docs): The annotated docs by split.
    labels (Sequence[str]): The labels.
    RETURNS (Guesses): The probabilities.
    """
    with tempfile.TemporaryDirectory() as folder:
        for split in ("train", "dev"):
            DocBin(docs=docs[split]).to_disk(Path(folder) / f"{split}.spacy")
        nlp, seconds = train_pipeline(config, Path(folder), seed=0)
    rows = {}
    for split in ("dev", "test"):
        # The words alone, so that nothing of the truth reaches the model.
        guessed = nlp.pipe(doc.text for doc in docs[split])
        rows[split] = numpy.array([[doc.cats[label] for label in labels] for doc in guessed])
    return Guesses(rows, seconds, {})


def linear(task: Task, docs: Docs, labels: Sequence[str]) -> Guesses:
    """Fit logistic regression on tf-idf.

    task (Task): The task, whose criterion decides on C.
    docs (Docs): The annotated docs by split.
    labels (Sequence[str]): The labels.
    RETURNS (Guesses): The probabilities of each label against the rest.
    """
    start = time.perf_counter()
    trials = linear_trials(docs, labels, kind="tfidf", exclusive=task.exclusive)
    seconds = time.perf_counter() - start

    def on_dev(margins: Dict[str, Array]) -> float:
        examples = predicted(docs["dev"], labels, sigmoid(margins["dev"]))
        return measure(examples, exclusive=task.exclusive)[task.criterion]

    best = max(trials, key=lambda trial: (on_dev(trial.margins), -trial.strength))
    rows = {split: sigmoid(margins) for split, margins in best.margins.items()}
    return Guesses(rows, seconds, {"C": best.strength})


def prior(docs: Docs, labels: Sequence[str]) -> Guesses:
    """Guess the same for every text: how frequent each label is in train.

    docs (Docs): The annotated docs by split.
    labels (Sequence[str]): The labels.
    RETURNS (Guesses): The frequencies.
    """
    shares = numpy.array([[doc.cats[label] for label in labels] for doc in docs["train"]]).mean(0)
    rows = {split: numpy.tile(shares, (len(docs[split]), 1)) for split in ("dev", "test")}
    return Guesses(rows, 0.0, {})


def small_cnn(task: Task, docs: Docs, labels: Sequence[str]) -> Guesses:
    """spaCy's CNN ensemble at a size that is trained in minutes: `-o accuracy` has width 256 and
    depth 8, which wasn't trained on a fold in 18 minutes of CPU time. Its matrix products are
    numpy's, which are faster and give the same up to rounding.

    task (Task): The task.
    docs (Docs): The annotated docs by split.
    labels (Sequence[str]): The labels.
    RETURNS (Guesses): Its scores.
    """
    set_current_ops(NumpyOps(use_blis=False))
    config = stock_config(task.factory, "accuracy", width=96, depth=4)
    return pipeline(config, docs, labels)


OURS = "spacy-lstm (the shipped config)"
SMALL_CNN = "spaCy's CNN ensemble, width 96, depth 4, no vectors"
ROWS: Dict[str, Callable[[Task, Docs, Sequence[str]], Guesses]] = {
    OURS: lambda task, docs, labels: pipeline(our_config(task.config), docs, labels),
    "— its n-gram branch alone": lambda task, docs, labels: pipeline(
        our_config(task.config, "linear_model"), docs, labels
    ),
    "— its BiLSTM alone": lambda task, docs, labels: pipeline(
        our_config(task.config, "tok2vec"), docs, labels
    ),
    "spaCy -o efficiency (bag of words)": lambda task, docs, labels: pipeline(
        stock_config(task.factory, "efficiency"), docs, labels
    ),
    "spaCy -o accuracy, no vectors (CNN ensemble)": lambda task, docs, labels: pipeline(
        stock_config(task.factory, "accuracy"), docs, labels
    ),
    SMALL_CNN: small_cnn,
    "tf-idf + logistic regression, bigrams": linear,
    "the shares of the labels in train": lambda task, docs, labels: prior(docs, labels),
}


def score(task: Task, docs: Docs, guesses: Guesses, labels: Sequence[str]) -> Scores:
    """Measure a model.

    task (Task): The task.
    docs (Docs): The annotated docs by split.
    guesses (Guesses): What the model gives.
    labels (Sequence[str]): The labels.
    RETURNS (Scores): The scores on dev and test, and what was chosen on dev.
    """
    examples = {
        split: predicted(docs[split], labels, guesses.rows[split]) for split in ("dev", "test")
    }
    scores: Scores = {
        split: measure(split_examples, exclusive=task.exclusive)
        for split, split_examples in examples.items()
    }
    chosen = dict(guesses.chosen)
    if not task.exclusive:
        chosen["threshold"] = best_threshold(examples["dev"])
        for split, split_examples in examples.items():
            at_chosen = measure(split_examples, exclusive=False, threshold=chosen["threshold"])
            scores[split].update({f"{f}_chosen": at_chosen[f] for f in ("micro_f", "macro_f")})
    return {**scores, "chosen": chosen, "train_seconds": round(guesses.seconds, 1)}


def values_of(results: Results, row: str, folds: Sequence[str], key: str) -> List[float]:
    """results (Results): The results.
    row (str): The row.
    folds (Sequence[str]): The folds.
    key (str): The key of a score.
    RETURNS (List[float]): The scores on test, in percent.
    """
    return [100 * results[row][fold]["test"][key] for fold in folds]


def table(task: Task, results: Results) -> str:
    """Make a table of the scores, and one of the differences.

    task (Task): The task.
    results (Results): What is known.
    RETURNS (str): Two tables in Markdown, with means over the folds and standard deviations. A
        difference is ours minus the other, fold by fold, over the folds that both have.
    """
    names = list(task.columns.values())
    rows, differences = [], []
    for row in ROWS:
        cells = results.get(row, {})
        if not cells:
            continue
        folds = sorted(cells)
        found = [spread(values_of(results, row, folds, key)) for key in task.columns]
        seconds = statistics.mean(cell["train_seconds"] for cell in cells.values())
        rows.append([row, str(len(cells)), *found, f"{seconds:.0f} s"])
        both = [fold for fold in folds if fold in results.get(OURS, {})]
        if row == OURS or not both:
            continue
        gains = []
        for key in task.columns:
            pairs = zip(*(values_of(results, name, both, key) for name in (OURS, row)), strict=True)
            gains.append([mine - other for mine, other in pairs])
        differences.append([row, str(len(both)), *(spread(gain, sign=True) for gain in gains)])
    return "\n\n".join(
        [
            markdown(["model", "folds", *names, "training"], rows),
            markdown(["ours minus", "folds", *names], differences),
        ]
    )


def main(
    task: Annotated[str, typer.Argument(help="sentiment or topics.")],
    folds: Annotated[
        Optional[List[int]],
        typer.Option(min=0, max=N_FOLDS - 1, help="The folds, an option for each; all of them."),
    ] = None,
    row: Annotated[
        Optional[List[str]], typer.Option(help="Only rows whose name contains this.")
    ] = None,
    cell: Annotated[str, typer.Option(hidden=True)] = "",
) -> None:
    """Measure text categorizers side by side, by cross-validation on the bundled corpus."""
    if task not in TASKS:
        raise typer.BadParameter(f"{task!r} is none of {', '.join(TASKS)}.")
    settings = TASKS[task]
    folds = folds or list(range(N_FOLDS))
    if cell:
        one_thread()
        docs, labels = docs_of_fold(folds[0], settings.attribute)
        print(json.dumps(score(settings, docs, ROWS[cell](settings, docs, labels), labels)))
        return
    path = RESULTS / f"crossval_{task}.json"
    results = measure_missing(__file__, path, task, list(ROWS), folds, option="--folds", only=row)
    tables = table(settings, results)
    path.with_suffix(".md").write_text(tables + "\n", encoding="utf8")
    print(tables)


if __name__ == "__main__":
    typer.run(main)
