"""Pictures of explanations, for a page, a notebook or a terminal."""

from functools import partial
from io import StringIO
from typing import TYPE_CHECKING, Callable, Dict, Literal, Union

from spacy.tokens import Doc

from ..errors import Errors
from . import palette, render_entities, render_gates, render_tokens
from .inside import Gates
from .render_entities import entities_as_html, entities_as_svg, entities_as_text
from .render_gates import Units, gates_as_html, gates_as_svg, gates_as_tables
from .render_tokens import KEY, describe, tokens_as_html, tokens_as_svg, tokens_as_text
from .result import Attribution

if TYPE_CHECKING:
    from rich.console import RenderableType

Style = Literal["html", "svg", "terminal"]

#: The width of a table in a terminal, in characters.
WIDTH = 100

#: The rules of all pictures.
CSS = palette.CSS + render_tokens.CSS + render_entities.CSS + render_gates.CSS


def render(
    result: Union[Attribution, Gates, Doc],
    style: Style = "html",
    *,
    page: bool = False,
    units: Units = "mean",
) -> str:
    """Draw an explanation, or the entities of a text with their probabilities. Pictures follow the
    reader's choice of light or dark, hold all that they need, and what is in the text is escaped. A
    notebook draws an explanation by itself.

    result (Union[Attribution, Gates, Doc]): What `explain` or `gates` returns, or a text with
        entities: the surer `lstm_ner` is of one, the stronger its colour.
    style (str): "html", "svg" or "terminal".
    page (bool): Whether HTML is a page of its own; else it is a part of one.
    units (Union[str, Sequence[int]]): Which units of an LSTM are shown: "mean", the mean of all;
        "all", each; or the numbers of some. A terminal shows the mean of those.
    RETURNS (str): The picture.
    RAISES (ValueError): If there is no such style of it, or no such unit.
    """
    drawers: Dict[str, Callable[[], str]]
    if isinstance(result, Gates):
        title = f"{result.component}: gates and states"
        drawers = {
            "html": partial(gates_as_html, result, units),
            "svg": partial(gates_as_svg, result, units),
            "terminal": lambda: _to_ansi(title, *gates_as_tables(result, units)),
        }
    elif isinstance(result, Doc):
        title = "Entities"
        direction = result.vocab.writing_system["direction"]
        drawers = {
            "html": partial(entities_as_html, result, direction),
            "svg": partial(entities_as_svg, result, direction),
            "terminal": lambda: _to_ansi(render_entities.TITLE, entities_as_text(result)),
        }
    else:
        title = describe(result)
        drawers = {
            "html": partial(tokens_as_html, result),
            "svg": partial(tokens_as_svg, result),
            "terminal": lambda: _to_ansi(f"{title}; {KEY}", tokens_as_text(result)),
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


def _to_ansi(title: str, *parts: "RenderableType") -> str:
    from rich.console import Console

    output = StringIO()
    console = Console(
        file=output, force_terminal=True, color_system="truecolor", highlight=False, width=WIDTH
    )
    console.print(title, style="dim", markup=False, soft_wrap=True)
    for part in parts:
        console.print(part, soft_wrap=True)
    return output.getvalue()
