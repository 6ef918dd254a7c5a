import os

import pytest

from spacy_lstm.files import atomic
from spacy_lstm.files.atomic import checksum, write_atomically


def test_checksum_is_that_of_sha256sum():
    assert checksum(b"").startswith("e3b0c44298fc1c149afbf4c8996fb924")
    assert checksum(b"a") != checksum(b"b")


def test_writes_and_replaces(tmp_path):
    path = tmp_path / "model"
    for content in (b"old", b"", b"new" * 100000):
        write_atomically(path, content)
        assert path.read_bytes() == content
    assert os.listdir(tmp_path) == ["model"]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_full_disk_leaves_the_old_file_and_no_other(step, tmp_path, monkeypatch):
    def fail(*args):
        raise OSError(28, "No space left on device")

    path = tmp_path / "model"
    write_atomically(path, b"old")
    monkeypatch.setattr(atomic.os, step, fail)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["model"]
