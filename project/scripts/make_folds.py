"""Make corpus/folds.json: the five parts of the bundled corpus for cross-validation."""

import json
import random
from collections import defaultdict
from pathlib import Path
from typing import Annotated, Dict, List, Tuple

import typer
from check_corpus import check_corpus
from common import PROJECT, run, staged
from corpus_format import Text
from wasabi import msg

from spacy_lstm.training.readers.records import DataError

CORPUS = PROJECT.parent / "corpus"


def make_folds(texts: List[Text], n: int, seed: int) -> List[List[str]]:
    """Part texts at random, so that each part has its share of each sentiment in each domain. Their
    splits play no role.

    texts (List[Text]): The texts.
    n (int): The number of parts.
    seed (int): The same seed and texts give the same parts.
    RETURNS (List[List[str]]): The ids by part, sorted.
    """
    cells: Dict[Tuple[str, str], List[str]] = defaultdict(list)
    for text in texts:
        cells[text.element.attributes["sentiment"], text.domain].append(text.id)
    folds: List[List[str]] = [[] for _ in range(n)]
    dealt = 0
    for cell, ids in sorted(cells.items()):
        # A generator for each cell, so that a new text changes nothing in the others' order.
        random.Random(f"{seed} {cell}").shuffle(ids)
        # Dealt on where the last cell ended: so the parts also have the same size.
        for key in ids:
            folds[dealt % n].append(key)
            dealt += 1
    return [sorted(fold) for fold in folds]


def main(
    source: Annotated[
        Path, typer.Argument(help="The folder of the corpus.", show_default=False)
    ] = CORPUS / "bundled",
    output: Annotated[Path, typer.Argument(help="The file to write.", show_default=False)] = CORPUS
    / "folds.json",
    n: Annotated[int, typer.Option(min=2, help="The number of parts.")] = 5,
    seed: Annotated[int, typer.Option(help="The seed of the parts.")] = 0,
) -> None:
    """Make the parts of the bundled corpus for cross-validation: lists of ids."""
    texts, complaints = check_corpus(source)
    errors = [complaint.message for complaint in complaints if complaint.error]
    if errors:
        raise DataError("\n".join(errors))
    folds = make_folds(texts, n, seed)
    with staged(output.parent) as folder:
        content = json.dumps(folds, indent=1) + "\n"
        (folder / output.name).write_text(content, encoding="utf8")
    msg.good(f"Wrote {output}: {' + '.join(str(len(fold)) for fold in folds)} texts")


if __name__ == "__main__":
    run(main)
