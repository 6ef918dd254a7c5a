"""Whole reports, and their pages, of trained pipelines."""

import json
import re
from html.parser import HTMLParser

import pytest
import spacy
from spacy.tokens import Span
from spacy.training import Example

from spacy_lstm.report import make_report, to_json
from spacy_lstm.report.explanations import MOST_TOKENS, explain_cases
from spacy_lstm.report.page import make_page
from spacy_lstm.training.readers.records import DataError

from ..explain.pipes import trained
from ..pipelines import example
from .models import data_for

LOG = [
    {
        "step": step,
        "epoch": 0,
        "losses": {"tok2vec": 0.0, "<b>": 40.0 - step},
        "score": score,
        "scores": {},
        "best": {"step": 10, "score": 0.75},
    }
    for step, score in ((0, None), (10, 0.75), (20, 0.5))
]


class Page(HTMLParser):
    """The elements of a page, and whether they are closed in order."""

    VOID = ("meta", "br")

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.words, self.attributes = [], [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


@pytest.mark.parametrize(
    ("kind", "reported", "method"),
    [
        ("two labels", "exclusive", "integrated_gradients"),
        ("multilabel", "multilabel", "integrated_gradients"),
        ("shared textcat", "exclusive", "integrated_gradients"),
        ("biluo", "entities", "integrated_gradients"),
        ("shared ner", "entities", "integrated_gradients"),
        ("stock textcat", "exclusive", "occlusion"),
        ("stock ner", "entities", "occlusion"),
    ],
)
def test_report_of(kind, reported, method):
    nlp, data = data_for(kind)
    report = make_report(nlp, data, train=data, n_cases=2)
    (component,) = report.components
    assert (component.kind, component.n_texts) == (reported, len(data))
    scores = nlp.evaluate(data)
    key = "ents_f" if reported == "entities" else "cats_micro_f"
    assert component.main.value == pytest.approx(scores[key])
    assert component.scores[key] == pytest.approx(scores[key])
    # What was turned round is a mistake, and is explained.
    assert 0 in {case.text for case in component.worst}
    for case in component.worst:
        assert case.explanation.method == method, case.reason
        assert case.explanation.label == case.label
        assert "".join(case.explanation.tokens) == report.texts[case.text].replace(" ", "")
    thresholds = {"multilabel": 0.5, "entities": None if kind == "stock ner" else 0.15}
    assert component.threshold == thresholds.get(reported)
    assert bool(component.curves) == bool(component.unsure) == (kind != "stock ner")
    assert report.speed.n_words == sum(len(eg.reference) for eg in data)
    assert 0 < report.speed.megabytes < 50

    page = Page(make_page(report))
    assert page.tags.count("h2") == 3
    assert page.tags.count("svg") == 2 * bool(component.curves)
    json.dumps(to_json(report), allow_nan=False)


def test_pipeline_and_annotation_stay_as_they_are():
    nlp, data = data_for("shared ner")
    before = nlp.to_bytes(), [eg.reference.to_bytes() for eg in data]
    make_report(nlp, data, n_cases=1)
    assert (nlp.to_bytes(), [eg.reference.to_bytes() for eg in data]) == before
    assert not any(eg.predicted.ents for eg in data)


def test_page_needs_nothing_else():
    nlp, data = data_for("two labels")
    text = make_page(make_report(nlp, data, train=data, train_name="t.spacy", log=LOG, n_cases=1))
    page = Page(text)
    assert text.startswith("<!doctype html>")
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "").replace("http-equiv", "")
    assert not {"script", "link", "img", "iframe", "image", "object"} & set(page.tags)
    hrefs = [value for name, value in page.attributes if name == "href"]
    assert all(href.startswith("#") for href in hrefs)
    ids = [value for name, value in page.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    assert {href[1:] for href in hrefs} <= set(ids)
    assert text.count("prefers-color-scheme") >= 2
    # No colour of matplotlib's own ground or ink, which wouldn't fit the dark.
    assert not re.search(r"(fill|stroke): ?#(fff|000|010203)", text)
    assert page.tags.count("svg") == 3
    assert "loss of " in page.words
    assert "75.0" in page.words


def test_texts_and_labels_are_escaped():
    nlp = spacy.blank("en")
    hostile = "<script>alert(1)</script>"
    ruler = nlp.add_pipe("entity_ruler", name="<i>rules")
    ruler.add_patterns([{"label": hostile, "pattern": "Berlin"}])
    doc = nlp.make_doc(f"{hostile} & \x00 Berlin <b>and</b> Rome")
    doc.set_ents([Span(doc, len(doc) - 1, len(doc), "PLACE")])
    report = make_report(nlp, [Example(nlp.make_doc(doc.text), doc)], model="<u>", data="&amp;")
    text = make_page(report)
    assert "\x00" not in text
    page = Page(text)
    assert not {"script", "b", "i", "u"} & set(page.tags)
    assert {hostile, "<i>rules", "<u>", "&amp;"} <= set(page.words)
    assert f"{hostile} & \ufffd Berlin <b>and</b> Rome" in "".join(page.words)


def test_texts_to_which_no_category_applies():
    nlp, (first, *_) = data_for("two labels")
    first.reference.cats = {"POS": 0.0, "NEG": 0.0}
    report = make_report(nlp, [first])
    (component,) = report.components
    assert (component.n_texts, component.main.value, component.worst) == (0, None, [])
    assert "svg" not in Page(make_page(report)).tags


def test_no_log_is_said():
    nlp, data = data_for("two labels")
    assert "No log of the training was found" in make_page(make_report(nlp, data, n_cases=0))


def test_long_and_impossible_cases_say_why():
    nlp, data = data_for("two labels")
    (component,) = make_report(nlp, data, n_cases=1).components
    (case,) = component.worst
    long = example(nlp, "word " * (MOST_TOKENS + 1), {"POS": 1.0, "NEG": 0.0})
    (unexplained,) = explain_cases(
        nlp, "textcat", [long], [case._replace(text=0, explanation=None)]
    )
    assert unexplained.explanation is None
    assert str(MOST_TOKENS) in unexplained.reason
    empty = example(nlp, "", {"POS": 1.0, "NEG": 0.0})
    (unexplained,) = explain_cases(nlp, "textcat", [empty], [case._replace(text=0)])
    assert "[L856]" in unexplained.reason


def test_nothing_to_report_on():
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    with pytest.raises(DataError, match=r"^\[L882\] mine has.*sentencizer"):
        make_report(nlp, [], model="mine")
    nlp = trained("two labels")
    bare = [Example(nlp.make_doc("a"), nlp.make_doc("a"))]
    with pytest.raises(DataError, match=r"^\[L702\] x.spacy has.*textcat"):
        make_report(nlp, bare, data="x.spacy")
