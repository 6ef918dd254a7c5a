"""Texts from folders: a folder for each category, and in it a file for each text."""

from pathlib import Path
from typing import Iterator, List

from ...errors import Errors
from .lines import iter_lines
from .records import DataError, Record, make_record, not_readable


def iter_folder(path: Path) -> Iterator[Record]:
    """Read texts from the .txt files in the folders of their categories, one at a time. Hidden
    files, whose names begin with a point, are left out. Everything else that isn't such a file is
    an error, since nobody knows whether it was forgotten: so a folder within a category, too.

    path (Path): The folder of the folders.
    YIELDS (Record): The texts, in the order of the names of the folders and the files.
    RAISES (DataError): If there is no such folder, or anything else in it, or a file can't be used.
    """
    if not path.is_dir():
        raise DataError(Errors.L301.format(path=path, cwd=Path.cwd()))
    folders = _entries(path)
    if not folders:
        raise DataError(Errors.L303.format(path=path))
    for folder in folders:
        if not folder.is_dir():
            raise DataError(Errors.L382.format(path=folder, reason="this isn't in a category"))
    for folder in folders:
        files = _entries(folder)
        if not files:
            raise DataError(Errors.L303.format(path=folder))
        for file in files:
            if file.is_dir():
                reason = "this is a folder within a category"
                raise DataError(Errors.L382.format(path=file, reason=reason))
            if file.suffix.lower() != ".txt":
                raise DataError(Errors.L382.format(path=file, reason="this isn't a .txt file"))
            text = "".join(line.text for line in iter_lines(file, keep_ends=True))
            yield make_record(text, {folder.name.strip(): 1.0}, str(file))


def _entries(folder: Path) -> List[Path]:
    try:
        return sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
    except OSError as err:
        raise not_readable(err, folder) from err
