"""The page of `spacy lstm serve`, in a real browser: `make test-page`. It isn't among the other
tests, as it needs Chromium."""

import json
import shutil
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from ..ner_pipelines import entities
from ..serve.served import serving, trained

#: There are characters before the names that JavaScript counts twice.
TEXT = "🙂🙂 Anna met Ben Moss in New York"
SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
CONTRASTS = Path(__file__).with_name("contrasts.js")


@pytest.fixture(scope="module")
def browser():
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:  # who asks for these tests wants them run
        pytest.fail("there is no Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=chromium, args=list(SWITCHES))


@pytest.fixture(scope="module")
def url():
    with serving(trained(), text_length=200) as client:
        yield str(client.base_url) + "/"


@pytest.fixture(params=["light", "dark"])
def page(browser, url, request):
    context = browser.new_context(color_scheme=request.param, accept_downloads=True)
    page = context.new_page()
    wrong, asked = [], []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(url)
    yield page
    assert [line for line in wrong if "the server responded with a status of 413" not in line] == []
    assert all(request.startswith((url, "data:", "blob:")) for request in asked)
    context.close()


def annotate(page, text=TEXT):
    page.get_by_label("Text", exact=True).fill(text)
    page.get_by_role("button", name="Annotate", exact=True).click()
    page.locator("#results:not([hidden])").wait_for()


def test_shows_what_the_pipeline_says(page):
    annotate(page)
    doc = trained()(TEXT)
    bars = page.get_by_role("region", name="Categories").get_by_role("button")
    ordered = sorted(doc.cats.items(), key=lambda item: -item[1])
    expected = [f"{label} {100 * score:.1f} %" for label, score in ordered]
    assert [" ".join(text.split()) for text in bars.all_inner_texts()] == expected
    found = page.get_by_role("region", name="Entities")
    buttons = found.get_by_role("button").all_inner_texts()
    assert [" ".join(text.split()) for text in buttons] == [
        f"{ent.text} {ent.label_} {ent._.confidence:.2f}" for ent in doc.ents
    ]
    assert found.locator(".text").inner_text().startswith("🙂🙂 Anna")
    readings = page.get_by_role("region", name="The most probable readings").get_by_role("listitem")
    assert readings.count() == len(trained().get_pipe("ner").readings(doc, k=5))
    assert page.get_by_role("status").first.inner_text().startswith("Found: most probable category")


def test_explains_with_the_keyboard_alone(page):
    page.keyboard.press("Tab")
    page.keyboard.type(TEXT)
    page.keyboard.press("Control+Enter")
    page.locator("#results:not([hidden])").wait_for()
    passed = []
    for _ in range(5):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        passed.append(focused.inner_text().split()[0])
        assert focused.evaluate("one => getComputedStyle(one).outlineStyle") == "solid"
    assert passed[0] == "Annotate"
    assert set(passed[1:3]) == {"NAMES", "NONE"}
    assert passed[3:] == ["Anna", "Ben"]
    page.keyboard.press("Enter")
    why = page.get_by_role("heading", name="Why PERSON (Ben Moss)?")
    why.wait_for()
    assert page.evaluate("document.activeElement.id") == "why-title"
    assert page.locator(".entity[aria-pressed=true]").inner_text().startswith("Ben Moss")
    assert page.locator(".mark.span").all_inner_texts() == ["Ben", "Moss"]
    forward, backward = page.locator("table.gates").all()
    assert forward.get_by_role("rowheader").count() == 6
    assert backward.get_by_role("columnheader").count() == len(trained()(TEXT))
    page.get_by_label("Method").select_option("occlusion")
    page.locator("figcaption", has_text="by occlusion").wait_for()


def test_is_readable_and_named(page):
    annotate(page)
    page.get_by_role("region", name="Categories").get_by_role("button").first.click()
    page.locator("#why:not([hidden])").wait_for()
    page.locator("summary").click()
    contrasts = page.evaluate(CONTRASTS.read_text(encoding="utf8"))
    assert len(contrasts) > 60
    assert [found for found in contrasts if found[0] < 4.5] == []
    named = "el => el.labels?.length || el.innerText?.trim() || el.getAttribute('aria-label')"
    for control in page.locator("button, input, select, textarea, a, progress").all():
        assert control.evaluate(named), control
    levels = page.locator("h1, h2, h3").evaluate_all("all => all.map((h) => Number(h.tagName[1]))")
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_fits_narrow_screens(page):
    page.set_viewport_size({"width": 320, "height": 600})
    annotate(page)
    page.get_by_role("region", name="Categories").get_by_role("button").first.click()
    page.locator("#why:not([hidden])").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_markup_in_a_text_is_text(page):
    text = '<img src=x onerror="document.title=1"> Anna <b>met</b>'
    annotate(page, text)
    assert page.get_by_role("region", name="Entities").locator(".text").text_content()[:4] == "<img"
    assert page.locator("#results img, #results b").count() == 0
    assert page.title() == "en_pipeline: try it"


def test_says_what_is_wrong(page):
    page.get_by_label("Text", exact=True).fill("a" * 201)
    page.get_by_role("button", name="Annotate", exact=True).click()
    alert = page.get_by_role("alert").first
    alert.wait_for()
    assert "has 201 characters, and 200 are the most" in alert.inner_text()
    annotate(page)
    assert not alert.is_visible()


FILES = [
    ("texts.txt", "Anna met Ben Moss\r\n\r\nnobody called\n", {}),
    ("texts.csv", '\ufefftext,n\n"Anna met ""Ben"" Moss\nhere",1\nnobody called,2\n', {"n": "1"}),
    ("texts.tsv", "n\ttext\n1\tAnna met Ben Moss\n2\tnobody called\n", {"n": "1"}),
    ("texts.jsonl", '{"text": "Anna met Ben Moss", "id": 7}\n"nobody called"\n', {"id": 7}),
]


@pytest.mark.parametrize(("name", "content", "kept"), FILES)
def test_annotates_a_file(page, name, content, kept):
    lines = upload(page, name, content)
    assert lines[0].items() >= kept.items()
    assert [line["text"] for line in lines[1:]] == ["nobody called"]
    for line in lines:
        doc = trained()(line["text"])
        assert line["cats"] == pytest.approx(doc.cats, abs=1e-6)
        ours = [(ent["start_token"], ent["end_token"], ent["label"]) for ent in line["ents"]]
        assert ours == entities(doc)


def test_annotates_a_large_file_with_texts_that_are_too_long(page):
    texts = [f"Anna met Ben Moss {i}" for i in range(100)]
    texts[50] = "a" * 201
    lines = upload(page, "many.txt", "\n".join(texts))
    assert [line["text"] for line in lines] == texts
    assert [i for i, line in enumerate(lines) if "error" in line] == [50]
    assert "1 of them with an error" in page.locator("#file-status").inner_text()


def test_a_file_that_cannot_be_read_says_where(page):
    choose(page, "texts.jsonl", '{"text": "a"}\n{"txt": "b"}\n')
    page.get_by_role("alert", name="").last.wait_for()
    assert page.locator("#file-error").inner_text() == "Line 2 has no field “text” with a string."
    assert page.get_by_role("button", name="Annotate the file").is_disabled()


def choose(page, name, content):
    file = {"name": name, "mimeType": "text/plain", "buffer": content.encode("utf8")}
    page.get_by_label("File", exact=True).set_input_files(file)


def upload(page, name, content):
    """RETURNS: What comes back."""
    choose(page, name, content)
    page.get_by_role("button", name="Annotate the file").click()
    link = page.get_by_role("link", name="Download")
    with page.expect_download() as download:
        link.click()
    assert download.value.suggested_filename == f"{name.split('.')[0]}.annotated.jsonl"
    content = download.value.path().read_text(encoding="utf8")
    return [json.loads(line) for line in content.splitlines()]
