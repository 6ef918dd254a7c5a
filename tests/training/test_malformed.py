"""Files that were damaged at random: each is refused with its place, or read as what it says."""

import math
import random
import re

import pytest

from spacy_lstm.training.readers.formats import iter_records
from spacy_lstm.training.readers.records import DataError

from ..projects import write
from .mutations import SAMPLES, mutate

# What concerns a file as a whole: it is empty, or a column or the format isn't found.
WHOLE_FILE = ("L303", "L305", "L382", "L383", "L388")


def check(record):
    """What holds of each record, whatever the file."""
    assert record.text
    assert record.text == record.text.strip()
    record.text.encode("utf8")
    for label, value in record.cats.items():
        assert label.strip()
        assert isinstance(value, float)
        assert math.isfinite(value)
        assert 0 <= value <= 1
    end = 0
    for ent in record.ents or ():
        assert end <= ent.start < ent.end <= len(record.text)
        assert ent.label.strip()
        name = record.text[ent.start : ent.end]
        assert name == name.strip()
        end = ent.end
    if record.words is not None:
        assert " ".join(record.words) == record.text
        assert record.sent_starts[0] == 0
        assert list(record.sent_starts) == sorted(set(record.sent_starts))
        assert record.sent_starts[-1] < len(record.words)


def read_damaged(folder, name, seed):
    """Whether a damaged file was read, and not refused."""
    content = mutate(random.Random(f"{name}{seed}"), SAMPLES[name].encode("utf8"))
    path = write(folder / name, content)
    source = folder / "folder" if name.startswith("folder") else path
    try:
        for record in iter_records(source):
            check(record)
            assert str(path) in record.where
    except DataError as err:
        code, message = re.fullmatch(r"(?s)\[(L\d+)\] (.*)", str(err)).groups()
        assert str(path) in message
        # In a folder a text is a file.
        in_line = re.search(rf"{re.escape(str(path))}, line \d+: ", message)
        assert in_line or code in WHOLE_FILE or (source != path and code == "L306")
        return False
    return True


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_are_good(tmp_path, name):
    path = write(tmp_path / name, SAMPLES[name])
    source = tmp_path / "folder" if name.startswith("folder") else path
    records = list(iter_records(source))
    assert len(records) >= SAMPLES[name].count("\n\n")
    for record in records:
        check(record)


@pytest.mark.parametrize("name", SAMPLES)
def test_damaged_files(tmp_path, name):
    n_read = sum(read_damaged(tmp_path, name, seed) for seed in range(25))
    assert 0 < n_read < 25
