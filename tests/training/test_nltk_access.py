"""What NLTK may read, what it refuses, and what is missing.

From 3.10 on it refuses whatever another account could have changed, as new files are under
umask 002; before, it reads them.
"""

import os
import subprocess

import nltk.data
import pytest
import spacy

from spacy_lstm.training.punkt import load_punkt
from spacy_lstm.training.readers.nltk_access import find_package, nltk_may_find, nltk_may_read
from spacy_lstm.training.readers.nltk_corpora import read_categorized_lines
from spacy_lstm.training.readers.nltk_corpus import NLTKCorpus
from spacy_lstm.training.readers.records import DataError

from ..projects import write
from .nltk_folder import REFUSES, install, zip_up

FILES = {"pos/1.txt": "good", "neg/1.txt": "bad"}


@pytest.fixture(params=[0o002, 0o022], ids=["umask 002", "umask 022"])
def umask(request):
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def texts_of(corpus):
    return [eg.reference.text for eg in NLTKCorpus(str(corpus))(spacy.blank("en"))]


def put_right(info):
    """Run the command of the message."""
    subprocess.run(str(info.value).split("run: ")[1].split(), check=True)


def make(path, zipped, umask):
    """A corpus whose files and folders are as the umask has them."""
    archive = zip_up(path.parent / f"{path.name}.zip", FILES, path.name)
    mode = 0o666 & ~umask
    archive.chmod(mode)
    if zipped:
        return archive
    archive.unlink()
    for fileid, content in FILES.items():
        write(path / fileid, content).chmod(mode)
    return path


@pytest.mark.parametrize("zipped", [False, True])
def test_paths_under_both_umasks(tmp_path, umask, zipped):
    before = list(nltk.data.path)
    corpus = make(tmp_path / "mine" / "films", zipped, umask)
    if REFUSES and umask == 0o002:
        with pytest.raises(DataError, match=rf"^\[L317\].*chmod -R go-w {corpus}$") as info:
            texts_of(corpus)
        put_right(info)
    assert texts_of(corpus) == ["bad", "good"]
    assert nltk.data.path == before


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("name", ["movie_reviews", "films"])  # NLTK defines the first of them
def test_names_under_both_umasks(tmp_path, monkeypatch, folder, umask, zipped, name):
    os.umask(umask)  # which the fixture `folder` has set
    place = tmp_path / "data"
    monkeypatch.setattr(nltk.data, "path", [str(tmp_path / "none"), str(place)])
    corpus = make(place / "corpora" / name, zipped, umask)
    if REFUSES and umask == 0o002:
        with pytest.raises(DataError, match=r"^\[L317\].*chmod -R go-w ") as info:
            texts_of(name)
        assert str(corpus) in str(info.value)
        put_right(info)
    assert texts_of(name) == ["bad", "good"]
    assert nltk.data.path == [str(tmp_path / "none"), str(place)]


def test_only_the_place_that_was_named_may_be_read(tmp_path):
    named, other = write(tmp_path / "a" / "x.pos", "good"), write(tmp_path / "b" / "y", "bad")
    (tmp_path / "a" / "link.neg").symlink_to(other)
    with nltk_may_read(named.parent) as place:
        assert nltk.data.path[-1] == str(place) == str(named.parent)
    assert str(named.parent) not in nltk.data.path
    if REFUSES:
        with pytest.raises((DataError, ValueError), match="link.neg|escapes"):
            read_categorized_lines(named.parent, r".*\.(pos|neg)")


def refuse():
    with nltk_may_find("corpora/movie_reviews"):
        raise LookupError("Attempted to load 'corpora/movie_reviews'")


def test_packages_that_are_damaged(folder):
    install(folder, "movie_reviews", FILES)
    with pytest.raises(DataError, match=r"^\[L324\].*movie_reviews.*damaged or not complete"):
        refuse()


@pytest.mark.skipif(os.name != "posix", reason="files have no such owners here")
def test_packages_of_another_account(folder, monkeypatch):
    place = install(folder, "movie_reviews", FILES)
    if os.geteuid() == 0:  # whose files are trusted, and who may give them away
        os.chown(place / "pos" / "1.txt", 12345, -1)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: os.stat(folder).st_uid + 1)
    with pytest.raises(DataError, match=rf"^\[L317\].*another account.*chown -R \d+ {folder}$"):
        refuse()


def test_missing_packages_are_named_and_never_fetched(folder, monkeypatch):
    monkeypatch.setattr("nltk.download", None)
    monkeypatch.setattr("urllib.request.urlopen", None)
    for name in ("movie_reviews", "mine"):
        with pytest.raises(DataError, match=rf"^\[L361\].*corpora/{name}\.zip") as info:
            texts_of(name)
        assert str(folder) in str(info.value)
        assert "NLTK_DATA" in str(info.value)
    with pytest.raises(DataError, match=r"^\[L361\].*tokenizers/punkt_tab\.zip"):
        load_punkt("en")
    # A corpus that is there may need a package that isn't.
    install(folder, "machado", {"contos/a.txt": "bom", "cronica/b.txt": "mau"})
    with pytest.raises(DataError, match=r"^\[L361\].*'tokenizers/punkt_tab'"):
        texts_of("machado")


def test_packages_are_found_as_folders_and_as_archives(folder):
    assert find_package("corpora/stopwords") is None
    archive = install(folder, "stopwords", {"english": "the\n"}, zipped=True)
    assert find_package("corpora/stopwords") == archive
    place = install(folder, "stopwords", {"english": "the\n"})
    assert find_package("corpora/stopwords") == place


def test_other_errors_are_not_taken_for_missing_packages():
    with pytest.raises(KeyError), nltk_may_find("corpora/movie_reviews"):
        raise KeyError("a mistake")
