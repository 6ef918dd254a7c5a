"""Which cells are measured, in which order, and what is kept of them."""

import json
import subprocess

import pytest
from typer import BadParameter, Exit

from .tiny import cats_docs, cell, same_everywhere  # isort: skip

import cells
from accuracy import command, corpora, report, run
from accuracy.corpora import CORPORA
from accuracy.experiments import EXPERIMENTS, Experiment, Row
from accuracy.models import ACCURACY, NBSVM, SPEED, TFIDF, Model


def fake(name, cost, *, random=True):
    """A model that gives a constant."""
    return Model(lambda corpus: {"made of": name}, lambda *_: cell(0.5), cost, random)


def experiment(corpus="sst2", name="mine", **models):
    rows = {row: Row(model) for row, model in models.items()}
    return Experiment(name, "corpus", CORPORA[corpus], rows)


def cells_of(found):
    return [(c.experiment.name, c.row, c.column) for c in found]


def test_cells_by_cost_and_seed_and_fold(tmp_path):
    seeds = experiment(slow=fake("a", 2.0), fast=fake("b", 1.0, random=False))
    found = run.missing([seeds], tmp_path)
    assert cells_of(found) == [("mine", "fast", 0), *(("mine", "slow", i) for i in range(3))]
    assert cells_of(run.missing([seeds], tmp_path, only=["low"], columns=[3, 4])) == [
        ("mine", "slow", 3),
        ("mine", "slow", 4),
    ]
    folds = experiment("bundled_sentiment", fast=fake("b", 1.0, random=False))
    assert [c.column for c in run.missing([folds], tmp_path)] == [0, 1, 2, 3, 4]
    assert [c.column for c in run.missing([folds], tmp_path, columns=[3, 7])] == [3]
    # A tenth of a thousand words for a hundred texts, say.
    part = seeds._replace(rows={"part": Row(fake("a", 2.0), n_train=100)})
    assert run.missing([part, folds], tmp_path)[-1].row == "fast"
    assert str(found[0]) == "mine: fast, seed 0"


def test_cells_of_other_settings_are_measured_anew(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "run_cell", lambda script, name, *args: measured(args))
    calls = []

    def measured(args):
        calls.append(args)
        return {"fingerprint": mine.fingerprint("row"), **cell(0.5)}

    mine = experiment(row=fake("old", 1.0))
    assert run.run_missing(run.missing([mine], tmp_path), tmp_path, None) == []
    assert calls == [("--cell", "row", "--seed", str(seed)) for seed in range(3)]
    assert run.missing([mine], tmp_path) == []
    mine = experiment(row=fake("new", 1.0))
    again = run.missing([mine], tmp_path)
    assert len(again) == 3
    run.run_missing(again[:1], tmp_path, None)
    assert list(mine.results(tmp_path)["row"]) == ["0"]  # the old ones are gone


def test_the_same_under_another_name_is_not_measured_again(tmp_path, monkeypatch):
    first, second = experiment(a=fake("it", 1.0)), experiment(name="other", b=fake("it", 1.0))
    elsewhere = experiment("wnut17", name="third", b=fake("it", 1.0))
    monkeypatch.setattr(run, "EXPERIMENTS", {e.name: e for e in (first, second, elsewhere)})
    scores = {"fingerprint": first.fingerprint("a"), **cell(0.5)}
    cells.keep_scores(first.path(tmp_path), "a", "1", scores)
    found = {c.column: run.find_same(c, tmp_path) for c in run.missing([second], tmp_path)}
    assert found == {0: None, 1: scores, 2: None}
    assert not any(run.find_same(c, tmp_path) for c in run.missing([elsewhere], tmp_path))


def test_a_cell_that_fails_holds_up_no_other_one(tmp_path, monkeypatch):
    mine = experiment(bad=fake("a", 1.0, random=False), good=fake("b", 2.0, random=False))

    def run_cell(script, name, option, row, *args):
        if row == "bad":
            raise subprocess.CalledProcessError(1, row)
        return {"fingerprint": mine.fingerprint(row), **cell(0.5)}

    monkeypatch.setattr(run, "run_cell", run_cell)
    failed = run.run_missing(run.missing([mine], tmp_path), tmp_path, None)
    assert cells_of(failed) == [("mine", "bad", 0)]
    assert list(mine.results(tmp_path)) == ["good"]


def test_no_cell_is_begun_when_the_time_is_over(tmp_path, monkeypatch, capsys):
    mine = experiment(row=fake("a", 1.0))
    monkeypatch.setattr(run, "run_cell", lambda *args: pytest.fail("begun"))
    assert run.run_missing(run.missing([mine], tmp_path), tmp_path, 0.0) == []
    assert "0 minutes are over: 3 cells are left." in capsys.readouterr().out


def test_fingerprints_tell_what_hangs_on_settings():
    sst2, curve = EXPERIMENTS["sst2"], EXPERIMENTS["curve_sst2"]
    assert sst2.fingerprint(TFIDF) != sst2.fingerprint(NBSVM)
    assert curve.fingerprint(f"{NBSVM} @ all") == sst2.fingerprint(NBSVM)
    assert curve.fingerprint(f"{NBSVM} @ 100") != curve.fingerprint(f"{NBSVM} @ 300")
    ablation = EXPERIMENTS["ablation_wnut17"]
    assert ablation.fingerprint(ACCURACY) == EXPERIMENTS["wnut17"].fingerprint(ACCURACY)
    assert ablation.fingerprint(ACCURACY) != EXPERIMENTS["wnut17"].fingerprint(SPEED)
    assert ablation.fingerprint(ACCURACY) != EXPERIMENTS["robustness_wnut17"].fingerprint("none")


def test_fingerprints_leave_out_what_changes_nothing():
    def of(**settings):
        model = Model(lambda corpus: {"model": settings}, lambda *_: cell(0.5), 1.0, True)
        return experiment(row=model).fingerprint("row")

    old, new = ({"@architectures": f"spacy_lstm.CRFTagger.v{n}"} for n in (1, 2))
    assert of(**new) == of(**old) != of(**{"@architectures": "spacy_lstm.TextCat.v1"})
    assert of(threshold=None) == of(threshold=0.15) != of(threshold=0.0)
    assert of(nO=None) != of(nO=0.15)
    assert of(residual=False) == of() != of(residual=True)


def test_a_cell_is_measured_with_the_docs_of_its_fold():
    sentiment = EXPERIMENTS["bundled_sentiment"]
    found = run.measure(sentiment, TFIDF, 2)
    assert found["n_docs"] == {"train": 918, "dev": 306, "test": 306}
    assert found["fingerprint"] == sentiment.fingerprint(TFIDF)
    assert 0.6 < found["test"]["accuracy"] < 0.8


def test_docs_of_public_corpora(tmp_path, monkeypatch):
    monkeypatch.setattr(corpora, "PREPROCESSED", tmp_path)
    docs = {split: some[:10] for split, some in same_everywhere(cats_docs(2)).items()}
    docs["dev"] = cats_docs(2)[10:]
    for name in ("sst2", "movie_reviews"):
        with pytest.raises(BadParameter, match=f"--vars.corpus {name}"):
            corpora.check_there(CORPORA[name])
        (tmp_path / name).mkdir()
        for split, some in docs.items():
            corpora.DocBin(docs=some).to_disk(tmp_path / name / f"{split}.spacy")
        corpora.check_there(CORPORA[name])
    found = corpora.docs_of(CORPORA["sst2"], 0, n_train=4)
    assert [len(found[split]) for split in corpora.SPLITS] == [4, 10, 10]
    folded = [corpora.docs_of(CORPORA["movie_reviews"], fold) for fold in range(10)]
    assert sum(len(split["test"]) for split in folded) == 30


def test_command(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(command, "FOLDER", tmp_path)
    mine = experiment("bundled_sentiment", "bundled_sentiment", row=fake("a", 1.0))
    monkeypatch.setattr(command, "EXPERIMENTS", {mine.name: mine})
    monkeypatch.setattr(report, "EXPERIMENTS", {mine.name: mine})
    command.main(mine.name, dry_run=True)
    assert capsys.readouterr().out.count("\n") == 5
    scores = json.dumps(run.measure(mine, "row", 0))
    monkeypatch.setattr(run, "run_cell", lambda *args: json.loads(scores))
    command.main("all", seed=[0, 1])
    command.main(mine.name, seed=[0, 1], dry_run=True)
    assert capsys.readouterr().out == "Nothing is missing.\n"
    command.main(mine.name, seed=[2])
    table = (tmp_path / "bundled_sentiment.md").read_text("utf8")
    assert "| row | 3 | 50.0 ± 0.0 (3 of 5) |" in table
    assert table in capsys.readouterr().out
    assert (tmp_path / "summary.md").exists()
    command.main(mine.name, cell="row", seed=[4])
    assert json.loads(capsys.readouterr().out) == json.loads(scores)
    with pytest.raises(BadParameter):
        command.main("none")

    def fail(*args):
        raise subprocess.CalledProcessError(1, "cell")

    monkeypatch.setattr(run, "run_cell", fail)
    monkeypatch.setattr(run, "find_same", lambda *args: None)
    with pytest.raises(Exit):
        command.main(mine.name, seed=[3])
    assert "Failed:\nbundled_sentiment: row, fold 3" in capsys.readouterr().err
