"""The spaCy project: what it makes of good data, and what it says about bad data."""

import io
import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import spacy
from spacy.language import Language
from spacy.scorer import Scorer
from spacy.tokens import DocBin
from weasel.cli.document import project_document

from spacy_lstm.training.readers.records import DataError, Record
from spacy_lstm.training.splits import SPLITS, label_of, split_at_random

from .projects import (
    ENV,
    PROJECT,
    ROOT,
    call,
    check,
    evaluate,
    models,
    preprocess,
    read_docs,
    run_on,
    try_it,
    write,
)

BUNDLED = ROOT / "corpus" / "bundled"
GOOD_CSV = "text,label\n" + "".join(f"text {i},{'ab'[i % 2]}\n" for i in range(20))
FILES = ["dev.spacy", "duplicates.jsonl", "test.spacy", "train.spacy"]


@pytest.fixture
def bundled(tmp_path):
    """A copy that only its owner can change, as NLTK asks for, whatever the rights here are."""
    folder = tmp_path / "corpus" / "bundled"
    shutil.copytree(BUNDLED, folder)
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


def save_docs(path, all_cats):
    nlp = spacy.blank("en")
    doc_bin = DocBin()
    for i, cats in enumerate(all_cats):
        doc = nlp.make_doc(f"text {i}")
        doc.cats = cats
        doc_bin.add(doc)
    path.parent.mkdir(parents=True, exist_ok=True)
    doc_bin.to_disk(path)


def records_of(**labels):
    return [
        Record(f"{label} {i}", {label: 1.0}, f"line {i}")
        for label, n in labels.items()
        for i in range(n)
    ]


# Good data


def test_bundled(tmp_path, bundled):
    counts = run_on(bundled, tmp_path / "out", "bundled")
    assert {split: sum(c.values()) for split, c in counts.items()} == {
        "train": 1080,
        "dev": 180,
        "test": 270,
    }
    docs = read_docs(tmp_path / "out" / "train.spacy")
    assert len(docs) == 1080
    assert all(list(doc.cats) == ["negative", "neutral", "positive"] for doc in docs)
    assert all(sorted(doc.cats.values()) == [0.0, 0.0, 1.0] for doc in docs)
    [doc] = [doc for doc in docs if doc.text.startswith("Whoever decided to put miso")]
    assert doc.text.endswith("in the caramel at Tansy & Thorn deserves a statue 😭🙌")
    assert doc.cats["positive"] == 1.0
    assert not doc.user_data


def test_limit(tmp_path, bundled):
    counts = run_on(bundled, tmp_path / "out", "bundled", limit=2)
    assert all(dict(c) == {"negative": 2, "neutral": 2, "positive": 2} for c in counts.values())


def test_own_columns_and_own_splits(tmp_path):
    for split in SPLITS:
        write(tmp_path / "in" / f"{split}.tsv", f"Review Text\tStars\n{split} x\t1\n{split} y\t2\n")
    columns = {"text_column": "Review Text", "label_column": "Stars"}
    run_on(tmp_path / "in", tmp_path / "out", **columns)
    docs = read_docs(tmp_path / "out" / "dev.spacy")
    assert [(doc.text, doc.cats) for doc in docs] == [
        ("dev x", {"1": 1.0, "2": 0.0}),
        ("dev y", {"1": 0.0, "2": 1.0}),
    ]


def test_random_split_is_stratified_and_repeats():
    records = records_of(a=50, b=20, c=3)
    result = split_at_random(records, 0, "here")
    counts = {split: Counter(map(label_of, rs)) for split, rs in result.items()}
    assert counts == {
        "train": {"a": 40, "b": 16, "c": 1},
        "dev": {"a": 5, "b": 2, "c": 1},
        "test": {"a": 5, "b": 2, "c": 1},
    }
    assert sorted(r for rs in result.values() for r in rs) == sorted(records)
    assert result == split_at_random(records, 0, "here")
    assert result != split_at_random(records, 1, "here")
    # The split of a label doesn't hang on the other labels, nor on Python's hashes.
    alone = split_at_random(records_of(b=20), 0, "here")
    assert alone["test"] == [r for r in result["test"] if "b" in r.cats]
    assert [r.text for r in alone["test"]] == ["b 0", "b 7"]


def test_copies_of_a_text_stay_together():
    records = records_of(a=10, b=10) * 3
    result = split_at_random(records, 0, "here")
    texts = [{r.text for r in rs} for rs in result.values()]
    assert sum(map(len, texts)) == 20
    assert sum(map(len, result.values())) == 60


# Bad data

BAD_FILES = {
    "empty": ("a.csv", "", "L303", ["a.csv"]),
    "header only": ("a.csv", "text,label\n", "L303", ["a.csv"]),
    "unknown kind": ("a.xlsx", "x", "L388", ["a.xlsx"]),
    "one label": ("a.csv", GOOD_CSV.replace(",b", ",a"), "L312", ["'a'"]),
    "utf8": ("a.csv", GOOD_CSV.encode() + b"caf\xe9,a\n", "L304", ["line 22", "0xe9"]),
    "utf8 jsonl": (
        "a.jsonl",
        b'{"text": "a", "label": "b"}\n{"text": "\xff"}',
        "L304",
        ["line 2", "0xff"],
    ),
    "no text column": ("a.csv", "words,label\nx,a\n", "L305", ["'words', 'label'", "text_column"]),
    "no label column": ("a.tsv", "text\tclass\nx\ta\n", "L305", ["'class'", "label_column"]),
    "column twice": ("a.csv", "text,label,label\nx,a,b\n", "L305", ["'label', 'label'"]),
    "only whitespace": ("a.csv", GOOD_CSV + '"  \n\t ",a\nx,a\n', "L306", ["line 22:"]),
    "only whitespace jsonl": ("a.jsonl", '{"text": " ", "label": "a"}', "L306", ["line 1:"]),
    "no label": ("a.csv", GOOD_CSV + "last, \n", "L308", ["line 22", "'label'"]),
    "short row": ("a.csv", GOOD_CSV + "last\n", "L308", ["line 22", "'label'"]),
    "long row": ("a.csv", GOOD_CSV + "Well, no,a\n", "L311", ["line 22", "3 cells"]),
    "open quote": ("a.csv", GOOD_CSV + '"last,a\nx,a\n', "L311", ["line 22"]),
    "json": ("a.jsonl", '{"text": "x", "label": "a"}\n{"text": \n', "L307", ["line 2"]),
    "json list": ("a.jsonl", '["x", "a"]\n', "L307", ["line 1", '["x", "a"]']),
    "json no text": ("a.jsonl", '{"label": "a"}\n', "L308", ["line 1", "'text'"]),
    "json text": ("a.jsonl", '{"text": 1, "label": "a"}\n', "L309", ["line 1", "a string"]),
    "json no label": ("a.jsonl", '{"text": "x", "label": null}\n', "L308", ["'label'"]),
    "json label": ("a.jsonl", '{"text": "x", "label": [["a"]]}\n', "L377", ["line 1"]),
    "json cats": ("a.jsonl", '{"text": "x", "cats": {"a": 2}}\n', "L309", ["'cats'"]),
    "two cats": ("a.jsonl", '{"text": "x", "cats": {"a": 1, "b": 1}}\n', "L310", ["line 1"]),
    "no cats": ("a.jsonl", '{"text": "x", "cats": {"a": 0, "b": 0}}\n', "L310", ["line 1"]),
    "few": ("a.csv", GOOD_CSV + "x,c\ny,c\ny,c\n", "L314", ["'c'", "2 different"]),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_bad_file(tmp_path, case):
    name, content, code, parts = BAD_FILES[case]
    run_on(write(tmp_path / "good.csv", GOOD_CSV), tmp_path / "out")
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    with pytest.raises(DataError, match=rf"^\[{code}\] ") as info:
        run_on(write(tmp_path / name, content), tmp_path / "out")
    assert all(part in str(info.value) for part in [*parts, name])
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before
    assert sorted(before) == FILES
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted({name, "good.csv", "out"})


def test_long_text(tmp_path, monkeypatch):
    monkeypatch.setattr(preprocess, "blank", lambda lang: Language(max_length=5))
    with pytest.raises(DataError, match=r"^\[L327\] .*a\.csv, line 2: the text has 6 char"):
        run_on(write(tmp_path / "a.csv", GOOD_CSV), tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("corpus", "source", "code"),
    [
        ("mine", "missing.csv", "L301"),
        ("mine", ".", "L382"),
        ("mine", "parts", "L302"),
        ("bundled", "good.csv", "L315"),
        ("movie_reviews", "good.csv", "L315"),
        ("../mine", "good.csv", "L316"),
        ("smoke", "good.csv", "L316"),
        ("bundled", "missing", "L301"),
    ],
)
def test_bad_source(tmp_path, corpus, source, code):
    write(tmp_path / "good.csv", GOOD_CSV)
    write(tmp_path / "parts" / "train.csv", GOOD_CSV)
    with pytest.raises(DataError, match=rf"^\[{code}\]"):
        run_on(tmp_path / source, tmp_path / "out", corpus)
    assert not (tmp_path / "out").exists()


def test_bad_language(tmp_path):
    with pytest.raises(DataError, match=r"^\[L330\].*'xx-yy'"):
        run_on(write(tmp_path / "a.csv", GOOD_CSV), tmp_path / "out", lang="xx-yy")


@pytest.mark.parametrize(("split", "label"), [("dev", "c"), ("test", "c")])
def test_label_that_train_lacks(tmp_path, split, label):
    for name in SPLITS:
        more = f"more,{label}\n" if name == split else ""
        write(tmp_path / "in" / f"{name}.csv", GOOD_CSV + more)
    with pytest.raises(DataError, match=rf"^\[L313\].*'{label}' is in {split}"):
        run_on(tmp_path / "in", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_bundled_corpus_in_a_clone_under_umask_002(tmp_path, bundled):
    for path in [bundled, *bundled.rglob("*")]:
        path.chmod(path.stat().st_mode | 0o020)
    assert run_on(bundled, tmp_path / "out", "bundled")


@pytest.mark.parametrize("blocked", ["out", "out/corpus", "out/corpus/dev.spacy"])
def test_unwritable_output(tmp_path, blocked):
    source = write(tmp_path / "good.csv", GOOD_CSV)
    if blocked.endswith(".spacy"):
        write(tmp_path / blocked / "precious.txt", "mine")
        write(tmp_path / "out" / "corpus" / "train.spacy", "old")
    else:
        write(tmp_path / blocked, "mine")
    before = {path: path.is_file() and path.read_bytes() for path in tmp_path.rglob("*")}
    with pytest.raises(DataError, match=r"^\[L323\]"):
        run_on(source, tmp_path / "out" / "corpus")
    assert {path: path.is_file() and path.read_bytes() for path in tmp_path.rglob("*")} == before


# Checks, scores, and the whole


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ({"train": []}, "L303"),
        ({"dev": []}, "L303"),
        ({"test": [{"a": 0.0, "c": 1.0}]}, "L313"),
        ({split: [{"a": 1.0}] for split in SPLITS}, "L312"),
        ({"dev": b"no docs"}, "L325"),
        ({"dev": None}, "L301"),
    ],
)
def test_check(tmp_path, bad, code):
    data = {split: [{"a": 1.0, "b": 0.0}, {"a": 0.0, "b": 1.0}] for split in SPLITS}
    for split, cats in data.items():
        save_docs(tmp_path / f"{split}.spacy", cats)
    assert (
        "2 train + 2 dev + 2 test texts, 2 labels" in check.check(tmp_path, tmp_path / "out").report
    )
    for split, cats in bad.items():
        path = tmp_path / f"{split}.spacy"
        path.unlink()
        if isinstance(cats, bytes):
            path.write_bytes(cats)
        elif cats is not None:
            save_docs(path, cats)
    with pytest.raises(DataError, match=rf"^\[{code}\]"):
        check.check(tmp_path, tmp_path / "out")


def test_check_output_and_gpu(tmp_path):
    write(tmp_path / "file", "in the way")
    with pytest.raises(DataError, match=r"^\[L323\].*file is a file"):
        check.check(tmp_path, tmp_path / "file" / "training")
    with pytest.raises(DataError, match=r"^\[L326\].*number 99"):
        check.check(tmp_path, tmp_path / "out", gpu_id=99)


class Guess:
    """Says "b" where the text has a b, and scores itself as a text categorizer does."""

    def __call__(self, doc):
        doc.cats = {"a": 0.25, "b": 0.75} if "b" in doc.text else {"a": 0.75, "b": 0.25}
        return doc

    def score(self, examples, **_):
        return Scorer.score_cats(examples, "cats", labels=["a", "b"], multi_label=False)


Language.factory("test_project_guess", func=lambda nlp, name: Guess())


def test_evaluate_and_try(tmp_path, monkeypatch, capsys):
    nlp = spacy.blank("en")
    nlp.add_pipe("test_project_guess")
    nlp.to_disk(tmp_path / "model")
    cats = [{"a": 1.0, "b": 0.0}] * 3 + [{"a": 0.0, "b": 1.0}]
    doc_bin = DocBin()
    for text, doc_cats in zip(["x", "x", "b", "b"], cats, strict=True):
        doc = nlp.make_doc(text)
        doc.cats = doc_cats
        doc_bin.add(doc)
    doc_bin.to_disk(tmp_path / "test.spacy")

    output = tmp_path / "metrics" / "mine.json"
    paths = [str(path) for path in (tmp_path / "model", tmp_path / "test.spacy", output)]
    assert call(evaluate.main, monkeypatch, *paths) == 0
    scores = json.loads(output.read_text("utf8"))
    assert scores.pop("words_per_second") > 0
    assert scores["labels"]["a"] == {"p": 1.0, "r": 2 / 3, "f": 0.8, "n_texts": 3}
    assert scores["labels"]["b"] == {"p": 0.5, "r": 1.0, "f": 2 / 3, "n_texts": 1}
    assert scores["accuracy"] == scores["cats_micro_f"] == 0.75
    assert scores["cats_macro_f"] == pytest.approx((0.8 + 2 / 3) / 2)
    assert scores["n_texts"] == 4
    table = capsys.readouterr().out
    assert "a           100.0     66.7   80.0       3" in table
    assert "Accuracy 75.0 %" in table

    assert call(try_it.main, monkeypatch, paths[0], "--", "-b") == 0
    # Without the colours of a terminal.
    shown = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)
    _, text, first, second = shown.splitlines()
    assert (text, first.split()[0], second.split()[0]) == ("-b", "b", "a")
    assert "75.0 %" in first
    monkeypatch.setattr("sys.stdin", io.StringIO('say "b" for $5\n\nx\n'))
    assert call(try_it.main, monkeypatch, paths[0], "-") == 0
    assert capsys.readouterr().out.count("75.0 %") == 2
    assert call(try_it.main, monkeypatch, paths[0], " ") == 1
    assert "[L306]" in capsys.readouterr().out


def test_models_that_are_none(tmp_path):
    with pytest.raises(DataError, match=r"^\[L329\]"):
        models.load_model(tmp_path, -1)
    spacy.blank("en").to_disk(tmp_path / "blank")
    with pytest.raises(DataError, match=r"^\[L329\].*no categories and no names"):
        models.load_model(tmp_path / "blank", -1)


def test_bars():
    assert try_it.bars({"a": 0.25, "long": 0.75}) == [
        "long  " + 30 * "█" + 10 * "░" + "   75.0 %",
        "a     " + 10 * "█" + 30 * "░" + "   25.0 %",
    ]


def test_command_line_without_traceback(tmp_path):
    script, source = PROJECT / "scripts" / "preprocess.py", write(tmp_path / "a.csv", "x,y\n1,2\n")
    command = [sys.executable, script, "mine", tmp_path / "out", "--source", f'"{source}"']
    done = subprocess.run(command, capture_output=True, text=True, env=ENV)
    assert (done.returncode, done.stderr) == (1, "")
    assert f"[L305] {source} must have the column 'text'" in done.stdout


def test_readme_is_current(tmp_path):
    readme = shutil.copy(PROJECT / "README.md", tmp_path)
    project_document(PROJECT, Path(readme))
    assert Path(readme).read_text("utf8") == (PROJECT / "README.md").read_text("utf8")


def test_smoke(tmp_path, bundled):
    ignored = shutil.ignore_patterns("assets", "corpora", "training", "metrics", "project.lock")
    project = tmp_path / "project"
    shutil.copytree(PROJECT, project, ignore=ignored)
    command = [sys.executable, "-m", "spacy", "project", "run", "smoke", project]

    first = subprocess.run(command, capture_output=True, text=True, env=ENV)
    assert first.returncode == 0, first.stdout + first.stderr
    scores = json.loads((project / "metrics" / "smoke.json").read_text("utf8"))
    assert scores["n_texts"] == 36
    assert sorted(scores["labels"]) == ["negative", "neutral", "positive"]
    assert sorted(scores["names"]) == ["DATE", "ORG", "PERSON", "PLACE", "PRODUCT"]
    assert sum(by_label["n_names"] for by_label in scores["names"].values()) > 20
    assert 0 <= scores["ents_f"] <= 1
    model = project / "training" / "smoke" / "model-best"
    assert "Accuracy" in first.stdout
    assert "Names: precision" in first.stdout
    assert "Wrote metrics/smoke_report.html" in first.stdout
    page = (project / "metrics" / "smoke_report.html").read_text("utf8")
    assert "log.jsonl" not in page  # it was found
    assert spacy.load(model).get_pipe("ner").cfg["temperature"] != 1.0
    assert spacy.load(model).pipe_names == ["tok2vec", "textcat", "ner"]
    trained = (model / "config.cfg").stat().st_mtime_ns

    second = subprocess.run(command, capture_output=True, text=True, env=ENV)
    assert second.returncode == 0, second.stdout + second.stderr
    assert second.stdout.count("nothing changed") == 4
    assert (model / "config.cfg").stat().st_mtime_ns == trained
