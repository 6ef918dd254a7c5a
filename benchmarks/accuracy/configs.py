"""The configs of the pipelines that are measured: our recipes and their parts, and spaCy's own."""

from copy import deepcopy
from functools import cache
from typing import Any, Dict, List, Optional

import peers
from spacy import registry
from spacy.tokens import Doc
from thinc.api import Config, Model
from thinc.types import Floats2d

from spacy_lstm.training.recipes import Recipe
from spacy_lstm.training.recipes.build import make_config

from .corpora import Corpus
from .variants import At, Variation

NO_VECTORS = "spacy_lstm_benchmarks.NoVectors.v1"


def no_vectors() -> Model[List[Doc], List[Floats2d]]:
    """Make a tok2vec that tells nothing of the tokens, for a linear model alone.

    RETURNS (Model[List[Doc], List[Floats2d]]): `(n_tokens, 1)` zeros for each doc.
    """

    def forward(model: Any, docs: List[Doc], is_train: bool) -> Any:
        return [model.ops.alloc2f(len(doc), 1) for doc in docs], lambda d_vectors: docs

    return Model("no_vectors", forward, dims={"nO": 1})


registry.architectures(NO_VECTORS, func=no_vectors)


@cache
def _recipe(lang: str, component: str, recipe: Recipe, vectors: Optional[str] = None) -> Config:
    text = make_config(lang=lang, pipeline=[component], optimize=recipe, vectors=vectors)
    return Config().from_str(text, interpolate=False)


def ours(corpus: Corpus, recipe: Recipe) -> Config:
    """corpus (Corpus): The corpus.
    recipe (Recipe): The recipe.
    RETURNS (Config): What `spacy lstm init-config` makes for it.
    """
    return deepcopy(_recipe(corpus.lang, corpus.task.component, recipe))


def with_vectors(corpus: Corpus) -> Config:
    """corpus (Corpus): The corpus.
    RETURNS (Config): What `spacy lstm init-config --vectors` makes for it. Where they are is to be
        set.
    """
    return deepcopy(_recipe(corpus.lang, corpus.task.component, Recipe.accuracy, "vectors"))


def linear_alone(corpus: Corpus) -> Config:
    """corpus (Corpus): The corpus.
    RETURNS (Config): The recipe `accuracy` without its BiLSTM.
    """
    config = ours(corpus, Recipe.accuracy)
    head = config["components"][corpus.task.component]
    if corpus.task.component == "ner":
        head["model"]["@architectures"] = "spacy_lstm.CRFTagger.v1"  # which adds its scores to none
        head["model"]["tok2vec"] = {"@architectures": NO_VECTORS}
        head["model"]["network_share"] = None
    else:
        head["model"] = head["model"]["linear_model"]
        head["adversarial"] = None  # there is no encoder whose vectors could be moved
    return config


def bilstm_alone(corpus: Corpus) -> Config:
    """corpus (Corpus): The corpus.
    RETURNS (Config): The recipe `accuracy` without its linear model.
    """
    config = ours(corpus, Recipe.accuracy)
    config["components"][corpus.task.component]["model"]["linear_model"] = None
    return config


def stock(corpus: Corpus, optimize: str, **size: int) -> Config:
    """corpus (Corpus): The corpus.
    optimize (str): "efficiency" or "accuracy".
    **size (int): `width` and `depth` of the CNN, where they aren't those of spaCy.
    RETURNS (Config): What `spacy init config` makes for it, without vectors.
    """
    config = deepcopy(_stock(corpus.task.component, optimize, **size))
    config["nlp"]["lang"] = corpus.lang
    return config


@cache
def _stock(component: str, optimize: str, **size: int) -> Config:
    return peers.stock_config(component, optimize, **size)


def varied(corpus: Corpus, variation: Variation) -> Config:
    """Change settings of the recipe `accuracy`.

    corpus (Corpus): The corpus.
    variation (Variation): New values by the path of a setting, with dots.
    RETURNS (Config): The config.
    RAISES (KeyError): If there is no such setting.
    RAISES (ValueError): If it has the value already.
    """
    config = ours(corpus, Recipe.accuracy)
    for path, value in variation.items():
        keys = path.split(".")
        old = setting_at(config, keys)
        new = (
            deepcopy(setting_at(config, value.path.split("."))) if isinstance(value, At) else value
        )
        if old == new:
            raise ValueError(f"{path} of the recipe for {corpus.task.component} is {new} already.")
        setting_at(config, keys[:-1])[keys[-1]] = new
    return config


def adversarial(
    corpus: Corpus, setting: Optional[Dict[str, Any]], *, alone: bool = False
) -> Config:
    """corpus (Corpus): The corpus.
    setting (Optional[Dict[str, Any]]): The adversarial training of the component.
    alone (bool): Whether it is without its linear model.
    RETURNS (Config): The recipe `accuracy` with it.
    """
    config = bilstm_alone(corpus) if alone else ours(corpus, Recipe.accuracy)
    config["components"][corpus.task.component]["adversarial"] = setting
    return config


def setting_at(config: Dict[str, Any], path: List[str]) -> Any:
    """config (Dict[str, Any]): A config.
    path (List[str]): The keys that lead to a setting or a section.
    RETURNS (Any): The setting or section.
    RAISES (KeyError): If there is no such setting.
    """
    found: Any = config
    for key in path:
        if not isinstance(found, dict) or key not in found:
            raise KeyError(f"{'.'.join(path)} isn't in the config.")
        found = found[key]
    return found
