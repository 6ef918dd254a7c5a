"""Accuracy of text categorizers: ours, spaCy's own and linear ones, on the same texts and tokens.

    make assets
    python -m spacy project run preprocess project --vars.corpus sentence_polarity
    python benchmarks/textcat.py sentence_polarity

Every cell (a model and a seed) runs in a process of its own, with one thread. What is done is kept
in benchmarks/results/, and not done again. Settings are chosen on dev; test is only reported.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Callable, Dict, List, Optional

import typer

ROOT = Path(__file__).resolve().parent.parent
CONFIG = ROOT / "project" / "configs" / "textcat.cfg"
RESULTS = ROOT / "benchmarks" / "results"
NGRAMS = {
    "@architectures": "spacy.TextCatBOW.v3",
    "exclusive_classes": True,
    "ngram_size": 2,
    "length": 262144,
    "no_output_layer": True,
    "nO": None,
}

Scores = Dict[str, Any]


def train_spacy(config: Any, corpus: Path, seed: int) -> Scores:
    """Train with spaCy's own loop, and measure the best pipeline on dev and test.

    config (Config): The config.
    corpus (Path): The folder of train, dev and test.spacy.
    seed (int): The seed.
    RETURNS (Scores): Accuracies, seconds of training, steps, and words per second of prediction.
    """
    import spacy
    from spacy.training import Corpus
    from spacy.training.initialize import init_nlp
    from spacy.training.loop import train

    config["paths"]["train"] = str(corpus / "train.spacy")
    config["paths"]["dev"] = str(corpus / "dev.spacy")
    config["system"]["seed"] = seed
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        nlp = init_nlp(config)
        with (Path(folder) / "log").open("w") as log:
            train(nlp, Path(folder), stdout=log)
        seconds = time.perf_counter() - start
        best = spacy.load(Path(folder) / "model-best")
    scores: Scores = {"train_seconds": round(seconds, 1)}
    for split in ("dev", "test"):
        result = best.evaluate(list(Corpus(corpus / f"{split}.spacy")(best)))
        scores[split] = result["cats_micro_f"]
        scores["words_per_second"] = round(result["speed"])
    return scores


def ours(corpus: Path, seed: int, **model: Any) -> Scores:
    """The shipped config, or a part of it.

    corpus (Path): The folder of the texts.
    seed (int): The seed.
    model (Any): Settings of the model that are changed; `model` replaces it.
    RETURNS (Scores): The scores.
    """
    from spacy.util import load_config

    config = load_config(CONFIG, interpolate=False)
    textcat = config["components"]["textcat"]
    textcat["model"] = model.pop("model", textcat["model"])
    textcat["model"].update(model)
    return train_spacy(config, corpus, seed)


def stock(corpus: Path, seed: int, optimize: str) -> Scores:
    """What `spacy init config --pipeline textcat` makes, without vectors.

    corpus (Path): The folder of the texts.
    seed (int): The seed.
    optimize (str): "efficiency" or "accuracy".
    RETURNS (Scores): The scores.
    """
    from spacy.cli.init_config import init_config

    config = init_config(lang="en", pipeline=["textcat"], optimize=optimize, silent=True)
    config["paths"]["vectors"] = None
    tok2vec = config["components"].get("tok2vec")
    if tok2vec:
        tok2vec["model"]["embed"]["include_static_vectors"] = False
    return train_spacy(config, corpus, seed)


def linear(corpus: Path, seed: int, kind: str) -> Scores:
    """A linear model of unigrams and bigrams by scikit-learn; its regularization is chosen on dev.

    corpus (Path): The folder of the texts.
    seed (int): The seed, of which nothing depends: the optimum is unique.
    kind (str): "tfidf": logistic regression on tf-idf. "nbsvm": on naive Bayes log-count
        ratios (Wang & Manning 2012), with the logistic loss.
    RETURNS (Scores): The scores.
    """
    import numpy
    import spacy
    from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from spacy.tokens import DocBin

    vocab = spacy.blank("en").vocab
    words: Dict[str, List[List[str]]] = {}
    truth: Dict[str, Any] = {}
    for split in ("train", "dev", "test"):
        docs = list(DocBin().from_disk(corpus / f"{split}.spacy").get_docs(vocab))
        words[split] = [[token.lower_ for token in doc if not token.is_space] for doc in docs]
        truth[split] = numpy.array([max(doc.cats, key=lambda c: doc.cats[c]) for doc in docs])
    start = time.perf_counter()
    settings = {"analyzer": lambda tokens: [*tokens, *map(" ".join, pairwise(tokens))]}
    vectorizer = (
        TfidfVectorizer(**settings) if kind == "tfidf" else CountVectorizer(binary=True, **settings)
    )
    counts = {"train": vectorizer.fit_transform(words["train"])}
    counts.update({split: vectorizer.transform(words[split]) for split in ("dev", "test")})
    labels = sorted(set(truth["train"]))
    # One weighting of the features for each label against the rest; of two, one is enough.
    ones = labels[:1] if len(labels) == 2 else labels
    tried = []
    for strength in (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0):
        margins: Dict[str, List[Any]] = {"dev": [], "test": []}
        for label in ones:
            y = truth["train"] == label
            ratio = numpy.ones(counts["train"].shape[1])
            if kind == "nbsvm":
                p, q = (1 + numpy.asarray(counts["train"][rows].sum(axis=0))[0] for rows in (y, ~y))
                ratio = numpy.log((p / p.sum()) / (q / q.sum()))
            fitted = LogisticRegression(C=strength, max_iter=3000).fit(
                counts["train"].multiply(ratio).tocsr(), y
            )
            for split, rows in margins.items():
                rows.append(fitted.decision_function(counts[split].multiply(ratio).tocsr()))
        if len(ones) == 1:
            margins = {split: [rows[0], -rows[0]] for split, rows in margins.items()}
        accuracy = {
            split: float((numpy.array(labels)[numpy.argmax(rows, axis=0)] == truth[split]).mean())
            for split, rows in margins.items()
        }
        tried.append((accuracy["dev"], accuracy["test"], strength))
    dev, test, strength = max(tried, key=lambda trial: (trial[0], -trial[2]))
    seconds = round(time.perf_counter() - start, 1)
    return {"dev": dev, "test": test, "C": strength, "train_seconds": seconds}


ROWS: Dict[str, Callable[[Path, int], Scores]] = {
    "spacy-lstm, project/configs/textcat.cfg": ours,
    "— its n-gram branch alone": lambda corpus, seed: ours(corpus, seed, model=NGRAMS),
    "— its BiLSTM alone": lambda corpus, seed: ours(corpus, seed, linear_model=None),
    "spaCy -o efficiency (bag of words)": lambda c, s: stock(c, s, "efficiency"),
    "spaCy -o accuracy, no vectors (CNN ensemble)": lambda c, s: stock(c, s, "accuracy"),
    "tf-idf + logistic regression, bigrams": lambda c, s: linear(c, s, "tfidf"),
    "NBSVM (logistic), bigrams": lambda c, s: linear(c, s, "nbsvm"),
}
DETERMINISTIC = [name for name in ROWS if "bigrams" in name]


def results_path(corpus: str) -> Path:
    """corpus (str): The name of a corpus.
    RETURNS (Path): Where its results are kept.
    """
    return RESULTS / f"textcat_{corpus}.json"


def read_results(corpus: str) -> Dict[str, Dict[str, Scores]]:
    """corpus (str): The name of a corpus.
    RETURNS (Dict[str, Dict[str, Scores]]): The scores by row and seed.
    """
    path = results_path(corpus)
    return json.loads(path.read_text("utf8")) if path.exists() else {}


def run_cell(corpus: str, row: str, seed: int) -> None:
    """Run one cell in a process of its own, with one thread, and keep its scores.

    corpus (str): The name of the corpus.
    row (str): The row.
    seed (int): The seed.
    """
    env = {**os.environ, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    command = [sys.executable, __file__, corpus, "--cell", row, "--seeds", str(seed)]
    output = subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE, text=True).stdout
    results = read_results(corpus)
    results.setdefault(row, {})[str(seed)] = json.loads(output.splitlines()[-1])
    path = results_path(corpus)
    path.parent.mkdir(exist_ok=True)
    aside = path.with_suffix(".tmp")
    aside.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf8")
    aside.replace(path)


def table(corpus: str) -> str:
    """Make a table of what is known.

    corpus (str): The name of the corpus.
    RETURNS (str): A table in Markdown: means over the seeds, with the standard deviation.
    """
    lines = ["| model | seeds | dev | test | training |", "| --- | --- | --- | --- | --- |"]
    results = read_results(corpus)
    for row in ROWS:
        cells = list(results.get(row, {}).values())
        if cells:
            dev, test = (spread([100 * cell[split] for cell in cells]) for split in ("dev", "test"))
            seconds = statistics.mean(cell["train_seconds"] for cell in cells)
            lines.append(f"| {row} | {len(cells)} | {dev} | {test} | {seconds:.0f} s |")
    return "\n".join(lines)


def spread(values: List[float]) -> str:
    """values (List[float]): A value for each seed.
    RETURNS (str): Mean and standard deviation.
    """
    mean = f"{statistics.mean(values):.1f}"
    return mean if len(values) == 1 else f"{mean} ± {statistics.stdev(values):.1f}"


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
        import torch

        torch.set_num_threads(1)
        print(json.dumps(ROWS[cell](folder, seeds[0])))
        return
    for name in ROWS:
        if row and not any(part in name for part in row):
            continue
        for seed in seeds[:1] if name in DETERMINISTIC else seeds:
            if str(seed) not in read_results(corpus).get(name, {}):
                print(f"{name}, seed {seed}", file=sys.stderr, flush=True)
                run_cell(corpus, name, seed)
    results_path(corpus).with_suffix(".md").write_text(table(corpus) + "\n", encoding="utf8")
    print(table(corpus))


if __name__ == "__main__":
    typer.run(main)
