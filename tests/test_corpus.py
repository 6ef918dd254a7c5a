"""The bundled corpus passes its checker, and the checker finds what is wrong with broken ones."""

import nltk.data
import pytest
from nltk.corpus.reader import XMLCorpusReader

from spacy_lstm.training.readers.records import DataError

from .projects import ROOT, call, check_corpus, corpus_format, write

BUNDLED = ROOT / "corpus" / "bundled"
ATTRIBUTES = 'register="tweet" sentiment="neutral" topics="food"'


def text(number, content, attributes=ATTRIBUTES):
    return f'<text id="food-{number:03}" {attributes}>{content}</text>'


def write_corpus(folder, train=(), dev=(), test=(), header='<texts domain="food" lang="en">'):
    """A corpus with a good text in each split, and others from the third line on."""
    splits = {"train": train, "dev": dev, "test": test}
    good = ("Soup is on.", "Where do they sell tea?", "The kitchen opens at six")
    for i, (split, lines) in enumerate(splits.items()):
        body = "\n".join([header, text(100 * i, good[i]), *lines, "</texts>"])
        write(folder / split / "food.xml", body)
    return folder


def complaints(folder):
    _, found = check_corpus.check_corpus(folder)
    return found


def test_bundled_corpus():
    texts, found = check_corpus.check_corpus(BUNDLED)
    assert len(texts) == 1530
    assert [complaint.message for complaint in found] == []


def test_nltk_loads_the_bundled_corpus(tmp_path, monkeypatch):
    # A copy that only its owner can change, as NLTK asks for, whatever the rights here are.
    for path in BUNDLED.rglob("*.xml"):
        write(tmp_path / path.parent.name / path.name, path.read_bytes())
    monkeypatch.setattr(nltk.data, "path", [str(tmp_path)])
    reader = XMLCorpusReader(str(tmp_path), r"(train|dev|test)/.*\.xml")
    texts = [text for fileid in reader.fileids() for text in reader.xml(fileid).iter("text")]
    assert len(texts) == 1530
    ours, _ = corpus_format.load_corpus(BUNDLED)
    assert {"".join(text.itertext()) for text in texts} == {text.element.text for text in ours}
    assert "Trieste" in reader.words("train/books.xml")


BAD_TEXTS = {
    "no sentiment": (text(1, "x", 'register="news" topics=""'), "L342", "'sentiment'"),
    "unknown sentiment": (text(1, "x", ATTRIBUTES.replace("neutral", "bad")), "L343", "'bad'"),
    "unknown register": (text(1, "x", ATTRIBUTES.replace("tweet", "fax")), "L343", "'fax'"),
    "unknown topic": (text(1, "x", ATTRIBUTES.replace("food", "food zoo")), "L343", "'zoo'"),
    "unsorted": (text(1, "x", ATTRIBUTES.replace("food", "price food")), "L343", "sorted"),
    "topic twice": (text(1, "x", ATTRIBUTES.replace("food", "food food")), "L343", "once"),
    "unknown hard": (text(1, "x", f'{ATTRIBUTES} hard="long"'), "L343", "'long'"),
    "empty hard": (text(1, "x", f'{ATTRIBUTES} hard=""'), "L343", "left out"),
    "other attribute": (text(1, "x", f'{ATTRIBUTES} mood="sad"'), "L343", "'mood'"),
    "bad id": (text(1, "x").replace("food-001", "food-1"), "L344", "three digits"),
    "id of another domain": (text(1, "x").replace("food-", "books-"), "L344", "'food'"),
    "id twice": (text(0, "x"), "L344", "food.xml, line 2"),
    "unknown tag": (text(1, "<CITY>Rome</CITY> x"), "L345", "<CITY>"),
    "nested": (text(1, "<ORG>Bank of <PLACE>Rome</PLACE></ORG> x"), "L345", "inside"),
    "empty name": (text(1, "x <ORG></ORG>"), "L345", "is empty"),
    "space in the name": (text(1, "At <ORG>Tansy </ORG>x"), "L345", "whitespace at its edge"),
    "punctuation": (text(1, "At <ORG>Tansy,</ORG> x"), "L345", "punctuation"),
    "quote": (text(1, "At <ORG>“Tansy</ORG>” x"), "L345", "punctuation"),
    "possessive": (text(1, "<PERSON>Ada’s</PERSON> x"), "L345", "possessive"),
    "begins in a word": (text(1, "At the<ORG>Tansy</ORG> x"), "L345", "begins within"),
    "ends in a word": (text(1, "<PLACE>Rome</PLACE>r x"), "L345", "ends within"),
    "empty": (text(1, " "), "L306", "no text"),
    "start": (text(1, " x y"), "L346", "at its start"),
    "end": (text(1, "x y "), "L346", "at its end"),
    "two spaces": (text(1, "x  y"), "L346", "two spaces after 'x'"),
    "line break": (text(1, "x\ny"), "L346", "line break"),
    "no-break space": (text(1, "x\u00a0y"), "L346", "isn't the usual"),
    "invisible": (text(1, "x\u200by"), "L346", "invisible"),
    "not NFC": (text(1, "cafe\u0301"), "L346", "NFC"),
    "escaped twice": (text(1, "x &amp;amp; y"), "L346", "escaped twice"),
    "space before comma": (text(1, "x , y"), "L346", "before a punctuation"),
    "two on a line": (text(1, "so x") + text(2, "or y"), "L341", "two texts"),
    "stray element": ("<note/>", "L341", "<note>"),
    "stray characters": ("Remember the milk", "L341", "'Remember the milk'"),
    "duplicate": (text(1, "SOUP is... on!"), "L347", "100%"),
}


@pytest.mark.parametrize("case", BAD_TEXTS)
def test_bad_text(tmp_path, case):
    line, code, part = BAD_TEXTS[case]
    assert not complaints(write_corpus(tmp_path / "good"))
    found = complaints(write_corpus(tmp_path / "bad", train=[line]))
    assert any(complaint.message.startswith(f"[{code}]") for complaint in found)
    [complaint, *_] = [c for c in found if f"[{code}]" in c.message and part in c.message]
    assert complaint.error
    assert f"{tmp_path / 'bad' / 'train' / 'food.xml'}, line 3" in complaint.message
    if line.startswith("<text") and code != "L341":
        assert line.split('"')[1] in complaint.message


def test_order_of_ids(tmp_path):
    folder = write_corpus(tmp_path, train=[text(7, "one more"), text(5, "and another")])
    [complaint] = complaints(folder)
    assert "line 4, food-005: the id 'food-005' comes after 'food-007'" in complaint.message


def test_files(tmp_path):
    [*found] = complaints(write_corpus(tmp_path, header='<texts domain="books" lang="en">'))
    assert [c.message.count("isn't 'food', as the file is called") for c in found] == [1, 1, 1]
    write_corpus(tmp_path, train=["<text>"])
    write(tmp_path / "dev" / "zoo.xml", '<texts domain="zoo"></texts>')
    found = [complaint.message for complaint in complaints(tmp_path)]
    assert any("[L318]" in message and "train/food.xml, line 4" in message for message in found)
    assert any("'zoo' is no domain" in message for message in found)
    assert any("zoo.xml, line 1: there are no texts" in message for message in found)
    (tmp_path / "test" / "food.xml").unlink()
    with pytest.raises(DataError, match=r"^\[L303\].*test"):
        complaints(tmp_path)
    (tmp_path / "test").rmdir()
    with pytest.raises(DataError, match=r"^\[L301\].*test"):
        complaints(tmp_path)


def test_leaks(tmp_path):
    train = [text(1, "<PERSON>Ada Wu</PERSON> loves the <PRODUCT>Zing</PRODUCT> from tins")]
    test = [
        text(201, "Our soup is on."),
        text(202, "Mail for <PERSON>ada wu</PERSON>"),
        text(203, "Yesterday at <ORG>@ZING</ORG>, cold as ever"),
    ]
    leak, names = complaints(write_corpus(tmp_path, train=train, test=test))[::-1]
    assert leak.error
    assert names.error
    assert "test/food.xml, line 3, food-201: shares 75% of its words with" in leak.message
    assert "train/food.xml, line 2, food-000, which is in train" in leak.message
    assert "100.0% of its names" in names.message
    assert "'ada wu', 'zing'" in names.message


def test_shares_of_labels(tmp_path):
    bad = ATTRIBUTES.replace("neutral", "negative")
    folder = write_corpus(tmp_path, dev=[text(101, "never again", bad)])
    warnings = [complaint.message for complaint in complaints(folder)]
    assert [("'negative' has 50%" in w, "'neutral' has 50%" in w) for w in warnings] == [
        (True, False),
        (False, True),
    ]
    assert not any(complaint.error for complaint in complaints(folder))


def test_inconsistent_annotation(tmp_path):
    nameword = f'{ATTRIBUTES} hard="nameword"'
    train = [
        text(1, "A tin from <PLACE>Cork</PLACE>, <PERSON>Dill</PERSON>"),
        text(2, "Some wine was grown near Cork."),
        text(3, "Ask <ORG>Cork</ORG>!"),
        text(4, "Cork is a lovely cork"),  # a word at the start of a sentence
        text(5, "Corkers all around"),
        text(6, "we like Dill", nameword),
        text(7, "<ORG>Cork Dairy</ORG> pays well"),
    ]
    found = complaints(write_corpus(tmp_path, train=train))
    assert not any(complaint.error for complaint in found)
    messages = [complaint.message for complaint in found]
    assert [(m.split("]")[0], m.split(": ")[0].split(", ")[-1]) for m in messages] == [
        ("[L351", "food-002"),
        ("[L351", "food-002"),
        ("[L352", "food-003"),
    ]
    assert "'Cork' is <ORG>, but <PLACE> in" in messages[2]
    assert "train/food.xml, line 3, food-001. Which" in messages[2]


def test_command_line(tmp_path, monkeypatch, capsys):
    assert call(check_corpus.main, monkeypatch, str(BUNDLED)) == 0
    out = capsys.readouterr().out
    assert "1,530 texts, no errors" in out
    assert "402 ( 37%)   68 ( 38%)   101 ( 37%)" in out
    folder = write_corpus(tmp_path, train=[text(1, "x  y"), text(2, "Zoo <CITY>Rome</CITY>")])
    assert call(check_corpus.main, monkeypatch, str(folder)) == 1
    out = capsys.readouterr().out
    assert f"error: [L346] {folder / 'train' / 'food.xml'}, line 3, food-001" in out
    assert "[L353]" in out
    assert "2 errors" in out
