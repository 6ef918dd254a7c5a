"""Colours of pictures: orange for, blue against. Colour-blind people tell them apart (Okabe & Ito
2008), and text stays readable on both, in light and in dark."""

import re
from html import escape
from typing import Tuple

#: What a value of 1, and one of -1, looks like, by red, green and blue: on light ground, and on
#: dark.
FOR = ((240, 140, 40), (170, 80, 0))
AGAINST = ((90, 170, 235), (20, 100, 175))

#: What pictures stand on where they stand alone.
GROUNDS = ("#fff", "#161616")


def _variables(number: int) -> str:
    pairs = (("for", FOR[number]), ("against", AGAINST[number]))
    colours = "".join(f"--{name}:{' '.join(map(str, rgb))};" for name, rgb in pairs)
    return (
        f"{colours}--ink:{('#1b1b1b', '#ececec')[number]};--line:{('#ccc', '#555')[number]};"
        f"--ground:{GROUNDS[number]}"
    )


#: The rules that all pictures share.
CSS = (
    f".spacy-lstm{{{_variables(0)};color:var(--ink);fill:var(--ink);"
    "font-family:system-ui,sans-serif}"
    f"@media(prefers-color-scheme:dark){{.spacy-lstm{{{_variables(1)}}}}}"
    ".spacy-lstm .for{--c:var(--for)}.spacy-lstm .against{--c:var(--against)}"
    ".spacy-lstm text{font-size:14px}.spacy-lstm .token{font-family:monospace}"
    ".spacy-lstm .small{font-size:12px}"
)
#: The rules of a page of its own.
PAGE_CSS = (
    f"body{{background:{GROUNDS[0]};margin:2rem}}"
    f"@media(prefers-color-scheme:dark){{body{{background:{GROUNDS[1]}}}}}"
)
#: What can't be in XML, escaped or not.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def safe(text: str) -> str:
    """text (str): Any text.
    RETURNS (str): The same for a picture: escaped, and with the mark of an unknown character for
        those that no page may have.
    """
    return escape(FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text))


def side_of(value: float) -> str:
    """value (float): A value.
    RETURNS (str): The class of its colour.
    """
    return "against" if value < 0 else "for"


def on_white(value: float) -> Tuple[int, int, int]:
    """value (float): A value from -1 to 1.
    RETURNS (Tuple[int, int, int]): Its colour on white, by red, green and blue, for black text.
    """
    rgb = (AGAINST if value < 0 else FOR)[0]
    red, green, blue = (round(255 + (part - 255) * min(1.0, abs(value))) for part in rgb)
    return red, green, blue
