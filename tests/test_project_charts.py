"""The charts of a corpus, and the page that shows them."""

import re
import xml.etree.ElementTree as ET
from collections import Counter
from html.parser import HTMLParser

import matplotlib
import pytest

from .described import doc_of, statistics_of
from .projects import charts, corpus_page, corpus_tables

ODD = [
    "<b>bold</b>",
    "$x$",
    r"$\frac{1}{2}$ & \alpha",
    "שלום",
    "👍🏽",
    "中文",
    "_hidden",
    'a" id="b',
    "fill: #010203",
    "--><script>alert(1)</script>",
]


class Page(HTMLParser):
    """What is in a page."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes, self.cells, self._in_cell = Counter(), [], [], False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags[tag] += 1
        self.attributes += attrs
        self._in_cell = tag == "bdi"

    def handle_data(self, data):
        if self._in_cell:
            self.cells.append(data)
            self._in_cell = False


def odd_docs():
    texts = [(f"good {i}", ODD[i % len(ODD)], ODD[(i * 3 + 1) % len(ODD)]) for i in range(60)]
    return [
        doc_of("", {a, b}, labels=ODD, words=[*text.split(), a.strip(), "👍", "$y$", "<i>"])
        for text, a, b in texts
    ]


def draw(statistics):
    drawn = charts.draw_charts(statistics)
    return drawn, corpus_page.make_page("A & B", corpus_tables.make_tables(statistics), drawn)


def texts_in(svg):
    return [element.text for element in ET.fromstring(svg).iter() if element.tag.endswith("text")]


def test_odd_labels_are_shown_as_they_are():
    drawn, html = draw(statistics_of(odd_docs()))
    assert sorted(drawn) == sorted(charts.CHARTS)
    for name in ("labels", "pairs"):
        shown = texts_in(drawn[name])
        assert {charts.short(label) for label in ODD} <= set(shown), name
    assert "👍" in " ".join(filter(None, texts_in(drawn["telling_words"])))
    page = Page(html)
    assert set(ODD) <= set(page.cells)
    assert not page.tags.keys() & {"script", "b", "i", "img", "image", "link", "foreignobject"}
    assert page.tags["svg"] == 5


def test_the_page_needs_nothing_else():
    _, html = draw(statistics_of(odd_docs()))
    page = Page(html)
    ids = [value for name, value in page.attributes if name == "id"]
    assert len(ids) == len(set(ids)) > 100
    used = [value for name, value in page.attributes if name in ("href", "src", "xlink:href")]
    used += ["#" + i for _, v in page.attributes for i in re.findall(r"url\(#([^)]+)\)", v or "")]
    assert set(used) <= {"#" + i for i in ids}
    assert used
    assert not any(i.startswith("#") and "#010203" in i for i in used)
    # The texts of the charts have the colour of the page, which a label can't change.
    assert "color: #010203" not in html
    assert not [v for n, v in page.attributes if n == "style" and "#010203" in v]
    assert "prefers-color-scheme: dark" in html


def test_the_same_corpus_gives_the_same_files():
    first = draw(statistics_of(odd_docs()))
    with matplotlib.rc_context({"font.size": 30, "axes.grid": True}):
        settings = dict(matplotlib.rcParams)
        assert draw(statistics_of(odd_docs())) == first
        assert dict(matplotlib.rcParams) == settings
    assert "<dc:date>" not in first[1]


@pytest.mark.parametrize("several", [False, True])
def test_many_labels(several):
    labels = [f"label {i:02d}" for i in range(70)]
    docs = [
        doc_of(f"word{i} x", labels[i : i + 1 + several], labels=labels)
        for i in range(69)
        for _ in range(2 if i < 20 else 1)
    ]
    statistics = statistics_of(docs, min_count=1)
    drawn, html = draw(statistics)
    shown = [text for text in texts_in(drawn["labels"]) if text and "label" in text]
    assert len(shown) == charts.MOST_LABELS
    together = "in the mean" if several else "together"
    assert f"50 others, {together}" in texts_in(drawn["labels"])
    titles = [text for text in texts_in(drawn["telling_words"]) if text and "label" in text]
    assert len(titles) == charts.MOST_PANELS
    assert set(labels) <= set(Page(html).cells)
    assert ("pairs" in drawn) is several


def test_21_labels_are_all_shown():
    labels = [f"label {i:02d}" for i in range(21)]
    drawn, _ = draw(statistics_of([doc_of("x", [label], labels=labels) for label in labels]))
    assert set(labels) <= set(texts_in(drawn["labels"]))


def test_what_is_not_there_is_not_shown():
    drawn, html = draw(statistics_of([doc_of("in Oslo", names=[("Oslo", "PLACE")])]))
    assert sorted(drawn) == ["coverage", "lengths"]
    titles = re.findall("<h2>(.*?)</h2>", html)
    assert titles == [
        "Texts",
        "Entities",
        "Names that are not in train",
        "Words that are in train",
        "Most frequent words of train",
    ]
    _, html = draw(statistics_of([doc_of("in Oslo", ["only"])]))
    assert "Entities" not in html
    assert "Exactly one label" in html


def test_characters_that_cannot_be_shown():
    assert corpus_tables.one_line(" a\n\tb ") == "a b"
    assert corpus_tables.one_line("\x1b[31m\u202e\x00\ud800\x7f") == "�[31m����"
    assert corpus_tables.one_line("") == "(empty)"
    assert charts.short("x" * 80) == "x" * 23 + "…"
    label = "\x1b[31m \x00"
    docs = [doc_of("x", [label]), doc_of("y", ["other"])]
    drawn, html = draw(statistics_of(docs))
    assert "�[31m �" in texts_in(drawn["labels"])
    assert "\x1b" not in html
    assert "\x00" not in html
