"""What makes a training the same one."""

import pytest
from thinc.api import Config

from spacy_lstm.training.readers.records import DataError
from spacy_lstm.training.resume.identity import changed, differences, identify


def test_identity(tmp_path):
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "one.spacy").write_bytes(b"1")
    (tmp_path / "code.py").write_text("a = 1")
    config = Config(
        {
            "paths": {"train": str(tmp_path / "corpus")},
            "corpora": {"train": {"path": "${paths.train}", "limit": 0}},
            "training": {"dropout": 0.1, "score_weights": {}, "frozen_components": ()},
        }
    )

    def identity():
        return identify(config, tmp_path / "corpus" / "out", tmp_path / "code.py")

    before = identity()
    assert set(before["files"]) == {"--code", "corpora.train.path"}
    (tmp_path / "corpus" / "out").mkdir()
    (tmp_path / "corpus" / "out" / "model").write_bytes(b"of the training itself")
    assert differences(before, identity()) == ""
    (tmp_path / "corpus" / "two.spacy").write_bytes(b"")
    (tmp_path / "code.py").write_text("a = 2")
    config["training"]["dropout"] = 0.2
    config["training"]["patience"] = None
    assert differences(before, identity()) == (
        "training.dropout was 0.1, and is 0.2; training.patience was None, and is None; "
        "the content of --code has changed; the content of corpora.train.path has changed"
    )
    many = {"settings": {str(n): "x" * 99 for n in range(9)}, "files": {}}
    told = differences({"settings": {}, "files": {}}, many).split("; ")
    assert told[0] == f"0 was None, and is '{'x' * 56}..."
    assert told[5:] == ["and 4 more"]


def test_identity_of_what_cannot_be_read(tmp_path):
    config = Config({"nlp": {}})
    with pytest.raises(DataError, match="L758.*code.py.*No such file"):
        identify(config, tmp_path, tmp_path / "code.py")


def test_changed_surroundings():
    assert changed({"torch": "1", "a": "b"}, {"torch": "1", "a": "b"}) == ("", "")
    assert changed({"torch": "1", "a": "b"}, {"torch": "2", "a": "b"}) == ("torch 1", "torch 2")
