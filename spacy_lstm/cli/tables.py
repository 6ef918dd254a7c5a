"""Print the layers of a pipeline as tables for a terminal."""

import re
from typing import Dict, List, NamedTuple

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from .layers import Layer, Part, Parts, Weight, totals

UNKNOWN = "?"


class Marks(NamedTuple):
    """The signs that a terminal may not have."""

    branch: str = "├─"
    last: str = "╰─"
    trunk: str = "│ "
    times: str = "×"


ASCII = Marks("|-", "`-", "| ", "x")


def print_parts(parts: Parts, console: Console | None = None) -> None:
    """Print a pipeline.

    parts (Parts): The pipeline.
    console (Console | None): Where; by default the standard output.
    """
    console = console or Console(highlight=False)
    marks = Marks() if console.encoding.lower().startswith("utf") else ASCII
    for part in parts.components:
        console.print()
        console.print(f"[bold]{escape(part.name)}[/] [dim]({escape(part.factory)})[/]")
        if part.note:
            console.print(escape(part.note))
        if part.layer is None:
            console.print("no weights: it isn't a trained component", style="dim")
            continue
        console.print(_table(part, part.layer, marks))
    console.print()
    if parts.vectors is not None:
        shape = _shape(parts.vectors, marks)
        size = _size(parts.vectors.n_bytes)
        console.print(f"Static vectors, which aren't trained: {shape}, {size}")
    console.print(f"[bold]{escape(parts.name)}[/]: {_sum(parts.weights)}", soft_wrap=True)


def _table(part: Part, outermost: Layer, marks: Marks) -> Table:
    table = Table(
        box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim", show_footer=True
    )
    number = f"{totals(part.weights)['n_params']:,}"
    footer = f"[bold]sum[/] [dim]({_remark(part.weights)})[/]"
    table.add_column("layer", overflow="fold", footer=footer)
    table.add_column("in", justify="right", no_wrap=True)
    table.add_column("out", justify="right", no_wrap=True)
    table.add_column("weights", no_wrap=True)
    table.add_column("shape", no_wrap=True)
    table.add_column("number", justify="right", no_wrap=True, footer=number, footer_style="bold")
    _add_rows(table, outermost, "", "", marks)
    return table


def _add_rows(table: Table, layer: Layer, stem: str, below: str, marks: Marks) -> None:
    """Add a row for a layer, more for its other weights, and those of the layers inside.

    stem (str): What stands before its name.
    below (str): What stands before the names of what is inside.
    """
    inner = _shown(layer)
    name = escape(stem + _name(layer))
    widths = [_width(layer, dim) for dim in ("nI", "nO")]
    if layer.note:
        name += f" [dim]({escape(layer.note)})[/]"
    cells = [
        [escape(weight.name), _shape(weight, marks), _number(weight, marks)]
        for weight in layer.weights
    ]
    for i, row in enumerate(cells or [["", "", ""]]):
        first = [name, *widths] if i == 0 else [below + (marks.trunk if inner else ""), "", ""]
        table.add_row(*first, *row)
    for i, child in enumerate(inner):
        is_last = i == len(inner) - 1
        stem = below + (marks.last if is_last else marks.branch)
        _add_rows(table, child, stem, below + ("  " if is_last else marks.trunk), marks)


def _shown(layer: Layer) -> List[Layer]:
    """The layers inside, with those in place of a mere chain or adapter of which it consists."""
    shown = []
    for inner in layer.layers:
        if _is_plumbing(inner):
            shown += _shown(inner)
        else:
            shown.append(inner)
    return shown


def _is_plumbing(layer: Layer) -> bool:
    if layer.role is not None or layer.weights or layer.note or not layer.layers:
        return False
    return layer.kind == "thinc.layers.chain" or layer.name.startswith("with_")


COMBINED: Dict[str, str] = {
    "thinc.layers.chain": "chain",
    "thinc.layers.concatenate": "concatenate",
    "thinc.layers.add": "add",
}


def _name(layer: Layer) -> str:
    """A name without those of all layers inside, from which thinc makes it."""
    if not layer.layers or not re.search(r">>|\||\+|\(", layer.name):
        return layer.name
    return layer.role or COMBINED.get(layer.kind) or layer.name.split("(")[0]


def _width(layer: Layer, dim: str) -> str:
    """A width. Where the weights are made without that it was set, there is nothing to say."""
    value = layer.dims.get(dim)
    if value is not None:
        return f"{value:,}"
    made = all(weight.shape is not None for weight in layer.all_weights())
    return "" if dim not in layer.dims or made else UNKNOWN


def _shape(weight: Weight, marks: Marks) -> str:
    return UNKNOWN if weight.shape is None else marks.times.join(map(str, weight.shape))


def _number(weight: Weight, marks: Marks) -> str:
    if weight.shared:
        return "as above"
    return UNKNOWN if weight.shape is None else f"{weight.n_params:,}"


def _remark(weights: List[Weight]) -> str:
    summed = totals(weights)
    return " ".join([_size(summed["n_bytes"]), *summed["dtypes"]])


def _sum(weights: List[Weight]) -> str:
    summed = totals(weights)
    text = f"{summed['n_params']:,} parameters, {_remark(weights)}"
    if summed["n_unknown"]:
        text += f", and {summed['n_unknown']} arrays that depend on the training data ({UNKNOWN})"
    return text


def _size(n_bytes: int) -> str:
    if n_bytes >= 1e5:
        return f"{n_bytes / 1e6:,.1f} MB"
    return f"{n_bytes / 1e3:,.1f} kB" if n_bytes >= 1000 else f"{n_bytes} bytes"
