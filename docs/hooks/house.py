"""The picture of the house: a box for each part of the package, above those that it imports, drawn
from the imports as they are."""

import ast
import sys
from html import escape
from pathlib import Path
from textwrap import wrap
from typing import Dict, List, Set, Tuple

Imports = Dict[str, Set[str]]

PACKAGE = Path(__file__).resolve().parent.parent.parent / "spacy_lstm"
#: The width of the picture, the height of a box, and the room for arrows between the floors.
WIDTH, HEIGHT, GAP, MARGIN, ROOF = 720, 78, 34, 12, 56
STYLE = (
    ".house{font-family:system-ui,sans-serif;fill:var(--md-default-fg-color,#1b1b1b)}"
    ".house rect,.house .roof{fill:rgb(var(--against,90 170 235)/.16);"
    "stroke:rgb(var(--against,90 170 235));stroke-width:1.5}"
    ".house line{stroke:rgb(var(--for,240 140 40));stroke-width:2}"
    ".house .tip{fill:rgb(var(--for,240 140 40))}"
    ".house .name{font:bold 16px monospace}.house .what{font-size:13px}"
    ".house .uses{font-size:11px;opacity:.75}"
)


def parts(package: Path = PACKAGE) -> List[str]:
    """package (Path): The folder of a package.
    RETURNS (List[str]): Its folders with code, and its modules, sorted.
    """
    folders = (path.parent.name for path in package.glob("*/__init__.py"))
    modules = (path.stem for path in package.glob("*.py") if path.stem != "__init__")
    return sorted((*folders, *modules))


def _files(part: str, package: Path) -> List[Path]:
    return sorted((package / part).rglob("*.py")) or [package / f"{part}.py"]


def imports(package: Path = PACKAGE) -> "tuple[Imports, Imports]":
    """package (Path): The folder of a package.
    RETURNS (Tuple[Imports, Imports]): Which other parts each part imports; and which packages that
        aren't in Python's own library.
    """
    names = parts(package)
    inside: Imports = {name: set() for name in names}
    outside: Imports = {name: set() for name in names}
    for name in names:
        for path in _files(name, package):
            depth = len(path.relative_to(package).parts)
            for node in ast.walk(ast.parse(path.read_text(encoding="utf8"))):
                if isinstance(node, ast.ImportFrom) and node.level:
                    if node.level == depth:  # from the package itself
                        inside[name] |= {str(node.module).split(".")[0]} & {*names} - {name}
                elif isinstance(node, ast.ImportFrom):
                    outside[name].add(str(node.module).split(".")[0])
                elif isinstance(node, ast.Import):
                    outside[name] |= {alias.name.split(".")[0] for alias in node.names}
        outside[name] -= {*sys.stdlib_module_names, package.name}
    return inside, outside


def floors(inside: Imports) -> List[List[str]]:
    """inside (Imports): Which parts each part imports.
    RETURNS (List[List[str]]): The parts, the lowest floor first: each is one above the highest of
        those that it imports.
    RAISES (ValueError): If some of them import each other.
    """
    placed: List[List[str]] = []
    left = dict(inside)
    while left:
        below = {name for floor in placed for name in floor}
        floor = sorted(name for name, needs in left.items() if needs <= below)
        if not floor:
            raise ValueError(f"these import each other: {sorted(left)}")
        placed.append(floor)
        left = {name: needs for name, needs in left.items() if name not in floor}
    return placed


def arrows(inside: Imports) -> List[Tuple[str, str]]:
    """inside (Imports): Which parts each part imports.
    RETURNS (List[Tuple[str, str]]): Who imports whom, sorted, without what follows from others: an
        arrow from the first to the third, where one goes over the second.
    """

    def reached(name: str) -> Set[str]:
        return inside[name].union(*(reached(other) for other in inside[name]))

    return sorted(
        (name, other)
        for name, needs in inside.items()
        for other in needs
        if not any(other in reached(between) for between in needs)
    )


def _what(part: str, package: Path) -> str:
    docstring = ast.get_docstring(ast.parse(_files(part, package)[0].read_text(encoding="utf8")))
    first = " ".join(str(docstring).split("\n\n")[0].split()).replace("`", "")
    return first.split(": ")[0].rstrip(".")


def draw(package: Path = PACKAGE) -> str:
    """package (Path): The folder of a package.
    RETURNS (str): Its picture, in SVG.
    """
    inside, outside = imports(package)
    placed = floors(inside)
    boxes: Dict[str, Tuple[float, float, float]] = {}
    drawn = []
    for number, floor in enumerate(reversed(placed)):
        width = (WIDTH - 2 * MARGIN - GAP * (len(floor) - 1)) / len(floor)
        for i, name in enumerate(floor):
            x, y = MARGIN + i * (width + GAP), ROOF + number * (HEIGHT + GAP)
            boxes[name] = (x, y, width)
            drawn.append(_box(name, x, y, width, _what(name, package), sorted(outside[name])))
    for name, other in arrows(inside):
        drawn.append(_arrow(boxes[name], boxes[other]))
    height = ROOF + len(placed) * (HEIGHT + GAP) - GAP + MARGIN
    roof = f"M{MARGIN - 8} {ROOF - 8}L{WIDTH / 2} 6L{WIDTH - MARGIN + 8} {ROOF - 8}Z"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="house" role="img" '
        f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}">'
        f"<title>The parts of {package.name}, and what they import</title><style>{STYLE}</style>"
        f'<path class="roof" d="{roof}"/>'
        f'<text class="name" x="{WIDTH / 2}" y="{ROOF - 18}" text-anchor="middle">{package.name}'
        f"</text>{''.join(drawn)}</svg>"
    )


def _box(name: str, x: float, y: float, width: float, what: str, uses: List[str]) -> str:
    lines = wrap(what, int((width - 24) / 7))
    texts = [("name", 20, name), *(("what", 37 + 16 * i, line) for i, line in enumerate(lines))]
    texts.append(("uses", HEIGHT - 8, " · ".join(uses)))
    written = "".join(
        f'<text class="{kind}" x="{x + 12:.0f}" y="{y + down:.0f}">{escape(text)}</text>'
        for kind, down, text in texts
    )
    return f'<rect x="{x:.0f}" y="{y:.0f}" width="{width:.0f}" height="{HEIGHT}" rx="6"/>{written}'


def _arrow(above: Tuple[float, float, float], below: Tuple[float, float, float]) -> str:
    """Straight down, in the middle of what two boxes share of the width."""
    left = max(above[0], below[0])
    right = min(above[0] + above[2], below[0] + below[2])
    start, end = above[1] + HEIGHT, below[1] - 2
    if left < right:
        from_x = to_x = (left + right) / 2
    else:
        from_x, to_x = above[0] + above[2] / 2, below[0] + below[2] / 2
    return (
        f'<line x1="{from_x:.0f}" y1="{start:.0f}" x2="{to_x:.0f}" y2="{end - 8:.0f}"/>'
        f'<path class="tip" d="M{to_x - 6:.0f} {end - 10:.0f}h12l-6 10z"/>'
    )
