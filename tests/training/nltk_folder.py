"""What the tests of NLTK's corpora share: a folder of NLTK's own, with tiny corpora in it."""

import importlib
import os
import zipfile

import nltk
import nltk.data
import pytest
from nltk.corpus.reader import CorpusReader
from nltk.corpus.util import LazyCorpusLoader

from ..projects import write

# From here on NLTK reads nothing that another account could have changed.
REFUSES = os.name == "posix" and tuple(map(int, nltk.__version__.split(".")[:2])) >= (3, 10)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """NLTK's only folder. Afterwards NLTK forgets the corpora that it read from it."""
    before = os.umask(0o022)
    place = tmp_path / "nltk_data"
    (place / "corpora").mkdir(parents=True)
    monkeypatch.setattr(nltk.data, "path", [str(place)])
    yield place
    os.umask(before)
    for corpus in corpora():
        if not isinstance(corpus, LazyCorpusLoader):
            corpus._unload()


def corpora():
    """All corpora that NLTK defines. (`nltk.corpus` itself may be a stand-in for the module.)"""
    named = vars(importlib.import_module("nltk.corpus")).values()
    return [corpus for corpus in named if isinstance(corpus, (CorpusReader, LazyCorpusLoader))]


def install(folder, name, files, *, zipped=False):
    """Install a corpus in a folder of NLTK's."""
    if not zipped:
        for fileid, content in files.items():
            write(folder / "corpora" / name / fileid, content)
        return folder / "corpora" / name
    return zip_up(folder / "corpora" / f"{name}.zip", files, name)


def zip_up(path, files, inside=""):
    """Write an archive, in which the files stand in a folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for fileid, content in files.items():
            archive.writestr(f"{inside}/{fileid}" if inside else fileid, content)
    path.chmod(0o644)
    return path
