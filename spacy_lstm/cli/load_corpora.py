"""Load the training data of a config, as `spacy train` does."""

import configparser
from pathlib import Path
from typing import Any, Dict, List

from spacy.language import Language
from spacy.training import Example
from spacy.training.initialize import init_nlp
from spacy.util import get_sourced_components, resolve_dot_names

from ..errors import Errors
from ..training.debug_data.corpora import DEV, TRAIN, Corpora
from ..training.readers.records import DataError
from .load import LOADING, make_pipeline, read_config, reason_of


def load_corpora(path: Path, overrides: Dict[str, Any]) -> Corpora:
    """Load the texts of a config, and initialize its pipeline with them, if that is possible.

    path (Path): The config.
    overrides (Dict[str, Any]): Other values for its settings, by their names with dots.
    RETURNS (Corpora): The pipeline and the texts.
    RAISES (DataError): If the texts can't be read, or the pipeline can't be made.
    """
    config = read_config(path, overrides)
    unready = ""
    try:
        nlp = init_nlp(config)
    except (*LOADING, configparser.Error) as err:
        unready = reason_of(err)
        nlp = make_pipeline(config, path)
    train, dev = (_read(nlp, split) for split in (TRAIN, DEV))
    return Corpora(nlp, train, dev, unready, is_new=not get_sourced_components(config))


def _read(nlp: Language, split: str) -> List[Example]:
    try:
        config = nlp.config.interpolate()
        (corpus,) = resolve_dot_names(config, [config["training"][f"{split}_corpus"]])
        return list(corpus(nlp))
    except LOADING as err:
        raise DataError(Errors.L742.format(split=split, reason=reason_of(err))) from err
