"""The committed parts of the bundled corpus for cross-validation."""

import json
from collections import Counter

from .projects import ROOT, call, corpus_format, make_folds, write

TEXTS, _ = corpus_format.load_corpus(ROOT / "corpus" / "bundled")
FOLDS = json.loads((ROOT / "corpus" / "folds.json").read_text("utf8"))


def test_complete_and_disjoint():
    ids = [key for fold in FOLDS for key in fold]
    assert len(FOLDS) == 5
    assert len(ids) == len(set(ids)) == 1530
    assert set(ids) == {text.id for text in TEXTS}
    assert [len(fold) for fold in FOLDS] == [306] * 5


def counts(key):
    """For each label, in how many texts of each part it is."""
    labels = {text.id: key(text) for text in TEXTS}
    by_fold = [Counter(label for i in fold for label in labels[i]) for fold in FOLDS]
    return {label: [count[label] for count in by_fold] for label in set().union(*by_fold)}


def sentiment(text):
    return text.element.attributes["sentiment"]


def test_balanced():
    cells = counts(lambda text: [(sentiment(text), text.domain)])
    assert len(cells) == 27
    assert all(max(n) - min(n) <= 1 for n in cells.values())
    assert all(max(n) - min(n) <= 1 for n in counts(lambda text: [sentiment(text)]).values())
    assert all(max(n) - min(n) <= 3 for n in counts(lambda text: [text.domain]).values())
    # Not stratified by topics, but none of them may be rare anywhere.
    assert all(min(n) >= 10 for n in counts(lambda text: text.values("topics")).values())


def test_committed_folds_are_those_of_the_script(tmp_path, monkeypatch, capsys):
    output = tmp_path / "folds.json"
    source = str(ROOT / "corpus" / "bundled")
    assert call(make_folds.main, monkeypatch, source, str(output)) == 0
    assert output.read_text("utf8") == (ROOT / "corpus" / "folds.json").read_text("utf8")
    assert make_folds.make_folds(TEXTS, 5, seed=1) != FOLDS
    for split in ("train", "dev", "test"):
        write(tmp_path / "bad" / split / "food.xml", "<texts><note/></texts>")
    assert call(make_folds.main, monkeypatch, str(tmp_path / "bad"), str(output)) == 1
    assert "[L341]" in capsys.readouterr().out
