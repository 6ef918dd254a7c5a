"""`format.json`: which format the files of a component have, who wrote them, and their checksums.

Format 0 has no such file. In format 1, `cfg` says that there must be one (`"format": 1`), so that
it can't get lost unseen. Each file is text without a line end, which no version control rewrites.
"""

from importlib.metadata import version
from typing import Any, Dict, Mapping, Optional

import srsly

from ..errors import Errors
from .atomic import checksum
from .parts import CFG, MANIFEST, Part, unreadable_part
from .unpack import UnreadableError, is_size, read_json

FORMAT = 1
#: How many bytes a manifest may have.
MOST = 1 << 16


def dump_cfg(cfg: Mapping[str, Any]) -> bytes:
    """cfg (Mapping[str, Any]): The settings that a component keeps.
    RETURNS (bytes): The content of the file `cfg`.
    """
    return srsly.json_dumps({**cfg, "format": FORMAT}).encode("utf8")


def dump_manifest(kind: str, files: Mapping[str, bytes]) -> bytes:
    """kind (str): What the component is: the name of its factory.
    files (Mapping[str, bytes]): The content of its other files.
    RETURNS (bytes): The content of the file `format.json`.
    """
    listed = {name: {"size": len(b), "sha256": checksum(b)} for name, b in files.items()}
    content = {"format": FORMAT, "written_by": version("spacy-lstm"), "component": kind}
    return srsly.json_dumps({**content, "files": listed}).encode("utf8")


class Manifest:
    """What a manifest says of the files beside it."""

    def __init__(self, kind: str, files: Dict[str, Dict[str, Any]]) -> None:
        """kind (str): What the component is.
        files (Dict[str, Dict[str, Any]]): `size` and `sha256` of each file.
        """
        self.kind = kind
        self.files = files

    def check_size(self, name: str, part: Part) -> None:
        """name (str): The name of a file.
        part (Part): The file.
        RAISES (ValueError): If it isn't listed, or has another size.
        """
        listed = self.files.get(name)
        if listed is None:
            raise _changed(part, f"{MANIFEST} doesn't know it")
        if listed["size"] != part.size:
            raise _changed(part, f"it has {part.size} bytes, and had {listed['size']}")

    def check(self, name: str, part: Part, data: bytes) -> None:
        """name (str): The name of a file.
        part (Part): The file.
        data (bytes): Its content.
        RAISES (ValueError): If it isn't what was written.
        """
        if checksum(data) != self.files[name]["sha256"]:
            raise _changed(part, f"its checksum isn't the one in {MANIFEST}")


def _changed(part: Part, reason: str) -> ValueError:
    return ValueError(Errors.L803.format(where=part.where, reason=reason))


def read_manifest(parts: Mapping[str, Part]) -> Optional[Manifest]:
    """parts (Mapping[str, Part]): The parts of a component.
    RETURNS (Optional[Manifest]): The manifest, or None in format 0.
    RAISES (ValueError): If it is of a newer format, or damaged.
    """
    part = parts.get(MANIFEST)
    if part is None:
        return None
    try:
        if part.size > MOST:
            raise UnreadableError(f"it has {part.size} bytes")
        found = read_json(part.read())
        number: Any
        number, writer = found.get("format"), found.get("written_by")
        if not is_size(number) or number == 0 or not isinstance(writer, str):
            raise UnreadableError("it doesn't say which format it has")
        if number > FORMAT:
            raise _newer(part, number, writer)
        kind, files = found.get("component"), found.get("files")
        if not isinstance(kind, str) or not isinstance(files, dict):
            raise UnreadableError("it lists no files")
        for listed in files.values():
            _check_entry(listed)
    except UnreadableError as err:
        raise ValueError(Errors.L805.format(where=part.where, reason=err)) from err
    return Manifest(kind, files)


def _check_entry(listed: Any) -> None:
    is_entry = isinstance(listed, dict) and is_size(listed.get("size"))
    if not is_entry or not isinstance(listed.get("sha256"), str):
        raise UnreadableError("a file has no size or checksum there")


def _newer(part: Part, number: int, writer: str) -> ValueError:
    return ValueError(
        Errors.L804.format(
            where=part.where,
            got=number,
            version=writer[:40],
            ours=version("spacy-lstm"),
            known=FORMAT,
        )
    )


def read_cfg(
    parts: Mapping[str, Part], manifest: Optional[Manifest], *, owner: str, most: int
) -> Dict[str, Any]:
    """Read the file `cfg` of a component.

    parts (Mapping[str, Part]): The parts of the component.
    manifest (Optional[Manifest]): Its manifest.
    owner (str): The name of the component.
    most (int): How many bytes the file may have.
    RETURNS (Dict[str, Any]): The settings.
    RAISES (ValueError): If it is missing, too large or damaged, or the manifest got lost.
    """
    part = find_part(parts, CFG, owner)
    if part.size > most:
        raise ValueError(
            Errors.L802.format(where=part.where, size=part.size, most=most, name=owner)
        )
    if manifest is not None:
        manifest.check_size(CFG, part)
    data = part.read()
    if manifest is not None:
        manifest.check(CFG, part, data)
    try:
        cfg = read_json(data)
    except UnreadableError as err:
        raise ValueError(Errors.L805.format(where=part.where, reason=err)) from err
    if cfg.pop("format", 0) != 0 and manifest is None:
        raise _changed(part, f"{MANIFEST}, which has its checksum, is missing beside it")
    return cfg


def find_part(parts: Mapping[str, Part], name: str, owner: str) -> Part:
    """parts (Mapping[str, Part]): The parts of a component.
    name (str): The name of one.
    owner (str): The name of the component.
    RETURNS (Part): The part.
    RAISES (ValueError): If it is missing.
    """
    part = parts.get(name)
    if part is None:
        raise unreadable_part(f"The file {name} of '{owner}'", "it isn't there")
    return part
