"""Texts that are almost the same: found, reported, dropped."""

import json

import pytest

from spacy_lstm.training.readers.records import DataError, Record
from spacy_lstm.training.splits import SPLITS, split_at_random

from .projects import call, docbins, duplicates, preprocess, run_on, settings, write

A = "one two three four five six seven eight nine ten"


def table(texts):
    return "text,label\n" + "".join(f"{text},{'ab'[i % 2]}\n" for i, text in enumerate(texts))


@pytest.fixture
def source(tmp_path):
    """One text of train is in dev and in test as well, and twice in train, almost."""
    distinct = [f"{c}{i} {c}{i + 1} {c}{i + 2}" for c in "xyz" for i in range(0, 30, 3)]
    folder = tmp_path / "in"
    write(folder / "train.csv", table([*distinct[:20], A, f"{A} eleven", A]))
    write(folder / "dev.csv", table([*distinct[20:24], f"{A} twelve"]))
    write(folder / "test.csv", table([*distinct[24:28], A.upper()]))
    return folder


def texts_in(folder):
    return {
        split: [doc.text for doc in docbins.iter_docs(folder / f"{split}.spacy")]
        for split in SPLITS
    }


def test_report(tmp_path, source, monkeypatch, capsys):
    args = ("mine", str(tmp_path / "out"), "--source", str(source))
    assert call(preprocess.main, monkeypatch, *args) == 0
    printed = " ".join(capsys.readouterr().out.split())
    # 5 texts are alike: 10 pairs, of which 3 are within train.
    assert "10 pairs of texts share 80% of their words or more; both were kept" in printed
    assert "7 of them are in two splits" in printed
    lines = (tmp_path / "out" / "duplicates.jsonl").read_text("utf8").splitlines()
    pairs = [json.loads(line) for line in lines]
    assert len(pairs) == 10
    first = pairs[0]
    assert first["share"] == 0.909
    assert [place["split"] for place in first["texts"]] == ["train", "train"]
    assert first["texts"][1]["text"] == f"{A} eleven"
    assert first["texts"][1]["where"].endswith("train.csv, line 23")
    assert sum(map(len, texts_in(tmp_path / "out").values())) == 33


def test_drop(tmp_path, source):
    run_on(source, tmp_path / "out", duplicates="drop")
    texts = texts_in(tmp_path / "out")
    alike = {split: [t for t in texts[split] if "two" in t.casefold()] for split in SPLITS}
    assert alike == {"train": [], "dev": [], "test": [A.upper()]}
    assert (len(texts["train"]), len(texts["dev"]), len(texts["test"])) == (20, 4, 5)


def test_keep_and_near(tmp_path, source):
    run_on(source, tmp_path / "out", duplicates="keep")
    assert (tmp_path / "out" / "duplicates.jsonl").read_bytes() == b""
    run_on(source, tmp_path / "out", near=0.95)
    lines = (tmp_path / "out" / "duplicates.jsonl").read_text("utf8").splitlines()
    assert [json.loads(line)["share"] for line in lines] == [1.0, 1.0, 1.0]


def test_drop_keeps_one_of_a_chain():
    records = [Record(text, {}, "") for text in ("a b c d", "a b c d e", "x y", "a b c d e f")]
    splits = {"train": records, "dev": [], "test": []}
    copies = duplicates.find_copies(splits, 0.8)
    assert len(copies) == 2
    kept = duplicates.drop_copies(splits, copies)
    # The last is close only to the second, which is gone.
    assert [record.text for record in kept["train"]] == ["a b c d", "x y", "a b c d e f"]


@pytest.mark.parametrize(
    ("values", "part"),
    [
        ({"duplicates": "x"}, "`duplicates` can't be 'x'. Give one of these: keep, report, drop"),
        ({"near": 0.0}, "`near` can't be 0.0"),
        ({"categories": "two"}, "auto, one, any, none"),
        ({"format": "xls"}, "auto, csv"),
        ({"sentences": "x"}, "none, punkt"),
        ({"clean": "html, x"}, "'x'"),
        ({"dev": 0.5, "test": 0.5}, "leave something for train"),
        ({"dev": -0.1}, "greater than 0"),
    ],
)
def test_settings_that_are_impossible(values, part):
    with pytest.raises(DataError, match=r"^\[L40\d\]") as info:
        settings.Settings(**values)
    assert part in str(info.value)


def test_split_of_any_number_of_categories():
    labels = ["ab", "a", "b", "", "c"] * 20 + ["rare"] * 2
    records = [
        Record(f"t {i}", dict.fromkeys([those] if those == "rare" else those, 1.0), "")
        for i, those in enumerate(labels)
    ]
    splits = split_at_random(records, 0, "", categories="any", dev=0.25, test=0.1)
    assert sum(map(len, splits.values())) == len(records)
    for label, expected in (("a", (26, 10, 4)), ("c", (13, 5, 2))):
        assert tuple(sum(label in r.cats for r in splits[s]) for s in SPLITS) == expected
    # Half of the texts with this one count by a rarer label, so its shares are about right.
    assert sum("b" in record.cats for record in splits["train"]) == pytest.approx(26, abs=3)
    # What two texts have can't be in three splits, so it is learned.
    assert sum("rare" in record.cats for record in splits["train"]) == 2
    with pytest.raises(DataError, match=r"^\[L403\] here has 2 different texts"):
        split_at_random(records[-2:], 0, "here", categories="any")


@pytest.mark.parametrize(
    ("option", "value", "part"),
    [("--tag-column", "last", "a whole number, or auto"), ("--comments", "maybe", "yes, no, auto")],
)
def test_options_that_are_impossible(tmp_path, monkeypatch, capsys, option, value, part):
    args = ("mine", str(tmp_path / "out"), "--source", str(tmp_path), option, value)
    assert call(preprocess.main, monkeypatch, *args) == 1
    assert f"can't be '{value}'. Give one of these: {part}." in capsys.readouterr().out
