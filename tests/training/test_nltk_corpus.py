"""The reader of NLTK's corpora: paths, splits, limits, order, and training from a config."""

import os
from pathlib import Path

import pytest
import spacy
from spacy.cli.init_config import fill_config
from spacy.training.initialize import init_nlp
from spacy.training.loop import train
from thinc.api import Config

from spacy_lstm.training.readers import nltk_corpus
from spacy_lstm.training.readers.nltk_corpus import NLTKCorpus
from spacy_lstm.training.readers.records import DataError

from ..pipelines import NEGATIVE, POSITIVE, textcat_pipeline
from ..projects import write
from .nltk_folder import install, zip_up

LINES = {"rt.pos": "\n\n".join(POSITIVE) + "\n \n", "rt.neg": "\n".join(NEGATIVE)}
FOLDERS = {
    f"{c}/{i}.txt": t for c, ts in (("p", POSITIVE), ("n", NEGATIVE)) for i, t in enumerate(ts)
}
COLUMNS = "Ann I-PER\nLee I-PER\nin O\nRome B-LOC\nItaly B-LOC\n\n\n-DOCSTART- O\n\nNo O\none O"
ASSETS = os.environ.get("SPACY_LSTM_ASSETS") or None


def docs_of(corpus, **settings):
    nlp = spacy.blank("en")
    return [example.reference for example in NLTKCorpus(corpus, **settings)(nlp)]


def texts_of(corpus, **settings):
    return [doc.text for doc in docs_of(corpus, **settings)]


def test_folders_and_lines_and_archives(tmp_path):
    for name, content in {**LINES, "README": "-", ".hidden": "-"}.items():
        write(tmp_path / "lines" / name, content)
    for name, content in {**FOLDERS, "LICENSE.txt": "-"}.items():
        write(tmp_path / "folders" / name, content)
    expected = [(t, {"neg": 1.0, "pos": 0.0}) for t in NEGATIVE]
    expected += [(t, {"neg": 0.0, "pos": 1.0}) for t in POSITIVE]
    by_stem = {"a/pos.txt": LINES["rt.pos"], "a/neg.txt": LINES["rt.neg"], "a/README": "-"}
    for corpus in (
        tmp_path / "lines",
        zip_up(tmp_path / "lines.zip", LINES),
        zip_up(tmp_path / "inside.zip", LINES, "lines"),
        zip_up(tmp_path / "stems.zip", {**by_stem, "__MACOSX/a/._pos.txt": "-"}),
    ):
        assert [(doc.text, doc.cats) for doc in docs_of(corpus)] == expected
        assert [(doc.text, doc.cats) for doc in docs_of(str(corpus))] == expected
    expected = [(t, {"n": c["neg"], "p": c["pos"]}) for t, c in expected]
    for corpus in (
        tmp_path / "folders",
        zip_up(tmp_path / "folders.zip", FOLDERS),
        zip_up(tmp_path / "deep.zip", FOLDERS, "corpus"),
    ):
        assert [(doc.text, doc.cats) for doc in docs_of(corpus)] == expected


def test_columns(tmp_path):
    two = write(tmp_path / "two" / "a.conll", COLUMNS)
    rows = [line.split() for line in COLUMNS.split("\n")]
    four = "\n".join(f"{row[0]} X Y {row[1]}" if row else "" for row in rows)
    archive = zip_up(tmp_path / "four.zip", {"train.txt": four}, "four")
    for corpus in (two.parent, archive):
        first, second = docs_of(corpus)
        assert [token.text for token in first] == ["Ann", "Lee", "in", "Rome", "Italy"]
        found = [(ent.text, ent.label_) for ent in first.ents]
        assert found == [("Ann Lee", "PER"), ("Rome", "LOC"), ("Italy", "LOC")]
        assert ([token.text for token in second], second.ents) == (["No", "one"], ())
    two.write_text("a O\nb X-Y\n", encoding="utf8")
    with pytest.raises(DataError, match=r"^\[L368\].*a\.conll, line 2:.*'b X-Y'"):
        docs_of(two.parent, kind="chunked")


def test_kind_and_pattern_and_encoding_of_a_path(tmp_path):
    write(tmp_path / "a-good.txt", "caf\xe9\nO\n".encode("latin1"))
    write(tmp_path / "b-good.txt", "fine")
    write(tmp_path / "a-bad.txt", "poor")
    write(tmp_path / "notes.md", "-")
    settings = {"fileids": r".*\.txt", "cat_pattern": ".-(good|bad)", "encoding": "latin1"}
    docs = docs_of(tmp_path, **settings)
    assert [(d.text, d.cats["good"]) for d in docs] == [
        ("poor", 0.0),
        ("café", 1.0),
        ("O", 1.0),
        ("fine", 1.0),
    ]
    assert texts_of(tmp_path, kind="files", **settings) == ["poor", "café O", "fine"]
    # A file that isn't read tells a category all the same.
    [fine] = docs_of(tmp_path, **{**settings, "fileids": ["b-good.txt"]})
    assert fine.cats == {"bad": 0.0, "good": 1.0}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"cat_pattern": ".-(good)"}, r"L366\] `cat_pattern` can't be.*'a-bad\.txt'"),
        ({"cat_pattern": ".-good|.-bad"}, r"L366\].*has no group"),
        ({"cat_pattern": "("}, r"L366\] `cat_pattern` can't be '\(': missing"),
        ({"fileids": "*"}, r"L366\] `fileids` can't be '\*': nothing to repeat"),
        ({"fileids": "good"}, r"L365\].*'good'.*4 files.*'a-bad\.txt'"),
        ({"fileids": ["a-bad.txt", "c.txt"]}, r"L365\].*'c\.txt'"),
        ({"fileids": ["a-bad.txt", "d/e.txt"]}, r"L364\].*in folders, as 'd/e\.txt'"),
        ({"fileids": "a-bad.txt|c"}, r"L364\].*don't tell.*'a-bad\.txt', 'c'"),
        ({"encoding": "ascii", "cat_pattern": ".-(.*)"}, r"L324\].*0xc3 isn't ascii"),
        ({"fileids": "c", "cat_pattern": "(.)", "kind": "files"}, r"L306\].*c: there is no text"),
        ({"fileids": "c", "cat_pattern": "(.)"}, r"L303\] .* holds no texts"),
    ],
)
def test_paths_that_cant_be_read(tmp_path, settings, message):
    contents = {"a-bad.txt": "café", "b-good.txt": "fine", "c": "", "d/e.txt": "-"}
    for name, content in contents.items():
        write(tmp_path / name, content)
    settings = {"fileids": r".-.*\.txt", **settings}
    with pytest.raises(DataError, match=rf"^\[{message}"):
        docs_of(tmp_path, **settings)


def test_no_corpus_at_the_path(tmp_path):
    with pytest.raises(DataError, match=r"^\[L301\].*gone"):
        docs_of(tmp_path / "gone")
    with pytest.raises(DataError, match=r"^\[L303\]"):
        docs_of(tmp_path)
    with pytest.raises(DataError, match=r"^\[L324\].*not a zip file"):
        docs_of(write(tmp_path / "a.zip", "text"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("split", "eval"),
        ("kind", "x"),
        ("limit", -1),
        ("encoding", "x"),
        ("encoding", "base64"),
        ("augmenter", [1]),
    ],
)
def test_settings_are_checked(name, value):
    with pytest.raises(DataError, match=rf"^\[L369\] `{name}`.*{value!r}"):
        NLTKCorpus("movie_reviews", **{name: value})


def test_splits(tmp_path):
    corpus = zip_up(tmp_path / "folders.zip", FOLDERS)
    parts = {split: docs_of(corpus, split=split) for split in ("train", "dev", "test")}
    assert {split: len(docs) for split, docs in parts.items()} == {"train": 16, "dev": 2, "test": 2}
    assert {doc.text for docs in parts.values() for doc in docs} == {*POSITIVE, *NEGATIVE}
    for docs in parts.values():  # each category on its own
        assert sum(doc.cats["p"] for doc in docs) == len(docs) / 2
    assert texts_of(corpus, split="dev", seed=0) == [doc.text for doc in parts["dev"]]
    assert texts_of(corpus, split="dev", seed=1) != [doc.text for doc in parts["dev"]]
    few = zip_up(tmp_path / "few.zip", {"p/1": "one", "n/2": "two"})
    with pytest.raises(DataError, match=r"^\[L403\].*few\.zip has 2 different texts"):
        texts_of(few, split="train")


def test_limit_and_order(tmp_path):
    corpus = zip_up(tmp_path / "folders.zip", FOLDERS)
    every = texts_of(corpus)
    some = texts_of(corpus, limit=6)
    assert some == [text for text in every if text in some]  # in their order
    assert some == texts_of(corpus, limit=6)
    assert len(some) == 6
    assert {*some} & {*POSITIVE}
    assert {*some} & {*NEGATIVE}
    assert texts_of(corpus, limit=100) == every
    assert len(texts_of(corpus, limit=1, split="dev")) == 1

    def epochs(**settings):
        reader, nlp = NLTKCorpus(corpus, **settings), spacy.blank("en")
        return [[example.reference.text for example in reader(nlp)] for _ in range(3)]

    assert epochs() == [every] * 3
    shuffled = epochs(shuffle=True)
    assert shuffled == epochs(shuffle=True)
    assert len({tuple(epoch) for epoch in (*shuffled, *epochs(shuffle=True, seed=1), every)}) == 7
    assert all(sorted(epoch) == sorted(every) for epoch in shuffled)


def test_augmenter(tmp_path):
    corpus = zip_up(tmp_path / "folders.zip", FOLDERS)
    augmenter = spacy.util.registry.augmenters.get("spacy.lower_case.v1")(level=1.0)
    assert "i loved it so much" in texts_of(corpus, augmenter=augmenter)


def test_nothing_is_read_before_it_is_called_and_then_once(folder, monkeypatch):
    reader = NLTKCorpus("movie_reviews")
    nlp = spacy.blank("en")
    with pytest.raises(DataError, match=r"^\[L361\]"):
        next(reader(nlp))
    install(folder, "movie_reviews", {"pos/1.txt": "good", "neg/1.txt": "bad"})
    before = [example.reference.text for example in reader(nlp)]
    monkeypatch.setattr(nltk_corpus.NLTKCorpus, "_read", None)
    assert [example.reference.text for example in reader(nlp)] == before == ["bad", "good"]


CORPORA = """
[corpora]

[corpora.train]
@readers = "spacy_lstm.NLTKCorpus.v1"
corpus = {corpus}
split = "train"
shuffle = true

[corpora.dev]
@readers = "spacy_lstm.NLTKCorpus.v1"
corpus = {corpus}
split = "dev"

[training]
max_steps = 8
eval_frequency = 4
patience = 0
max_epochs = {max_epochs}
"""


@pytest.mark.parametrize("max_epochs", [0, -1])
def test_training_from_a_config(folder, max_epochs):
    install(
        folder,
        "movie_reviews",
        {f.replace("p/", "pos/").replace("n/", "neg/"): t for f, t in FOLDERS.items()},
    )
    pipeline = textcat_pipeline().config
    corpora = CORPORA.format(corpus='"movie_reviews"', max_epochs=max_epochs)
    config = Config(pipeline).merge(Config().from_str(corpora))
    if max_epochs == -1:  # the labels can't be collected from a corpus that has no end
        config["initialize"] = {"components": {"textcat": {"labels": ["neg", "pos"]}}}
    nlp = init_nlp(Config().from_str(config.to_str()))
    trained, _ = train(nlp)
    assert trained.get_pipe("textcat").labels == ("neg", "pos")
    assert set(trained("a great film").cats) == {"neg", "pos"}


def test_names_from_a_config(tmp_path):
    archive = zip_up(tmp_path / "a.zip", {"a.conll": "\n\n".join([COLUMNS] * 5)}, "a")
    corpora = CORPORA.replace('split = "train"', "limit = 8").replace('split = "dev"', "")
    corpora = corpora.format(corpus=f'"{archive.as_posix()}"', max_epochs=0)
    nlp = spacy.blank("en")
    nlp.add_pipe("ner")
    config = Config(nlp.config).merge(Config().from_str(corpora))
    trained, _ = train(init_nlp(Config().from_str(config.to_str())))
    assert trained.get_pipe("ner").labels == ("LOC", "PER")


def test_fill_config_reads_nothing(tmp_path, folder):
    corpora = CORPORA.format(corpus='"movie_reviews"', max_epochs=0)
    path = write(tmp_path / "base.cfg", f'[nlp]\nlang = "en"\n{corpora}')
    filled = fill_config(tmp_path / "full.cfg", path, silent=True)[1]
    assert filled["corpora"]["train"]["limit"] == 0
    assert filled["corpora"]["dev"]["augmenter"] is None


@pytest.mark.skipif(ASSETS is None, reason="$SPACY_LSTM_ASSETS names no folder with the corpora")
@pytest.mark.parametrize(
    ("name", "settings", "n", "labels"),
    [
        ("movie_reviews", {"split": "dev"}, 200, ["neg", "pos"]),
        ("sentence_polarity", {"split": "test"}, 1066, ["neg", "pos"]),
        ("conll2002", {"fileids": ["esp.testb"]}, 1517, []),
        ("conll2002", {"fileids": ["ned.testa"]}, 2895, []),
    ],
)
def test_public_corpora_by_path_and_by_name(folder, name, settings, n, labels):
    source = next(Path(ASSETS).rglob(f"{name}.zip"))
    archive = write(folder / "corpora" / source.name, source.read_bytes())
    by_path, by_name = docs_of(archive, **settings), docs_of(name, **settings)
    assert [doc.to_json() for doc in by_path] == [doc.to_json() for doc in by_name]
    assert len(by_name) == n
    assert sorted(by_name[0].cats) == labels
    assert {ent.label_ for doc in by_name for ent in doc.ents} == (
        set() if labels else {"LOC", "MISC", "ORG", "PER"}
    )
