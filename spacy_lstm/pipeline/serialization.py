"""How components are saved, and what is checked before they are loaded.

A component is a folder with the files `cfg` (settings, JSON), `model` (weights, msgpack) and
`format.json` (the format, and the checksums of the others), or the same in bytes. No file holds
code. Loading reads and checks all, and then changes the component: after an error it is as before.
"""

from pathlib import Path
from typing import Any, Callable, Dict, Iterable, Mapping, Optional, Union

from spacy.pipeline import TrainablePipe
from spacy.util import ensure_path
from srsly import msgpack_dumps

from ..errors import Errors
from ..files.atomic import write_atomically
from ..files.manifest import Manifest, dump_cfg, dump_manifest, find_part, read_cfg, read_manifest
from ..files.parts import (
    CFG,
    MANIFEST,
    MODEL,
    Part,
    parts_in_bytes,
    parts_in_folder,
    unreadable_part,
)
from ..models.saved.check import SavedModel
from .cfg_rules import check_cfg

#: How many bytes the settings may have: a hundred thousand labels fit.
MOST_CFG = 1 << 24
VOCAB = "vocab"


def with_manifest(kind: str, files: Dict[str, bytes]) -> Dict[str, bytes]:
    """kind (str): What the component is: the name of its factory.
    files (Dict[str, bytes]): The content of its files.
    RETURNS (Dict[str, bytes]): The same, and that of the manifest, if there is a file.
    """
    return {**files, MANIFEST: dump_manifest(kind, files)} if files else {}


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write the files of a component.

    folder (Path): Where to write them. It is made if need be.
    files (Mapping[str, bytes]): The content of each.
    RAISES (OSError): If one can't be written.
    """
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        write_atomically(folder / name, content)


def read_settings(
    parts: Mapping[str, Part], *, kind: str, owner: str, manifest: Optional[Manifest]
) -> Dict[str, Any]:
    """Read and check the settings of a component.

    parts (Mapping[str, Part]): Its parts.
    kind (str): What it must be: the name of its factory.
    owner (str): The name of the component.
    manifest (Optional[Manifest]): Its manifest.
    RETURNS (Dict[str, Any]): The settings.
    RAISES (ValueError): If they are missing, damaged, of another component, or can't be right.
    """
    check_kind(parts, manifest, kind=kind, owner=owner)
    cfg = read_cfg(parts, manifest, owner=owner, most=MOST_CFG)
    check_cfg(cfg, where=parts[CFG].where, owner=owner)
    return cfg


def check_kind(
    parts: Mapping[str, Part], manifest: Optional[Manifest], *, kind: str, owner: str
) -> None:
    """parts (Mapping[str, Part]): The parts of a component.
    manifest (Optional[Manifest]): Its manifest.
    kind (str): What it must be: the name of its factory.
    owner (str): The name of the component.
    RAISES (ValueError): If it is another one.
    """
    if manifest is not None and manifest.kind != kind:
        where = parts[MANIFEST].where
        message = Errors.L808.format(where=where, got=manifest.kind[:80], name=owner, expected=kind)
        raise ValueError(message)


class SavedPipe(TrainablePipe):
    """A component that is saved and loaded as the module says."""

    #: What it is, in its files: the name of its factory.
    kind: str

    def _n_outputs(self, labels: Iterable[str]) -> Optional[int]:
        """How many scores the model gives for these labels; None where that isn't said."""
        return None

    def _files(self, exclude: Iterable[str]) -> Dict[str, bytes]:
        self._validate_serialization_attrs()
        build = {CFG: lambda: dump_cfg(self.cfg), MODEL: self.model.to_bytes}
        files = {name: content() for name, content in build.items() if name not in exclude}
        return with_manifest(self.kind, files)

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """exclude (Iterable[str]): What is left out: "cfg", "model" or "vocab".
        RETURNS (bytes): The component.
        """
        content: Dict[str, bytes] = self._files(exclude)
        if VOCAB not in exclude:
            content[VOCAB] = self.vocab.to_bytes(exclude=exclude)
        return msgpack_dumps(content)

    def to_disk(self, path: Union[str, Path], *, exclude: Iterable[str] = ()) -> None:
        """Write the component. Each file is written whole or not at all.

        path (Union[str, Path]): The folder to write, which is made if need be.
        exclude (Iterable[str]): What is left out: "cfg", "model" or "vocab".
        RAISES (OSError): If it can't be written.
        """
        folder = ensure_path(path)
        write_folder(folder, self._files(exclude))
        if VOCAB not in exclude:
            self.vocab.to_disk(folder / VOCAB, exclude=exclude)

    def from_bytes(self, bytes_data: bytes, *, exclude: Iterable[str] = ()) -> "SavedPipe":
        """bytes_data (bytes): What `to_bytes` made.
        exclude (Iterable[str]): What is left as it is: "cfg", "model" or "vocab".
        RETURNS (SavedPipe): This component.
        RAISES (ValueError): If it is damaged, or of another component or config.
        """
        parts = parts_in_bytes(bytes_data, self.name, others=[VOCAB])
        vocab = parts.pop(VOCAB, None)

        def load_vocab() -> None:
            if vocab is not None:
                self.vocab.from_bytes(vocab.read(), exclude=exclude)

        self._load(parts, exclude, load_vocab)
        return self

    def from_disk(self, path: Union[str, Path], *, exclude: Iterable[str] = ()) -> "SavedPipe":
        """path (Union[str, Path]): The folder that `to_disk` wrote.
        exclude (Iterable[str]): What is left as it is: "cfg", "model" or "vocab".
        RETURNS (SavedPipe): This component.
        RAISES (ValueError): If it is damaged, or of another component or config.
        """
        folder = ensure_path(path)
        if not folder.is_dir():
            raise unreadable_part(str(folder), "it is no folder")

        def load_vocab() -> None:
            self.vocab.from_disk(folder / VOCAB, exclude=exclude)

        self._load(parts_in_folder(folder), exclude, load_vocab)
        return self

    def _load(
        self, parts: Dict[str, Part], exclude: Iterable[str], load_vocab: Callable[[], None]
    ) -> None:
        self._validate_serialization_attrs()
        manifest = read_manifest(parts)
        check_kind(parts, manifest, kind=self.kind, owner=self.name)
        cfg: Dict[str, Any] = {}
        n_outputs = None
        if CFG not in exclude:
            cfg = read_settings(parts, kind=self.kind, owner=self.name, manifest=manifest)
            n_outputs = self._n_outputs(cfg.get("labels", ()))
        message = None
        if MODEL not in exclude:
            part = find_part(parts, MODEL, self.name)
            message = SavedModel(part, self.model, self.name, n_outputs).read(manifest)
        if VOCAB not in exclude:
            load_vocab()
        self.cfg.update(cfg)
        if message is not None:
            self.model.from_dict(message)
