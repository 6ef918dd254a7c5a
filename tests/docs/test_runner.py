"""The runner of the pages' code finds what isn't so, and lets pass what is."""

import pytest

from .blocks import PageError, read_blocks
from .page import run_page


def run(tmp_path, text):
    page = tmp_path / "page.md"
    page.write_text(text, encoding="utf8")
    folder = tmp_path / "folder"
    folder.mkdir()
    run_page(page, folder)


def fenced(language, code, directive=""):
    comment = f"<!-- {directive} -->\n" if directive else ""
    return f"\nSome words.\n\n{comment}```{language}\n{code}\n```\n"


def about(figures, tolerance):
    return f"\n<!-- figures ± {tolerance} -->\n```text\n{figures}\n```\n"


def test_a_page_that_is_right_passes(tmp_path):
    run(
        tmp_path,
        fenced('csv title="in/words.csv"', "text\nsoup")
        + fenced("python", "from pathlib import Path\nwords = Path('in/words.csv').read_text()")
        + fenced("python", "print(words)\nprint(1 / 3)\nprint('a')\nprint('b')")
        + "\n```text\ntext\nsoup\n\n0.33…\n…\n```\n"
        + fenced("bash", "cat in/words.csv # all\nls project/project.yml spacy_lstm/__init__.py")
        + "\n```text\nsoup\n…/project.yml\n```\n"
        + fenced("python", "print('a', 0.12, '+1.0', 7)\nprint('b', -0.05)")
        + about("a 0.1 +0.95 7\nb -0.04", "0.1")
        + fenced("bash", "echo a; echo soup 8.2e-1 x")
        + about("soup 0.9 …", ".1")
        + fenced("bash", "echo 72.5 0.5")
        + about("66.0 0.5", "0.1")
        + fenced("bash", "exit 3", "exits 3")
        + fenced("python", "raise KeyError('soup')", "raises KeyError")
        + "\n```text\nKeyError: 'soup'\n```\n"
        + fenced("ini", '[a.model]\n@architectures = "spacy_lstm.BiLSTMEncoder.v1"\nwidth = 64')
        + fenced("ini", '[components.ner]\nfactory = "lstm_ner"\nmode = "viterbi"')
        + fenced("bash", 'git clone x && cd x\n.venv/bin/pip install -e ".[dev,serve]"', "installs")
        + fenced("powershell", r'.venv\Scripts\python -m pip install ".[serve]"', "installs")
        + fenced("http", "GET /health", "illustrates")
        + "\n1. In a list:\n\n    ```python\n    if words:\n        print(2)\n    ```\n\n    "
        "```text\n    2\n    ```\n",
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (fenced("python", "1 / 0"), "line 5: ZeroDivisionError"),
        (fenced("python", "print(1)") + "\n```text\n2\n```", "line 9: it isn't\n2\n.*\n1"),
        (fenced("python", "print(1)\nprint(2)") + "\n```text\n1\n```", "it isn't\n1"),
        (fenced("python", "print(0.25)") + about("0.1", "0.1"), "it isn't\n0.1\n.*\n0.25"),
        (fenced("python", "print(72.7)") + about("66.0", "0.1"), "it isn't\n66.0"),
        (fenced("python", "print(7, 0.1)") + about("8 0.1", "2.0"), "it isn't\n8 0.1"),
        (fenced("python", "print(-0.1)") + about("+0.1", "0.5"), "it isn't\n.0.1"),
        (fenced("python", "print(0.12)") + "\n```text\n0.1\n```", "it isn't\n0.1"),
        (fenced("bash", "echo 0.25") + about("0.1", "0.1"), "nowhere is '0.1'"),
        (fenced("python", "print(1)", "raises KeyError"), "no KeyError is raised"),
        (fenced("python", "1 / 0", "raises KeyError"), "ZeroDivisionError"),
        (fenced("bash", "echo before\nfalse\ntrue"), "exit code 1, and not 0:\nbefore"),
        (fenced("bash", "true | false | true"), "exit code 1"),
        (fenced("bash", "true", "exits 1"), "exit code 0, and not 1"),
        (fenced("bash", "echo a; echo b") + "\n```text\nb\na\n```", "nowhere is 'a'"),
        (fenced("bash", "python -m http.server --nothing", "keeps running"), "nothing at port"),
        (fenced("ini", '[a]\n@architectures = "spacy_lstm.Nothing.v1"'), "spacy_lstm.Nothing.v1"),
        (
            fenced("ini", '[a.b]\n@architectures = "spacy_lstm.BiLSTMEncoder.v1"\nwide = 3'),
            "spacy_lstm.BiLSTMEncoder.v1 has no \\['wide'\\]",
        ),
        (fenced("ini", '[ner]\nfactory = "lstm_ner"\nmood = 1'), "lstm_ner has no \\['mood'\\]"),
        (fenced("ini", '[ner]\nfactory = "lstm_nre"'), "lstm_nre"),
        (fenced("ini", "[ner"), "line 5"),
        (fenced("bash", "pip install x\nrm -r x", "installs"), "'rm' installs nothing"),
        (fenced("bash", "python -m spacy info", "installs"), "'python' installs nothing"),
        (fenced("bash", "git push", "installs"), "'git' installs nothing"),
        (fenced("bash", "make nothing", "installs"), "no nothing"),
        (fenced("bash", 'pip install ".[nothing]"', "installs"), "no extra nothing"),
        (fenced("bash", 'pip install ".[serve,nothing]"', "installs"), "no extra nothing"),
        (fenced('csv title="../words.csv"', "text"), "isn't in the folder"),
    ],
)
def test_what_is_not_so_fails(tmp_path, text, message):
    with pytest.raises(PageError, match=f"(?s){message}"):
        run(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (fenced("ruby", "1"), "no test is known for 'ruby' here"),
        (fenced("", "1"), "no test is known for '' here"),
        (fenced("csv", "1"), "no test is known for 'csv' here"),
        (fenced("text", "1"), "no test is known for 'text' here"),
        (fenced("bash", "pip install x", "installs") + "```text\n1\n```", "known for 'text' here"),
        (fenced("python", "1", "illustrates"), "no test is known for 'python' illustrates"),
        (fenced("python", "1", "installs"), "no test is known for 'python' installs"),
        (fenced("python", "1", "instals"), "no directive 'instals'"),
        (fenced("text", "0.1", "figures ± 0.1"), "no test is known for 'text' figures"),
        (fenced("bash", "echo 0.1", "figures ± 0.1"), "no test is known for 'bash' figures"),
        (fenced("text", "0.1", "figures ± much"), "no directive 'figures ± much'"),
        ("```python\nprint(1)\n", "line 1: this code block has no end"),
    ],
)
def test_blocks_that_would_not_be_tested_are_refused(text, message):
    with pytest.raises(PageError, match=message):
        read_blocks(text)


def test_a_server_runs_until_the_page_ends_and_says_what_it_should(tmp_path):
    server = fenced("bash", "python -um http.server 8000", "keeps running")
    said = "\n```text\nServing HTTP on … port 8000 …\n…GET /a.csv…\n```\n"
    asked = fenced("bash", "curl --no-progress-meter localhost:8000/a.csv")
    page = fenced('csv title="a.csv"', "text") + server + said + asked + "\n```text\ntext\n```\n"
    run(tmp_path, page)


def test_a_server_that_does_not_say_what_it_should_fails(tmp_path):
    server = fenced("bash", "python -um http.server 8000", "keeps running")
    with pytest.raises(PageError, match="nowhere is 'Serving soup'"):
        run(tmp_path, server + "\n```text\nServing soup\n```\n")
