"""`spacy lstm info`: the layers of a pipeline, their shapes, and how many parameters they have."""

import json
from typing import Annotated

import typer

from ..training.readers.records import DataError


def info_command(
    model: Annotated[
        str, typer.Argument(help="The folder of a pipeline, an installed one, or a config (.cfg).")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
) -> None:
    """Print the layers of a pipeline's components: their widths, weights and sizes.

    Works with any pipeline of spaCy. What a config doesn't tell, as the number of labels, is a
    question mark.
    """
    from .layers import as_dict
    from .load import load_parts
    from .tables import print_parts

    try:
        parts = load_parts(model)
    except DataError as err:
        typer.secho(str(err), fg="red", err=True)
        raise typer.Exit(1) from err
    if as_json:
        typer.echo(json.dumps(as_dict(parts), indent=2, ensure_ascii=False))
    else:
        print_parts(parts)
