"""`spacy lstm serve`."""

import re
import signal
import subprocess
import sys
from contextlib import contextmanager

import httpx
import pytest
from typer.testing import CliRunner

from spacy_lstm.cli import lstm_cli
from spacy_lstm.serve.limits import Limits
from spacy_lstm.serve.server import bind

from ..explain.pipes import trained

TEXT = "a great but tedious story"


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("model")
    trained("two labels").to_disk(path)
    return path


def run(*args):
    return CliRunner().invoke(lstm_cli, ["serve", *map(str, args)])


@contextmanager
def service(*args):
    command = [sys.executable, "-u", "-m", "spacy", "lstm", "serve", *map(str, args)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as process:
        try:
            yield process
        finally:
            process.kill()


def url_of(process):
    line = process.stdout.readline()
    found = re.search(r"http://\S+/", line)
    assert found, line + process.stderr.read()
    return found[0]


@pytest.mark.parametrize(
    ("host", "end", "warning"),
    [("127.0.0.1", signal.SIGINT, ""), ("0.0.0.0", signal.SIGTERM, "[LW901]")],
)
def test_serves_until_a_signal_ends_it(model, host, end, warning):
    with service(model, "--port", 0, "--texts", 2, "--host", host) as process:
        url = url_of(process)
        assert url.startswith(f"http://{host}:")
        answer = httpx.post(f"{url}v1/predict", json={"text": TEXT}).raise_for_status().json()
        assert answer["results"][0]["cats"] == pytest.approx(trained("two labels")(TEXT).cats)
        assert httpx.post(f"{url}v1/predict", json={"texts": ["a"] * 3}).status_code == 413
        process.send_signal(end)
        _, errors = process.communicate(timeout=30)
    assert warning in errors
    assert bool(errors) is bool(warning)
    assert process.returncode == (0 if end == signal.SIGINT else -signal.SIGTERM)


def test_what_cannot_be_served(model, tmp_path):
    for args, code in (
        ([tmp_path], "L501"),
        ([model, "--texts", 0], "L923"),
        ([model, "--seconds", -1], "L923"),
    ):
        result = run(*args)
        assert result.exit_code == 1
        assert f"[{code}]" in result.output
    with bind("127.0.0.1", 0) as taken:
        result = run(model, "--port", taken.getsockname()[1])
    assert result.exit_code == 1
    assert "[L921]" in result.output


def test_says_what_to_install(model, monkeypatch):
    monkeypatch.setitem(sys.modules, "spacy_lstm.serve.server", None)
    result = run(model)
    assert result.exit_code == 1
    assert "[L922]" in result.output
    assert "'spacy-lstm[serve]'" in result.output


def test_the_help_has_the_limits():
    output = " ".join(run("--help").output.split())
    for name, value in vars(Limits()).items():
        assert f"--{name.replace('_', '-')}" in output
        assert str(value) in output
