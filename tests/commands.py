"""Commands of spaCy and ours, without a process of their own, which would take seconds to start."""

from typing import Any, NamedTuple

from spacy.cli import app
from typer.testing import CliRunner


class Outcome(NamedTuple):
    """How a command ended, as `subprocess` tells it."""

    returncode: int
    stdout: str
    stderr: str


def spacy_command(*args: Any) -> Outcome:
    """args (Any): The words after `spacy`.
    RETURNS (Outcome): How it ended.
    """
    result = CliRunner().invoke(app, [str(arg) for arg in args])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Outcome(result.exit_code, result.stdout, result.stderr)
