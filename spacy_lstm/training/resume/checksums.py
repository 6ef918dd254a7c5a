"""Checksums of files and folders."""

import hashlib
from pathlib import Path
from typing import Optional

BLOCK = 2**20


def checksum_of(path: Path, *, without: Optional[Path] = None) -> str:
    """Get the checksum of what is in a file, or in all files of a folder.

    path (Path): The file or folder.
    without (Optional[Path]): A folder in it that doesn't count.
    RETURNS (str): The checksum.
    RAISES (OSError): If it can't be read.
    """
    digest = hashlib.blake2b(digest_size=16)
    if path.is_dir():
        for file in sorted(file for file in path.rglob("*") if file.is_file()):
            if without is None or without.resolve() not in file.resolve().parents:
                name = file.relative_to(path).as_posix()
                digest.update(f"{name}\0{checksum_of(file)}\0".encode())
    else:
        with path.open("rb") as opened:
            for block in iter(lambda: opened.read(BLOCK), b""):
                digest.update(block)
    return digest.hexdigest()
