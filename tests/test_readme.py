"""What the README shows works."""

import re
from pathlib import Path

import spacy
from thinc.api import Config, fix_random_seed

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf8")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_quickstart_learns(capsys):
    fix_random_seed(0)
    (code,) = blocks("python")
    names = {}
    exec(code, names)
    printed = eval(capsys.readouterr().out)
    assert printed["GOOD"] > 0.7 > 0.3 > printed["BAD"]


def test_the_part_of_a_config_makes_a_model():
    (text,) = blocks("ini")
    whole = f"[components]\n\n[components.textcat]\n\n{text}"
    config = Config().from_str(whole)["components"]["textcat"]
    pipe = spacy.blank("en").add_pipe("lstm_textcat", config=config)
    assert not pipe.model.has_ref("linear_model")


def test_named_files_and_targets_are_there():
    for path in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / path).exists(), path
    makefile = (ROOT / "Makefile").read_text(encoding="utf8")
    for target in set(re.findall(r"make (\w+)", "\n".join(blocks("bash")))):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
