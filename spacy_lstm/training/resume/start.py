"""Where a training begins: anew, or at a checkpoint."""

import json
import os
import warnings
from pathlib import Path
from typing import Any, Dict, Optional

from spacy.training.loop import DIR_MODEL_BEST, clean_output_dir

from ...errors import Errors, Warnings
from ..readers.records import DataError
from .folders import writing
from .identity import Identity, changed, differences, surroundings
from .models import MODELS
from .store import Checkpoint, CheckpointStore

#: Written into the output folder at the end: what training it was.
FINISHED = "training.json"


def is_finished(output: Path, identity: Identity, *, overwrite: bool) -> bool:
    """Whether the training has come to its end before.

    output (Path): Its output folder.
    identity (Identity): What training it is.
    overwrite (bool): Whether another training there is to be replaced.
    RETURNS (bool): Whether it has.
    RAISES (DataError): If another one has, and isn't to be replaced.
    """
    if not all((output / name).exists() for name in MODELS):
        return False
    try:
        before = json.loads((output / FINISHED).read_text(encoding="utf8"))
    except FileNotFoundError:
        return False
    except (OSError, ValueError) as err:
        reason = getattr(err, "strerror", None) or err
        raise DataError(Errors.L758.format(path=output / FINISHED, reason=reason)) from err
    return _is_same(before, identity, output, overwrite=overwrite)


def find_checkpoint(
    store: CheckpointStore, output: Path, identity: Identity, *, resume: bool, overwrite: bool
) -> Optional[Checkpoint]:
    """Find where a training goes on.

    store (CheckpointStore): Its checkpoints.
    output (Path): Its output folder.
    identity (Identity): What training it is.
    resume (bool): Whether it is to go on.
    overwrite (bool): Whether it is to begin anew where it can't go on.
    RETURNS (Optional[Checkpoint]): The checkpoint; None if the training begins anew.
    RAISES (DataError): If there is a training that mustn't be replaced, or that is another one, or
        that can't be read.
    """
    if not resume:
        if store.last_step is not None and not overwrite:
            raise DataError(Errors.L751.format(path=output, step=store.last_step))
        return None
    try:
        checkpoint = store.read()
    except DataError:
        if overwrite:
            return None
        raise
    if checkpoint is None or not _is_same(
        checkpoint.identity, identity, output, overwrite=overwrite
    ):
        return None
    return checkpoint


def warn_of_changes(checkpoint: Checkpoint, output: Path, best: Any) -> None:
    """Warn of what may make the outcome another one.

    checkpoint (Checkpoint): Where the training goes on.
    output (Path): Its output folder.
    best (Any): Its evaluations so far; if there are any, there was a best pipeline.
    """
    before, now = changed(checkpoint.surroundings, surroundings())
    if before:
        warnings.warn(Warnings.LW752.format(before=before, now=now), stacklevel=2)
    if best and not (output / DIR_MODEL_BEST).exists():
        warnings.warn(Warnings.LW753.format(path=output / DIR_MODEL_BEST), stacklevel=2)


def begin_anew(store: CheckpointStore, output: Path) -> None:
    """Remove what is left of other trainings, and see whether the folder can be written.

    store (CheckpointStore): The checkpoints.
    output (Path): The output folder.
    RAISES (WriteError): If that isn't possible.
    """
    store.remove()
    with writing(output, kept=store.kept):
        (output / FINISHED).unlink(missing_ok=True)
        clean_output_dir(output)
    store.make()


def note_end(output: Path, identity: Identity, *, kept: str) -> None:
    """Note that a training has come to its end.

    output (Path): Its output folder.
    identity (Identity): What training it was.
    kept (str): For messages: where it would go on from.
    RAISES (WriteError): If that can't be written.
    """
    path = output / FINISHED
    new = path.with_name(f".{FINISHED}.new")
    with writing(path, kept=kept):
        new.write_text(json.dumps(identity, indent=1), encoding="utf8")
        os.replace(new, path)


def _is_same(before: Dict[str, Any], now: Identity, output: Path, *, overwrite: bool) -> bool:
    found = differences(before, now)
    if found and not overwrite:
        raise DataError(Errors.L752.format(path=output, differences=found))
    return not found
