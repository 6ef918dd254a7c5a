"""Pictures of what happens inside an LSTM: a column for each token, rows for the units."""

from typing import TYPE_CHECKING, Dict, List, Sequence, Union

import numpy

from ..errors import Errors
from ..layers.lstm_trace import Trace
from ..types import Array
from .inside import Gates
from .palette import on_white, safe, side_of
from .render_tokens import CHAR, svg

if TYPE_CHECKING:
    from rich.table import Table

#: Which units are shown: the mean of all, each, or those of some numbers.
Units = Union[str, Sequence[int]]

#: What is shown, and what it is called.
PANELS = {
    "input": "input gate",
    "forget": "forget gate",
    "output": "output gate",
    "candidate": "candidate",
    "cell": "cell state",
    "hidden": "hidden state",
}
GATES = ("input", "forget", "output")
#: The width of a column, the height of a row (of the mean, or of one of few or of many units), the
#: width of the panels' names, and the space between panels.
COLUMN, ROW, FEW_ROW, MANY_ROW, NAMES, GAP = 26, 20, 10, 3, 130, 6
FEW = 24
#: How many shades there are.
N_SHADES = 20
#: The longest token that is written out.
LONGEST = 18


def gates_as_svg(result: Gates, units: Units = "mean") -> str:
    """result (Gates): The gates and states.
    units (Union[str, Sequence[int]]): "mean": the mean over all units, of the size of candidate,
        cell and hidden state; "all": each unit; or the numbers of some.
    RETURNS (str): Their picture in SVG: gates from 0 to 1, the others up to what 99 % of them stay
        below.
    RAISES (ValueError): If there are no such units.
    """
    drawn: List[str] = []
    y = 0.0
    width = NAMES + COLUMN * max(1, len(result.tokens)) + 60
    step = -1 if result.direction == "rtl" else 1  # the first token is at the right then
    labels = [_shortened(token) for token in result.tokens][::step]
    for part in result.parts:
        title = f"layer {part.layer}, {part.direction}"
        drawn.append(f'<text x="0" y="{y + 14}" font-weight="bold">{title}</text>')
        y += 24
        for name in PANELS:
            rows = _rows(part, name, units)[:, ::step]
            height = ROW if len(rows) == 1 else FEW_ROW if len(rows) <= FEW else MANY_ROW
            largest = 1.0 if name in GATES else _largest(rows)
            drawn.append(
                f'<text x="{NAMES - 8}" y="{y + min(14.0, height * len(rows)):.0f}" '
                f'text-anchor="end">{PANELS[name]}</text>'
                f'<g transform="translate({NAMES} {y})">{_cells(rows / largest, height)}'
                f"{_frame(rows, height)}</g>"
                f'<text class="small" x="{NAMES + COLUMN * rows.shape[1] + 6}" y="{y + 13}">'
                f"{'0 to 1' if name in GATES else f'≥ {largest:.2g}'}</text>"
            )
            y += height * len(rows) + GAP
        for i, label in enumerate(labels):
            x = NAMES + COLUMN * (i + 0.5)
            drawn.append(
                f'<text class="small" text-anchor="end" transform="translate({x + 4:.0f} {y + 8}) '
                f'rotate(-60)">{safe(label)}</text>'
            )
        y += CHAR * max((len(label) for label in labels), default=0) * 0.8 + 24
    return svg(width, y, "".join(drawn))


def _shortened(token: str) -> str:
    shown = " ".join(token.split()) or "␣"
    return shown if len(shown) <= LONGEST else shown[: LONGEST - 1] + "…"


def _rows(part: Trace, name: str, units: Units) -> Array:
    """The values of a panel, `(n_rows, n_tokens)`."""
    values = getattr(part, name).T
    if isinstance(units, str):
        if units not in ("mean", "all"):
            raise ValueError(_message(units, len(values)))
        if units == "all":
            return values
        return (values if name in GATES else numpy.abs(values)).mean(axis=0, keepdims=True)
    if not units or not all(0 <= unit < len(values) for unit in units):
        raise ValueError(_message(units, len(values)))
    return values[list(units)]


def mean_rows(part: Trace) -> Dict[str, Array]:
    """part (Trace): What a direction of a layer computes.
    RETURNS (Dict[str, Array]): The means over all units at each token, of the size of candidate,
        cell and hidden state, `(n_tokens,)` each.
    """
    return {name: _rows(part, name, "mean")[0] for name in PANELS}


def _message(units: Units, n_units: int) -> str:
    return Errors.L871.format(units=units, n_units=n_units, last=n_units - 1)


def _largest(rows: Array) -> float:
    """What gets the full colour. A few units may hold much more than all others."""
    return float(numpy.percentile(numpy.abs(rows), 99)) if rows.any() else 1.0


def _cells(shares: Array, height: float) -> str:
    """The cells, one path for each shade."""
    shades = numpy.rint(shares.clip(-1.0, 1.0) * N_SHADES).astype("int64")
    paths: Dict[int, List[str]] = {}
    for (row, column), shade in numpy.ndenumerate(shades):
        if shade:
            x, y = COLUMN * column, height * row
            cell = f"M{x} {y:g}h{COLUMN}v{height:g}h-{COLUMN}z"
            paths.setdefault(int(shade), []).append(cell)
    return "".join(
        f'<path class="{side_of(shade)}" style="fill:rgb(var(--c)/{abs(shade) / N_SHADES:.2f})" '
        f'd="{"".join(cells)}"/>'
        for shade, cells in sorted(paths.items())
    )


def _frame(rows: Array, height: float) -> str:
    n_rows, n_tokens = rows.shape
    return (
        f'<rect width="{COLUMN * n_tokens}" height="{height * n_rows:g}" fill="none" '
        'style="stroke:var(--line)"/>'
    )


def gates_as_html(result: Gates, units: Units = "mean") -> str:
    """result (Gates): The gates and states.
    units (Union[str, Sequence[int]]): See `gates_as_svg`.
    RETURNS (str): The picture in HTML, which scrolls where it is wide.
    """
    return (
        f'<figure class="spacy-lstm gates"><figcaption>{safe(result.component)}: gates and states. '
        "The full colour is 1 for gates, and for the others the number at the right.</figcaption>"
        f'<div class="scroll">{gates_as_svg(result, units)}</div></figure>'
    )


def gates_as_tables(result: Gates, units: Units = "mean") -> List["Table"]:
    """result (Gates): The gates and states.
    units (Union[str, Sequence[int]]): Those whose means are shown; of candidate, cell and hidden
        state, the means of their size.
    RETURNS (List[Table]): Tables for a terminal, with `rich`: one for each layer and direction,
        with a row for each token.
    RAISES (ValueError): If there are no such units.
    """
    from rich.table import Table
    from rich.text import Text

    tables = []
    for part in result.parts:
        means = {name: numpy.abs(_rows(part, name, units)).mean(axis=0) for name in PANELS}
        shares = {
            name: values / (1.0 if name in GATES else _largest(values))
            for name, values in means.items()
        }
        table = Table(title=f"layer {part.layer}, {part.direction}", box=None, title_justify="left")
        table.add_column("token")
        for title in PANELS.values():
            table.add_column(title, justify="right")
        for i, token in enumerate(result.tokens):
            cells = []
            for name in PANELS:
                red, green, blue = on_white(shares[name][i])
                cells.append(Text(f"{means[name][i]:.2f}", f"black on rgb({red},{green},{blue})"))
            table.add_row(Text(_shortened(token)), *cells)
        tables.append(table)
    return tables


#: The rules of the picture.
CSS = ".spacy-lstm.gates{margin:1rem 0}.spacy-lstm .scroll{overflow-x:auto}"
