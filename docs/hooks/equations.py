"""Equations in TeX become MathML, which browsers draw on their own: no script, and no fonts."""

import re
from html import unescape

from latex2mathml.converter import convert
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

_BLOCK = re.compile(r'<div class="arithmatex">\s*\\\[(.*?)\\\]\s*</div>', re.DOTALL)
_INLINE = re.compile(r'<span class="arithmatex">\\\((.*?)\\\)</span>', re.DOTALL)


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Called by MkDocs with each page.

    RETURNS (str): The page with its equations in MathML.
    """

    def block(match: "re.Match[str]") -> str:
        return f'<div class="equation">{convert(unescape(match.group(1)), display="block")}</div>'

    return _INLINE.sub(lambda m: convert(unescape(m.group(1))), _BLOCK.sub(block, html))
