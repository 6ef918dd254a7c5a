"""Folders with a folder for each category."""

import pytest

from spacy_lstm.training.readers.folders import iter_folder
from spacy_lstm.training.readers.records import DataError

from ..projects import write


def test_folders(tmp_path):
    write(tmp_path / "pos" / "2.txt", "\ufeff\nSo\r\ngood \n")
    write(tmp_path / "pos" / "10.TXT", "Fine")
    write(tmp_path / "neg" / "1.txt", "Bad\u2028really")
    write(tmp_path / ".cache", "")
    write(tmp_path / "neg" / ".DS_Store", b"\0\1")
    records = list(iter_folder(tmp_path))
    assert [(r.text, r.cats, r.ents) for r in records] == [
        ("Bad\u2028really", {"neg": 1.0}, None),
        ("Fine", {"pos": 1.0}, None),
        ("So\r\ngood", {"pos": 1.0}, None),
    ]
    assert records[1].where == str(tmp_path / "pos" / "10.TXT")


@pytest.mark.parametrize(
    ("name", "content", "code", "part"),
    [
        ("read.txt", "x", "L382", "read.txt: this isn't in a category"),
        ("pos/a.csv", "x", "L382", "a.csv: this isn't a .txt file"),
        ("pos/more/a.txt", "x", "L382", "more: this is a folder within"),
        ("pos/a.txt", " \n", "L306", "a.txt: there is no text"),
        ("pos/a.txt", "", "L306", "a.txt: there is no text"),
        ("pos/a.txt", b"a\nb\xff", "L304", "a.txt, line 2: the file isn't UTF-8"),
        ("pos/a.txt", b"a\n\0", "L371", "a.txt, line 2: there is a zero byte"),
        ("empty/.hidden", "", "L303", "empty holds no texts"),
    ],
)
def test_bad_folders(tmp_path, name, content, code, part):
    write(tmp_path / "neg" / "1.txt", "Bad")
    write(tmp_path / name, content)
    with pytest.raises(DataError, match=rf"^\[{code}\]") as info:
        list(iter_folder(tmp_path))
    assert part in str(info.value)


def test_no_folders(tmp_path):
    with pytest.raises(DataError, match=r"^\[L303\]"):
        list(iter_folder(tmp_path))
    with pytest.raises(DataError, match=r"^\[L301\].*gone"):
        list(iter_folder(tmp_path / "gone"))
