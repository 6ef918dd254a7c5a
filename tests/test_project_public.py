"""The public corpora of the project: they are fetched, checked, and read in committed splits."""

import json

import pytest

from spacy_lstm.training.readers.records import DataError
from spacy_lstm.training.splits import SPLITS

from .projects import (
    PROJECT,
    assets,
    call,
    common,
    make_project,
    public,
    read_docs,
    run_on,
    write,
    write_project,
)
from .training.nltk_folder import REFUSES


@pytest.fixture
def asset(tmp_path):
    published = write(tmp_path / "web" / "a.zip", b"right")
    checksum = common.md5_of(published)
    return assets.Asset(tmp_path / "assets" / "a.zip", published.as_uri(), checksum)


def test_fetch(tmp_path, asset):
    assert assets.fetch(asset) == f"downloaded from {asset.url}"
    assert asset.dest.read_bytes() == b"right"
    assert asset.dest.stat().st_mode & 0o777 == 0o644
    assert assets.fetch(asset._replace(url="file:///gone")) == "in place"
    asset.dest.unlink()
    write(tmp_path / "copies" / "a.zip", b"wrong")
    copy = write(tmp_path / "copies" / "deep" / "er" / "a.zip", b"right")
    gone = asset._replace(url="file:///gone")
    assert assets.fetch(gone, copies=tmp_path / "copies") == f"copied from {copy}"
    assert asset.dest.read_bytes() == b"right"
    assert [path.name for path in asset.dest.parent.iterdir()] == ["a.zip"]


@pytest.mark.parametrize("url", ["file:///gone/a.zip", "http://127.0.0.1:9/a.zip", "no address"])
def test_fetch_without_network(asset, url):
    with pytest.raises(DataError, match=r"^\[L322\]") as info:
        assets.fetch(asset._replace(url=url))
    assert url in str(info.value)
    assert str(asset.dest) in str(info.value)
    assert not list(asset.dest.parent.glob("*"))


def test_fetch_wrong_files(tmp_path, asset):
    wrong = asset._replace(checksum="0" * 32)
    with pytest.raises(DataError, match=r"^\[L328\]"):
        assets.fetch(wrong)
    assert not asset.dest.exists()
    with pytest.raises(DataError, match=rf"^\[L321\].*{tmp_path}/web/a.zip"):
        assets.fetch(wrong, copies=tmp_path / "web")
    write(asset.dest, b"stale")
    with pytest.raises(DataError, match=rf"^\[L321\].*{asset.dest}.*Delete this file"):
        assets.fetch(asset)
    with pytest.raises(DataError, match=r"^\[L328\]"):
        assets.fetch(wrong, force=True)
    assert asset.dest.read_bytes() == b"stale"
    assert assets.fetch(asset, force=True).startswith("downloaded")
    with pytest.raises(DataError, match=r"^\[L301\].*SPACY_LSTM_ASSETS"):
        assets.fetch(asset._replace(dest=tmp_path / "b.zip"), copies=tmp_path / "gone")


def test_assets_command(tmp_path, asset, monkeypatch, capsys):
    other = asset._replace(dest=tmp_path / "assets" / "b.zip", url="file:///gone")
    write_project(tmp_path, [other, asset])
    monkeypatch.setenv("SPACY_LSTM_ASSETS", str(tmp_path / "web"))
    assert call(assets.main, monkeypatch, "--project", str(tmp_path)) == 1
    out = capsys.readouterr().out
    assert "b.zip: not there" in out
    assert "[L322] file:///gone" in out
    assert asset.dest.exists()


@pytest.mark.parametrize("name", ["sentence_polarity", "movie_reviews"])
def test_public_corpora(tmp_path, name):
    project = make_project(tmp_path, name)
    run_on(tmp_path / "none", tmp_path / "out", name, project=project)
    texts = {
        split: [(doc.text, doc.cats) for doc in read_docs(tmp_path / "out" / f"{split}.spacy")]
        for split in SPLITS
    }
    neg, pos = {"neg": 1.0, "pos": 0.0}, {"neg": 0.0, "pos": 1.0}
    assert texts == {
        "train": [("neg one", neg), ("pos one", pos)],
        "dev": [("neg two", neg), ("pos two", pos)],
        "test": [("neg three", neg), ("pos three", pos)],
    }


def test_sst2(tmp_path):
    lines = {split: f"0 bad {split}\n1 good {split}\n" for split in SPLITS}
    paths = [write(tmp_path / "assets" / "sst2" / f"{s}.txt", text) for s, text in lines.items()]
    write_project(tmp_path, [assets.Asset(p, p.as_uri(), common.md5_of(p)) for p in paths])
    run_on(tmp_path / "none", tmp_path / "out", "sst2", project=tmp_path)
    for split in SPLITS:
        docs = read_docs(tmp_path / "out" / f"{split}.spacy")
        assert [(doc.text, doc.cats) for doc in docs] == [
            (f"bad {split}", {"neg": 1.0, "pos": 0.0}),
            (f"good {split}", {"neg": 0.0, "pos": 1.0}),
        ]


def test_sst2_with_another_label(tmp_path):
    path = write(tmp_path / "dev.txt", "1 fine\n2 odd\n")
    with pytest.raises(DataError, match=r"^\[L332\] .*line 2.*0 or 1, and this one with '2'"):
        public.read_sst2(path)


def test_committed_splits():
    for name, size in (("sentence_polarity", 10_662), ("movie_reviews", 2000)):
        committed = json.loads((PROJECT / "splits" / f"{name}.json").read_text("utf8"))
        assert list(committed) == ["train", "dev", "test"]
        keys = [(c, key) for cats in committed.values() for c, ks in cats.items() for key in ks]
        assert len(keys) == len(set(keys)) == size


def test_public_corpus_missing_damaged_or_other(tmp_path):
    project = make_project(tmp_path, "sentence_polarity")
    archive = tmp_path / "assets" / "sentence_polarity.zip"
    split_file = tmp_path / "splits" / "sentence_polarity.json"

    def fails(code):
        with pytest.raises(DataError, match=rf"^\[{code}\]") as info:
            run_on(tmp_path, tmp_path / "out", "sentence_polarity", project=project)
        return str(info.value)

    content = archive.read_bytes()
    archive.write_bytes(content + b" ")
    assert str(archive) in fails("L321")
    archive.unlink()
    assert str(archive) in fails("L320")
    archive.write_bytes(content)
    if REFUSES:  # of NLTK only, which reads the archive
        archive.chmod(0o664)
        assert str(archive) in fails("L317")
        archive.chmod(0o644)
    write(split_file, split_file.read_text("utf8").replace("[2]", "[3]"))
    assert "names 3 in 'neg'" in fails("L319")
