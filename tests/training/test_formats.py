"""One door to all formats."""

from collections import Counter

import pytest

from spacy_lstm.training.readers.formats import FORMATS, detect, iter_records
from spacy_lstm.training.readers.records import DataError

from ..projects import write

JSON = '{"text": "Ann ran", "label": ["x"]}'
COLUMNS = "Ann\tB-PER\nran\tO\n"


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.csv", "text,label\nAnn ran,x\n", "csv"),
        ("a.CSV", "text,label\nAnn ran,x\n", "csv"),
        ("a.tsv", "text\tlabel\nAnn ran\tx\n", "tsv"),
        ("a.tsv", "label\ttext\nO\tAnn ran\nO\tHi\n", "tsv"),
        ("a.tsv", COLUMNS, "columns"),
        ("a.jsonl", JSON, "jsonl"),
        ("a.ndjson", JSON, "jsonl"),
        ("a.json", f"\n {JSON}\n{JSON}\n", "jsonl"),
        ("a.json", f" \n[{JSON}]", "json"),
        ("a.txt", JSON, "jsonl"),
        ("a", f"[{JSON}]", "json"),
        ("a.conll", COLUMNS, "columns"),
        ("a.iob", COLUMNS, "columns"),
        ("a.bio", COLUMNS, "columns"),
        ("a.txt", COLUMNS, "columns"),
        ("a.annotated", "# id 1\n" + COLUMNS, "columns"),
        ("train", "{ O\n[ O\n" + COLUMNS.replace("\t", " "), "columns"),
    ],
)
def test_detect(tmp_path, name, content, expected):
    path = write(tmp_path / name, content)
    assert detect(path) == expected
    assert expected in FORMATS
    records = list(iter_records(path))
    assert records == list(iter_records(path, format=expected))
    assert any("Ann ran" in record.text for record in records)


def test_detect_a_folder(tmp_path):
    write(tmp_path / "x" / "a.txt", "Ann ran")
    assert detect(tmp_path) == "folder"
    [record] = iter_records(tmp_path)
    assert (record.text, record.cats) == ("Ann ran", {"x": 1.0})


def test_semicolons_between_the_cells_of_a_csv(tmp_path):
    path = write(tmp_path / "a.csv", 'text;label\n"Ann; and Bo";";x,y;"\nAnn ran;z\n')
    assert [(r.text, r.cats) for r in iter_records(path)] == [
        ("Ann; and Bo", {";x,y;": 1.0}),
        ("Ann ran", {"z": 1.0}),
    ]
    write(path, "text,label;kind\nAnn ran,x\n")
    assert [r.cats for r in iter_records(path, label_column="label;kind")] == [{"x": 1.0}]


def test_settings(tmp_path):
    table = write(tmp_path / "a.data", "words;tag\n")
    write(table, "words\ttag\nAnn ran\tx|y\n")
    [record] = iter_records(
        table, format="tsv", text_column="words", label_column="tag", label_separator="|"
    )
    assert (record.text, record.cats) == ("Ann ran", {"x": 1.0, "y": 1.0})
    columns = write(tmp_path / "a.conll", "#\tO\tB-A\nAnn\tB-PER\tO\n\nran\tO\tO\n")
    [record] = iter_records(
        columns, token_column=0, tag_column=1, sentences_per_doc=2, comments=True
    )
    assert (record.text, record.ents) == ("Ann ran", ((0, 3, "PER"),))
    skipped = Counter()
    export = write(tmp_path / "a.json", '[{"text": "a", "answer": "ignore"}, ' + JSON + "]")
    assert len(list(iter_records(export, skipped=skipped))) == 1
    assert skipped == {"ignored": 1}


@pytest.mark.parametrize(
    ("name", "content", "code", "part"),
    [
        ("a.xlsx", "PK\u0003", "L388", "csv, tsv, jsonl"),
        ("a.txt", "Just a text.\nAnd more of it.", "L388", "a.txt"),
        ("a.txt", " \n", "L303", "a.txt"),
        ("a.json", "", "L303", "a.json"),
        ("a.csv", "text,label\n", "L303", "a.csv"),
        ("a.jsonl", '{"text": "a", "answer": "ignore"}', "L303", "a.jsonl"),
        ("a.txt", COLUMNS.encode() + b"\xff\tO", "L304", "line 3"),
        ("a.json", '{\n"text": "a"}', "L307", "line 1"),
    ],
)
def test_bad_sources(tmp_path, name, content, code, part):
    path = write(tmp_path / name, content)
    with pytest.raises(DataError, match=rf"^\[{code}\]") as info:
        list(iter_records(path))
    assert str(path) in str(info.value)
    assert part in str(info.value)


def test_no_source(tmp_path):
    for kind in FORMATS:
        with pytest.raises(DataError, match=r"^\[L301\].*gone"):
            list(iter_records(tmp_path / "gone", format=kind))
    with pytest.raises(DataError, match=r"^\[L389\].*'xml'.*csv"):
        iter_records(tmp_path, format="xml")
    with pytest.raises(DataError, match=r"^\[L324\]"):
        list(iter_records(tmp_path, format="csv"))
