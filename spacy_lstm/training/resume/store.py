"""The checkpoints of a training on the disk: the last two, each with checksums of its files."""

import hashlib
import json
import shutil
import warnings
from pathlib import Path
from typing import Any, Callable, Dict, List, NamedTuple, Optional

import numpy
import srsly

from ...errors import Errors, Warnings
from ...types import Array
from ..readers.records import DataError
from .checksums import checksum_of
from .folders import remove, replacing, writing
from .identity import Identity

FORMAT = 1
MANIFEST, STATE, ARRAYS = "manifest.json", "state.msgpack", "arrays.npz"
PREFIX = "step-"
KEPT = 2


class Checkpoint(NamedTuple):
    """A checkpoint whose files are as they were written.

    path (Path): Its folder.
    step (int): The number of the last step before it.
    identity (Identity): What training it is of.
    surroundings (Dict[str, str]): What that was run with.
    """

    path: Path
    step: int
    identity: Identity
    surroundings: Dict[str, str]

    def read_state(self) -> Dict[str, Any]:
        """RETURNS (Dict[str, Any]): Its plain values."""
        return srsly.read_msgpack(self.path / STATE)

    def read_arrays(self) -> Dict[str, Array]:
        """RETURNS (Dict[str, Array]): Its arrays."""
        with numpy.load(self.path / ARRAYS, allow_pickle=False) as arrays:
            return dict(arrays)


class CheckpointStore:
    """The checkpoints of a training.

    path (Path): Their folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def last_step(self) -> Optional[int]:
        """RETURNS (Optional[int]): The step of the last checkpoint, damaged or not; or None."""
        paths = self._paths()
        return _step_of(paths[0]) if paths else None

    @property
    def kept(self) -> str:
        """RETURNS (str): For messages: after which step the training is kept."""
        step = self.last_step
        return "nowhere yet" if step is None else f"after step {step}"

    def read(self) -> Optional[Checkpoint]:
        """RETURNS (Optional[Checkpoint]): The last checkpoint that isn't damaged, with a warning
        for each that is; None if there are none at all.
        RAISES (DataError): If all are damaged.
        """
        damages = []
        for path in self._paths():
            try:
                checkpoint = _read(path)
            except (OSError, ValueError, KeyError, TypeError) as err:
                damages.append((path, getattr(err, "strerror", None) or err))
                continue
            for damaged, reason in damages:
                message = Warnings.LW751.format(path=damaged, reason=reason)
                warnings.warn(message, stacklevel=2)
            return checkpoint
        if damages:
            reasons = "; ".join(f"{path.name}: {reason}" for path, reason in damages)
            raise DataError(Errors.L754.format(path=self.path, reasons=reasons))
        return None

    def write(
        self,
        step: int,
        identity: Identity,
        surroundings: Dict[str, str],
        *,
        state: Dict[str, Any],
        arrays: Dict[str, Array],
        write_more: Callable[[Path], None],
    ) -> None:
        """Write a checkpoint, and remove those before the last two.

        step (int): The number of the last step.
        identity (Identity): What training it is.
        surroundings (Dict[str, str]): What it is run with.
        state (Dict[str, Any]): Plain values.
        arrays (Dict[str, Array]): Arrays.
        write_more (Callable[[Path], None]): Writes other files into a folder.
        RAISES (WriteError): If it can't be written. Those that are there stay.
        """
        self.make()
        with replacing(self.path / f"{PREFIX}{step:09}", kept=self.kept) as folder:
            srsly.write_msgpack(folder / STATE, state)
            numpy.savez(folder / ARRAYS, **arrays)  # type: ignore[arg-type]
            write_more(folder)
            manifest = {
                "format": FORMAT,
                "step": step,
                "identity": identity,
                "surroundings": surroundings,
                "files": {path.name: checksum_of(path) for path in sorted(folder.iterdir())},
            }
            text = json.dumps({**manifest, "checksum": _manifest_checksum(manifest)}, indent=1)
            (folder / MANIFEST).write_text(text, encoding="utf8")
        self._remove_others(step)

    def make(self) -> None:
        """Make the folder, where it isn't there.

        RAISES (WriteError): If that isn't possible.
        """
        with writing(self.path, kept=self.kept):
            self.path.mkdir(exist_ok=True)

    def remove(self) -> None:
        """Remove all of them.

        RAISES (WriteError): If that isn't possible.
        """
        with writing(self.path, kept=self.kept):
            remove(self.path)

    def _remove_others(self, step: int) -> None:
        # Later ones are damaged, or of a training that was begun anew from an earlier one.
        paths = self._paths()
        before = [path for path in paths if _step_of(path) <= step]
        unfinished = self.path.glob(f".{PREFIX}*")  # of a process that was killed
        for path in {*paths, *unfinished} - {*before[:KEPT]}:
            shutil.rmtree(path, ignore_errors=True)

    def _paths(self) -> List[Path]:
        found = self.path.glob(f"{PREFIX}*") if self.path.is_dir() else []
        paths = [path for path in found if path.name[len(PREFIX) :].isdigit()]
        return sorted(paths, key=_step_of, reverse=True)


def _step_of(path: Path) -> int:
    return int(path.name[len(PREFIX) :])


def _read(path: Path) -> Checkpoint:
    manifest = json.loads((path / MANIFEST).read_text(encoding="utf8"))
    checksum = manifest.pop("checksum")
    if checksum != _manifest_checksum(manifest):
        raise ValueError(f"{MANIFEST} was changed")
    if manifest["format"] != FORMAT:
        raise ValueError(f"its format is {manifest['format']}, and only {FORMAT} is known")
    for name, expected in manifest["files"].items():
        if checksum_of(path / name) != expected:
            raise ValueError(f"{name} was changed")
    return Checkpoint(path, manifest["step"], manifest["identity"], manifest["surroundings"])


def _manifest_checksum(manifest: Dict[str, Any]) -> str:
    text = json.dumps(manifest, sort_keys=True)
    return hashlib.blake2b(text.encode("utf8"), digest_size=16).hexdigest()
