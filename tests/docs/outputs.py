"""Does a program print what a page says? `…` stands for any characters, and a line of nothing
else for any lines. Figures may be off by what the comment above the output says,
those above 1 by that share of them, but for their sign."""

import re
from typing import List, Optional

from .blocks import Block, PageError

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_FIGURE = re.compile(r"(\d+\.\d+(?:e-\d+)?)")


def _pattern(line: str, tolerance: Optional[float]) -> str:
    if tolerance is not None and _FIGURE.search(line):
        parts = _FIGURE.split(line)
        return _FIGURE.pattern.join(_pattern(part, None) for part in parts[::2])
    return ".*?".join(re.escape(part) for part in line.split("…"))


def _fits(lines: List[str], printed: str, tolerance: Optional[float]) -> bool:
    parts = []
    for line in lines:
        is_gap = line.strip() == "…"
        parts.append("(?:.*\n)*?" if is_gap else f"{_pattern(line, tolerance)}\n")
    match = re.fullmatch("".join(parts), printed)
    if match is None or tolerance is None:
        return match is not None
    figures = [figure for line in lines for figure in _FIGURE.findall(line)]
    pairs = zip(figures, match.groups(), strict=True)
    return all(
        abs(float(said) - float(other)) <= tolerance * max(1.0, float(said))
        for said, other in pairs
    )


def _plain(text: str) -> str:
    return "\n".join(line.rstrip() for line in _COLOURS.sub("", text).strip("\n").splitlines())


def check_all(output: Optional[Block], printed: str) -> None:
    """output (Optional[Block]): All that is to be printed.
    printed (str): What is.
    RAISES (PageError): If they differ.
    """
    if output is None:
        return
    if not _fits(_plain(output.code).splitlines(), _plain(printed) + "\n", output.tolerance):
        raise _differs(output, printed)


def check_some(output: Optional[Block], printed: str) -> None:
    """output (Optional[Block]): Lines that are to be printed, in this order, others between them.
    printed (str): What is.
    RAISES (PageError): If one isn't there.
    """
    if output is None:
        return
    lines = iter(_plain(printed).splitlines())
    for wanted in _plain(output.code).splitlines():
        if not any(_fits([wanted], f"{line}\n", output.tolerance) for line in lines):
            raise _differs(output, printed, wanted)


def _differs(output: Block, printed: str, wanted: str = "") -> PageError:
    what = f"nowhere is {wanted!r}" if wanted else f"it isn't\n{output.code}"
    return PageError(output.line, f"{what}\nin what is printed:\n{_plain(printed)}")
