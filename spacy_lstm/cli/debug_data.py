"""`spacy lstm debug-data`: what is wrong with training data."""

from pathlib import Path
from typing import Annotated, Optional

import typer

from ..training.readers.records import DataError


def debug_data_command(
    ctx: typer.Context,
    config: Annotated[
        Path,
        typer.Argument(
            help="The config (.cfg). Its settings can be overridden as for `spacy train`, for "
            "instance with --paths.train and --paths.dev."
        ),
    ],
    near: Annotated[
        float,
        typer.Option(
            min=0.0,
            max=1.0,
            help="From which share of common words on two texts are near copies; 0 doesn't look "
            "for them.",
        ),
    ] = 0.8,
    output: Annotated[
        Optional[Path],
        typer.Option(
            "--output",
            "-o",
            help="Write what was found here, as JSON; or - to print that instead.",
            allow_dash=True,
        ),
    ] = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-V", help="Print more examples and labels.")
    ] = False,
    ignore_warnings: Annotated[
        bool, typer.Option("--ignore-warnings", "-IW", help="Print no warnings.")
    ] = False,
    code: Annotated[
        Optional[Path],
        typer.Option("--code", "-c", help="A Python file with functions the config needs."),
    ] = None,
) -> None:
    """Look for what is wrong with the training data of a config with components of spacy-lstm.

    Says how many texts and labels there are, and finds copies and leaks, labels that can't be
    learnt, annotations that are lost or contradict each other, and more. Ends with the exit code 1
    if there are errors. For spaCy's own components, use `spacy debug data`.
    """
    from click import NoSuchOption
    from spacy.cli._util import import_code, parse_config_overrides
    from srsly import json_dumps

    from ..training.debug_data.findings import Level, as_dict, count
    from ..training.debug_data.report import debug_data
    from .load_corpora import load_corpora
    from .output import write_json
    from .sections import print_sections

    try:
        overrides = parse_config_overrides(ctx.args)
    except NoSuchOption as err:  # of click, which not every version of typer knows
        ctx.fail(err.format_message())
    import_code(code)
    try:
        sections = debug_data(load_corpora(config, overrides), near=near)
        if str(output) == "-":
            typer.echo(json_dumps(as_dict(sections), indent=2))
        else:
            print_sections(sections, verbose=verbose, ignore_warnings=ignore_warnings)
            if output is not None:
                write_json(output, as_dict(sections))
    except DataError as err:
        typer.secho(str(err), fg="red", err=True)
        raise typer.Exit(1) from err
    if count(sections, Level.fail):
        raise typer.Exit(1)
