"""The spaCy project with any number of categories a text, and with names."""

import json
import re

import pytest
import spacy
from spacy.tokens import DocBin

from spacy_lstm.training.docs import make_doc
from spacy_lstm.training.readers.records import DataError, Entity, Record
from spacy_lstm.training.splits import SPLITS

from .pipelines import example, textcat_pipeline, train
from .projects import (
    ROOT,
    call,
    check,
    docbins,
    evaluate,
    models,
    read_docs,
    run_on,
    splits,
    try_it,
    write,
)

BUNDLED = ROOT / "corpus" / "bundled"
TEXTS = {
    "cold soup": {"food": 1.0, "price": 0.0},
    "a steep bill": {"food": 0.0, "price": 1.0},
    "soup at a steep price": {"food": 1.0, "price": 1.0},
    "a rainy day": {"food": 0.0, "price": 0.0},
}


def cats_of(doc):
    return [label for label, value in doc.cats.items() if value]


def test_topics_and_names(tmp_path):
    counts = run_on(BUNDLED, tmp_path / "out", "bundled_topics")
    assert counts["train"]["quality"] == 228
    assert counts["test"]["delay"] == 16
    docs = read_docs(tmp_path / "out" / "train.spacy")
    assert len(docs) == 1080
    assert all(list(doc.cats) == sorted(counts["train"]) for doc in docs)
    assert len(docs[0].cats) == 14
    assert {value for doc in docs for value in doc.cats.values()} == {0.0, 1.0}
    [doc] = [doc for doc in docs if doc.text.startswith("Whoever decided to put miso")]
    assert cats_of(doc) == ["food", "quality"]
    assert [(ent.text, ent.label_) for ent in doc.ents] == [("Tansy & Thorn", "ORG")]
    # Sentiment and topics are of the same texts and names.
    run_on(BUNDLED, tmp_path / "sentiment", "bundled")
    others = read_docs(tmp_path / "sentiment" / "train.spacy")
    assert [_names(doc) for doc in docs] == [_names(doc) for doc in others]
    assert sum(len(doc.ents) for doc in docs) == 1439
    assert all(doc.has_annotation("ENT_IOB") for doc in docs)
    report = check.check(tmp_path / "out", tmp_path / "training").report
    assert report.endswith("14 labels, any number for each text")
    report = check.check(tmp_path / "sentiment", tmp_path / "training").report
    assert report.endswith("3 labels, one for each text")


def _names(doc):
    return doc.text, [(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents]


def test_names_that_no_token_ends_with():
    record = Record("At Tansy-Thorns today", {}, "", (Entity(3, 14, "ORG"), Entity(16, 21, "DATE")))
    nlp = spacy.blank("en")
    doc = make_doc(nlp, record, [])
    assert [(ent.text, ent.label_) for ent in doc.ents] == [("today", "DATE")]
    # Tokens of the name that can't be expressed are unknown (""), others are outside or in a name.
    assert [(t.text, t.ent_iob_) for t in doc] == [
        ("At", "O"),
        ("Tansy", ""),
        ("-", ""),
        ("Thorns", ""),
        ("today", "B"),
    ]


def test_names_are_unknown_where_the_source_has_none(tmp_path):
    rows = "".join(f"text {i},{'ab'[i % 2]}\n" for i in range(20))
    run_on(write(tmp_path / "a.csv", "text,label\n" + rows), tmp_path / "out")
    for doc in read_docs(tmp_path / "out" / "train.spacy"):
        assert not doc.has_annotation("ENT_IOB")


def test_limit_keeps_texts_without_a_topic(tmp_path):
    counts = run_on(BUNDLED, tmp_path / "out", "bundled_topics", limit=2)
    assert all(n >= 2 for by_label in counts.values() for n in by_label.values())
    records = [
        Record(str(i), dict.fromkeys(labels, 1.0), "")
        for i, labels in enumerate(["ab", "a", "a", "", "", "b", "c"])
    ]
    placed = [("train", record) for record in records]
    few = [record for _, record in splits.take_few(placed, 1, "any")]
    assert [record.text for record in few] == ["0", "3", "6"]


def corpus_of(folder, topics):
    """A corpus of two texts in each split, with these topics in train, dev and test."""
    for split, value in zip(SPLITS, topics, strict=True):
        texts = "\n".join(f'<text id="food-{i}" topics="{value}">x {i}</text>' for i in (1, 2))
        write(folder / split / "food.xml", f"<texts>\n{texts}\n</texts>")
    return folder


@pytest.mark.parametrize(
    ("topics", "code", "part"),
    [
        (("", "food", "food"), "L331", "train"),
        (("food", "", "food"), "L331", "dev"),
        (("food", "food", "price"), "L313", "'price' is in test"),
    ],
)
def test_bad_topics(tmp_path, topics, code, part):
    source = corpus_of(tmp_path / "in", topics)
    with pytest.raises(DataError, match=rf"^\[{code}\].*{part}"):
        run_on(source, tmp_path / "out", "bundled_topics")
    assert not (tmp_path / "out").exists()


def test_single_topic_is_enough(tmp_path):
    source = corpus_of(tmp_path / "in", ("food", "food", "food"))
    write(source / "train" / "more.xml", '<texts><text topics="">y</text></texts>')
    counts = run_on(source, tmp_path / "out", "bundled_topics")
    assert counts["train"] == {"food": 2}
    assert "1 labels, any number" in check.check(tmp_path / "out", tmp_path / "training").report


@pytest.fixture(scope="module")
def nlp():
    nlp = textcat_pipeline("lstm_textcat_multilabel", threshold=0.4)
    train(nlp, [example(nlp, text, cats) for text, cats in TEXTS.items()], steps=60)
    return nlp


def test_threshold(nlp):
    assert models.threshold_of(nlp) == 0.4
    assert models.threshold_of(textcat_pipeline()) is None
    scores = {"c": 0.1, "b": 0.4, "a": 0.7}
    assert models.applying(scores, 0.4) == ["a", "b"]
    assert models.applying(scores, 0.8) == []
    assert models.applying(scores, None) == ["a"]


def test_evaluate_and_try(nlp, tmp_path, monkeypatch, capsys):
    nlp.to_disk(tmp_path / "model")
    doc_bin = DocBin()
    wrong = {"a rainy day": {"food": 1.0, "price": 0.0}}
    for text, cats in {**TEXTS, **wrong}.items():
        doc = nlp.make_doc(text)
        doc.cats = cats
        doc_bin.add(doc)
    doc_bin.to_disk(tmp_path / "test.spacy")
    assert not all(map(docbins.is_exclusive, read_docs(tmp_path / "test.spacy")))

    output = tmp_path / "metrics" / "topics.json"
    paths = [str(path) for path in (tmp_path / "model", tmp_path / "test.spacy", output)]
    assert call(evaluate.main, monkeypatch, *paths) == 0
    scores = json.loads(output.read_text("utf8"))
    assert scores["accuracy"] == 0.75
    assert scores["threshold"] == 0.4
    assert scores["labels"]["food"] == {"p": 1.0, "r": 2 / 3, "f": 0.8, "n_texts": 3}
    assert scores["labels"]["price"] == {"p": 1.0, "r": 1.0, "f": 1.0, "n_texts": 2}
    assert scores["cats_macro_f"] == pytest.approx(0.9)
    assert 0.5 < scores["cats_macro_auc"] <= 1.0
    assert "Accuracy 75.0 % (all labels of a text right)" in capsys.readouterr().out

    assert call(try_it.main, monkeypatch, paths[0], "soup at a steep price") == 0
    shown = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)
    assert sorted(line.split()[0] for line in shown.splitlines()[2:]) == ["food", "price"]
    assert "no category" not in shown
    assert call(try_it.main, monkeypatch, paths[0], "a rainy day") == 0
    assert "no category has 40 %" in capsys.readouterr().out
