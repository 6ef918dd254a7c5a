"""Write what commands find."""

from pathlib import Path
from typing import Any

import srsly

from ..errors import Errors
from ..training.readers.records import DataError
from .load import reason_of


def write_json(path: Path, figures: Any) -> None:
    """Write figures for other programs.

    path (Path): The file.
    figures (Any): The figures.
    RAISES (DataError): If it can't be written.
    """
    try:
        srsly.write_json(path, figures)
    except OSError as err:
        raise DataError(Errors.L705.format(path=path, reason=reason_of(err))) from err


def write_text(path: Path, content: str) -> None:
    """Write a page or a picture.

    path (Path): The file.
    content (str): What goes into it.
    RAISES (DataError): If it can't be written.
    """
    try:
        path.write_text(content, encoding="utf8")
    except OSError as err:
        raise DataError(Errors.L705.format(path=path, reason=reason_of(err))) from err


def make_folder(path: Path) -> None:
    """Make a folder, and those above it, where it isn't there.

    path (Path): The folder.
    RAISES (DataError): If it can't be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as err:
        raise DataError(Errors.L759.format(path=path, reason=reason_of(err))) from err
