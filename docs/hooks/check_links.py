"""Checks the site as it is built: every link within it leads somewhere, and no page needs anything
from elsewhere to be shown."""

from html.parser import HTMLParser
from pathlib import Path
from typing import Dict, List, Optional, Set, Tuple
from urllib.parse import unquote, urlsplit

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError

_NEEDED = {
    ("script", "src"),
    ("img", "src"),
    ("link", "href"),
    ("source", "src"),
    ("iframe", "src"),
}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.ids: Set[str] = set()
        self.links: List[str] = []
        self.needed: List[str] = []

    def has(self, fragment: str) -> bool:
        return unquote(fragment) in self.ids | {"__top"}

    def handle_starttag(self, tag: str, attrs: List[Tuple[str, Optional[str]]]) -> None:
        for name, value in attrs:
            if name == "id" or (tag, name) == ("a", "name"):
                self.ids.add(str(value))
            elif (tag, name) in _NEEDED and ("rel", "canonical") not in attrs:
                self.needed.append(str(value))
            elif (tag, name) == ("a", "href"):
                self.links.append(str(value))


def broken_links(site: Path) -> List[str]:
    """site (Path): A folder with a built site.
    RETURNS (List[str]): What is wrong with its links, sorted.
    """
    pages: Dict[Path, _Reader] = {}
    for path in site.resolve().rglob("*.html"):
        pages[path] = _Reader()
        pages[path].feed(path.read_text(encoding="utf8"))
    wrong = []
    for path, page in pages.items():
        where = path.relative_to(site.resolve())
        for url in page.needed:
            if urlsplit(url).netloc:
                wrong.append(f"{where} needs {url} from elsewhere")
            elif not urlsplit(url).scheme and not _target(path, url, site).exists():
                wrong.append(f"{where} needs {url}, which isn't there")
        for url in page.links:
            parts = urlsplit(url)
            if parts.scheme or parts.netloc:
                continue
            target = _target(path, url, site)
            if not target.exists():
                wrong.append(f"{where} links to {url}, which isn't there")
            elif parts.fragment and target in pages and not pages[target].has(parts.fragment):
                wrong.append(f"{where} links to {url}, and there is no such anchor")
    return sorted(wrong)


def _target(path: Path, url: str, site: Path) -> Path:
    name = unquote(urlsplit(url).path)
    base = site.resolve() if name.startswith("/") else path.parent
    target = (base / name.lstrip("/")).resolve() if name else path
    return target / "index.html" if target.is_dir() else target


def on_post_build(config: MkDocsConfig) -> None:
    """Called by MkDocs when the site is built."""
    wrong = broken_links(Path(config.site_dir))
    if wrong:
        raise PluginError("\n".join(["", *wrong]))
