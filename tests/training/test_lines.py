"""Reading a file line by line."""

import pytest

from spacy_lstm.training.readers.lines import Position, iter_lines
from spacy_lstm.training.readers.records import DataError

from ..projects import write


def test_lines(tmp_path):
    path = write(tmp_path / "a", "\ufeffé\r\na\u2028b\x85\x0bc\rd\n\nlast\r".encode())
    lines = list(iter_lines(path))
    assert [(n, text) for n, text, _ in lines] == [
        (1, "é"),
        (2, "a\u2028b\x85\x0bc\rd"),
        (3, ""),
        (4, "last\r"),
    ]
    assert [end for _, _, end in lines] == [7, 19, 20, 25]
    assert lines[-1].end == path.stat().st_size
    with_ends = [text for _, text, _ in iter_lines(path, keep_ends=True)]
    assert "".join(with_ends) == path.read_bytes().decode("utf-8-sig")
    for i, line in enumerate(lines):
        assert list(iter_lines(path, start=Position(line.end, line.number))) == lines[i + 1 :]
    assert list(iter_lines(path, start=Position(0, 0))) == lines


def test_no_lines(tmp_path):
    assert list(iter_lines(write(tmp_path / "a", ""))) == []
    assert [line.text for line in iter_lines(write(tmp_path / "a", "\ufeff"))] == [""]
    with pytest.raises(DataError, match=r"^\[L301\].*gone"):
        list(iter_lines(tmp_path / "gone"))
    with pytest.raises(DataError, match=r"^\[L324\]"):
        list(iter_lines(tmp_path))


def test_bytes_that_are_not_utf8(tmp_path):
    path = write(tmp_path / "a", b"a\nb\nc\xe9 d\n")
    with pytest.raises(DataError, match=r"^\[L304\].*a, line 3: .*0xe9"):
        list(iter_lines(path))
    with pytest.raises(DataError, match=r"^\[L304\].*a, line 3: .*0xe9"):
        list(iter_lines(path, start=Position(4, 2)))
    for encoding in ("utf-16", "utf-16-le", "utf-16-be"):
        write(path, "a\nb".encode(encoding))
        with pytest.raises(DataError, match=r"^\[L371\].*a, line 1: .*UTF-16"):
            list(iter_lines(path))


def test_a_file_that_has_changed(tmp_path):
    path = write(tmp_path / "a", "one\ntwo\nthree")
    assert list(iter_lines(path, start=Position(13, 3))) == []
    for offset in (3, 5, 14):
        with pytest.raises(DataError, match=rf"^\[L372\].*byte {offset}"):
            list(iter_lines(path, start=Position(offset, 1)))
