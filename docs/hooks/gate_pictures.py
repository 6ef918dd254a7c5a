"""Makes the pictures of gates in docs/how-an-lstm-works.md anew: `make docs-pictures`, one to two
minutes. It trains a BiLSTM of 16 units a direction on the bundled corpus, and shows how that reads
a sentence that isn't in it."""

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any, Dict

import numpy
import spacy
from spacy.cli.train import train
from spacy.language import Language
from weasel.cli.run import project_run

from spacy_lstm.explain import Gates, gates, render

ROOT = Path(__file__).resolve().parent.parent.parent
ASSETS = ROOT / "docs" / "assets"
SENTENCE = "The soup was cold, but nobody here could call the bread bad."
OVERRIDES = {
    "components.textcat.model.linear_model": None,
    "components.textcat.model.tok2vec.encode.width": 32,
    "training.max_steps": 200,
}


def trained(config: str, overrides: Dict[str, Any]) -> Language:
    """config (str): The name of a config of the project.
    overrides (Dict[str, Any]): What is to be otherwise than in it.
    RETURNS (Language): A pipeline that was trained on the bundled corpus.
    """
    project_run(ROOT / "project", "preprocess")
    corpus = ROOT / "project" / "corpora" / "bundled"
    paths = {f"paths.{part}": str(corpus / f"{part}.spacy") for part in ("train", "dev")}
    with tempfile.TemporaryDirectory() as folder:
        train(ROOT / "project" / "configs" / config, folder, overrides={**overrides, **paths})
        return spacy.load(Path(folder) / "model-best")


def keeper_and_dropper(result: Gates) -> "tuple[int, int]":
    """result (Gates): Gates and states.
    RETURNS (Tuple[int, int]): The unit of the forward direction whose forget gate stays highest,
        and the one whose forget gate falls lowest after the first word.
    """
    lowest = result.parts[0].forget[1:].min(axis=0)
    return int(lowest.argmax()), int(lowest.argmin())


def caption(result: Gates) -> str:
    """result (Gates): Gates and states.
    RETURNS (str): What there is to see of the two units.
    """
    forget = result.parts[0].forget
    keeper, dropper = keeper_and_dropper(result)
    at = 1 + int(forget[1:, dropper].argmin())
    left = 100 * numpy.prod(forget[1:, keeper])
    return (
        f"Unit {keeper} (above) keeps: its forget gate is never below "
        f"{forget[1:, keeper].min():.2f}, and {left:.0f} % of what it holds after the first word "
        f"is still there after the last. Unit {dropper} (below) lets go: at “{result.tokens[at]}” "
        f"its forget gate is {forget[at, dropper]:.2f}."
    )


def figure(svg: str, words: str) -> str:
    """svg (str): A picture.
    words (str): Its caption.
    RETURNS (str): Both, as a page includes them.
    """
    return f'<figure class="picture">\n{svg}\n<figcaption>{words}</figcaption>\n</figure>\n'


if __name__ == "__main__":
    found = gates(trained("textcat.cfg", OVERRIDES), SENTENCE)
    means = figure(render(found, "svg"), f"“{SENTENCE}”: the mean of the 16 units a direction.")
    (ASSETS / "gates.html").write_text(means, encoding="utf8")
    forward = replace(found, parts=found.parts[:1])
    units = figure(render(forward, "svg", units=keeper_and_dropper(found)), caption(found))
    (ASSETS / "gate_units.html").write_text(units, encoding="utf8")
