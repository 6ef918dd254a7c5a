"""The pipelines that a training writes: the last one and the best one."""

import shutil
from pathlib import Path
from typing import Callable

from spacy.language import Language
from spacy.training.loop import DIR_MODEL_BEST, DIR_MODEL_LAST
from thinc.api import Optimizer

from .folders import recover, replacing

MODELS = (DIR_MODEL_LAST, DIR_MODEL_BEST)


def recover_models(output: Path) -> None:
    """Put pipelines back in their places, if something stopped the replacement of one.

    output (Path): Where the folders are.
    """
    for name in MODELS:
        recover(output / name)


def save_models(
    nlp: Language,
    optimizer: Optimizer,
    before_to_disk: Callable[[Language], Language],
    output: Path,
    *,
    is_best: bool,
    kept: str,
) -> None:
    """Write the pipeline with its averaged weights as spaCy does, each folder as a whole.

    nlp (Language): The pipeline.
    optimizer (Optimizer): The optimizer, which has the averages.
    before_to_disk (Callable[[Language], Language]): Gives what is to be written of it.
    output (Path): Where the folders are.
    is_best (bool): Whether it is the best one too.
    kept (str): For messages: where the training goes on from.
    RAISES (WriteError): If they can't be written. Those that are there stay.
    """
    last = output / DIR_MODEL_LAST
    with replacing(last, kept=kept) as folder, nlp.use_params(optimizer.averages or {}):
        before_to_disk(nlp).to_disk(folder)
    if is_best:
        with replacing(output / DIR_MODEL_BEST, kept=kept) as folder:
            shutil.copytree(last, folder, dirs_exist_ok=True)
