"""Does a program print what a page says? `…` stands for any characters, and a line of nothing
else for any lines."""

import re
from typing import Optional

from .blocks import Block, PageError

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def _pattern(line: str) -> str:
    return ".*?".join(re.escape(part) for part in line.split("…"))


def _plain(text: str) -> str:
    return "\n".join(line.rstrip() for line in _COLOURS.sub("", text).strip("\n").splitlines())


def check_all(output: Optional[Block], printed: str) -> None:
    """output (Optional[Block]): All that is to be printed.
    printed (str): What is.
    RAISES (PageError): If they differ.
    """
    if output is None:
        return
    parts = []
    for line in _plain(output.code).splitlines():
        parts.append("(?:.*\n)*?" if line.strip() == "…" else f"{_pattern(line)}\n")
    if not re.fullmatch("".join(parts), _plain(printed) + "\n"):
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
        if not any(re.fullmatch(_pattern(wanted), line) for line in lines):
            raise _differs(output, printed, wanted)


def _differs(output: Block, printed: str, wanted: str = "") -> PageError:
    what = f"nowhere is {wanted!r}" if wanted else f"it isn't\n{output.code}"
    return PageError(output.line, f"{what}\nin what is printed:\n{_plain(printed)}")
