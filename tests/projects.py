"""What the tests of the spaCy project share: its scripts, small projects, and a command line."""

import json
import os
import sys
import zipfile
from pathlib import Path

import pytest
import spacy
from spacy.tokens import DocBin

from spacy_lstm.training.splits import SPLITS

ROOT = Path(__file__).resolve().parent.parent
PROJECT = ROOT / "project"
# As for `python project/scripts/NAME.py`, so that the scripts find each other.
sys.path.insert(0, str(PROJECT / "scripts"))

import assets  # noqa: E402
import charts  # noqa: E402, F401
import check  # noqa: E402, F401
import check_corpus  # noqa: E402, F401
import common  # noqa: E402
import corpus_counts  # noqa: E402, F401
import corpus_format  # noqa: E402, F401
import corpus_page  # noqa: E402, F401
import corpus_statistics  # noqa: E402, F401
import corpus_tables  # noqa: E402, F401
import describe  # noqa: E402, F401
import docbins  # noqa: E402, F401
import duplicates  # noqa: E402, F401
import evaluate  # noqa: E402, F401
import make_folds  # noqa: E402, F401
import make_splits  # noqa: E402, F401
import models  # noqa: E402, F401
import names  # noqa: E402, F401
import preprocess  # noqa: E402
import public  # noqa: E402, F401
import settings  # noqa: E402
import splits  # noqa: E402, F401
import stop_words  # noqa: E402, F401
import stream  # noqa: E402, F401
import telling_words  # noqa: E402, F401
import train  # noqa: E402, F401
import try_it  # noqa: E402, F401

# One thread: the models are small, and the machine may have other work.
ENV = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONIOENCODING": "utf8"}


def write(path, content):
    """Write a file, and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf8"))
    path.chmod(0o644)  # NLTK refuses what a group may write to, as new files are under umask 002
    return path


def call(main, monkeypatch, *args):
    """Run the main function of a script as the command line does; get its exit code."""
    monkeypatch.setattr(sys, "argv", ["script", *args])
    with pytest.raises(SystemExit) as info:
        common.run(main)
    return info.value.code


def make_project(folder, name):
    """A project with a tiny corpus in the format of a public one."""
    texts = {c: [f"{c} {n}" for n in ("one", "two", "three")] for c in ("neg", "pos")}
    path = folder / "assets" / f"{name}.zip"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w") as archive:
        for label, lines in texts.items():
            if name == "sentence_polarity":
                archive.writestr(f"{name}/rt-polarity.{label}", " \n".join(lines) + " \n")
            for i, line in enumerate(lines if name == "movie_reviews" else []):
                archive.writestr(f"{name}/{label}/{i}.txt", line.replace(" ", " \n  "))
    path.chmod(0o644)
    keys = {
        split: {c: [i if name == "sentence_polarity" else f"{c}/{i}.txt"] for c in texts}
        for i, split in enumerate(SPLITS)
    }
    write(folder / "splits" / f"{name}.json", json.dumps(keys))
    write_project(folder, [assets.Asset(path, path.as_uri(), common.md5_of(path))])
    return folder


def write_project(folder, listed):
    """Write a project.yml that lists these assets."""
    entries = [
        {"dest": str(a.dest.relative_to(folder)), "url": a.url, "checksum": a.checksum}
        for a in listed
    ]
    write(folder / "project.yml", json.dumps({"assets": entries}))  # JSON is YAML


def run_on(source, output, corpus="mine", *, project=PROJECT, **values):
    """Preprocess a corpus."""
    return preprocess.preprocess(
        corpus, output, source=source, project=project, settings=settings.Settings(**values)
    )


def read_docs(path):
    """The docs that were written."""
    return list(DocBin().from_disk(path).get_docs(spacy.blank("en").vocab))
