"""What makes a training the same one: its config, its files, and what it is run with."""

import json
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any, Dict, Iterator, List, Mapping, Optional, Tuple

import torch
from thinc.api import Config, get_current_ops

from ...errors import Errors
from ..readers.records import DataError
from .checksums import checksum_of

#: The packages whose versions may change the last bits of a weight.
PACKAGES = ("spacy", "spacy-lstm", "thinc", "torch", "numpy")
#: How many differences are told.
MOST = 5

#: Values by the name of a setting, checksums by the name of a file.
Identity = Dict[str, Dict[str, Any]]


def identify(config: Config, output: Path, code: Optional[Path] = None) -> Identity:
    """Describe a training.

    config (Config): Its config, with all overrides.
    output (Path): Where it is written, which doesn't count.
    code (Optional[Path]): The file with additional code.
    RETURNS (Identity): The `settings` of the config, with their names with dots, and checksums of
        the `files` that it names for corpora, initialization and components from other pipelines.
    RAISES (DataError): If a file can't be read.
    """
    # As it is when it was written and read: tuples are lists, for instance.
    settings = json.loads(json.dumps(dict(_flatten(config.interpolate())), default=str))
    files = {} if code is None else {"--code": _checksum(code, output)}
    for name, value in settings.items():
        section = name.split(".")[0]
        names_file = section in ("corpora", "initialize") or (
            section == "components" and name.endswith(".source")
        )
        if names_file and isinstance(value, str) and Path(value).exists():
            files[name] = _checksum(Path(value), output)
    return {"settings": settings, "files": files}


def differences(before: Identity, now: Identity) -> str:
    """Say what differs between two trainings.

    before (Identity): One of them.
    now (Identity): The other.
    RETURNS (str): The settings and files that differ, and how; empty if they are the same.
    """
    told: List[str] = []
    for name, old, new in _changes(before["settings"], now["settings"]):
        told.append(f"{name} was {_show(old)}, and is {_show(new)}")
    for name, _, _ in _changes(before["files"], now["files"]):
        told.append(f"the content of {name} has changed")
    if len(told) > MOST:
        told[MOST:] = [f"and {len(told) - MOST} more"]
    return "; ".join(told)


def surroundings() -> Dict[str, str]:
    """RETURNS (Dict[str, str]): What may change the last bits of a weight: versions, the kind of
    device, the processor, and the number of threads."""
    machine = {
        "device": get_current_ops().device_type,
        "processor": platform.machine(),
        "threads": str(torch.get_num_threads()),
    }
    return {**{name: version(name) for name in PACKAGES}, **machine}


def changed(before: Mapping[str, str], now: Mapping[str, str]) -> Tuple[str, str]:
    """Say what differs in the surroundings.

    before (Mapping[str, str]): Those of before.
    now (Mapping[str, str]): Those of now.
    RETURNS (Tuple[str, str]): What was, and what is; both empty if nothing has changed.
    """
    changes = list(_changes(before, now))
    was = ", ".join(f"{name} {old}" for name, old, _ in changes)
    return was, ", ".join(f"{name} {new}" for name, _, new in changes)


def _changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Tuple[str, Any, Any]]:
    for name in sorted({*before, *now}):
        old, new = before.get(name), now.get(name)
        if old != new or (name in before) != (name in now):
            yield name, old, new


def _flatten(section: Mapping[str, Any], prefix: str = "") -> Iterator[Tuple[str, Any]]:
    for key, value in section.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict) and value:
            yield from _flatten(value, f"{name}.")
        else:
            yield name, value


def _show(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _checksum(path: Path, output: Path) -> str:
    try:
        return checksum_of(path, without=output)
    except OSError as err:
        raise DataError(Errors.L758.format(path=path, reason=err.strerror or err)) from err
