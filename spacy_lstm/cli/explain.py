"""`spacy lstm explain`: which words speak for a prediction, in the terminal or in a file."""

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Dict, Optional, Tuple

import typer

from ..training.readers.records import DataError
from .options import Code, ModelName

if TYPE_CHECKING:
    from rich.console import Console

    from ..explain import Attribution

#: How many of the tokens that weigh most are listed.
N_LISTED = 10


class MethodName(str, Enum):
    """The methods of `spacy_lstm.explain.explain`."""

    integrated_gradients = "integrated_gradients"
    gradient_x_input = "gradient_x_input"
    occlusion = "occlusion"
    attention = "attention"


def explain_command(
    model: ModelName,
    text: Annotated[str, typer.Argument(help="The text, in quotes.")],
    component: Annotated[
        Optional[str],
        typer.Option(help="The component; by default the only one with categories or entities."),
    ] = None,
    label: Annotated[
        Optional[str], typer.Option(help="The label; by default that of the top prediction.")
    ] = None,
    span: Annotated[
        Optional[str],
        typer.Option(
            help="The entity: its number among those that are found, from 0, or the number of its "
            "first token and of the one after its last, as 2:4. By default the most probable."
        ),
    ] = None,
    method: Annotated[
        MethodName,
        typer.Option(
            help="integrated_gradients; gradient_x_input, fast and coarse; occlusion, which works "
            "with spaCy's own components, too; or attention, of an attention pooling."
        ),
    ] = MethodName.integrated_gradients,
    output: Annotated[
        Optional[Path],
        typer.Option("--output", "-o", help="Write it here: a page (.html), .svg or .json."),
    ] = None,
    code: Code = None,
) -> None:
    """Show which words speak for a prediction of a pipeline, and which against it."""
    from spacy.cli._util import import_code

    from ..explain import explain
    from .load import load

    import_code(code)
    try:
        settings: Dict[str, Any] = {"span": read_span(span)}
        nlp = load(model)
        result = explain(nlp, text, component, label, method.value, **settings)
        print_attribution(result)
        if output is not None:
            write(result, output)
    # What can't be explained is a ValueError with a coded message.
    except ValueError as err:
        typer.secho(str(err), fg="red", err=True)
        raise typer.Exit(1) from err


def read_span(span: Optional[str]) -> Any:
    """span (Optional[str]): What the user wrote.
    RETURNS (Any): A number, or two, or None.
    RAISES (DataError): If it is anything else.
    """
    from ..errors import Errors

    if span is None:
        return None
    try:
        numbers: Tuple[int, ...] = tuple(map(int, span.split(":")))
    except ValueError as err:
        raise DataError(Errors.L872.format(span=span)) from err
    if len(numbers) > 2:
        raise DataError(Errors.L872.format(span=span))
    return numbers if len(numbers) == 2 else numbers[0]


def print_attribution(result: "Attribution", *, console: "Console | None" = None) -> None:
    """Print an explanation: the text, and the tokens that weigh most.

    result (Attribution): The explanation.
    console (Console | None): Where; by default the standard output.
    """
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from ..explain.render_tokens import KEY, describe, tokens_as_text

    console = console or Console(highlight=False)
    console.print(f"{escape(describe(result))}; [dim]{KEY}[/]", soft_wrap=True)
    console.print()
    console.print(tokens_as_text(result), soft_wrap=True)
    console.print()
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for column in ("place", "token", "score"):
        table.add_column(column, justify="left" if column == "token" else "right", no_wrap=True)
    order = sorted(range(len(result.tokens)), key=lambda i: -abs(result.scores[i]))
    for i in order[:N_LISTED]:
        token = " ".join(result.tokens[i].split())
        table.add_row(str(i), escape(token), f"{result.scores[i]:+.3f}")
    console.print(table)


def write(result: "Attribution", path: Path) -> None:
    """result (Attribution): An explanation.
    path (Path): The file: its ending says what goes into it.
    RAISES (DataError): If the ending is another, or the file can't be written.
    """
    import srsly

    from ..errors import Errors
    from ..explain import render
    from .output import write_text

    if path.suffix == ".html":
        content = render(result, "html", page=True)
    elif path.suffix == ".svg":
        content = render(result, "svg")
    elif path.suffix == ".json":
        content = srsly.json_dumps(result.to_dict(), indent=2)
    else:
        raise DataError(Errors.L873.format(path=path))
    write_text(path, content)
