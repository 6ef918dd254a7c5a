"""`spacy lstm train`."""

import signal

import pytest
import spacy
from thinc.api import Config
from typer.testing import CliRunner

from spacy_lstm.cli import lstm_cli

from ..pipelines import textcat_pipeline
from ..training.resume.trainings import config_of, equal, write_texts


def call(*args):
    return CliRunner().invoke(lstm_cli, ["train", *map(str, args)])


@pytest.fixture
def path(tmp_path):
    config = config_of(textcat_pipeline(), write_texts(tmp_path), max_steps=4, eval_frequency=2)
    config.to_disk(tmp_path / "config.cfg")
    return tmp_path / "config.cfg"


def test_stops_when_the_time_is_up_and_goes_on(path, tmp_path):
    out = tmp_path / "folder" / "out"
    result = call(path, "-o", out, "--max-minutes", "0", "--training.dropout", "0.2")
    assert result.exit_code == 75, result.output
    assert "Stopped after step 0 (its time is up). The training is kept in" in result.stdout
    assert "with the same command and --resume." in result.stdout
    assert spacy.load(out / "model-last")("a great film").cats
    result = call(path, "-o", out, "--training.dropout", "0.2")
    assert (result.exit_code, "L751" in result.stderr) == (1, True)
    result = call(path, "-o", out, "--resume")
    assert (result.exit_code, "L752" in result.stderr) == (1, True)
    assert "training.dropout was 0.2, and is 0.1" in result.stderr
    result = call(path, "-o", out, "--training.dropout", "0.2", "--resume")
    assert result.exit_code == 0, result.output
    assert "Going on after step 0" in result.stdout
    result = call(path, "-o", tmp_path / "whole", "--training.dropout", "0.2")
    assert result.exit_code == 0, result.output
    assert equal(out, tmp_path / "whole")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stops_at_a_signal(number, path, tmp_path):
    code = tmp_path / "code.py"
    code.write_text(
        "import signal\n"
        "from spacy.util import registry\n"
        f"@registry.callbacks('tests.signal_{number.name}.v1')\n"
        "def make():\n"
        "    def before_update(nlp, args):\n"
        f"        if args['step'] == 2: signal.raise_signal({int(number)})\n"
        "    return before_update\n"
    )
    config = Config().from_disk(path)
    config["training"]["before_update"] = {"@callbacks": f"tests.signal_{number.name}.v1"}
    config.to_disk(path)
    args = [path, "-o", tmp_path / "out", "--code", code]
    result = call(*args)
    assert result.exit_code == 128 + number, result.output
    assert f"Stopped after step 2 ({number.name})." in result.stdout
    result = call(*args, "--resume")
    assert result.exit_code == 0, result.output
    assert "Going on after step 2" in result.stdout


def test_what_cannot_be_used(path, tmp_path):
    result = call(tmp_path / "none.cfg", "-o", tmp_path / "out")
    assert (result.exit_code, "L501" in result.stderr) == (1, True)
    result = call(path, "-o", path / "out")
    assert (result.exit_code, "L759" in result.stderr) == (1, True)
    result = call(path)
    assert (result.exit_code, "--output" in result.stderr) == (2, True)
    result = call(path, "-o", tmp_path / "out", "--training.dropout", '"much"')
    assert (result.exit_code, "dropout" in result.output) == (1, True)
