"""The readers of annotated texts. What they say about bad files is tested with the project."""

import json

import pytest

from spacy_lstm.training.readers.nltk_corpora import (
    read_categorized_files,
    read_categorized_lines,
)
from spacy_lstm.training.readers.records import DataError
from spacy_lstm.training.readers.tables import read_table
from spacy_lstm.training.readers.xml_texts import read_xml

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
    records = read_table(write(tmp_path / name, content))
    assert [(r.text, r.cats) for r in records] == [
        ("Good, or\nnot?", {"pos": 1.0}),
        ("Bad", {"neg": 1.0}),
    ]


def test_table_keeps_what_only_looks_like_a_line_break(tmp_path):
    rows = [{"text": "a\u2028b\x85c", "label": 1}, {"text": "d", "label": True}]
    content = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    records = read_table(write(tmp_path / "a.jsonl", content))
    assert [(r.text, r.cats) for r in records] == [
        ("a\u2028b\x85c", {"1": 1.0}),
        ("d", {"true": 1.0}),
    ]


def test_bad_xml(tmp_path):
    write(tmp_path / "a.xml", '<texts>\n<text sentiment="x">a<b></text>\n</texts>')
    with pytest.raises(DataError, match=r"^\[L318\].*a\.xml.*line 2"):
        read_xml(tmp_path, tag="text", attribute="sentiment")
    write(tmp_path / "a.xml", '<texts><text id="t-1">a</text></texts>')
    with pytest.raises(DataError, match=r"^\[L318\].*text t-1.*'sentiment'"):
        read_xml(tmp_path, tag="text", attribute="sentiment")
    write(tmp_path / "a.xml", '<texts><text id="t-1" sentiment="x"> </text></texts>')
    with pytest.raises(DataError, match=r"^\[L306\].*text t-1"):
        read_xml(tmp_path, tag="text", attribute="sentiment")


def test_xml_keeps_the_text_of_inner_elements(tmp_path):
    write(tmp_path / "b.xml", '<texts><text y="n">At <P>Ted &amp; Co</P>\'s &lt;3</text></texts>')
    write(tmp_path / "a.xml", '<texts><text y="p">First</text></texts>')
    records = read_xml(tmp_path, tag="text", attribute="y")
    assert [(r.text, r.cats) for r in records] == [
        ("First", {"p": 1.0}),
        ("At Ted & Co's <3", {"n": 1.0}),
    ]


def test_categorized_corpora_in_folders(tmp_path):
    write(tmp_path / "lines.pos", "good \nfine\x85really\n")
    write(tmp_path / "lines.neg", "bad")
    lines = read_categorized_lines(tmp_path, r"lines\.(neg|pos)")
    assert {c: {i: r.text for i, r in rs.items()} for c, rs in lines.items()} == {
        "neg": {0: "bad"},
        "pos": {0: "good", 1: "fine\x85really"},
    }
    write(tmp_path / "files" / "pos" / "1.txt", "so\n\n  good ")
    files = read_categorized_files(tmp_path / "files", r".*\.txt", cat_pattern="(pos)/")
    [record] = [record for by_file in files.values() for record in by_file.values()]
    assert (record.text, record.cats) == ("so good", {"pos": 1.0})
    assert record.where.endswith("files/pos/1.txt")


def test_categorized_corpora_that_are_bad(tmp_path):
    write(tmp_path / "lines.pos", "good\n \nfine\n")
    with pytest.raises(DataError, match=r"^\[L306\].*lines\.pos, line 2:"):
        read_categorized_lines(tmp_path, r"lines\.(neg|pos)")
    write(tmp_path / "lines.pos", b"good\nfi\xffne\n")
    with pytest.raises(DataError, match=r"^\[L304\].*lines\.pos, line 2:.*0xff"):
        read_categorized_lines(tmp_path, r"lines\.(neg|pos)")
    with pytest.raises(DataError, match=r"^\[L301\].*gone"):
        read_categorized_lines(tmp_path / "gone", r"lines\.(neg|pos)")
