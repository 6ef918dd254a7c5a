"""Pictures of explanations."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy
import pytest

from spacy_lstm.explain import explain, gates, render
from spacy_lstm.explain.palette import AGAINST, FOR

from .pipes import NAMES, TEXT, trained

HOSTILE = "<script>alert(1)</script> & \"quotes\" 'more' \n\n {0} [bold] the end"


def attribution(text=TEXT, **settings):
    return explain(trained("two labels"), text, method="gradient_x_input", **settings)


def parse(drawn):
    """All that pictures are made of is XML, so that no text can break out of it."""
    return ElementTree.fromstring(re.sub("<!DOCTYPE html>|<meta[^>]*>|<br>", "", drawn))


def words(root):
    return "".join(root.itertext())


@pytest.mark.parametrize("text", [TEXT, HOSTILE, "a"])
def test_html_holds_the_text_and_the_scores(text):
    result = attribution(text)
    root = parse(render(result, page=True))
    (shown,) = root.iter("div")
    assert words(shown) == text
    marks = list(shown)
    assert [mark.get("title") for mark in marks] == [f"{score:+.3f}" for score in result.scores]
    sides = ["against" if score < 0 else "for" for score in result.scores]
    assert [mark.get("class").split()[1] for mark in marks] == sides
    shares = [float(mark.get("style").removeprefix("--a:")) for mark in marks]
    numpy.testing.assert_allclose(
        shares, numpy.abs(result.scores) / numpy.abs(result.scores).max(), atol=1e-3
    )
    assert words(root.find(".//title")).startswith(f"textcat: {result.label}")


def test_characters_that_no_page_may_have():
    result = attribution("a\x00b \x0b")
    assert parse(render(result, page=True)).find(".//div")[0].text == "a\ufffdb"
    parse(render(result, "svg"))
    parse(render(gates(trained("two labels"), "a\x00b"), "svg"))


def test_html_of_a_part_of_a_page_and_of_a_notebook():
    result = attribution()
    drawn = render(result)
    assert drawn.startswith("<style>")
    assert drawn in render(result, page=True)
    assert result._repr_html_() == drawn


def test_nothing_comes_from_elsewhere_and_both_schemes_are_there():
    for result in (attribution(), gates(trained("two labels"), TEXT)):
        for style in ("html", "svg"):
            drawn = render(result, style).replace("http://www.w3.org/2000/svg", "")
            assert "http" not in drawn
            assert "url(" not in drawn
            assert "prefers-color-scheme:dark" in drawn


@pytest.mark.parametrize("text", [TEXT, HOSTILE, "word " * 100, "x" * 300])
def test_svg_holds_all_tokens_in_lines(text):
    result = attribution(text)
    root = parse(render(result, "svg"))
    texts = [e for e in root.iter("{http://www.w3.org/2000/svg}text") if e.get("class")]
    shown = [token for token in result.tokens if not token.isspace()]
    assert [words(e) for e in texts] == shown
    places = [(float(e.get("y")), float(e.get("x"))) for e in texts]
    assert places == sorted(places)
    width = float(root.get("width"))
    ground, *rects = root.iter("{http://www.w3.org/2000/svg}rect")
    assert ground.get("style") == "fill:var(--ground)"
    for rect in rects:
        assert 0 <= float(rect.get("x")) <= float(rect.get("x")) + float(rect.get("width")) <= width


def test_right_to_left():
    result = replace(attribution(), direction="rtl")
    assert '<div class="text" dir="rtl">' in render(result)
    texts = [
        e
        for e in parse(render(result, "svg")).iter("{http://www.w3.org/2000/svg}text")
        if e.get("class")
    ]
    places = [float(e.get("x")) for e in texts]
    assert places == sorted(places, reverse=True)
    inside = gates(trained("two labels"), TEXT)
    both = [render(replace(inside, direction=d), "svg") for d in ("ltr", "rtl")]
    ltr, rtl = (re.findall(r"rotate\(-60\)\">(\w+)<", drawn)[:5] for drawn in both)
    assert rtl == ltr[::-1] == TEXT.split()[::-1]


def test_the_entity_is_marked():
    result = explain(trained("biluo"), NAMES, span=(2, 4), method="gradient_x_input")
    root = parse(render(result, page=True))
    marked = [words(e) for e in root.iter("span") if e.get("class", "").endswith(" span")]
    assert marked == ["Ben", "Moss"]
    assert "PERSON (Ben Moss), p = " in words(root)
    assert render(result, "svg").count("stroke-width") == 2


def test_terminal():
    result = replace(attribution("a [bold]b"), scores=numpy.array([2.0, -2.0, 0.0]))
    drawn = render(result, "terminal")
    assert re.sub(r"\x1b\[[\d;]*m", "", drawn).splitlines()[1] == "a [bold]b"
    for rgb in (FOR[0], AGAINST[0], (255, 255, 255)):
        assert f"48;2;{';'.join(map(str, rgb))}m" in drawn


@pytest.mark.parametrize(("units", "n_rows"), [("mean", 1), ("all", 12), ([3, 5], 2)])
def test_gates(units, n_rows):
    result = gates(trained("two labels"), TEXT + " <b>")
    root = parse(render(result, "html", page=True, units=units))
    groups = list(root.iter("{http://www.w3.org/2000/svg}g"))
    assert len(groups) == 2 * 6
    forget = result.parts[0].forget.T
    rows = forget.mean(axis=0, keepdims=True) if units == "mean" else forget
    rows = rows if isinstance(units, str) else rows[units]
    assert rows.shape == (n_rows, 8)
    # The cells of the forget gate of the first direction, by their shade.
    cells = {}
    for path in groups[1].iter("{http://www.w3.org/2000/svg}path"):
        shade = float(path.get("style").split("/")[1][:-1])
        for x, y in re.findall(r"M(\d+) (\d+)", path.get("d")):
            cells[int(y), int(x)] = shade
    values = [cells[place] for place in sorted(cells)]
    numpy.testing.assert_allclose(values, rows.reshape(-1), atol=0.026)
    assert "≥ " in words(root)
    assert "&lt;" in render(result, units=units)
    assert result._repr_html_() == render(result)


def test_gates_of_nothing():
    parse(render(gates(trained("two labels"), ""), "svg"))


@pytest.mark.parametrize("units", ["some", [], [12], [-1]])
def test_other_units(units):
    with pytest.raises(ValueError, match=r"L871.*0 to 11.*12 units"):
        render(gates(trained("two labels"), TEXT), units=units)


def test_other_styles():
    with pytest.raises(ValueError, match=r"L870.*'pdf'.*'html', 'svg', 'terminal'"):
        render(attribution(), "pdf")
    with pytest.raises(ValueError, match=r"L870.*'pdf'.*'html', 'svg', 'terminal'"):
        render(gates(trained("two labels"), TEXT), "pdf")


def test_gates_in_a_terminal():
    result = gates(trained("two labels"), TEXT)
    plain = re.sub("\x1b\\[[0-9;]*m", "", render(result, "terminal"))
    rows = [line.split() for line in plain.splitlines()]
    assert sum(row[:1] == ["layer"] for row in rows) == len(result.parts)
    found = [row for row in rows if row and row[0] == result.tokens[0] and len(row) == 7]
    part = result.parts[0]
    expected = [part.input, part.forget, part.output, part.candidate, part.cell, part.hidden]
    assert found[0][1:] == [f"{numpy.abs(values[0]).mean():.2f}" for values in expected]
    some = re.sub("\x1b\\[[0-9;]*m", "", render(result, "terminal", units=[0]))
    assert f"{part.input[0, 0]:.2f}" in some
