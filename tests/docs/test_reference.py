"""The reference has all public names, and its hooks do what they are for."""

import sys
from pathlib import Path
from xml.etree import ElementTree

import griffe
import pytest
from spacy.util import registry

import spacy_lstm
import spacy_lstm.explain
import spacy_lstm.report
import spacy_lstm.streaming
from spacy_lstm.errors import Errors, Warnings
from spacy_lstm.explain.palette import AGAINST, FOR

from .. import test_registry
from .unrun import ROOT

sys.path.append(str(ROOT / "docs" / "hooks"))

import check_links
import equations
import generate
import house
import spacy_docstrings

GROUPS = [group for group in test_registry.GROUPS if group not in ("spacy_cli", "spacy_factories")]


def all_pages():
    pages = (ROOT / "docs" / "api").glob("*.md")
    return "\n".join(
        generate.on_page_markdown(page.read_text(encoding="utf8"), None, None, None)
        for page in pages
    )


@pytest.fixture(scope="module")
def reference():
    return all_pages()


@pytest.mark.parametrize("group", GROUPS)
def test_what_is_registered_is_in_the_reference(group, reference):
    assert generate.entry_points(group)
    for name, target in generate.entry_points(group):
        kind = group.split("_")[1]
        assert registry.has(kind, name)
        assert f'@{kind} = "{name}"' in reference
        assert f"::: {target.replace(':', '.')}\n" in reference


def test_no_group_of_entry_points_is_forgotten():
    text = (ROOT / "setup.cfg").read_text(encoding="utf8").split("[options.entry_points]")[1]
    lines = text.split("\n[")[0].splitlines()
    groups = {line.removesuffix(" =") for line in lines if line and not line.startswith(" ")}
    assert groups == {*GROUPS, "spacy_cli", "spacy_factories"}


def test_factories_have_all_their_settings(reference):
    for name, _ in generate.entry_points("spacy_factories"):
        assert f"## {name}\n" in reference
    assert '| `mode` | `str` | `"posterior"` | "marginals", "viterbi"' in reference
    assert (
        '| `scorer` | `Optional[Callable]` | `@scorers = "spacy_lstm.ner_scorer.v1"`' in reference
    )


def test_public_names_of_python_are_in_the_reference(reference):
    for module in (spacy_lstm.explain, spacy_lstm.report, spacy_lstm.streaming):
        for name in module.__all__:
            thing = getattr(module, name)
            assert f"::: {thing.__module__}.{name}\n" in f"{reference}\n"
    assert set(spacy_lstm.__all__) == {"stream", "__version__"}
    assert "`spacy_lstm.__version__`" in reference


def test_all_commands_and_codes_are_in_the_reference(reference):
    assert "## calibrate\n" in reference
    assert "| `--port` | `8000` |" in reference
    for codes in (Errors, Warnings):
        for name in (name for base in codes.__mro__[1:-1] for name in vars(base) if name[0] == "L"):
            assert f'id="{name}"' in reference
    assert "and it was *width*. Use *lower*" in reference


def test_docstrings_in_spacys_style_become_sections():
    text = (
        "Do it.\n\nSo:\n- one\n\nX (List[Tuple[int, int]]): The\n    input.\nRETURNS (str): Text."
    )
    google = spacy_docstrings.to_google(text + "\nRAISES (ValueError): If not.", False)
    docstring = griffe.Docstring(google)
    options = {"returns_named_value": False, "warnings": False}
    prose, args, returns, raises = griffe.parse_google(docstring, **options)
    assert prose.value == "Do it.\n\nSo:\n\n- one"
    (arg,) = args.value
    assert (arg.name, arg.annotation, arg.description) == (
        "X",
        "List[Tuple[int, int]]",
        "The input.",
    )
    assert [(item.annotation, item.description) for item in returns.value] == [("str", "Text.")]
    assert [(item.annotation, item.description) for item in raises.value] == [
        ("ValueError", "If not.")
    ]
    assert "Attributes:\n    X (" in spacy_docstrings.to_google(text, True)


def test_equations_become_mathml():
    html = '<p><span class="arithmatex">\\(c &lt; 1\\)</span></p>'
    block = '<div class="arithmatex">\\[\nc_t\n\\]</div>'
    made = equations.on_page_content(html + block, None, None, None)
    assert "arithmatex" not in made
    assert made.count("<math") == 2
    assert "&#x0003C;" in made
    assert "<msub><mi>c</mi><mi>t</mi></msub>" in made


def test_links_that_lead_nowhere_are_found(tmp_path: Path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "index.html").write_text('<h1 id="top">A</h1><a href="../b.html#x">b</a>')
    (tmp_path / "b.html").write_text(
        '<a href="a/#top">a</a><a href="a/#bottom">a</a><a href="c/">c</a>'
        '<a href="https://spacy.io">s</a><script src="https://spacy.io/x.js"></script>'
        '<img src="no.svg"><img src="data:x">'
    )
    assert check_links.broken_links(tmp_path) == [
        "a/index.html links to ../b.html#x, and there is no such anchor",
        "b.html links to a/#bottom, and there is no such anchor",
        "b.html links to c/, which isn't there",
        "b.html needs https://spacy.io/x.js from elsewhere",
        "b.html needs no.svg, which isn't there",
    ]


def test_the_site_has_the_colours_of_the_pictures():
    css = (ROOT / "docs" / "assets" / "extra.css").read_text(encoding="utf8")
    light, dark = css.split('[data-md-color-scheme="slate"] {')
    for name, colours in (("for", FOR), ("against", AGAINST)):
        for part, colour in zip((light, dark), colours, strict=True):
            assert f"  --{name}: {' '.join(map(str, colour))};" in part


def test_the_picture_of_the_house_has_all_parts_and_its_arrows_point_down():
    inside, outside = house.imports()
    folders = [path.parent.name for path in (ROOT / "spacy_lstm").glob("*/__init__.py")]
    assert set(inside) == {*folders, "types"}
    assert outside["layers"] == {"numpy", "thinc", "torch"}
    level = {name: n for n, floor in enumerate(house.floors(inside)) for name in floor}
    assert all(level[name] > level[other] for name in inside for other in inside[name])
    picture = ElementTree.fromstring(house.draw())
    texts = [element.text for element in picture.iter() if element.get("class") == "name"]
    assert set(texts) == {"spacy_lstm", *inside}


def test_parts_that_import_each_other_have_no_floor():
    assert house.arrows({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == [("a", "b"), ("b", "c")]
    with pytest.raises(ValueError, match=r"\['a', 'b'\]"):
        house.floors({"a": {"b"}, "b": {"a", "c"}, "c": set()})
