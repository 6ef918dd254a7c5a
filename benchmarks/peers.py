"""What is measured: spaCy pipelines, ours and its own, and linear models by scikit-learn."""

import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Dict, List, Literal, NamedTuple, Sequence, Tuple

import numpy
import spacy
from spacy.cli.init_config import init_config
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training.initialize import init_nlp
from spacy.training.loop import train
from spacy.util import load_config
from thinc.api import Config

from spacy_lstm.types import Array

CONFIGS = Path(__file__).resolve().parent.parent / "project" / "configs"
STRENGTHS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)


def our_config(name: str, part: Literal["", "linear_model", "tok2vec"] = "") -> Config:
    """The shipped config, or a part of it.

    name (str): The name of the config, without its suffix.
    part (Literal["", "linear_model", "tok2vec"]): The branch of the model to keep, if not both: the
        linear model of n-grams, or the BiLSTM.
    RETURNS (Config): The config.
    """
    config = load_config(CONFIGS / f"{name}.cfg", interpolate=False)
    head = config["components"][config["nlp"]["pipeline"][-1]]
    if part == "linear_model":
        head["model"] = head["model"]["linear_model"]
    elif part == "tok2vec":
        head["model"]["linear_model"] = None
    return config


def stock_config(
    factory: str, optimize: str, *, width: int | None = None, depth: int | None = None
) -> Config:
    """What `spacy init config` makes, without vectors.

    factory (str): "textcat", "textcat_multilabel" or "ner".
    optimize (str): "efficiency" or "accuracy".
    width (int | None): The width of the CNN; None leaves it.
    depth (int | None): The number of its layers; None leaves it.
    RETURNS (Config): The config.
    """
    config = init_config(lang="en", pipeline=[factory], optimize=optimize, silent=True)
    config["paths"]["vectors"] = None
    tok2vec = config["components"].get("tok2vec")
    if tok2vec:
        tok2vec["model"]["embed"]["include_static_vectors"] = False
        encode = tok2vec["model"]["encode"]
        encode["width"] = width or encode["width"]
        encode["depth"] = depth or encode["depth"]
    return config


def train_pipeline(config: Config, corpus: Path, seed: int) -> Tuple[Language, float]:
    """Train with spaCy's own loop.

    config (Config): The config.
    corpus (Path): The folder of train.spacy and dev.spacy.
    seed (int): The seed.
    RETURNS (Tuple[Language, float]): The pipeline that was best on dev, and the seconds of
        training.
    """
    config["paths"]["train"] = str(corpus / "train.spacy")
    config["paths"]["dev"] = str(corpus / "dev.spacy")
    config["system"]["seed"] = seed
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        nlp = init_nlp(config)
        with (Path(folder) / "log").open("w") as log:
            train(nlp, Path(folder), stdout=log)
        seconds = time.perf_counter() - start
        return spacy.load(Path(folder) / "model-best"), seconds


class Trial(NamedTuple):
    """A linear model with one strength of its regularization.

    strength (float): C of scikit-learn: the smaller, the stronger.
    margins (Dict[str, Array]): By split, the logits, `(n_texts, n_labels)`.
    """

    strength: float
    margins: Dict[str, Array]


def linear_trials(
    docs: Dict[str, List[Doc]], labels: Sequence[str], *, kind: str, exclusive: bool
) -> List[Trial]:
    """Fit linear models of unigrams and bigrams, each label against the rest. Nothing random is in
    it: the optimum is unique.

    docs (Dict[str, List[Doc]]): The annotated docs of train, dev and test.
    labels (Sequence[str]): The labels.
    kind (str): "tfidf": logistic regression on tf-idf. "nbsvm": on naive Bayes log-count
        ratios (Wang & Manning 2012), with the logistic loss.
    exclusive (bool): Whether exactly one category applies to each text.
    RETURNS (List[Trial]): A trial for each strength, the strongest first.
    """
    from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    settings = {"analyzer": lambda tokens: [*tokens, *map(" ".join, pairwise(tokens))]}
    vectorizer = (
        TfidfVectorizer(**settings) if kind == "tfidf" else CountVectorizer(binary=True, **settings)
    )
    words = {
        split: [[token.lower_ for token in doc if not token.is_space] for doc in split_docs]
        for split, split_docs in docs.items()
    }
    counts = {"train": vectorizer.fit_transform(words["train"])}
    counts.update({split: vectorizer.transform(words[split]) for split in ("dev", "test")})
    # Of two labels that exclude each other, one is enough.
    mirrored = exclusive and len(labels) == 2
    trials = []
    for strength in STRENGTHS:
        margins: Dict[str, List[Array]] = {"dev": [], "test": []}
        for label in labels[:1] if mirrored else labels:
            y = numpy.array([doc.cats[label] > 0.5 for doc in docs["train"]])
            # One weighting of the features for each label against the rest.
            ratio = numpy.ones(counts["train"].shape[1])
            if kind == "nbsvm":
                p, q = (1 + numpy.asarray(counts["train"][rows].sum(axis=0))[0] for rows in (y, ~y))
                ratio = numpy.log((p / p.sum()) / (q / q.sum()))
            fitted = LogisticRegression(C=strength, max_iter=3000).fit(
                counts["train"].multiply(ratio).tocsr(), y
            )
            for split, columns in margins.items():
                columns.append(fitted.decision_function(counts[split].multiply(ratio).tocsr()))
        if mirrored:
            margins = {split: [column, -column] for split, [column] in margins.items()}
        trials.append(Trial(strength, {s: numpy.array(c).T for s, c in margins.items()}))
    return trials
