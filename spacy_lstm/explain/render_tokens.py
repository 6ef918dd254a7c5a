"""Pictures of attributions: the text, with the ground of each token coloured."""

from typing import TYPE_CHECKING, Iterable, Iterator, List, NamedTuple, Tuple

import numpy

from .palette import on_white, safe, side_of
from .result import Attribution

if TYPE_CHECKING:
    from rich.text import Text

#: In SVG, which doesn't break lines: the width of a character of a font in which all are as wide,
#: how many of them go into a line, and the height of a line and of what is coloured.
CHAR, N_CHARS = 8.5, 96
LINE, GROUND = 32, 24

#: What the colours say.
KEY = "orange: for, blue: against"

#: The rules of the picture.
CSS = (
    ".spacy-lstm.tokens{margin:1rem 0;line-height:2}"
    ".spacy-lstm.tokens .text{white-space:pre-wrap;overflow-wrap:anywhere;max-width:60rem}"
    ".spacy-lstm .mark{background:rgb(var(--c)/var(--a));padding:.2em .15em;border-radius:.25em}"
    ".spacy-lstm .span{outline:2px solid var(--ink);outline-offset:1px}"
    ".spacy-lstm figcaption{font-size:.85em;line-height:1.6;margin-bottom:.5rem}"
    ".spacy-lstm .key{display:inline-block;width:.9em;height:.9em;border-radius:.2em;"
    "vertical-align:-.1em;background:rgb(var(--c));margin:0 .3em 0 .8em}"
)


class Mark(NamedTuple):
    """A token of a picture.

    text (str): The token.
    space (str): What follows it.
    tip (str): What is said of it where a reader points at it.
    share (float): How much of its colour it has, from -1 to 1.
    outlined (bool): Whether it has an outline.
    """

    text: str
    space: str
    tip: str
    share: float
    outlined: bool


def _tokens(result: Attribution) -> Iterator[Mark]:
    largest = float(numpy.abs(result.scores).max(initial=0.0)) or 1.0
    start, end = result.span or (0, 0)
    rows = zip(result.tokens, result.whitespace, result.scores.tolist(), strict=True)
    for i, (text, space, score) in enumerate(rows):
        yield Mark(text, space, f"{score:+.3f}", score / largest, start <= i < end)


def describe(result: Attribution) -> str:
    """result (Attribution): An explanation.
    RETURNS (str): What it explains, and how, on one line.
    """
    what = result.label
    if result.span is not None:
        start, end = result.span
        what += f" ({' '.join(result.tokens[start:end])})"
    sure = "" if result.probability is None else f", p = {result.probability:.3f}"
    method = result.method.replace("_x_", " × ").replace("_", " ")
    return f"{result.component}: {what}{sure} ({method}, {result.target} {result.score:+.2f})"


def tokens_as_html(result: Attribution) -> str:
    """result (Attribution): An explanation.
    RETURNS (str): Its picture in HTML, with the numbers as tool tips.
    """
    parts = []
    for token in _tokens(result):
        classes = f"mark {side_of(token.share)}{' span' if token.outlined else ''}"
        parts.append(
            f'<span class="{classes}" style="--a:{abs(token.share):.3f}" '
            f'title="{token.tip}">{safe(token.text)}</span>{token.space}'
        )
    label = safe(result.label)
    return (
        f'<figure class="spacy-lstm tokens"><figcaption>{safe(describe(result))}<br>'
        f'<span class="key for"></span>for {label}<span class="key against"></span>against {label}'
        f'</figcaption><div class="text" dir="{result.direction}">{"".join(parts)}</div></figure>'
    )


def tokens_as_svg(result: Attribution) -> str:
    """result (Attribution): An explanation.
    RETURNS (str): Its picture in SVG.
    """
    return marks_as_svg(list(_tokens(result)), f"{describe(result)}; {KEY}", result.direction)


def marks_as_svg(tokens: List[Mark], title: str, direction: str) -> str:
    """tokens (List[Mark]): The tokens of a text.
    title (str): What stands above them.
    direction (str): "ltr" or "rtl".
    RETURNS (str): The picture in SVG.
    """
    places, n_lines = _place(tokens)
    line = CHAR * N_CHARS
    drawn = [f'<text x="0" y="18">{safe(title)}</text>']
    for token, (x, row, width) in zip(tokens, places, strict=True):
        if token.text.isspace():
            continue
        x = line - x - width if direction == "rtl" else x
        y = (row + 1) * LINE
        outline = ' stroke="currentColor" stroke-width="1.5"' if token.outlined else ""
        drawn.append(
            f'<g><title>{safe(token.tip)}</title><rect class="{side_of(token.share)}" '
            f'style="fill:rgb(var(--c)/{abs(token.share):.3f})" x="{x:.1f}" y="{y}" '
            f'width="{width:.1f}" height="{GROUND}" rx="4"{outline}/>'
            f'<text class="token" x="{x + width / 2:.1f}" y="{y + 17}" text-anchor="middle" '
            f'textLength="{max(1.0, width - 4):.1f}" lengthAdjust="spacingAndGlyphs">'
            f"{safe(token.text)}</text></g>"
        )
    return svg(line, (n_lines + 1) * LINE, "".join(drawn))


def svg(width: float, height: float, content: str) -> str:
    """width (float): The width of a picture.
    height (float): Its height.
    content (str): What is in it.
    RETURNS (str): The picture, in SVG.
    """
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" class="spacy-lstm" role="img" '
        f'viewBox="-4 -4 {width + 8:.0f} {height + 8:.0f}" width="{width + 8:.0f}" '
        f'height="{height + 8:.0f}">{content}</svg>'
    )


def _place(tokens: List[Mark]) -> Tuple[List[Tuple[float, int, float]], int]:
    """Where each token goes: its place in the line, its line and its width; and how many lines
    there are. A token that is longer than a line is made narrower."""
    from rich.cells import cell_len

    line = CHAR * N_CHARS
    places = []
    x, row = 0.0, 0
    for token in tokens:
        width = min(line, CHAR * max(1, cell_len(token.text)) + 4)
        if "\n" in token.text or (x and x + width > line):
            x, row = 0.0, row + 1
        if token.text.isspace() and "\n" in token.text:
            width = 0.0
        places.append((x, row, width))
        x += width + CHAR / 2 * len(token.space) + 1
    return places, row + 1


def tokens_as_text(result: Attribution) -> "Text":
    """result (Attribution): An explanation.
    RETURNS (Text): The text for a terminal, with `rich`.
    """
    return marks_as_text(_tokens(result))


def marks_as_text(tokens: Iterable[Mark]) -> "Text":
    """tokens (Iterable[Mark]): The tokens of a text.
    RETURNS (Text): The text for a terminal, with `rich`.
    """
    from rich.text import Text

    text = Text()
    for token in tokens:
        red, green, blue = on_white(token.share)
        style = f"black on rgb({red},{green},{blue})" + (" underline" if token.outlined else "")
        text.append(token.text, style)
        text.append(token.space)
    return text
