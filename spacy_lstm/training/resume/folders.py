"""Folders that are there as a whole, or as they were before."""

import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

from ...errors import Errors
from ..readers.records import DataError


class WriteError(DataError):
    """A folder can't be written: the disk is full, or it isn't there any more."""


@contextmanager
def writing(path: Path, *, kept: str) -> Iterator[None]:
    """Tell the user what is wrong, where something within the block can't be written.

    path (Path): What is written.
    kept (str): Where the training goes on from, if this fails.
    RAISES (WriteError): If that happens.
    """
    try:
        yield
    except OSError as err:
        reason = err.strerror or err
        raise WriteError(Errors.L753.format(path=path, reason=reason, kept=kept)) from err


@contextmanager
def replacing(path: Path, *, kept: str) -> Iterator[Path]:
    """Write a folder aside, and put it in its place when all of it is on the disk. If that fails,
    or the machine does, the folder that was there before is there still.

    path (Path): The folder. The one it is in must be there.
    kept (str): For the message: where the training goes on from, if this fails.
    YIELDS (Path): The folder to write to, which is empty.
    RAISES (WriteError): If it can't be written.
    """
    new, old = path.with_name(f".{path.name}.new"), _old(path)
    try:
        with writing(path, kept=kept):
            remove(new)
            new.mkdir()
            yield new
            _sync(new)
            remove(old)
            if path.exists():
                path.rename(old)
            new.rename(path)
            _sync_entry(path.parent)
            remove(old)
    finally:
        shutil.rmtree(new, ignore_errors=True)
        recover(path)


def recover(path: Path) -> None:
    """Put a folder back in its place, if something stopped `replacing` between both of its steps.

    path (Path): The folder.
    """
    old = _old(path)
    if old.exists() and not path.exists():
        old.rename(path)


def remove(path: Path) -> None:
    """path (Path): A folder that is removed, if it is there."""
    if path.exists():
        shutil.rmtree(path)


def _old(path: Path) -> Path:
    return path.with_name(f".{path.name}.old")


def _sync(folder: Path) -> None:
    for parent, _, files in os.walk(folder):
        for name in files:
            _sync_entry(Path(parent) / name)
        _sync_entry(Path(parent))


def _sync_entry(path: Path) -> None:
    if os.name == "nt" and path.is_dir():
        return  # Windows has no such thing
    # Windows syncs only what is open for writing.
    entry = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(entry)
    finally:
        os.close(entry)
