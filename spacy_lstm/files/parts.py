"""What a component consists of when it is saved: named parts, files in a folder or bytes."""

import stat
from pathlib import Path
from typing import Any, Dict, NamedTuple, Optional

from ..errors import Errors
from .unpack import UnreadableError, unpack


class Part(NamedTuple):
    """A part that was found and not read yet.

    where (str): What messages call it.
    size (int): Its size in bytes.
    path (Optional[Path]): Where it lies, or None.
    content (bytes): The part itself, if it lies nowhere.
    """

    where: str
    size: int
    path: Optional[Path] = None
    content: bytes = b""

    def read(self, most: Optional[int] = None) -> bytes:
        """most (Optional[int]): How many bytes to read, from the beginning. By default all.
        RETURNS (bytes): What is there.
        RAISES (ValueError): If it can't be read.
        """
        n = self.size if most is None else min(most, self.size)
        if self.path is None:
            return self.content[:n]
        try:
            with self.path.open("rb") as file:
                return file.read(n)
        except OSError as err:
            raise unreadable_part(self.where, str(err)) from err


#: The names of the parts, in the order in which they are written.
MANIFEST, CFG, MODEL = "format.json", "cfg", "model"


def unreadable_part(where: str, reason: str) -> ValueError:
    """where (str): The part.
    reason (str): What is wrong.
    RETURNS (ValueError): The error to raise.
    """
    return ValueError(
        Errors.L801.format(where=where, reason=reason, files=f"{CFG}, {MODEL}, {MANIFEST}")
    )


def parts_in_folder(folder: Path) -> Dict[str, Part]:
    """folder (Path): The folder of a component.
    RETURNS (Dict[str, Part]): Those of its parts that are there.
    RAISES (ValueError): If one is no file, such as a pipe that never ends.
    """
    parts = {}
    for name in (MANIFEST, CFG, MODEL):
        path = folder / name
        try:
            status = path.stat()
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as err:
            raise unreadable_part(str(path), str(err)) from err
        if not stat.S_ISREG(status.st_mode):
            raise unreadable_part(str(path), "it is no file")
        parts[name] = Part(str(path), status.st_size, path)
    return parts


def parts_in_bytes(data: bytes, owner: str, *, others: Any = ()) -> Dict[str, Part]:
    """data (bytes): What `to_bytes` of a component made.
    owner (str): The name of the component.
    others (Iterable[str]): The names of parts that aren't ours.
    RETURNS (Dict[str, Part]): All of its parts.
    RAISES (ValueError): If it is something else.
    """
    where = f"{owner} (bytes)"
    try:
        found = unpack(data)
        if not isinstance(found, dict):
            raise UnreadableError("it has no parts")
        parts = {}
        for name, content in found.items():
            if name not in (MANIFEST, CFG, MODEL, *others):
                raise UnreadableError(f"it has an unknown part {str(name)[:80]!r}")
            if isinstance(content, str):
                content = content.encode("utf8")
            if not isinstance(content, bytes):
                raise UnreadableError(f"its part {name!r} has the wrong type")
            parts[name] = Part(f"{owner}/{name} (bytes)", len(content), content=content)
    except ValueError as err:
        raise ValueError(Errors.L805.format(where=where, reason=err)) from err
    return parts
