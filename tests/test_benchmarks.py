"""What the benchmarks share: folds, scores, cells and tables. The figures are theirs to measure."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy
import pytest
import spacy
from typer import BadParameter

from spacy_lstm.training.readers.records import DataError

ROOT = Path(__file__).resolve().parent.parent
# As for `python benchmarks/NAME.py`, so that the files find each other.
sys.path.insert(0, str(ROOT / "benchmarks"))

import cells  # noqa: E402
import crossval  # noqa: E402
import folds  # noqa: E402
import peers  # noqa: E402
import scores  # noqa: E402

PARTS = json.loads((ROOT / "corpus" / "folds.json").read_text("utf8"))
PRIOR = "the shares of the labels in train"


def annotated(*all_cats):
    docs = []
    for cats in all_cats:
        doc = spacy.blank("en").make_doc("A text")
        doc.cats = cats
        docs.append(doc)
    return docs


def test_each_part_is_measured_once_and_chosen_on_once():
    found = [folds.parts_of_fold(PARTS, fold) for fold in range(folds.N_FOLDS)]
    assert [split["test"] for split in found] == PARTS
    assert sorted(split["dev"] for split in found) == sorted(PARTS)
    for split in found:
        ids = [key for keys in split.values() for key in keys]
        assert len(split["train"]) == 918
        assert len(ids) == len(set(ids)) == 1530


def test_docs_are_those_of_the_parts():
    docs, labels = folds.docs_of_fold(1, "topics")
    assert len(labels) == 14
    records = folds.read_records(ROOT / "corpus" / "bundled", "topics")
    assert {split: [doc.text for doc in docs[split]] for split in docs} == {
        split: [records[key].text for key in keys]
        for split, keys in folds.parts_of_fold(PARTS, 1).items()
    }
    cats = dict(zip(PARTS[1], (doc.cats for doc in docs["test"]), strict=True))
    key = PARTS[1][0]
    assert cats[key] == {label: float(label in records[key].cats) for label in labels}
    assert sum(cats[key].values()) >= 1


def test_a_fold_with_an_unknown_text_is_an_error(tmp_path):
    (tmp_path / "bundled").mkdir()
    (tmp_path / "folds.json").write_text('[["food-999"], [], []]', "utf8")
    with pytest.raises(DataError, match="L319.*food-999"):
        folds.docs_of_fold(0, "topics", corpus=tmp_path)


def test_accuracy_and_macro_f():
    docs = annotated(*({"A": 1.0, "B": 0.0},) * 3, {"A": 0.0, "B": 1.0})
    rows = numpy.array([[0.9, 0.1], [0.6, 0.4], [0.3, 0.7], [0.4, 0.6]])
    found = scores.measure(scores.predicted(docs, ["A", "B"], rows), exclusive=True)
    # A: precision 2/2, recall 2/3. B: precision 1/2, recall 1/1.
    assert found == pytest.approx({"accuracy": 3 / 4, "macro_f": (4 / 5 + 2 / 3) / 2})


def test_threshold_is_chosen_where_macro_f_is_best():
    docs = annotated(
        {"A": 1.0, "B": 0.0}, {"A": 0.0, "B": 1.0}, {"A": 1.0, "B": 0.0}, {"A": 0.0, "B": 0.0}
    )
    rows = numpy.array([[0.35, 0.1], [0.1, 0.3], [0.4, 0.2], [0.2, 0.1]])
    examples = scores.predicted(docs, ["A", "B"], rows)
    at_half = scores.measure(examples, exclusive=False)
    assert at_half == pytest.approx({"macro_auc": 1.0, "micro_f": 0.0, "macro_f": 0.0})
    # All from 0.21 to 0.3 are right everywhere.
    assert scores.best_threshold(examples) == 0.3
    chosen = scores.measure(examples, exclusive=False, threshold=0.3)
    assert chosen == pytest.approx({"macro_auc": 1.0, "micro_f": 1.0, "macro_f": 1.0})
    # One text too many for each label
    lower = scores.measure(examples, exclusive=False, threshold=0.2)
    assert lower["macro_f"] == pytest.approx((4 / 5 + 2 / 3) / 2)


@pytest.mark.parametrize("name", ["textcat", "textcat_multilabel"])
def test_parts_are_those_of_the_shipped_config(name):
    def model(part):
        return peers.our_config(name, part)["components"][name]["model"]

    assert model("linear_model") == model("")["linear_model"]
    assert model("linear_model")["@architectures"] == "spacy.TextCatBOW.v3"
    assert model("tok2vec") == {**model(""), "linear_model": None}


@pytest.mark.parametrize("name", ["sentiment", "topics"])
def test_the_shares_of_the_labels_know_nothing(name):
    task = crossval.TASKS[name]
    docs, labels = folds.docs_of_fold(0, task.attribute)
    found = crossval.score(task, docs, crossval.ROWS[PRIOR](task, docs, labels), labels)
    if task.exclusive:
        often = Counter(max(doc.cats, key=doc.cats.get) for doc in docs["test"])
        assert found["test"]["accuracy"] == pytest.approx(often.most_common(1)[0][1] / 306)
    else:
        assert found["test"]["macro_auc"] == 0.5
        assert found["test"]["macro_f"] == 0.0
        assert found["test"]["macro_f_chosen"] > 0.0
    assert set(task.columns) == set(found["test"])


def test_cells_run_alone_with_one_thread(tmp_path):
    script = tmp_path / "cell.py"
    script.write_text(
        "import json, os, sys\nprint('talk')\n"
        "print(json.dumps([os.environ['OMP_NUM_THREADS'], os.getpid(), sys.argv[1:]]))\n"
    )
    threads, first, args = cells.run_cell(str(script), "a b", "c")
    assert (threads, args) == ("1", ["a b", "c"])
    assert cells.run_cell(str(script))[1] != first
    script.write_text("raise SystemExit(3)")
    with pytest.raises(subprocess.CalledProcessError):
        cells.run_cell(str(script))


def test_what_is_done_is_not_done_again(tmp_path, monkeypatch, capsys):
    measured = []

    def run_cell(script, name, *args):
        measured.append(args)
        found = {"accuracy": 0.5, "macro_f": 0.25}
        return {"dev": found, "test": found, "chosen": {}, "train_seconds": 1.0}

    monkeypatch.setattr(cells, "run_cell", run_cell)
    monkeypatch.setattr(crossval, "RESULTS", tmp_path)
    crossval.main("sentiment", folds=[1], row=["tf-idf"])
    crossval.main("sentiment", folds=[1, 2], row=["tf-idf"])
    name = "tf-idf + logistic regression, bigrams"
    assert measured == [("--cell", name, "--folds", fold) for fold in ("1", "2")]
    kept = cells.read_results(tmp_path / "crossval_sentiment.json")
    assert {row: list(by_fold) for row, by_fold in kept.items()} == {name: ["1", "2"]}
    table = (tmp_path / "crossval_sentiment.md").read_text("utf8")
    assert table in capsys.readouterr().out
    assert f"| {name} | 2 | 50.0 ± 0.0 | 25.0 ± 0.0 | 1 s |" in table
    with pytest.raises(BadParameter):
        crossval.main("moods")


def test_differences_are_paired_by_fold():
    def row(*values):
        return {
            str(fold): {"test": {"accuracy": value, "macro_f": 0.5}, "train_seconds": 2.0}
            for fold, value in enumerate(values)
        }

    results = {crossval.OURS: row(0.7, 0.8, 0.9), PRIOR: row(0.5, 0.7)}
    table, differences = crossval.table(crossval.TASKS["sentiment"], results).split("\n\n")
    assert f"| {crossval.OURS} | 3 | 80.0 ± 10.0 | 50.0 ± 0.0 | 2 s |" in table
    # 20 and 10 points, over the two folds that both have
    assert differences.splitlines()[2:] == [f"| {PRIOR} | 2 | +15.0 ± 7.1 | +0.0 ± 0.0 |"]
