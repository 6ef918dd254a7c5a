"""`spacy lstm debug-data`."""

import json

import pytest
import spacy
import srsly
from spacy.cli._util import app
from spacy.tokens import DocBin
from typer.testing import CliRunner

from spacy_lstm.cli.sections import print_sections
from spacy_lstm.training.debug_data.findings import Finding, Level, Section, Table

from ..commands import spacy_command
from ..ner_pipelines import TEXTS, annotated
from ..pipelines import examples, shared_pipeline, textcat_pipeline


def call(*args):
    return CliRunner().invoke(app, ["lstm", "debug-data", *map(str, args)])


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "config.cfg"
    nlp = shared_pipeline()
    nlp.add_pipe("lstm_ner", name="ner")
    nlp.add_pipe("sentencizer")
    nlp.config.to_disk(path)
    return path


@pytest.fixture
def paths(tmp_path):
    """The overrides for 108 texts of train, and 3 of dev, one of them a leak."""
    nlp = spacy.blank("en")
    train = [eg.reference for eg in examples(nlp)] * 5
    train += [annotated(nlp, text, entities) for text, entities in TEXTS]
    dev = [annotated(nlp, text, []) for text in ("a great film", "another one", "one more")]
    options = []
    for split, docs in (("train", train), ("dev", dev)):
        DocBin(docs=docs).to_disk(tmp_path / f"{split}.spacy")
        options += [f"--paths.{split}", tmp_path / f"{split}.spacy"]
    return options


def test_the_command(config, paths):
    result = call(config, *paths)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    titles = [line.strip("= ") for line in lines if line.startswith("===")]
    assert titles == [
        "Pipeline",
        "Texts",
        "Copies and leaks",
        "Vocabulary and vectors",
        "Categories: textcat (exclusive)",
        "Named entities: ner",
        "Summary",
    ]
    assert "⚠ Low number of texts in train (108)" in lines
    assert "⚠ 1 text of dev also in train" in lines
    assert "  - 'a great film'" in lines
    assert "✔ No empty texts" in lines
    assert "\x1b" not in result.stdout
    rows = [line.split() for line in lines]
    assert ["train", "108", "441", "5", "5", "8"] in rows
    assert ["PLACE", "6", "54.5", "%", "0", "0.0", "%"] in rows


def test_errors_end_with_1(config, tmp_path, paths):
    DocBin().to_disk(tmp_path / "dev.spacy")
    result = call(config, *paths)
    assert result.exit_code == 1
    assert "✘ No texts in dev" in result.stdout
    assert "✘ 1 error" in result.stdout
    result = call(config, *paths, "--ignore-warnings")
    assert result.exit_code == 1
    assert "⚠ Low number" not in result.stdout


def test_json(config, paths, tmp_path):
    printed = call(config, *paths, "--output", "-", "--near", 0)
    assert printed.exit_code == 0, printed.output
    found = json.loads(printed.stdout)
    assert found["n_errors"] == 0 < found["n_warnings"]
    assert [part["title"] for part in found["sections"]][1] == "Texts"
    both = call(config, *paths, "-o", tmp_path / "found.json", "--near", 0)
    assert "Summary" in both.stdout
    assert srsly.read_json(tmp_path / "found.json") == found
    failed = call(config, *paths, "-o", tmp_path / "nowhere" / "found.json")
    assert failed.exit_code == 1
    assert "[L705]" in failed.stderr


def test_a_pipeline_that_cannot_be_initialized(config, paths, tmp_path):
    nlp = textcat_pipeline()
    nlp.config.to_disk(config)
    docs = [nlp.make_doc(f"text {i}") for i in range(100)]
    DocBin(docs=docs).to_disk(tmp_path / "train.spacy")
    result = call(config, *paths)
    assert result.exit_code == 1
    assert "✘ The pipeline can't be initialized with the data: [L206]" in result.stdout
    assert "100 texts of train" in result.stdout


@pytest.mark.parametrize(
    ("args", "code", "part"),
    [
        (("--paths.train", "nowhere.spacy"), 1, "[L742] The texts of `[corpora.train]`"),
        (("--nowhere.train", "x"), 1, "[L502]"),
        (("--nlp.pipeline", '["sentencizer"]'), 1, "[L741]"),
        (("--near", "2"), 2, "--near"),
        (("--wrong", "x"), 2, "--wrong"),
        (("--output",), 2, "--output"),
    ],
)
def test_what_can_be_wrong(config, paths, args, code, part):
    result = call(config, *paths, *args)
    assert result.exit_code == code
    assert part in result.stderr
    assert result.exception is None or isinstance(result.exception, SystemExit)


def test_no_config(tmp_path):
    result = call(tmp_path / "no.cfg")
    assert result.exit_code == 1
    assert "[L501]" in result.stderr
    assert call().exit_code == 2


def test_help_and_command_line(config):
    text = " ".join(call("--help").stdout.split())
    for part in ("--near", "--output", "--verbose", "--ignore-warnings", "--code", "exit code 1"):
        assert part in text
    result = spacy_command("lstm", "debug-data", config, "--wrong")
    assert result.returncode == 2
    assert "Traceback" not in result.stderr


def test_code(config, paths, tmp_path):
    text = config.read_text(encoding="utf8")
    text = text.replace("spacy.Corpus.v1", "test_debug_data_corpus.v1")
    config.write_text(text, encoding="utf8")
    (tmp_path / "mine.py").write_text(
        "from spacy.training.corpus import create_docbin_reader\n"
        "from spacy.util import registry\n"
        'registry.readers("test_debug_data_corpus.v1", func=create_docbin_reader)\n'
    )
    assert call(config, *paths).exit_code == 1
    result = call(config, *paths, "--code", tmp_path / "mine.py")
    assert result.exit_code == 0, result.output


def test_how_much_is_printed(capsys):
    examples = tuple(f"example {i}" for i in range(5))
    finding = Finding(Level.warn, "odd", "Something odd", "Look at it.", examples)
    table = Table(("label", "n"), [(f"L{i}", 1000 * i) for i in range(25)])
    print_sections([Section("It", [finding], table)], verbose=False, ignore_warnings=False)
    lines = capsys.readouterr().out.splitlines()
    assert "  - example 2" in lines
    assert "  - example 3" not in lines
    assert "  - ... (--verbose)" in lines
    assert ["L19", "19,000"] in [line.split() for line in lines]
    assert "... and 5 more (--verbose)" in lines
    assert "⚠ 1 warning" in lines
    print_sections([Section("It", [finding], table)], verbose=True, ignore_warnings=False)
    printed = capsys.readouterr().out
    assert "  - example 4" in printed
    assert "L24" in printed
    assert "(--verbose)" not in printed
