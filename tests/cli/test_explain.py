"""`spacy lstm explain`."""

import io
import json

import pytest
from rich.console import Console
from spacy.cli._util import app
from typer.testing import CliRunner

from spacy_lstm.cli.explain import MethodName, print_attribution
from spacy_lstm.explain import explain
from spacy_lstm.explain.attribution import METHODS

from ..explain.pipes import NAMES, TEXT, trained


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    for kind in ("two labels", "biluo"):
        trained(kind).to_disk(folder / kind)
    return folder


def run(*args):
    return CliRunner().invoke(app, ["lstm", "explain", *map(str, args)])


def test_methods_are_those_of_the_function():
    assert [method.value for method in MethodName] == METHODS


def test_prints_the_text_and_the_words_that_weigh_most(models):
    result = run(models / "two labels", TEXT, "--label", "POS", "--method", "occlusion")
    assert result.exit_code == 0, result.output
    expected = explain(trained("two labels"), TEXT, label="POS", method="occlusion")
    lines = result.output.splitlines()
    assert lines[0].startswith("textcat: POS, p = 0.")
    assert lines[2] == TEXT
    first = abs(expected.scores).argmax()
    place, token, score = lines[5].split()
    assert (place, token) == (str(first), expected.tokens[first])
    assert float(score) == pytest.approx(expected.scores[first], abs=1e-3)


@pytest.mark.parametrize("ending", ["html", "svg", "json"])
def test_writes_a_file(models, tmp_path, ending):
    path = tmp_path / f"out.{ending}"
    result = run(models / "biluo", NAMES, "--span", "2:4", "-o", path)
    assert result.exit_code == 0, result.output
    content = path.read_text("utf8")
    if ending == "json":
        assert json.loads(content)["span"] == [2, 4]
    else:
        assert content.startswith({"html": "<!DOCTYPE html>", "svg": "<svg "}[ending])
        assert "PERSON (Ben Moss)" in content


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--span", "7"], "L859"),
        (["--span", "a"], "L872"),
        (["--span", "1:2:3"], "L872"),
        (["--label", "X"], "L857"),
        (["--component", "other"], "L854"),
        (["--output", "out.pdf"], "L873"),
        (["--output", "no/folder/out.html"], "L705"),
    ],
)
def test_what_is_wrong_is_said_without_a_traceback(models, args, message):
    result = run(models / "biluo", NAMES, *args)
    assert result.exit_code == 1
    assert f"[{message}]" in result.stderr


def test_no_such_pipeline_or_method(models, tmp_path):
    assert "[L501]" in run(tmp_path / "none", TEXT).stderr
    assert run(models / "biluo", TEXT, "--method", "lime").exit_code == 2


def test_markup_in_texts_is_text():
    output = io.StringIO()
    result = explain(trained("two labels"), "[bold]a [/x]", method="gradient_x_input")
    print_attribution(result, console=Console(file=output, width=80))
    assert "[bold]a [/x]" in output.getvalue()
