"""`python -m spacy lstm COMMAND`.

spaCy loads this for every command it has, so nothing is imported here that it hasn't already: what
a command needs, its own module imports when it runs.
"""

import typer
from spacy.cli._util import app

from .attack import attack_command
from .calibrate import calibrate_command
from .debug_data import debug_data_command
from .explain import explain_command
from .info import info_command
from .init_config import init_config_command
from .report import report_command
from .serve import serve_command
from .train import train_command

#: For commands that take overrides of the config's settings.
OVERRIDES = {"allow_extra_args": True, "ignore_unknown_options": True}

lstm_cli = typer.Typer(
    name="lstm",
    help="Commands of spacy-lstm: make a config, look at training data, train, see into a "
    "pipeline, calibrate it, explain what it says, report on it, attack it, and serve it.",
    no_args_is_help=True,
)
lstm_cli.command("attack")(attack_command)
lstm_cli.command("calibrate")(calibrate_command)
lstm_cli.command("debug-data", context_settings=OVERRIDES)(debug_data_command)
lstm_cli.command("explain")(explain_command)
lstm_cli.command("info")(info_command)
lstm_cli.command("init-config")(init_config_command)
lstm_cli.command("report")(report_command)
lstm_cli.command("train", context_settings=OVERRIDES)(train_command)
lstm_cli.command("serve")(serve_command)


app.add_typer(lstm_cli)
