"""What all scripts share: how they are run, and how they write their outputs."""

import errno
import hashlib
import os
import shutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Callable, Iterator, Sequence

import typer
from wasabi import msg
from wasabi.util import locale_escape

from spacy_lstm.errors import Errors
from spacy_lstm.training.readers.records import DataError

PROJECT = Path(__file__).resolve().parent.parent


def run(main: Callable[..., Any]) -> None:
    """Run a script's main function on the arguments of the command line. Data that can't be used
    end it with a message and the exit code 1, without a traceback.

    main (Callable[..., Any]): The function.
    """
    try:
        typer.run(main)
    except DataError as err:
        fail("This can't go on", err)
        sys.exit(1)


def fail(title: str, err: DataError) -> None:
    """Tell the user what is wrong.

    title (str): What can't be done.
    err (DataError): Why, and what to do.
    """
    msg.fail(title)
    # Not by wasabi, which breaks lines: a path or a command must stay whole to be copied.
    print(locale_escape(err))


def print_table(rows: Sequence[Sequence[str]], header: Sequence[str]) -> None:
    """Print a table: names to the left, numbers to the right.

    rows (Sequence[Sequence[str]]): The cells of each row.
    header (Sequence[str]): The heads of the columns.
    """
    cells = [[locale_escape(cell) for cell in row] for row in rows]
    heads = [locale_escape(head) for head in header]
    msg.table(cells, header=heads, divider=True, aligns=["l", *"r" * (len(heads) - 1)])


def unquoted(value: str) -> str:
    """Remove the quotation marks around an argument: where `spacy project` runs on Windows, it
    leaves those that project.yml writes around paths and texts.

    value (str): The argument.
    RETURNS (str): The argument itself.
    """
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value


def md5_of(path: Path) -> str:
    """Get the checksum of a file.

    path (Path): The file.
    RETURNS (str): Its md5, as project.yml writes it.
    """
    digest = hashlib.md5(usedforsecurity=False)
    with path.open("rb") as file_:
        for block in iter(lambda: file_.read(2**20), b""):
            digest.update(block)
    return digest.hexdigest()


def check_writable(folder: Path) -> None:
    """Check that a folder is there and can be written, or can be made.

    folder (Path): The folder.
    RAISES (DataError): If not.
    """
    nearest = folder.resolve()
    while not nearest.exists():
        nearest = nearest.parent
    if not nearest.is_dir():
        raise DataError(Errors.L323.format(path=folder, reason=f"{nearest} is a file"))
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise DataError(Errors.L323.format(path=folder, reason=f"no permission in {nearest}"))


@contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """Write files into a folder: all of them, or none. They are written aside and moved when the
    block ends well; when it doesn't, or when a move fails, the folder is left as it was.

    folder (Path): Where the files belong.
    YIELDS (Path): An empty folder, where the block writes them.
    RAISES (DataError): If they can't be written.
    """
    with writing(folder):
        target = folder.resolve()
        target.parent.mkdir(parents=True, exist_ok=True)
        # Beside the target, so that it is the same disk, where a move is one step.
        aside = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
        try:
            new, old = aside / "new", aside / "old"
            new.mkdir()
            old.mkdir()
            yield new
            move_all(new, target, old)
        finally:
            shutil.rmtree(aside, ignore_errors=True)


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Turn a failure to write into a message for the user.

    folder (Path): What is written, for the message.
    RAISES (DataError): If something in the block can't be written.
    """
    check_writable(folder)
    try:
        yield
    except OSError as err:
        raise DataError(Errors.L323.format(path=folder, reason=err.strerror or err)) from err


def move_all(new: Path, target: Path, old: Path) -> None:
    """Move all that is in one folder to another: all of it, or nothing if a move fails.

    new (Path): The folder to empty.
    target (Path): The folder to fill. A file in the way is replaced, and so is a folder that holds
        nothing but files of spaCy's training data.
    old (Path): An empty folder, for what is replaced. All three must be on one disk.
    RAISES (OSError): If a move fails.
    """
    target.mkdir(parents=True, exist_ok=True)
    moved = []
    try:
        for path in sorted(new.iterdir()):
            place = target / path.name
            if place.is_dir() and any(file.suffix != ".spacy" for file in place.iterdir()):
                raise IsADirectoryError(errno.EISDIR, f"{place.name} is a folder there")
            if place.exists():
                os.replace(place, old / path.name)
            moved.append(path.name)
            os.replace(path, place)
    except OSError:
        for name in moved:
            if (target / name).exists():
                os.replace(target / name, new / name)
            if (old / name).exists():
                os.replace(old / name, target / name)
        raise
