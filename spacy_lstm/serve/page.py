"""The page: one that needs nothing but the service."""

import base64
import hashlib
from pathlib import Path
from typing import Dict, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ..explain import palette
from ..report.style import STYLE

FOLDER = Path(__file__).parent / "page"

#: The scripts, in the order in which they need each other.
SCRIPTS = ("common.js", "predict.js", "explain.js", "file.js")


class Page(NamedTuple):
    """A page.

    html (str): It.
    headers (Dict[str, str]): The HTTP headers that go with it: it may load nothing, run no other
        scripts than its own, and ask only this service.
    """

    html: str
    headers: Dict[str, str]


def make_page(name: str) -> Page:
    """name (str): The name of the pipeline.
    RETURNS (Page): Its page.
    """
    environment = Environment(
        loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined
    )
    style = STYLE + palette.CSS + (FOLDER / "page.css").read_text(encoding="utf8")
    script = "".join((FOLDER / file).read_text(encoding="utf8") for file in SCRIPTS)
    html = environment.get_template("page.html.jinja").render(
        name=name, style=Markup(style), script=Markup(script)
    )
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = (
        "default-src 'none'; connect-src 'self'; img-src data:; style-src 'unsafe-inline'; "
        f"script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )
    return Page(html, {"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff"})
