"""What is measured: the corpora with all models, learning curves, ablations, robustness."""

import hashlib
import json
from functools import partial
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional, Sequence

from cells import RESULTS, Results, read_results

from . import configs
from .corpora import CORPORA, Corpus
from .models import ACCURACY, CRF, EFFICIENCY, NBSVM, SPEED, Model, models_of, pipeline
from .tasks import NER
from .variants import ABLATIONS, ADVERSARIAL, ALONE

FOLDER = RESULTS / "accuracy"
SEEDS = (0, 1, 2)
SIZES: Sequence[Optional[int]] = (100, 300, 1000, 3000, None)


#: Settings that change no figure at the values that the recipes have: a guard that finds nothing
#: to do, how the work is split.
HARMLESS = {
    "learn_rate_scale": 1.0,
    "max_skipped_steps": 10,
    "max_tokens_per_batch": 32768,
    "optimizer_eps": None,
    "residual": False,
    "tbptt": None,
}


#: What a value of a setting was called when cells were measured that are still valid.
RENAMED = {
    ("@architectures", "spacy_lstm.CRFTagger.v2"): "spacy_lstm.CRFTagger.v1",
    ("threshold", None): 0.15,  # of `lstm_ner` with `mode = "posterior"`
}


def _decisive(settings: Any, key: str = "") -> Any:
    if not isinstance(settings, dict):
        is_plain = isinstance(settings, (str, type(None)))
        return RENAMED.get((key, settings), settings) if is_plain else settings
    return {
        key: _decisive(value, key)
        for key, value in settings.items()
        if key not in HARMLESS or value != HARMLESS[key]
    }


class Row(NamedTuple):
    """A row of a table.

    model (Model): What is measured.
    n_train (Optional[int]): How many texts it learns from; None for all.
    """

    model: Model
    n_train: Optional[int] = None


class Experiment(NamedTuple):
    """A table of cells, each a row with a seed or fold.

    name (str): Its name, also that of its files.
    kind (str): "corpus", "curve", "ablation" or "robustness".
    corpus (Corpus): What is measured on.
    rows (Dict[str, Row]): The rows by name.
    """

    name: str
    kind: str
    corpus: Corpus
    rows: Dict[str, Row]

    def path(self, folder: Path) -> Path:
        """folder (Path): The folder of the results.
        RETURNS (Path): The file of the results.
        """
        return folder / f"{self.name}.json"

    def results(self, folder: Path) -> Results:
        """folder (Path): The folder of the results.
        RETURNS (Results): What is known of its rows, in their order.
        """
        known = read_results(self.path(folder))
        return {name: known[name] for name in self.rows if name in known}

    def columns(self, name: str) -> List[int]:
        """name (str): The name of a row.
        RETURNS (List[int]): The folds, or the seeds: one if nothing is random.
        """
        if self.corpus.folds:
            return list(range(self.corpus.folds))
        return list(SEEDS if self.rows[name].model.random else SEEDS[:1])

    def fingerprint(self, name: str) -> str:
        """name (str): The name of a row.
        RETURNS (str): The checksum of all settings that its figures hang on.
        """
        model, n_train = self.rows[name]
        settings = _decisive({"n_train": n_train, **model.settings(self.corpus)})
        return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:16]


def at_size(name: str, size: Optional[int]) -> str:
    """name (str): The name of a model.
    size (Optional[int]): How many texts it learns from; None for all.
    RETURNS (str): The name of the row.
    """
    return f"{name} @ {size or 'all'}"


def curve_models(corpus: Corpus) -> List[str]:
    """corpus (Corpus): A corpus.
    RETURNS (List[str]): The models in its learning curve.
    """
    return [ACCURACY, SPEED, EFFICIENCY, CRF if corpus.task is NER else NBSVM]


def _all_models(corpus: Corpus) -> Experiment:
    rows = {name: Row(model) for name, model in models_of(corpus).items()}
    return Experiment(corpus.name, "corpus", corpus, rows)


def _curve(corpus: Corpus) -> Experiment:
    models = models_of(corpus)
    rows = {
        at_size(name, size): Row(models[name], size)
        for name in curve_models(corpus)
        for size in SIZES
    }
    return Experiment(f"curve_{corpus.name}", "curve", corpus, rows)


def _ablation(corpus: Corpus) -> Experiment:
    full = models_of(corpus)[ACCURACY]
    rows = {ACCURACY: Row(full)}
    for name, variation in ABLATIONS[corpus.task.component].items():
        rows[name] = Row(pipeline(partial(configs.varied, variation=variation), full.cost))
    return Experiment(f"ablation_{corpus.name}", "ablation", corpus, rows)


def _robustness(corpus: Corpus) -> Experiment:
    cost = models_of(corpus)[ACCURACY].cost
    rows = {}
    for before in ("", ALONE):
        for name, setting in ADVERSARIAL.items():
            make = partial(configs.adversarial, setting=setting, alone=before == ALONE)
            model = pipeline(make, cost * (2 if setting else 1), attacked=True)
            rows[before + name] = Row(model)
    return Experiment(f"robustness_{corpus.name}", "robustness", corpus, rows)


EXPERIMENTS: Dict[str, Experiment] = {
    experiment.name: experiment
    for experiment in (
        *(_all_models(corpus) for corpus in CORPORA.values()),
        *(_curve(CORPORA[name]) for name in ("sst2", "conll2002_esp")),
        *(_ablation(CORPORA[name]) for name in ("sst2", "wnut17")),
        *(_robustness(CORPORA[name]) for name in ("sst2", "wnut17")),
    )
}
