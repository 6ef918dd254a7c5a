"""The models that are compared."""

from typing import Any, Callable, Dict, List, NamedTuple, Tuple

from cells import Scores
from thinc.api import Config

from spacy_lstm.training.recipes import Recipe

from . import configs, crfsuite, linear, pipelines
from .corpora import Corpus
from .folds import Docs
from .tasks import NER

MakeConfig = Callable[[Corpus], Config]


class Model(NamedTuple):
    """A model that is measured.

    settings (Callable[[Corpus], Dict[str, Any]]): Says what it is made of. Where that differs, so
        may the figures.
    measure (Callable[[Docs, Corpus, int], Scores]): Trains and measures it, with a seed.
    cost (float): About how many seconds a thousand words to learn from take.
    random (bool): Whether another seed gives another model.
    """

    settings: Callable[[Corpus], Dict[str, Any]]
    measure: Callable[[Docs, Corpus, int], Scores]
    cost: float
    random: bool = True


def pipeline(
    make: MakeConfig,
    cost: float,
    *,
    blis: bool = True,
    attacked: bool = False,
    vectors: bool = False,
) -> Model:
    """make (MakeConfig): Makes its config.
    cost (float): As for `Model`.
    blis (bool): As for `measure_pipeline`.
    attacked (bool): As for `measure_pipeline`.
    vectors (bool): As for `measure_pipeline`.
    RETURNS (Model): A spaCy pipeline.
    """
    how = {"blis": blis, "attacked": attacked, "vectors": vectors}
    return Model(
        lambda corpus: pipelines.settings(make(corpus), **how),
        lambda docs, corpus, seed: pipelines.measure_pipeline(
            make(corpus), corpus, docs, seed, **how
        ),
        cost,
    )


def _linear(kind: str) -> Model:
    return Model(
        lambda corpus: linear.settings(kind),
        lambda docs, corpus, seed: linear.measure_linear(docs, corpus.task, kind),
        0.1,
        random=False,
    )


def recipe(name: Recipe, cost: float) -> Model:
    """name (Recipe): A recipe.
    cost (float): As for `Model`.
    RETURNS (Model): The pipeline that it makes.
    """
    return pipeline(lambda corpus: configs.ours(corpus, name), cost)


SPEED, ACCURACY, LONG = (f"spacy-lstm, {name.value}" for name in Recipe)
LINEAR_ALONE, BILSTM_ALONE = "— its linear part alone", "— its BiLSTM alone"
WITH_VECTORS = "— with vectors of its texts (floret)"
EFFICIENCY, STOCK_ACCURACY = "spaCy -o efficiency", "spaCy -o accuracy, no vectors"
SMALL_CNN = "— width 96, depth 4"
WITHOUT_BLIS = "— without BLIS"
TFIDF, NBSVM = "tf-idf + logistic regression, bigrams", "NBSVM (logistic), bigrams"
CRF = "CRFsuite, features of words"
OURS = (SPEED, ACCURACY, LONG, LINEAR_ALONE, BILSTM_ALONE, WITH_VECTORS)


def models_of(corpus: Corpus) -> Dict[str, Model]:
    """corpus (Corpus): A corpus.
    RETURNS (Dict[str, Model]): The models that are measured on it, by name, in their order.
    """
    entities = corpus.task is NER
    small = {"width": 96, "depth": 4}
    efficiency: MakeConfig = lambda corpus: configs.stock(corpus, "efficiency")  # noqa: E731
    models: List[Tuple[str, Model]] = [
        (ACCURACY, recipe(Recipe.accuracy, 3.0 if entities else 0.5)),
        (LINEAR_ALONE, pipeline(configs.linear_alone, 1.5 if entities else 0.5)),
        (BILSTM_ALONE, pipeline(configs.bilstm_alone, 2.5 if entities else 1.0)),
        (WITH_VECTORS, pipeline(configs.with_vectors, 4.0 if entities else 1.5, vectors=True)),
        (SPEED, recipe(Recipe.speed, 2.0 if entities else 0.5)),
        (LONG, recipe(Recipe.long, 3.0 if entities else 0.5)),
        (EFFICIENCY, pipeline(efficiency, 3.0 if entities else 0.5)),
    ]
    if entities:
        models.append((WITHOUT_BLIS, pipeline(efficiency, 2.0, blis=False)))
    big = pipeline(lambda corpus: configs.stock(corpus, "accuracy"), 20.0 if entities else 100.0)
    models.append((STOCK_ACCURACY, big))
    if entities:
        crf = Model(
            lambda corpus: crfsuite.settings(),
            lambda docs, corpus, seed: crfsuite.measure_crf(docs),
            5.0,
            random=False,
        )
        return dict([*models, (CRF, crf)])
    small_cnn = pipeline(lambda c: configs.stock(c, "accuracy", **small), 20.0, blis=False)
    return dict(
        [*models, (SMALL_CNN, small_cnn), (TFIDF, _linear("tfidf")), (NBSVM, _linear("nbsvm"))]
    )
