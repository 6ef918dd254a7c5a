"""Let NLTK read one place, for as long as it is read.

From 3.10 on, NLTK opens only files below `nltk.data.path`, and none that another account could
have changed. This protects its users, so it stays on: the place that the user named is added for
the time of reading, and a refusal becomes a message that says which command puts it right.
"""

import shlex
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

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
            command = shlex.join(["chmod", "-R", "go-w", entry])
            raise DataError(Errors.L317.format(path=root, reason=err, command=command)) from err
        raise not_readable(err, Path(err.filename or root)) from err
    finally:
        if added:
            nltk.data.path.remove(entry)
