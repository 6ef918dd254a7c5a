"""`python -m spacy lstm COMMAND`.

spaCy loads this for every command it has, so nothing is imported here that it hasn't already: what
a command needs, its own module imports when it runs.
"""

import typer
from spacy.cli._util import app

from .info import info_command

lstm_cli = typer.Typer(
    name="lstm", help="Commands of spacy-lstm: see into a pipeline.", no_args_is_help=True
)
lstm_cli.command("info")(info_command)


@lstm_cli.callback()
def _keep_the_name() -> None:
    # typer leaves out the name of an only command, where there is no callback beside it.
    """Commands of spacy-lstm: see into a pipeline."""


app.add_typer(lstm_cli)
