"""Columns: a word and its tag on each line."""

import os
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from spacy_lstm.training.readers.columns import iter_columns
from spacy_lstm.training.readers.records import DataError
from spacy_lstm.training.readers.tags import decode_iob

from ..projects import write


def names(record):
    return [(record.text[e.start : e.end], e.label) for e in record.ents]


def read(tmp_path, content, **settings):
    return list(iter_columns(write(tmp_path / "a.conll", content), **settings))


def fails(tmp_path, code, content, **settings):
    with pytest.raises(DataError, match=rf"^\[{code}\]") as info:
        read(tmp_path, content, **settings)
    assert str(tmp_path / "a.conll") in str(info.value)
    return str(info.value)


def test_a_record(tmp_path):
    path = write(
        tmp_path / "a.conll", "\ufeff\nAnn B-PER\nLee I-PER\nis O\nin O\nRome B-LOC\n\n\nHi O"
    )
    first, second = iter_columns(path)
    assert first.text == "Ann Lee is in Rome"
    assert first.words == ("Ann", "Lee", "is", "in", "Rome")
    assert first.ents == ((0, 7, "PER"), (14, 18, "LOC"))
    assert (first.cats, first.sent_starts, first.where) == ({}, (0,), f"{path}, line 2")
    assert (second.text, second.ents, second.where) == ("Hi", (), f"{path}, line 9")


@pytest.mark.parametrize(
    "content",
    [
        "Ann\tB-PER\nLee\tI-PER\nran\tO\n\t\nBo\tB-PER\nBo\tB-PER\n",
        "Ann\tB-PER\r\nLee\tI-PER\r\nran\tO\r\n\r\nBo\tB-PER\r\nBo\tB-PER\r\n",
        "B-PER Ann\nI-PER Lee\nO ran\n\nB-PER Bo\nB-PER Bo",
        "Ann NNP B-NP I-PER\nLee NNP I-NP I-PER\nran VBD B-VP O\n\nBo NNP B-NP I-PER\n"
        "Bo NNP B-NP B-PER\n",
        "1 Ann _ B-PER\n2 Lee _ L-PER\n3 ran _ O\n\n1 Bo _ U-PER\n2 Bo _ U-PER\n",
        "Ann B-PER\nLee E-PER\nran O\n\nBo S-PER\nBo S-PER\n",
        "Ann  \t B-PER,B-ORG \nLee   I-PER,I-ORG\nran O\n \nBo B-PER\nBo B-PER\n",
        "# newdoc id = a\n# newpar\n# sent_id = 1\n# text = Ann Lee ran\nAnn B-PER\nLee I-PER\n"
        "ran O\n\n# id 5-a\tdomain=en\nBo B-PER\nBo B-PER\n",
        "-DOCSTART- -X- O O\n\nAnn NNP O B-PER\nLee NNP O I-PER\nran VBD O O\n\n"
        "-DOCSTART-\nBo NNP O B-PER\nBo NNP O B-PER\n",
    ],
)
def test_kinds_of_columns(tmp_path, content):
    records = read(tmp_path, content)
    assert [(r.text, names(r)) for r in records] == [
        ("Ann Lee ran", [("Ann Lee", "PER")]),
        ("Bo Bo", [("Bo", "PER"), ("Bo", "PER")]),
    ]


def test_columns_by_number(tmp_path):
    content = "x Ann B-PER B-A\nx Lee I-PER O\nx ran O\n"
    [record] = read(tmp_path, content, token_column=1, tag_column=2)
    assert (record.text, names(record)) == ("Ann Lee ran", [("Ann Lee", "PER")])
    [record] = read(tmp_path, "Ann B-PER B-A\nLee I-PER O\n", tag_column=-2)
    assert (record.text, names(record)) == ("Ann Lee", [("Ann Lee", "PER")])
    assert "column 3 is" in fails(tmp_path, "L384", content, token_column=1, tag_column=3)
    assert "4 columns" in fails(tmp_path, "L383", content, token_column=1, tag_column=4)
    assert "`token_column` is -3" in fails(tmp_path, "L383", "a O\n", token_column=-3)


def test_sentences_and_documents(tmp_path):
    content = "-DOCSTART- O\n\na O\nb B-X\n\nc I-X\n\n-DOCSTART- O\nd O\n\ne O\n\nf O\n"
    for n, texts in (
        (1, ["a b", "c", "d", "e", "f"]),
        (2, ["a b c", "d e", "f"]),
        (3, ["a b c", "d e f"]),
        (0, ["a b c", "d e f"]),
    ):
        assert [r.text for r in read(tmp_path, content, sentences_per_doc=n)] == texts
    first, second = read(tmp_path, content, sentences_per_doc=0)
    # A name doesn't go on in the next sentence.
    assert names(first) == [("b", "X"), ("c", "X")]
    assert (first.sent_starts, second.sent_starts) == ((0, 2), (0, 1, 2))
    assert "DOCSTART" in fails(tmp_path, "L387", "a O\n\nb O\n", sentences_per_doc=0)
    with pytest.raises(DataError, match=r"^\[L002\].*sentences_per_doc"):
        read(tmp_path, content, sentences_per_doc=-1)


def test_comments(tmp_path):
    content = "#\tO\n#id\tO\na\tB-X\n\n# b = c\n#\tO\n"
    assert [r.text for r in read(tmp_path, content)] == ["# #id a", "#"]
    assert [r.text for r in read(tmp_path, content, comments=True)] == ["a"]
    assert "line 5" in fails(tmp_path, "L384", content, comments=False)


def test_no_words(tmp_path):
    assert read(tmp_path, "") == []
    assert read(tmp_path, "\n\t\n-DOCSTART- O\n") == []


@pytest.mark.parametrize(
    ("content", "code", "line", "part"),
    [
        ("a O\nb O\nc\n", "L384", 3, "is 1, and 2 in line 1"),
        ("a O\nb x O\nc O\n", "L384", 2, "is 3, and 2 in line 1"),
        ("a\tO\nb\tO\n\tO\n", "L306", 3, "no text"),
        ("a O\n" * 20 + "b 0\n", "L385", 21, "'0' isn't a tag"),
        ("a B-NP O\n" * 20 + "b B-NP BPER\n", "L385", 21, "'BPER' isn't a tag"),
        ("a U-X\nb O\nc L-X\n", "L386", 3, "no 'X' begins"),
        ("a U-X\nb O\nc I-X\n", "L386", 3, "no 'X' begins"),
        ("a B-X\nb I-X\nc O\nd L-X\n", "L386", 3, "begins 2 words before"),
        ("a B-X\nb L-Y\n", "L386", 2, "'X' that begins 1 words"),
        ("a B-X\nb U-X\n", "L386", 2, "no end"),
        ("a S-X\n\na B-X\nb I-X\n\nc E-X\n", "L386", 4, "sentence ends"),
        ("a B-X\nb E-X\nc B-X\n", "L386", 3, "sentence ends"),
        (b"a O\nb\xff O\n", "L304", 2, "0xff"),
    ],
)
def test_bad_columns(tmp_path, content, code, line, part):
    message = fails(tmp_path, code, content)
    assert f"a.conll, line {line}: " in message
    assert part in message


@pytest.mark.parametrize(
    ("content", "part"),
    [("a\nb\n", "only one column"), ("a b\nc d\n", "no column holds tags")],
)
def test_columns_that_are_not_found(tmp_path, content, part):
    message = fails(tmp_path, "L383", content)
    assert part in message
    assert "`tag_column`" in message


def conlleval(tags):
    """How many names there are by label, as its startOfChunk counts them."""
    counts = Counter()
    before = "O"
    for tag in tags:
        kind, before_kind = tag.partition("-")[2], before.partition("-")[2]
        if tag != "O" and (tag[0] == "B" or before == "O" or kind != before_kind):
            counts[kind] += 1
        before = tag
    return counts


def test_invalid_sequences_are_read_as_conlleval_does():
    tags = ["I-A", "I-A", "B-A", "O", "I-B", "I-A", "B-A", "I-B", "O", "I-A"]
    spans = decode_iob(tags)
    assert [tuple(span) for span in spans] == [
        (0, 2, "A"),
        (2, 3, "A"),
        (4, 5, "B"),
        (5, 6, "A"),
        (6, 7, "A"),
        (7, 8, "B"),
        (9, 10, "A"),
    ]
    assert Counter(span.label for span in spans) == conlleval(tags)


ASSETS = os.environ.get("SPACY_LSTM_ASSETS")


@pytest.mark.skipif(not ASSETS, reason="SPACY_LSTM_ASSETS names no copies of the public corpora")
@pytest.mark.parametrize(
    ("name", "n_sentences", "n_words", "n_names"),
    [
        ("wnut17/wnut17train.conll", 3394, 62_730, 1975),
        ("wnut17/emerging.dev.conll", 1009, 15_733, 836),
        ("wnut17/emerging.test.annotated", 1287, 23_394, 1079),
        ("wikigold/wikigold.conll", 1696, 39_007, 3558),
        ("conll2002/esp.testb", 1517, 51_533, 3559),
        ("conll2002/ned.testa", 2895, 37_687, 2616),
    ],
)
def test_public_corpora(tmp_path, name, n_sentences, n_words, n_names):
    path = Path(ASSETS) / name
    if name.startswith("conll2002"):
        with zipfile.ZipFile(Path(ASSETS) / "conll2002.zip") as archive:
            archive.extract(name, tmp_path)
        path = tmp_path / name
    records = list(iter_columns(path))
    counts = Counter(ent.label for record in records for ent in record.ents)
    n_read = (len(records), sum(len(r.words) for r in records), sum(counts.values()))
    assert n_read == (n_sentences, n_words, n_names)
    tags = []
    for line in path.read_text("utf8").split("\n"):
        cells = line.split()
        tags.append(cells[-1].split(",")[0] if cells and cells[0] != "-DOCSTART-" else "O")
    assert counts == conlleval(tags)
