"""The log of a training."""

import json
import math
from pathlib import Path

import numpy
import pytest

from spacy_lstm.training.readers.records import DataError
from spacy_lstm.training.training_log import Best, TrainingLog, best_of, read_log, record_of


def info(**more):
    return {
        "epoch": 1,
        "step": 20,
        "score": 0.5,
        "other_scores": {"cats_score": 0.5, "speed": 1000, "cats_f_per_type": {"A": {}}},
        "losses": {"textcat": numpy.float32(0.25)},
        "checkpoints": [(0.1, 0), (0.5, 10), (0.5, 20)],
        "seconds": 3,
        "words": 99,
        **more,
    }


def test_best_is_the_last_and_patience_counts_from_the_first():
    assert best_of(info()) == Best(step=20, score=0.5, first_step=10)


def test_record():
    assert record_of(info(), seconds=1.23456, learn_rate=0.01) == {
        "step": 20,
        "epoch": 1,
        "seconds": 1.235,
        "words": 99,
        "learn_rate": 0.01,
        "losses": {"textcat": 0.25},
        "score": 0.5,
        "scores": {"cats_score": 0.5, "speed": 1000.0},
        "best": {"step": 20, "score": 0.5},
    }


def test_what_is_not_finite_is_null(tmp_path):
    losses = {"textcat": math.nan, "ner": numpy.float32("inf")}
    log = TrainingLog(tmp_path / "log.jsonl")
    log.write(record_of(info(losses=losses), seconds=0.0, learn_rate=None))
    log.close()
    written = json.loads((tmp_path / "log.jsonl").read_text(encoding="utf8"))
    assert written["losses"] == {"textcat": None, "ner": None}
    assert written["learn_rate"] is None


def test_lines_are_there_at_once_and_older_logs_stay(tmp_path):
    path = tmp_path / "folder" / "log.jsonl"
    for number in range(3):
        log = TrainingLog(path)
        log.write({"number": number})
        assert path.read_text(encoding="utf8") == f'{{"number": {number}}}\n'
        log.close()
    names = {"log.jsonl": 2, "log-1.jsonl": 0, "log-2.jsonl": 1}
    for name, number in names.items():
        assert json.loads(path.with_name(name).read_text(encoding="utf8")) == {"number": number}
    assert len(list(path.parent.iterdir())) == 3


def test_what_cannot_be_written(tmp_path, monkeypatch):
    with pytest.raises(ValueError, match=rf"L731.*{tmp_path.name}.*it is a folder"):
        TrainingLog(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match="L731"):
        TrainingLog(tmp_path / "file" / "log.jsonl")
    log = TrainingLog(tmp_path / "log.jsonl")

    class Full:
        def write(self, text):
            raise OSError(28, "No space left on device")

    log.close()
    monkeypatch.setattr(log, "_file", Full())
    with pytest.raises(ValueError, match="L731.*No space left"):
        log.write({})


def test_read_log_takes_whole_lines(tmp_path):
    path = tmp_path / "log.jsonl"
    log = TrainingLog(path)
    rows = [record_of(info(step=n), seconds=1.0, learn_rate=None) for n in (10, 20)]
    for row in rows:
        log.write(row)
    log.close()
    assert read_log(path) == rows
    with path.open("a", encoding="utf8") as file_:
        file_.write('{"step": 3')
    assert read_log(path) == rows


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "no evaluation"),
        ("{]\n", "Expecting"),
        ("[1]\n", "line 1 has no 'step'"),
        ('{"step": 1}\n', "line 1 has no 'epoch', 'losses'"),
    ],
)
def test_files_that_are_no_log(tmp_path, content, reason):
    path = tmp_path / "log.jsonl"
    path.write_text(content, encoding="utf8")
    with pytest.raises(DataError, match=rf"^\[L883\].*{reason}"):
        read_log(path)
    with pytest.raises(DataError, match=r"^\[L883\].*No such file"):
        read_log(tmp_path / "none.jsonl")


def test_a_log_that_is_gone_on_with_has_each_step_once(tmp_path):
    path = tmp_path / "log.jsonl"
    lines = [f'{{"step": {step}}}\n' for step in (0, 10, 20)]
    path.write_text("".join(lines) + '{"step": 3')  # which was cut off
    for last_step, kept in ((25, lines), (20, lines), (19, lines[:2])):
        log = TrainingLog(path, last_step=last_step)
        log.close()
        assert path.read_text() == "".join(kept)
    log = TrainingLog(path, last_step=19)
    log.write({"step": 20})
    log.close()
    assert path.read_text() == "".join(lines)
    assert list(tmp_path.iterdir()) == [path]
    path.write_text("no log\n")
    TrainingLog(path, last_step=5).close()
    assert path.read_text() == ""


def test_refuses_a_name_that_no_file_can_have():
    with pytest.raises(ValueError, match="L731.*null byte"):
        TrainingLog(Path("a\0b"))
