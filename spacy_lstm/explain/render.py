"""Pictures of explanations, for a page, a notebook or a terminal."""

from functools import partial
from io import StringIO
from typing import Callable, Dict, Literal, Union

from ..errors import Errors
from . import palette, render_gates, render_tokens
from .inside import Gates
from .render_gates import Units, gates_as_html, gates_as_svg
from .render_tokens import KEY, describe, tokens_as_html, tokens_as_svg, tokens_as_text
from .result import Attribution

Style = Literal["html", "svg", "terminal"]

#: The rules of all pictures.
CSS = palette.CSS + render_tokens.CSS + render_gates.CSS


def render(
    result: Union[Attribution, Gates],
    style: Style = "html",
    *,
    page: bool = False,
    units: Units = "mean",
) -> str:
    """Draw an explanation. Pictures follow the reader's choice of light or dark, hold all that they
    need, and what is in the text is escaped. A notebook draws the result by itself.

    result (Union[Attribution, Gates]): What `explain` or `gates` returns.
    style (str): "html"; "svg"; or, of an attribution, "terminal".
    page (bool): Whether HTML is a page of its own; else it is a part of one.
    units (Union[str, Sequence[int]]): Which units of an LSTM are shown: "mean", the mean of all;
        "all", each; or the numbers of some.
    RETURNS (str): The picture.
    RAISES (ValueError): If there is no such style of it, or no such unit.
    """
    drawers: Dict[str, Callable[[], str]]
    if isinstance(result, Gates):
        title = f"{result.component}: gates and states"
        drawers = {
            "html": partial(gates_as_html, result, units),
            "svg": partial(gates_as_svg, result, units),
        }
    else:
        title = describe(result)
        drawers = {
            "html": partial(tokens_as_html, result),
            "svg": partial(tokens_as_svg, result),
            "terminal": partial(_to_ansi, result),
        }
    if style not in drawers:
        options = ", ".join(map(repr, drawers))
        raise ValueError(Errors.L870.format(style=style, options=options))
    drawn = drawers[style]()
    if style == "svg":
        start, end = drawn.split(">", 1)
        ground = '<rect x="-4" y="-4" width="100%" height="100%" style="fill:var(--ground)"/>'
        return f"{start}><style>{CSS}</style>{ground}{end}"
    if style == "terminal":
        return drawn
    drawn = f"<style>{CSS}</style>{drawn}"
    return _page(title, drawn) if page else drawn


def _page(title: str, content: str) -> str:
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><meta name="color-scheme" '
        f'content="light dark"><title>{palette.safe(title)}</title>'
        f"<style>{palette.PAGE_CSS}</style>"
        f"</head><body>{content}</body></html>\n"
    )


def _to_ansi(result: Attribution) -> str:
    from rich.console import Console

    output = StringIO()
    console = Console(file=output, force_terminal=True, color_system="truecolor", highlight=False)
    console.print(f"{describe(result)}; {KEY}", style="dim", markup=False, soft_wrap=True)
    console.print(tokens_as_text(result), soft_wrap=True)
    return output.getvalue()
