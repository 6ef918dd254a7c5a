"""Tables: CSV, TSV and JSONL. What is said about bad ones is tested with the project."""

import csv
import json
import sys
from itertools import islice

import pytest

from spacy_lstm.training.readers.formats import iter_records
from spacy_lstm.training.readers.records import DataError
from spacy_lstm.training.readers.tables import iter_csv, iter_jsonl

from ..projects import write


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", 'text,label\n"Good, or\nnot?",pos\n\n  Bad ,neg\n'),
        ("bom.csv", '\ufefftext,label,more\n"Good, or\nnot?",pos,1\nBad,neg\n'),
        ("crlf.CSV", 'label,text\r\npos,"Good, or\nnot?"\r\nneg,Bad\r\n'),
        ("a.tsv", 'text\tlabel\n"Good, or\nnot?"\tpos\nBad\t neg\n'),
        (
            "a.jsonl",
            '{"text": "Good, or\\nnot?", "label": "pos"}\n\n{"text": "Bad", "cats": {"neg": 1}}\n',
        ),
    ],
)
def test_tables(tmp_path, name, content):
    records = list(iter_records(write(tmp_path / name, content)))
    assert [(r.text, r.cats) for r in records] == [
        ("Good, or\nnot?", {"pos": 1.0}),
        ("Bad", {"neg": 1.0}),
    ]


def test_table_keeps_what_only_looks_like_a_line_break(tmp_path):
    rows = [{"text": "a\u2028b\x85c", "label": 1}, {"text": "d", "label": True}]
    content = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    records = list(iter_records(write(tmp_path / "a.jsonl", content)))
    assert [(r.text, r.cats) for r in records] == [
        ("a\u2028b\x85c", {"1": 1.0}),
        ("d", {"true": 1.0}),
    ]


def test_several_labels_in_a_cell(tmp_path):
    table = write(tmp_path / "a.csv", "text,label\nGood,a | b |\nBad,c\n")
    assert [r.cats for r in iter_records(table, label_separator="|")] == [
        {"a": 1.0, "b": 1.0},
        {"c": 1.0},
    ]
    assert [r.cats for r in iter_records(table)] == [{"a | b |": 1.0}, {"c": 1.0}]
    lines = write(tmp_path / "a.jsonl", '{"text": "Good", "label": "a|b"}')
    assert [r.cats for r in iter_records(lines, label_separator="|")] == [{"a": 1.0, "b": 1.0}]
    write(table, "text,label\nGood,|\n")
    with pytest.raises(DataError, match=r"^\[L308\].*a\.csv, line 2:.*'label'"):
        list(iter_records(table, label_separator="|"))


ROWS = [(f'text {i}\u2028é{chr(10) * (i % 3 == 1)}\'s, "end"', f"label{i % 4}") for i in range(9)]


def write_rows(path, line_end):
    """A table with quoted line breaks, and a byte order mark."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        if path.suffix == ".jsonl":
            for text, label in ROWS:
                file.write(json.dumps({"text": text, "label": label}, ensure_ascii=False))
                file.write(line_end * 2)  # with an empty line
        else:
            writer = csv.writer(file, lineterminator=line_end)
            writer.writerows([("text", "label"), *ROWS])
    return path


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_go_on_after_each_row(tmp_path, name, line_end):
    if name == "a.jsonl" and line_end == "\r":
        line_end = "\n"  # JSONL has no other line break
    path = write_rows(tmp_path / name, line_end)
    read = iter_csv if name == "a.csv" else iter_jsonl
    whole = list(read(path))
    assert [(r.text, r.cats) for r, _ in whole] == [(t, {c: 1.0}) for t, c in ROWS]
    for done in range(1, len(ROWS) + 1):
        assert list(read(path, start=whole[done - 1][1])) == whole[done:]


def test_lines_are_right_after_quoted_line_breaks(tmp_path):
    path = write(tmp_path / "a.csv", 'text,label\n"a\n\nb",x\r\n\nc,y\n"d\ne",\n')
    rows = iter_records(path)
    assert [r.where for r in islice(rows, 2)] == [f"{path}, line 2", f"{path}, line 6"]
    with pytest.raises(DataError, match=r"^\[L308\].*a\.csv, line 7:"):
        next(rows)


def test_rows_are_read_one_by_one(tmp_path):
    path = write(tmp_path / "a.jsonl", b'{"text": "a", "label": "x"}\n{"text": "\xff"}\n')
    rows = iter_records(path)
    assert next(rows).text == "a"
    with pytest.raises(DataError, match=r"^\[L304\].*a\.jsonl, line 2:.*0xff"):
        next(rows)
    with pytest.raises(DataError, match=r"^\[L304\]"):
        list(iter_records(path))


def test_a_long_cell(tmp_path):
    before = csv.field_size_limit()
    path = write(tmp_path / "a.csv", f"text,label\n{'a' * 200_000},x\n")
    assert len(next(iter_records(path)).text) == 200_000
    assert csv.field_size_limit() == before


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"text": "a", "label": "x", "text": "b"}', '"text" stands there twice'),
        ('{"text": "a", "cats": {"x": NaN}}', "NaN is no number"),
        ('{"text": "a", "cats": {"x": -Infinity}}', "-Infinity is no number"),
        ('{"text": "a", "label": ' + "9" * 5000 + "}", "digits"),
        ('{"text": "a", "label": ' + "[" * 100_000 + "}", "nested too deeply"),
        ('{"text": "\\ud83d", "label": "x"}', r"\ud83d is half of a character"),
        ('{"text": "a", "label": "x"', "column 27"),
    ],
)
def test_bad_json(tmp_path, line, reason):
    path = write(tmp_path / "a.jsonl", '{"text": "\\ud83d\\ude00", "label": "x"}\n' + line)
    rows = iter_records(path)
    assert next(rows).text == "\U0001f600"
    with pytest.raises(DataError) as info:
        next(rows)
    assert str(info.value).startswith(f"[L307] {path}, line 2:")
    assert reason in str(info.value)


def test_cats_beyond_numbers(tmp_path):
    path = write(tmp_path / "a.jsonl", '{"text": "a", "cats": {"x": 1e999}}')
    with pytest.raises(DataError, match=r"^\[L309\].*line 1:.*0 to 1"):
        list(iter_records(path))
    write(path, '{"text": "a", "cats": {" ": 1}}')
    with pytest.raises(DataError, match=r"^\[L309\].*line 1:"):
        list(iter_records(path))


def test_nesting_around_the_limit(tmp_path):
    limit = sys.getrecursionlimit()
    codes = set()
    for depth in range(limit - 200, limit + 10):
        line = '{"text": "a", "label": ' + "[" * depth + '"\\u0061"' + "]" * depth + "}"
        with pytest.raises(DataError, match=r"a\.jsonl, line 1:") as info:
            list(iter_records(write(tmp_path / "a.jsonl", line)))
        codes.add(str(info.value)[:6])
    assert "[L377]" in codes
