"""Files that are there whole or not at all."""

import hashlib
import os
import secrets
from pathlib import Path


def checksum(data: bytes) -> str:
    """Compute what tells whether bytes are still the same: SHA-256, as `sha256sum` does. It finds
    damage and mixed-up files. It is no signature: who can change the file can change the checksum.

    data (bytes): The bytes.
    RETURNS (str): 64 hexadecimal digits.
    """
    return hashlib.sha256(data).hexdigest()


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file aside, and put it in its place when it lies on the disk: whatever happens
    meanwhile, the path has the old content or the new.

    path (Path): The file, in a folder that is there.
    data (bytes): Its content.
    RAISES (OSError): If it can't be written: the disk is full, or the folder read-only. What was
        there before is still there.
    """
    aside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with aside.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
