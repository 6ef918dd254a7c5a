"""The readers of the corpora that the project knows: in XML, and in the formats of NLTK."""

import pytest

from spacy_lstm.training.readers.nltk_corpora import (
    read_categorized_files,
    read_categorized_lines,
)
from spacy_lstm.training.readers.records import DataError
from spacy_lstm.training.readers.xml_texts import read_xml

from ..projects import write


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
