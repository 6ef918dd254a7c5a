"""Disks that are full, folders that are lost, and files that are damaged."""

import errno
import os
import resource
import shutil
from contextlib import contextmanager
from pathlib import Path

import numpy
import pytest
import spacy

from spacy_lstm.training.readers.records import DataError
from spacy_lstm.training.resume.folders import WriteError, recover, replacing
from spacy_lstm.training.resume.pace import Pace
from spacy_lstm.training.resume.store import CheckpointStore
from spacy_lstm.training.resume.train import train

from ...pipelines import textcat_pipeline
from .trainings import config_of, crash, equal, run, write_texts

IDENTITY = {"settings": {}, "files": {}}


class AfterEachStep(Pace):
    is_due = True


class AtStep(Pace):
    """Does something before the checkpoint after a step."""

    def __init__(self, number, action):
        super().__init__()
        self.number, self.action = number, action

    @property
    def is_due(self):
        self.number -= 1
        if self.number == 0:
            self.action()
        return self.number <= 0


@pytest.fixture
def config(tmp_path):
    return config_of(textcat_pipeline(), write_texts(tmp_path), max_steps=6, eval_frequency=2)


@contextmanager
def full_disk(limit):
    """No file may be larger than this, as for `ulimit -f`: the system gives an error."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def no_space(*args, **settings):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_full_disk_at_a_checkpoint(config, tmp_path, monkeypatch):
    out = tmp_path / "out"
    crash(config, out, 3)
    with monkeypatch.context() as patch:
        patch.setattr(numpy, "savez", no_space)
        message = "L753.*step-000000003.*No space left.*is kept after step 2"
        with pytest.raises(WriteError, match=message):
            run(config, out, resume=True, pace=AfterEachStep())
    assert [path.name for path in (out / "checkpoints").iterdir()] == ["step-000000002"]
    for model in ("model-best", "model-last"):
        assert spacy.load(out / model)("a great film").cats
    run(config, out, resume=True)
    run(config, tmp_path / "whole")
    assert equal(out, tmp_path / "whole")


def test_full_disk_of_the_system(config, tmp_path):
    out = tmp_path / "out"
    crash(config, out, 3)
    best = sorted((out / "model-best").rglob("*"))
    with full_disk(20_000), pytest.raises(WriteError, match="L753.*File too large"):
        run(config, out, resume=True)
    assert sorted((out / "model-best").rglob("*")) == best
    assert spacy.load(out / "model-best")("a great film").cats
    run(config, out, resume=True)
    run(config, tmp_path / "whole")
    assert equal(out, tmp_path / "whole")


def test_lost_folder(config, tmp_path):
    out = tmp_path / "out"
    lose = AtStep(2, lambda: out.rename(tmp_path / "moved"))
    with pytest.raises(WriteError, match="L753.*checkpoints.*No such file.*nowhere yet"):
        run(config, out, pace=lose)
    assert spacy.load(tmp_path / "moved" / "model-best")("a great film").cats


def test_checkpoints_that_are_deleted_are_written_anew(config, tmp_path):
    out = tmp_path / "out"
    crash(config, out, 1)
    delete = AtStep(2, lambda: shutil.rmtree(out / "checkpoints"))
    run(config, out, resume=True, pace=delete)
    run(config, tmp_path / "whole")
    assert equal(out, tmp_path / "whole")


def test_read_only_folder(config, tmp_path, monkeypatch):
    def read_only(*args, **settings):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    (tmp_path / "out").mkdir()
    monkeypatch.setattr(os, "mkdir", read_only)
    with pytest.raises(WriteError, match="L753.*checkpoints.*Read-only file system"):
        train(config, tmp_path / "out")
    assert not list((tmp_path / "out").iterdir())


def test_something_else_in_the_place_of_the_folder(config, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "checkpoints").touch()
    with pytest.raises(WriteError, match="L753.*checkpoints.*Not a directory"):
        run(config, tmp_path / "out")


def test_damaged_checkpoints(config, tmp_path):
    out = tmp_path / "out"
    crash(config, out, 2)
    crash(config, out, 2, resume=True)
    newer, older = (out / "checkpoints" / f"step-{n:09}" for n in (3, 1))
    assert newer.is_dir()
    assert older.is_dir()
    arrays = (newer / "arrays.npz").read_bytes()
    (newer / "arrays.npz").write_bytes(arrays[: len(arrays) // 2])
    with pytest.warns(UserWarning, match=r"LW751.*step-000000003 .*\(arrays.npz was changed\)"):
        crash(config, out, 1, resume=True)  # after step 2: the damaged one is of a later step
    assert not newer.exists()
    run(config, out, resume=True)
    run(config, tmp_path / "whole")
    assert equal(out, tmp_path / "whole")


@pytest.fixture
def store(tmp_path):
    return CheckpointStore(tmp_path / "checkpoints")


def write(store, step, **arrays):
    def write_more(folder):
        (folder / "more.txt").write_text("more")

    surroundings = {"torch": "1.0"}
    state = {"number": step, "random": [b"\0\1", 0.1]}
    store.write(step, IDENTITY, surroundings, state=state, arrays=arrays, write_more=write_more)


def test_store_keeps_the_last_two(store):
    assert store.read() is None
    for step in (5, 12, 100):
        write(store, step, weights=numpy.arange(3.0) + step)
    assert sorted(path.name for path in store.path.iterdir()) == [
        "step-000000012",
        "step-000000100",
    ]
    checkpoint = store.read()
    assert (checkpoint.step, checkpoint.identity) == (100, IDENTITY)
    assert checkpoint.surroundings == {"torch": "1.0"}
    assert checkpoint.read_state() == {"number": 100, "random": [b"\0\1", 0.1]}
    [(name, weights)] = checkpoint.read_arrays().items()
    assert name == "weights"
    numpy.testing.assert_array_equal(weights, [100.0, 101.0, 102.0])
    (store.path / ".step-000000200.new").mkdir()  # of a process that was killed
    write(store, 101)
    assert not list(store.path.glob(".*"))
    store.remove()
    assert not store.path.exists()


DAMAGES = {
    "no manifest": ("manifest.json", None, "No such file"),
    "manifest cut": ("manifest.json", lambda data: data[:-20], "Expecting|Unterminated"),
    "manifest changed": (
        "manifest.json",
        lambda data: data.replace(b'"step": 7', b'"step": 8'),
        "manifest.json was changed",
    ),
    "file lost": ("more.txt", None, "No such file"),
    "file empty": ("state.msgpack", lambda data: b"", "state.msgpack was changed"),
    "bit flipped": (
        "arrays.npz",
        lambda data: data[:30] + bytes([data[30] ^ 1]) + data[31:],
        "arrays.npz was changed",
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_found(damage, store):
    write(store, 7, weights=numpy.zeros(3))
    name, change, reason = DAMAGES[damage]
    path = store.path / "step-000000007" / name
    if change is None:
        path.unlink()
    else:
        path.write_bytes(change(path.read_bytes()))
    with pytest.raises(DataError, match=f"L754.*step-000000007: .*({reason})"):
        store.read()


def test_a_later_format_is_not_read(store, monkeypatch):
    monkeypatch.setattr("spacy_lstm.training.resume.store.FORMAT", 2)
    write(store, 7)
    monkeypatch.setattr("spacy_lstm.training.resume.store.FORMAT", 1)
    with pytest.raises(DataError, match="L754.*its format is 2, and only 1 is known"):
        store.read()


def test_a_folder_is_whole_or_as_before(tmp_path):
    path = tmp_path / "folder"
    with replacing(path, kept="") as folder:
        (folder / "one").write_text("1")
    with pytest.raises(ZeroDivisionError), replacing(path, kept="") as folder:
        (folder / "two").write_text(str(1 / 0))
    assert [file.name for file in path.iterdir()] == ["one"]
    with pytest.raises(WriteError, match="L753.*No space"), replacing(path, kept=""):
        no_space()
    assert [file.name for file in path.iterdir()] == ["one"]
    with replacing(path, kept="") as folder:
        (folder / "two").write_text("2")
    assert [file.name for file in path.iterdir()] == ["two"]
    assert [file.name for file in tmp_path.iterdir()] == ["folder"]


def test_a_folder_comes_back_that_was_killed_between_both_steps(tmp_path, monkeypatch):
    path = tmp_path / "folder"
    path.mkdir()
    (path / "one").touch()
    rename = Path.rename

    def fail_at_the_second(self, target):
        if target == path and self.name.endswith(".new"):
            no_space()
        return rename(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", fail_at_the_second)
        with pytest.raises(WriteError), replacing(path, kept=""):
            pass
    assert [file.name for file in path.iterdir()] == ["one"]
    path.rename(tmp_path / ".folder.old")
    recover(path)
    assert [file.name for file in path.iterdir()] == ["one"]
