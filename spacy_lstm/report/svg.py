"""Plots of matplotlib as SVG that is a part of a page.

Texts stay texts in them: a browser has letters for all scripts, and signs that matplotlib's own
font lacks. Lines and texts take the colour of the page around them.
"""

import io
import re
import warnings
import xml.etree.ElementTree as ET
from contextlib import contextmanager
from typing import Callable, Iterator, Optional

import matplotlib
from matplotlib.figure import Figure

SVG = "{http://www.w3.org/2000/svg}"
XLINK = "{http://www.w3.org/1999/xlink}"

#: Stands for the colour of the page's texts.
INK = "#010203"


def draw_svg(name: str, draw: Callable[[Figure], bool]) -> Optional[str]:
    """Draw a plot.

    name (str): Its name, which no other plot of the page may have.
    draw (Callable[[Figure], bool]): Draws it, and says whether there was something to draw.
    RETURNS (Optional[str]): The SVG, or None if there was nothing. The same plot gives the same.
    """
    with _style(name):
        figure = Figure(layout="constrained")
        if not draw(figure):
            return None
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
        return finish_svg(buffer.getvalue(), prefix=name, ink=INK)


@contextmanager
def _style(name: str) -> Iterator[None]:
    # The user's own settings of matplotlib must not change the charts, nor ours the user's.
    with matplotlib.rc_context(), warnings.catch_warnings():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(
            {
                "svg.fonttype": "none",
                "svg.hashsalt": name,
                "text.parse_math": False,
                "font.size": 9.0,
                "axes.spines.top": False,
                "axes.spines.right": False,
                "axes.facecolor": "none",
                "figure.facecolor": "none",
                "legend.frameon": False,
                **dict.fromkeys(
                    ("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color"), INK
                ),
                **dict.fromkeys(("ytick.color", "axes.titlecolor"), INK),
            }
        )
        # Its font is only used to measure texts; a sign that it lacks is measured as another one.
        warnings.filterwarnings("ignore", message=r"Glyph \d+ .* missing from")
        yield


def finish_svg(svg: str, *, prefix: str, ink: str) -> str:
    """Make an SVG fit into a page: it takes the page's colour, its width can shrink, and its ids
    don't collide with those of other charts.

    svg (str): The SVG.
    prefix (str): What to put before each id.
    ink (str): The colour, as "#rrggbb", that becomes that of the page's texts.
    RETURNS (str): The element, without a declaration: as good in a page as in a file.
    """
    root = ET.fromstring(svg)
    for metadata in root.findall(f"{SVG}metadata"):
        root.remove(metadata)
    for element in root.iter():
        # Names without a prefix: HTML knows these elements, but no namespaces.
        element.tag = element.tag.removeprefix(SVG)
        element.attrib = {
            name.removeprefix(XLINK): _finish(name.removeprefix(XLINK), value, prefix, ink)
            for name, value in element.attrib.items()
        }
    # A rule for all elements, "*", would also be one for those of the page.
    for defs in root.findall("defs"):
        for style in defs.findall("style"):
            defs.remove(style)
    root.set("xmlns", SVG.strip("{}"))
    root.set("style", "stroke-linejoin: round; stroke-linecap: butt")
    root.set("role", "img")
    return ET.tostring(root, encoding="unicode") + "\n"


def _finish(name: str, value: str, prefix: str, ink: str) -> str:
    if name == "id":
        return f"{prefix}-{value}"
    if name == "href":
        return value.replace("#", f"#{prefix}-", 1)
    value = re.sub(r"url\(#", f"url(#{prefix}-", value)
    return value.replace(ink, "currentColor") if name == "style" else value
