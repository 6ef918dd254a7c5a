"""`spacy lstm report`."""

import json
import sys

import pytest
import spacy
from spacy.cli._util import app
from spacy.tokens import DocBin
from typer.testing import CliRunner

from spacy_lstm.cli.report import find_log

from ..report.models import data_for
from ..report.test_report import LOG


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    nlp, data = data_for("two labels")
    (folder / "out").mkdir()
    nlp.to_disk(folder / "out" / "model-best")
    DocBin(docs=[eg.reference for eg in data]).to_disk(folder / "test.spacy")
    lines = "".join(json.dumps(row) + "\n" for row in LOG)
    (folder / "log.jsonl").write_text(lines, "utf8")
    return folder


def run(*args):
    return CliRunner().invoke(app, ["lstm", "report", *map(str, args)])


def call(paths, *args):
    return run(paths / "out" / "model-best", paths / "test.spacy", "--cases", "1", *args)


def test_writes_page_and_figures(paths, tmp_path):
    page, figures = tmp_path / "r.html", tmp_path / "r.json"
    more = ("--train", paths / "test.spacy", "--log", paths / "log.jsonl")
    result = call(paths, "--output", page, "--json", figures, *more)
    assert result.exit_code == 0, result.output
    first, speed, wrote = result.stdout.splitlines()
    assert first.startswith("textcat: accuracy 95.0 (")
    assert first.endswith("), 20 texts")
    assert " words/s, " in speed
    assert wrote == f"Wrote {page}"
    written = json.loads(figures.read_text("utf8"))
    assert written["training"] == LOG
    (component,) = written["components"]
    assert component["main"]["value"] == component["scores"]["cats_micro_f"] == 0.95
    assert component["worst"][0]["explanation"]["tokens"] == ["a", "great", "film"]
    assert [label["n_train"] for label in component["labels"]] == [11, 9]
    assert "Report on" in page.read_text("utf8")


def test_the_log_beside_the_pipeline_is_found(paths, tmp_path):
    page = tmp_path / "r.html"
    assert call(paths, "-o", page).exit_code == 0
    assert "No log of the training" in page.read_text("utf8")
    beside = paths / "out" / "log.jsonl"
    beside.write_bytes((paths / "log.jsonl").read_bytes())
    assert call(paths, "-o", page).exit_code == 0
    beside.unlink()
    assert "3 evaluations" in page.read_text("utf8")


def test_an_installed_pipeline_has_no_log_beside_it(paths, monkeypatch):
    monkeypatch.chdir(paths)
    assert find_log("en_some_package", None) == []
    assert find_log("en_some_package", paths / "log.jsonl") == LOG


def test_errors(paths, tmp_path, monkeypatch):
    page = tmp_path / "r.html"

    def message(*args):
        result = run(*args)
        assert (result.exit_code, page.exists()) == (1, False), result.output
        return result.stderr

    model, data = paths / "out" / "model-best", paths / "test.spacy"
    assert "[L501]" in message(tmp_path / "none", data, "-o", page)
    assert "[L634]" in message(model, tmp_path / "none.spacy", "-o", page)
    assert "[L634]" in message(model, data, "-o", page, "--train", tmp_path / "none.spacy")
    assert "[L883]" in message(model, data, "-o", page, "--log", tmp_path / "none.jsonl")
    assert "[L884]" in message(model, data, "-o", tmp_path / "r.pdf")
    assert "[L884]" in message(model, data, "-o", page, "--json", tmp_path / "r.txt")
    assert "[L705]" in message(model, data, "-o", tmp_path / "no" / "r.html", "--cases", "0")
    assert "[L707]" in message(model, data, "-o", page, "--gpu-id", "99")
    bare = spacy.blank("en")
    bare.to_disk(tmp_path / "bare")
    assert "[L882]" in message(tmp_path / "bare", data, "-o", page)
    # As if matplotlib weren't installed.
    monkeypatch.setitem(sys.modules, "spacy_lstm.report.page", None)
    assert "[L881]" in message(model, data, "-o", page)
    assert run(model, data).exit_code == 2
    assert run(model, data, "-o", page, "--cases", "-1").exit_code == 2
