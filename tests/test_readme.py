"""What the README shows works."""

import re
from pathlib import Path

import spacy
from spacy.util import registry
from thinc.api import Config, fix_random_seed

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf8")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_quickstart_learns(capsys):
    fix_random_seed(0)
    code, *_ = blocks("python")
    exec(code, {})
    printed = eval(capsys.readouterr().out)
    assert printed["GOOD"] > 0.7 > 0.3 > printed["BAD"]


def test_quickstart_of_entities_finds_them_and_is_sure(capsys):
    fix_random_seed(0)
    _, code, streamed = blocks("python")
    names = {}
    exec(code, names)
    found, *readings = capsys.readouterr().out.splitlines()
    text, label, confidence = found.split()
    assert (text, label) == ("Lund", "PLACE")
    assert float(confidence) > 0.8
    first, second, third = (float(reading.split()[-1]) for reading in readings)
    assert first > second > third > 0.0
    exec(streamed, names)
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [line[:4] for line in lines] == [
        ["Lund", "PLACE", "12", "16"],
        ["Cork", "PLACE", "41", "45"],
    ]


def test_the_parts_of_configs_make_what_they_say():
    model, corpora, tokenizer = blocks("ini")
    config = Config().from_str(f"[components]\n\n[components.textcat]\n\n{model}")
    settings = config["components"]["textcat"]
    pipe = spacy.blank("en").add_pipe("lstm_textcat", config=settings)
    assert not pipe.model.has_ref("linear_model")
    read = registry.resolve(Config().from_str(f"[corpora]\n\n{corpora}"))["corpora"]
    assert [type(reader).__name__ for reader in read.values()] == ["NLTKCorpus"] * 2
    assert read["dev"].corpus == "project/assets/movie_reviews.zip"
    nlp = spacy.blank("en", config=Config().from_str(f"[nlp]\n\n{tokenizer}"))
    assert [token.text for token in nlp("#soup :-) @you")] == ["#soup", ":-)", "@you"]


def test_named_files_and_targets_are_there():
    for path in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / path).exists(), path
    makefile = (ROOT / "Makefile").read_text(encoding="utf8")
    for target in set(re.findall(r"make (\w+)", "\n".join(blocks("bash")))):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
