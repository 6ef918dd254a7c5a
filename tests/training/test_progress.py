"""The logger, in spaCy's own training."""

import io
import json

import pytest
import spacy
from spacy.tokens import DocBin
from spacy.training.initialize import init_nlp
from spacy.training.loop import train
from thinc.api import Config, Optimizer
from tqdm import tqdm

from spacy_lstm.training.progress_bar import ProgressBar, tell
from spacy_lstm.training.progress_table import describe
from spacy_lstm.training.time_left import Limits, TimeLeft

from ..pipelines import examples, shared_pipeline

OURS = "spacy_lstm.ProgressLogger.v1"
SCHEDULE = {
    "@schedules": "spacy_lstm.warmup_decay.v1",
    "base_rate": 0.01,
    "warmup_steps": 8,
    "decay": 0.1,
}


class Terminal(io.StringIO):
    def isatty(self):
        return True


class EagerTqdm(tqdm):
    """Draws each step, however fast it was."""

    def __init__(self, **settings):
        super().__init__(mininterval=0, **settings)


@pytest.fixture(autouse=True)
def eager(monkeypatch):
    monkeypatch.setattr("spacy_lstm.training.progress_bar.tqdm", EagerTqdm)


@pytest.fixture
def data(tmp_path):
    path = tmp_path / "texts.spacy"
    DocBin(docs=[eg.reference for eg in examples(spacy.blank("en"))]).to_disk(path)
    return str(path)


def run(data, output=None, *, logger=None, learn_rate=0.01, stdout=None, stderr=None):
    """RETURNS: What is written to stdout and, a terminal, to stderr."""
    config = Config().from_str(shared_pipeline().config.to_str())
    for corpus in ("train", "dev"):
        config["corpora"][corpus]["path"] = data
    config["training"].update(max_steps=12, eval_frequency=5)
    config["training"]["logger"] = {"@loggers": OURS, **(logger or {})}
    config["training"]["optimizer"]["learn_rate"] = learn_rate
    stdout, stderr = stdout or io.StringIO(), stderr or Terminal()
    nlp = init_nlp(config)
    if output is not None:
        output.mkdir(exist_ok=True)
    train(nlp, output, stdout=stdout, stderr=stderr)
    return stdout.getvalue(), stderr.getvalue()


def rows(stdout):
    lines = [line.split() for line in stdout.splitlines()]
    return [line for line in lines if line[1:2] in (["0"], ["5"], ["10"])]


def screen(text):
    """What one sees of it: a carriage return goes back to the beginning of the line."""
    lines = []
    for line in text.split("\n"):
        shown = ""
        for part in line.split("\r"):
            shown = part + shown[len(part) :]
        lines.append(shown.rstrip())
    return lines


def read(path):
    return [json.loads(line) for line in path.read_text(encoding="utf8").splitlines()]


def test_log_is_beside_the_pipeline(data, tmp_path):
    stdout, stderr = run(data, tmp_path / "out", learn_rate=SCHEDULE)
    log = read(tmp_path / "out" / "log.jsonl")
    assert [line["step"] for line in log] == [0, 5, 10]
    for line in log:
        assert set(line["losses"]) == {"tok2vec", "textcat"}
        assert {"cats_score", "cats_micro_f", "speed"} <= set(line["scores"])
        assert line["score"] == line["scores"]["cats_score"]
    best = max(log, key=lambda line: (line["score"], line["step"]))
    assert log[-1]["best"] == {"step": best["step"], "score": best["score"]}
    assert log[0]["seconds"] <= log[1]["seconds"] <= log[2]["seconds"]
    table = rows(stdout)
    assert [int(row[1]) for row in table] == [0, 5, 10]
    for row, line in zip(table, log, strict=True):
        losses = [f"{line['losses'][name]:.2f}" for name in ("tok2vec", "textcat")]
        score = f"{100 * line['score']:.2f}"
        assert row[3:7] == [*losses, score, score]
        assert (row[7:] == ["*"]) == (line["best"]["step"] == line["step"])
    assert f"Best score: {100 * best['score']:.2f} at step {best['step']}." in stdout
    assert f"Log: {tmp_path / 'out' / 'log.jsonl'}" in stdout
    assert "step 11 of 12 |" in stderr
    # The last thing on the terminal is the removal of the bar.
    assert stderr.split("\r")[-1] == ""
    assert stderr.split("\r")[-2].strip() == ""


def test_the_same_rates_as_the_optimizers(data, tmp_path, monkeypatch):
    used = []
    step_schedules = Optimizer.step_schedules

    def step(self):
        used.append((id(self), self.learn_rate))
        step_schedules(self)

    monkeypatch.setattr(Optimizer, "step_schedules", step)
    run(data, tmp_path, learn_rate=SCHEDULE)
    first = used[0][0]
    of_training = [rate for number, rate in used if number == first]
    of_logger = [rate for number, rate in used if number != first]
    assert len(set(of_training)) > 5
    assert of_training == of_logger
    assert [line["learn_rate"] for line in read(tmp_path / "log.jsonl")] == of_training[::5]


def test_no_output_folder_no_log(data, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    stdout, _ = run(data)
    assert len(rows(stdout)) == 3
    assert "Log:" not in stdout
    assert [path.name for path in tmp_path.iterdir()] == ["texts.spacy"]


def test_path_of_the_users_own_or_none(data, tmp_path):
    run(data, tmp_path / "out", logger={"path": str(tmp_path / "logs" / "run.jsonl")})
    assert len(read(tmp_path / "logs" / "run.jsonl")) == 3
    run(data, tmp_path / "out", logger={"path": None})
    assert not (tmp_path / "out" / "log.jsonl").exists()


def test_path_that_cannot_be_written_stops_before_training(data, tmp_path):
    with pytest.raises(ValueError, match="L731"):
        run(data, tmp_path / "out", logger={"path": str(tmp_path)})
    assert not list((tmp_path / "out").iterdir())


def test_quiet(data):
    stdout, stderr = run(data, logger={"console_output": False, "progress_bar": False})
    assert rows(stdout) == []
    assert "Training ends" not in stdout
    assert stderr == ""


def test_no_bar_and_no_control_codes_where_it_is_no_terminal():
    stream = io.StringIO()
    bar = ProgressBar(stream)
    state = TimeLeft(Limits(10, 0, 0, 5))
    state.take_step(1.0)
    bar.show(state)
    bar.clear()
    bar.close()
    assert stream.getvalue() == ""


def test_in_a_chain_before_spacys_own_and_others(data, tmp_path):
    chain = {
        "@loggers": "spacy.ChainLogger.v1",
        "logger1": {"@loggers": OURS, "console_output": False},
        "logger2": {"@loggers": "spacy.ConsoleLogger.v3", "progress_bar": None},
        "logger3": {"@loggers": "spacy.LookupLogger.v1", "patterns": ["score"]},
    }
    terminal = Terminal()
    written, _ = run(data, tmp_path, logger=chain, stdout=terminal, stderr=terminal)
    assert len(read(tmp_path / "log.jsonl")) == 3
    assert "step 11 of 12 |" in written
    shown = screen(written)
    assert [int(row[1]) for row in rows("\n".join(shown))] == [0, 5, 10]
    assert not any("step" in line or "it/s" in line for line in shown)


def test_words_of_the_bar():
    state = TimeLeft(Limits(100, 0, 0, 10))
    state.take_evaluation(2.0, step=0, epoch=0, best_step=0)
    state.take_step(1.0)
    assert tell(state) == "01:59 left"
    state.limits = Limits(100, 0, 30, 10)
    assert tell(state) == "at most 01:59 left, patience 1 of 30"
    state.limits = Limits(100, 0, 300, 10)
    assert tell(state) == "01:59 left"
    state.limits = Limits(0, 5, 30, 10)
    assert tell(state) == "at least 00:35 left, patience 1 of 30"
    state.limits = Limits(0, 0, 0, 10)
    assert tell(state) == ""


def test_words_of_the_limits():
    first = "when 50 steps bring no better score"
    assert describe(Limits(0, 0, 50, 10)) == f"Training ends {first}."
    assert describe(Limits(2000, 9, 0, 10)) == (
        "Training ends after 2,000 steps, or after 9 epochs."
    )
    assert describe(Limits(0, -1, 0, 10)) == "Training ends when it is interrupted."
