"""The parts of a corpus for its cross-validation."""

import json
from collections import Counter

import pytest

from spacy_lstm.training.readers.records import DataError

from .tiny import ROOT, cats_docs, ents_docs  # isort: skip

from accuracy import folds

FIRST_FOLD = ["a bad film 1", "so good it was 2", "a warm play 3", "so bad it was 3"]
PARTS = json.loads((ROOT / "corpus" / "folds.json").read_text("utf8"))


def texts(docs):
    return [doc.text for doc in docs]


def test_each_part_is_measured_once_and_chosen_on_once():
    found = [folds.parts_of_fold(PARTS, fold) for fold in range(len(PARTS))]
    assert [split["test"] for split in found] == PARTS
    assert sorted(split["dev"] for split in found) == sorted(PARTS)
    for split in found:
        ids = [key for keys in split.values() for key in keys]
        assert len(split["train"]) == 918
        assert len(ids) == len(set(ids)) == 1530


def test_docs_are_those_of_the_parts():
    docs = folds.docs_of_fold(1, "topics")
    records = folds.read_records(ROOT / "corpus" / "bundled", "topics")
    assert {split: texts(docs[split]) for split in docs} == {
        split: [records[key].text for key in keys]
        for split, keys in folds.parts_of_fold(PARTS, 1).items()
    }
    first, record = docs["test"][0], records[PARTS[1][0]]
    assert len(first.cats) == 14
    assert {label for label, value in first.cats.items() if value} == set(record.cats)
    for doc in docs["test"][:20]:
        record = next(r for r in records.values() if r.text == doc.text)
        found = [(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents]
        assert found == [tuple(ent) for ent in record.ents]


def test_a_fold_with_an_unknown_text_is_an_error(tmp_path):
    (tmp_path / "bundled").mkdir()
    (tmp_path / "folds.json").write_text('[["food-999"], [], []]', "utf8")
    with pytest.raises(DataError, match="L319.*food-999"):
        folds.docs_of_fold(0, "topics", corpus=tmp_path)


def test_folds_are_whole_disjoint_and_stratified():
    docs = cats_docs(times=20)
    found = [folds.split_fold(docs, fold, 10) for fold in range(10)]
    assert sorted(text for split in found for text in texts(split["test"])) == sorted(texts(docs))
    for split in found:
        assert [len(split[name]) for name in ("train", "dev", "test")] == [162, 18, 20]
        assert len({text for name in split for text in texts(split[name])}) == 200
        assert Counter(map(folds.label_of, split["dev"])) == {"good": 9, "bad": 9}
        assert Counter(map(folds.label_of, split["test"])) == {"good": 10, "bad": 10}


def test_folds_hang_on_the_texts_alone():
    docs = cats_docs(times=4)
    forward, backward = (folds.split_fold(some, 3, 4)["test"] for some in (docs, docs[::-1]))
    assert sorted(texts(forward)) == sorted(texts(backward))
    # These must stay as they are: figures are compared over years.
    assert texts(folds.split_fold(docs, 0, 10)["test"]) == FIRST_FOLD


def test_copies_stay_together():
    docs = cats_docs(times=4)
    both = folds.dealt([*docs, *docs], 5, 0)
    assert both[: len(docs)] == both[len(docs) :] == folds.dealt(docs, 5, 0)


def test_fewer_docs_are_among_more():
    docs = cats_docs(times=20)
    few, more = (folds.first(docs, n) for n in (10, 100))
    assert len(few) == 10
    assert set(texts(few)) < set(texts(more))
    assert Counter(map(folds.label_of, few)) == {"good": 5, "bad": 5}
    assert Counter(map(folds.label_of, more)) == {"good": 50, "bad": 50}
    assert texts(folds.first(docs, 200)) == texts(docs)
    assert len(folds.first(ents_docs(), 3)) == 3
