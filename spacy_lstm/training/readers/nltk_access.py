"""Let NLTK read one place, for as long as it is read, and say what it misses.

From 3.10 on, NLTK opens only files below `nltk.data.path`, and none that another account could
have changed. This protects its users, so it stays on: the place that the user named is added for
the time of reading, and a refusal becomes a message that says which command puts it right. Nothing
is ever downloaded: a package that is missing is named, with the place where it belongs.
"""

import os
import re
import shlex
import warnings
import zipfile
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator, Optional, Tuple

import nltk.data

from ...errors import Errors
from .records import DataError, not_readable


@contextmanager
def nltk_may_read(root: Path) -> Iterator[Path]:
    """Allow NLTK to read one folder or one archive.

    NLTK's views read when they are looked at, so take what you need out of them inside the block.

    root (Path): The folder or the archive.
    YIELDS (Path): Its absolute path, which is the one to give to NLTK.
    RAISES (DataError): If it can't be opened, or NLTK refuses to.
    """
    if not root.exists():
        raise DataError(Errors.L301.format(path=root, cwd=Path.cwd()))
    root = root.resolve()
    entry = str(root)
    added = entry not in nltk.data.path
    if added:
        nltk.data.path.append(entry)
    try:
        yield root
    except OSError as err:
        # A refusal of NLTK is a PermissionError without the number that the system's own have.
        if isinstance(err, PermissionError) and err.errno is None:
            raise _refused(root, str(err), ["chmod", "-R", "go-w", entry]) from err
        raise not_readable(err, Path(err.filename or root)) from err
    except zipfile.BadZipFile as err:
        raise DataError(Errors.L324.format(path=root, reason=err)) from err
    finally:
        if added:
            nltk.data.path.remove(entry)


@contextmanager
def nltk_may_find(resource: str) -> Iterator[None]:
    """Say what is wrong where NLTK doesn't find a package in `nltk.data.path`.

    resource (str): The package as NLTK names it: the kind and the name, as in "corpora/stopwords".
    RAISES (DataError): If the block needs a package that isn't there, that NLTK refuses to read,
        or that is damaged.
    """
    try:
        with warnings.catch_warnings():
            # NLTK 3.10 warns several times of a place that it refuses, before it fails.
            warnings.filterwarnings("ignore", message="NLTK will not read data from")
            yield
    except LookupError as err:
        if type(err) is not LookupError:  # a KeyError or an IndexError is something else
            raise
        # What is missing may be another package, which the corpus is read with.
        tried = re.search(r"Attempted to load\s+(?:\x1b\[\d+m|')*(\w+/[\w.-]+)", str(err))
        raise _not_found(tried.group(1) if tried else resource) from err


def find_package(resource: str) -> Optional[Path]:
    """Look for a package in NLTK's folders.

    resource (str): Its kind and its name, as in "corpora/stopwords".
    RETURNS (Optional[Path]): Its folder or its archive, or None where there is none.
    """
    found = _locate(resource)
    return found[1] if found else None


def not_installed(resource: str) -> DataError:
    """Say which package of NLTK is missing, and where it belongs.

    resource (str): Its kind and its name, as in "corpora/stopwords".
    RETURNS (DataError): The error to raise.
    """
    kind, package = _split(resource)
    place = f"{kind}/{package}"
    folders = ", ".join(str(entry) for entry in nltk.data.path)
    return DataError(
        Errors.L361.format(resource=resource, place=place, package=package, folders=folders)
    )


def _split(resource: str) -> Tuple[str, str]:
    kind, package = resource.split("/")[:2]
    return kind, package.removesuffix(".zip")


def _locate(resource: str) -> Optional[Tuple[Path, Path]]:
    kind, package = _split(resource)
    for entry in map(Path, nltk.data.path):
        for place in (entry / kind / package, entry / kind / f"{package}.zip"):
            if place.exists():
                return entry, place
    return None


def _not_found(resource: str) -> DataError:
    found = _locate(resource)
    if found is None:
        return not_installed(resource)
    entry, place = found
    # The folders on the way count too: who can write there can put another package in its place.
    for path in (entry, place.parent, place, *sorted(place.rglob("*"))):
        stat = path.lstat()
        if os.name == "posix" and stat.st_uid not in (os.geteuid(), 0):
            owner = str(os.geteuid())
            return _refused(
                place, f"{path} belongs to another account.", ["chown", "-R", owner, str(entry)]
            )
        if os.name == "posix" and stat.st_mode & 0o022 and not path.is_symlink():
            return _refused(
                place, f"{path} can be written by others.", ["chmod", "-R", "go-w", str(entry)]
            )
    reason = f"it is damaged or not complete: {resource!r} isn't in it. Install it anew"
    return DataError(Errors.L324.format(path=place, reason=reason))


def _refused(path: Path, reason: str, command: list[str]) -> DataError:
    return DataError(Errors.L317.format(path=path, reason=reason, command=shlex.join(command)))
