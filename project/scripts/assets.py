"""Fetch the public corpora that project.yml lists, and check that they are the right ones.

`spacy project assets` does it as well, but keeps a file that is damaged, and always needs the
network. This script takes a copy from the folder $SPACY_LSTM_ASSETS, where that is set.
"""

import os
import shutil
import urllib.request
from http.client import HTTPException
from pathlib import Path
from typing import Annotated, List, NamedTuple

import srsly
import typer
from common import PROJECT, fail, md5_of, run, staged
from wasabi import msg

from spacy_lstm.errors import Errors
from spacy_lstm.training.readers.records import DataError

SCRIPT = Path(__file__).resolve()
TIMEOUT = 60.0  # seconds without a byte


class Asset(NamedTuple):
    """A file that project.yml lists.

    dest (Path): Where it belongs.
    url (str): Where it is published.
    checksum (str): Its md5.
    """

    dest: Path
    url: str
    checksum: str


def load_assets(project: Path) -> List[Asset]:
    """Read the list of assets.

    project (Path): The folder of project.yml.
    RETURNS (List[Asset]): The assets.
    """
    config = srsly.read_yaml(project / "project.yml")
    return [
        Asset(project / asset["dest"], asset["url"], asset["checksum"])
        for asset in config["assets"]
    ]


def verify(asset: Asset) -> None:
    """Check that an asset is in place, and is what it should be.

    asset (Asset): The asset.
    RAISES (DataError): If it is missing, or its md5 is another one.
    """
    if not asset.dest.exists():
        raise DataError(Errors.L320.format(path=asset.dest, script=SCRIPT))
    _check_md5(asset.dest, asset)


def fetch(asset: Asset, *, copies: Path | None = None, force: bool = False) -> str:
    """Put an asset in its place, unless it is there.

    asset (Asset): The asset.
    copies (Path | None): A folder to search for a copy before the network is used.
    force (bool): Replace a file in place that isn't the right one.
    RETURNS (str): What was done.
    RAISES (DataError): If the asset can't be had, or a wrong file is in its place.
    """
    if asset.dest.exists():
        try:
            verify(asset)
            return "in place"
        except DataError:
            if not force:
                raise
    copy = _find_copy(asset, copies) if copies else None
    with staged(asset.dest.parent) as folder:
        new = folder / asset.dest.name
        if copy:
            shutil.copyfile(copy, new)
        else:
            _download(asset, new)
        # NLTK doesn't read what a group can write, and some systems make files so.
        new.chmod(0o644)
    return f"copied from {copy}" if copy else f"downloaded from {asset.url}"


def _find_copy(asset: Asset, copies: Path) -> Path | None:
    if not copies.is_dir():
        raise DataError(Errors.L301.format(path=f"$SPACY_LSTM_ASSETS ({copies})", cwd=Path.cwd()))
    found = sorted(path for path in copies.rglob(asset.dest.name) if path.is_file())
    for path in found:
        if md5_of(path) == asset.checksum:
            return path
    if found:
        _check_md5(found[0], asset)
    return None


def _check_md5(path: Path, asset: Asset) -> None:
    try:
        got = md5_of(path)
    except OSError as err:
        raise DataError(Errors.L324.format(path=path, reason=err.strerror)) from err
    if got != asset.checksum:
        raise DataError(
            Errors.L321.format(path=path, got=got, expected=asset.checksum, script=SCRIPT)
        )


def _download(asset: Asset, path: Path) -> None:
    try:
        with urllib.request.urlopen(asset.url, timeout=TIMEOUT) as response:
            data = response.read()
    # ValueError is for an address that isn't one; the others for a connection that fails.
    except (OSError, HTTPException, ValueError) as err:
        reason = getattr(err, "reason", None) or err
        raise DataError(Errors.L322.format(url=asset.url, reason=reason, path=asset.dest)) from err
    path.write_bytes(data)
    got = md5_of(path)
    if got != asset.checksum:
        raise DataError(
            Errors.L328.format(url=asset.url, got=got, expected=asset.checksum, path=asset.dest)
        )


def main(
    force: Annotated[
        bool, typer.Option(help="Replace files in place that aren't the right ones.")
    ] = False,
    project: Annotated[
        Path, typer.Option(help="The folder of project.yml.", show_default=False)
    ] = PROJECT,
) -> None:
    """Fetch the public corpora that project.yml lists, and check their md5. Where the environment
    variable SPACY_LSTM_ASSETS names a folder, copies are taken from there, sub-folders included."""
    variable = os.environ.get("SPACY_LSTM_ASSETS")
    copies = Path(variable) if variable else None
    failed = False
    for asset in load_assets(project):
        try:
            msg.good(f"{asset.dest.name}: {fetch(asset, copies=copies, force=force)}")
        except DataError as err:
            # The others may still be had, so that one run shows all that is missing.
            fail(f"{asset.dest.name}: not there", err)
            failed = True
    if failed:
        raise typer.Exit(1)


if __name__ == "__main__":
    run(main)
