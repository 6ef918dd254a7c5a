"""The statistics of a corpus as one page that needs nothing but a browser."""

from html import escape
from typing import Dict, List, Sequence

from corpus_tables import Table

from spacy_lstm.report.style import STYLE

CAPTIONS = {
    "lengths": "How long the texts are",
    "labels": "How many of the texts have each label",
    "pairs": "Labels that apply to the same training texts",
    "coverage": "Words that are known from the training texts",
    "telling_words": "The most telling words",
}
NOTES = {
    "pairs": "The numbers are texts; on the diagonal, all texts of the label.",
    "telling_words": "z is the log-odds ratio, in standard deviations. Labels with most training "
    "texts come first.",
}
# By title of the table, the charts that show the same.
BESIDE = {
    "Texts": ("lengths",),
    "Labels": ("labels", "pairs"),
    "Words that are in train": ("coverage",),
    "Most telling words": ("telling_words",),
}
LONG = 15  # rows of a table that is folded


def make_page(title: str, tables: Sequence[Table], charts: Dict[str, str]) -> str:
    """Make a page of tables and charts. It loads nothing and runs nothing.

    title (str): What the page is about.
    tables (Sequence[Table]): The tables.
    charts (Dict[str, str]): The charts by name, as SVG.
    RETURNS (str): The HTML.
    """
    parts = [
        "<!doctype html>",
        '<html lang="en">',
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        # Nothing of the corpus can become a script or a request, whatever its texts are.
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        f"<title>{escape(title)}</title>",
        f"<style>{STYLE}</style>",
        f"<h1><bdi>{escape(title)}</bdi></h1>",
    ]
    for table in tables:
        parts += [f"<h2>{escape(table.title)}</h2>", *_chart(charts, BESIDE.get(table.title, ()))]
        parts += _table(table)
    return "\n".join(part for part in parts if part) + "\n"


def _chart(charts: Dict[str, str], names: Sequence[str]) -> List[str]:
    parts = []
    for name in names:
        if name in charts:
            caption = escape(f"{CAPTIONS[name]}. {NOTES.get(name, '')}".strip())
            parts += ["<figure>", charts[name], f"<figcaption>{caption}</figcaption>", "</figure>"]
    return parts


def _table(table: Table) -> List[str]:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in table.header)
    rows = ["".join(_cell(cell) for cell in row) for row in table.rows]
    body = [
        '<div class="table"><table>',
        f"<thead><tr>{head}</tr></thead>",
        "<tbody>",
        *(f"<tr>{row}</tr>" for row in rows),
        "</tbody></table></div>",
    ]
    note = f'<p class="note">{escape(table.note)}</p>' if table.note else ""
    if len(rows) > LONG:
        body = [f"<details><summary>The table: {len(rows):,} rows</summary>", *body, "</details>"]
    return [*body, note]


def _cell(text: str) -> str:
    # A text of another direction must not turn those beside it.
    return f"<td><bdi>{escape(text)}</bdi></td>"
