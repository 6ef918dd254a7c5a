"""Make an SVG of matplotlib a part of a page."""

import re
import xml.etree.ElementTree as ET

SVG = "{http://www.w3.org/2000/svg}"
XLINK = "{http://www.w3.org/1999/xlink}"


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
