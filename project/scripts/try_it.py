"""Show what a trained pipeline makes of a text: how categories score, and which names it finds."""

import sys
from pathlib import Path
from typing import Annotated, Dict, Iterable, List

import typer
from common import run, unquoted
from models import applying, heads_of, load_model, threshold_of
from names import name_lines
from spacy.tokens import Doc
from wasabi import msg
from wasabi.util import can_render, locale_escape

from spacy_lstm.errors import Errors
from spacy_lstm.training.readers.records import DataError

WIDTH = 40  # characters of a full bar


def bars(cats: Dict[str, float]) -> List[str]:
    """Draw the scores of the categories, the highest first.

    cats (Dict[str, float]): The scores by category.
    RETURNS (List[str]): A line for each category.
    """
    full, empty = ("█", "░") if can_render("█░") else ("#", ".")
    ranked = sorted(cats.items(), key=lambda item: (-item[1], item[0]))
    longest = max(len(label) for label in cats)
    lines = []
    for label, score in ranked:
        n = round(score * WIDTH)
        lines.append(f"{label:<{longest}}  {full * n}{empty * (WIDTH - n)}  {100 * score:5.1f} %")
    return lines


def texts_of(text: str) -> Iterable[str]:
    """Get the texts to try.

    text (str): The text, or "-" for the lines of the standard input.
    RETURNS (Iterable[str]): The texts, without whitespace around them.
    RAISES (DataError): If there is no text.
    """
    texts = [line.strip() for line in (sys.stdin if text == "-" else [text])]
    if not any(texts):
        raise DataError(Errors.L306.format(where="The text to try"))
    return filter(None, texts)


def show_categories(doc: Doc, threshold: float | None) -> None:
    """Print the scores of the categories.

    doc (Doc): The text.
    threshold (float | None): The score from which on a category applies; None if exactly one does.
    """
    # Those that apply have the highest scores, so they are the first lines.
    n = len(applying(doc.cats, threshold))
    for i, line in enumerate(bars(doc.cats)):
        msg.text(f"  {locale_escape(line)}", color="green" if i < n else None)
    if not n:
        msg.text(f"  no category has {100 * (threshold or 0):.0f} %")


def main(
    model: Annotated[Path, typer.Argument(help="The folder of the pipeline.")],
    text: Annotated[
        str, typer.Argument(help="A text, or - to read one from each line of the input.")
    ],
    gpu_id: Annotated[int, typer.Option(help="The number of the GPU; -1 is the CPU.")] = -1,
) -> None:
    """Show what a trained pipeline makes of a text."""
    texts = texts_of(unquoted(text))
    nlp = load_model(model, gpu_id)
    heads = heads_of(nlp)
    threshold = threshold_of(nlp)
    for doc in nlp.pipe(texts):
        print(f"\n{locale_escape(doc.text)}")
        if heads.categories:
            show_categories(doc, threshold)
        if heads.names:
            for line in name_lines(doc) or ["no names"]:
                msg.text(f"  {locale_escape(line)}")


if __name__ == "__main__":
    run(main)
