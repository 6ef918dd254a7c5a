"""Linear models of unigrams and bigrams, by scikit-learn, each label against the rest.

Nothing random is in them: the optimum is unique.
"""

import pickle
from itertools import pairwise
from typing import Any, Dict, List, NamedTuple, Sequence

import numpy
from cells import Scores, Took, Watch
from spacy.tokens import Doc

from spacy_lstm.layers.losses import sigmoid
from spacy_lstm.types import Array

from .folds import Docs
from .scores import measure, predicted, scores_of
from .tasks import Task

STRENGTHS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)  # C: the smaller, the stronger
#: How much of each weight is its own, the rest being the mean size of all (Wang & Manning 2012).
BETAS = {"tfidf": (1.0,), "nbsvm": (0.25, 0.5, 1.0)}
MAX_ITERATIONS = 3000


class Fitted(NamedTuple):
    """A fitted model, with one column for each label, or one for two that exclude each other.

    ratios (Array): What the features are multiplied with, `(n_features, n_columns)`.
    weights (Array): The weights of the products, `(n_features, n_columns)`.
    bias (Array): What is added, `(n_columns,)`.
    """

    ratios: Array
    weights: Array
    bias: Array

    def interpolated(self, beta: float) -> Array:
        """beta (float): The share of a weight that is its own.
        RETURNS (Array): The weights of the features, `(n_features, n_columns)`.
        """
        mean = numpy.abs(self.weights).mean(axis=0)
        return self.ratios * ((1 - beta) * mean + beta * self.weights)


class Trial(NamedTuple):
    """A model with one choice of its settings.

    score (float): The main score on dev.
    strength (float): Of `STRENGTHS`.
    beta (float): Of `BETAS`.
    weights (Array): The weights of the features.
    bias (Array): What is added.
    took (Took): The time of its training.
    """

    score: float
    strength: float
    beta: float
    weights: Array
    bias: Array
    took: Took


def settings(kind: str) -> Dict[str, Any]:
    """kind (str): "tfidf" or "nbsvm".
    RETURNS (Dict[str, Any]): What the model is made of.
    """
    return {"kind": kind, "C": STRENGTHS, "beta": BETAS[kind], "max_iter": MAX_ITERATIONS}


def words_of(docs: Sequence[Doc]) -> List[List[str]]:
    """docs (Sequence[Doc]): Docs.
    RETURNS (List[List[str]]): Their words in lower case.
    """
    return [[token.lower_ for token in doc if not token.is_space] for doc in docs]


def with_bigrams(words: List[str]) -> List[str]:
    """words (List[str]): The words of a text.
    RETURNS (List[str]): The words, and the pairs of neighbours.
    """
    return [*words, *map(" ".join, pairwise(words))]


def measure_linear(docs: Docs, task: Task, kind: str) -> Scores:
    """Fit a linear model, and measure it on dev and test.

    docs (Docs): The annotated docs of train, dev and test.
    task (Task): The task, whose main score decides on dev.
    kind (str): "tfidf": logistic regression on tf-idf. "nbsvm": on naive Bayes log-count ratios
        (Wang & Manning 2012), with the logistic loss (as Mesnil et al. 2015).
    RETURNS (Scores): The scores. The time of training is that of the chosen settings.
    """
    from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

    labels = sorted(docs["train"][0].cats)
    watch = Watch()
    vectorizer = (
        TfidfVectorizer(analyzer=with_bigrams)
        if kind == "tfidf"
        else CountVectorizer(analyzer=with_bigrams, binary=True)
    )
    counts = vectorizer.fit_transform(words_of(docs["train"]))
    counting = watch.read()
    dev = vectorizer.transform(words_of(docs["dev"]))
    truth = numpy.array([[doc.cats[label] > 0.5 for label in labels] for doc in docs["train"]])
    # Of two labels that exclude each other, one is enough.
    mirrored = task.exclusive and len(labels) == 2

    def guess(features: Any, weights: Array, bias: Array) -> Array:
        margins = features @ weights + bias
        return sigmoid(numpy.hstack([margins, -margins]) if mirrored else margins)

    trials = []
    for strength in STRENGTHS:
        watch = Watch()
        fitted = fit(counts, truth[:, :1] if mirrored else truth, kind, strength)
        took = watch.read().plus(counting)
        for beta in BETAS[kind]:
            weights = fitted.interpolated(beta)
            examples = predicted(docs["dev"], labels, guess(dev, weights, fitted.bias))
            score = measure(examples, exclusive=task.exclusive)[task.main]
            trials.append(Trial(score, strength, beta, weights, fitted.bias, took))
    best = max(trials, key=lambda trial: (trial.score, -trial.strength))
    watch = Watch()
    rows = guess(vectorizer.transform(words_of(docs["test"])), best.weights, best.bias)
    seconds = watch.read().seconds
    examples_of = {
        "dev": predicted(docs["dev"], labels, guess(dev, best.weights, best.bias)),
        "test": predicted(docs["test"], labels, rows),
    }
    found = scores_of(task, examples_of)
    kept = pickle.dumps((vectorizer.vocabulary_, best.weights.astype("float32"), best.bias))
    return {
        **found,
        "chosen": {"C": best.strength, "beta": best.beta, **found["chosen"]},
        **best.took.rounded("train_"),
        "words_per_second": round(sum(map(len, docs["test"])) / seconds),
        "megabytes": round(len(kept) / 1e6, 3),
    }


def fit(counts: Any, truth: Array, kind: str, strength: float) -> Fitted:
    """Fit the weights of features.

    counts (csr_matrix): The features of the training texts, `(n_texts, n_features)`.
    truth (Array): Whether a label applies to them, `(n_texts, n_columns)`.
    kind (str): "tfidf" or "nbsvm".
    strength (float): C of scikit-learn.
    RETURNS (Fitted): The model.
    """
    from sklearn.linear_model import LogisticRegression

    columns = []
    for y in truth.T:
        ratio = numpy.ones(counts.shape[1])
        if kind == "nbsvm":
            p, q = (1 + numpy.asarray(counts[rows].sum(axis=0))[0] for rows in (y, ~y))
            ratio = numpy.log((p / p.sum()) / (q / q.sum()))
        model = LogisticRegression(C=strength, max_iter=MAX_ITERATIONS)
        model.fit(counts.multiply(ratio).tocsr(), y)
        columns.append((ratio, model.coef_[0], model.intercept_[0]))
    ratios, weights, bias = (numpy.array(part).T for part in zip(*columns, strict=True))
    return Fitted(ratios, weights, bias)
