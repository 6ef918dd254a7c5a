"""Fuzz what reads the files of components, by hand, for as long as you like:

    pip install atheris
    python -m tests.fuzz.loaders -max_total_time=300 -rss_limit_mb=4096

Whatever the bytes are, there may be a coded error and nothing else. atheris looks for inputs that
take other ways through the code; the seeds are the files of tests/fixtures.
"""

import sys
import tempfile
import warnings
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["spacy_lstm.files", "spacy_lstm.models.saved", "json"]):
    import spacy
    import srsly

    from spacy_lstm.files.manifest import dump_manifest
    from tests.fixtures.saved import FOLDER
    from tests.soak.corruption import class_of, component, files_of

NLP = spacy.load(FOLDER / "format_1")
NAMES = ("textcat", "ner", "tokenizer")
GOOD = [files_of(NLP, name) for name in NAMES]


def try_one(data: bytes) -> None:
    """The first byte says which component, and which of its files the others are."""
    if not data:
        return
    which, target = divmod(data[0], 4)
    name = NAMES[which % len(NAMES)]
    files = dict(GOOD[which % len(NAMES)])
    if target < 3:
        files[("format.json", "cfg", "model")[target]] = data[1:]
        if target:
            kind = class_of(NLP, name)
            files["format.json"] = dump_manifest(
                kind, {key: content for key, content in files.items() if key != "format.json"}
            )
    content = data[1:] if target == 3 else srsly.msgpack_dumps(files)
    try:
        component(NLP, name).from_bytes(content, exclude=["vocab"])
    except ValueError as err:
        if not str(err).startswith("[L"):
            raise


def main() -> None:
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        for i, files in enumerate(GOOD):
            for target, file in enumerate(("format.json", "cfg", "model")):
                seed = bytes([4 * i + target]) + files.get(file, b"")
                (Path(folder) / f"{i}_{target}").write_bytes(seed)
            whole = srsly.msgpack_dumps(files)
            (Path(folder) / f"{i}_whole").write_bytes(bytes([4 * i + 3]) + whole)
        atheris.Setup([*sys.argv, folder], try_one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
