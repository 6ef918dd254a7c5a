"""Make splits/wikigold.json: which articles of wikigold are learned, and which are measured.

It comes in one file, without splits. The committed file is what this script makes.
"""

import json
from pathlib import Path
from typing import Annotated, Dict, List

import typer
from assets import load_assets, verify
from common import PROJECT, run, staged
from public import DOCUMENT, read_wikigold
from wasabi import msg

from spacy_lstm.training.readers.records import Record
from spacy_lstm.training.splits import split_at_random

NAME = "wikigold"


def make_splits(
    articles: Dict[int, Record], *, seed: int, dev: float, test: float
) -> Dict[str, Dict[str, List[int]]]:
    """Split articles at random.

    articles (Dict[int, Record]): The articles by their number.
    seed (int): The same seed and articles give the same splits.
    dev (float): The share of dev.
    test (float): The share of test.
    RETURNS (Dict[str, Dict[str, List[int]]]): By split, their numbers, in the form of the files in
        splits/.
    RAISES (DataError): If the shares leave nothing for train.
    """
    splits = split_at_random(
        list(articles.values()), seed, NAME, categories="none", dev=dev, test=test
    )
    numbers = {record.where: number for number, record in articles.items()}
    return {
        split: {DOCUMENT: [numbers[record.where] for record in records]}
        for split, records in splits.items()
    }


def main(
    output: Annotated[Path, typer.Argument(help="The file to write.", show_default=False)] = PROJECT
    / "splits"
    / f"{NAME}.json",
    seed: Annotated[int, typer.Option(help="The seed of the splits.")] = 0,
    dev: Annotated[float, typer.Option(help="The share of dev.")] = 0.15,
    test: Annotated[float, typer.Option(help="The share of test.")] = 0.2,
) -> None:
    """Make the splits of wikigold."""
    [asset] = [asset for asset in load_assets(PROJECT) if asset.dest.stem == NAME]
    verify(asset)
    splits = make_splits(read_wikigold(asset.dest), seed=seed, dev=dev, test=test)
    with staged(output.parent) as folder:
        content = json.dumps(splits) + "\n"
        (folder / output.name).write_text(content, encoding="utf8")
    counts = " + ".join(f"{len(numbers[DOCUMENT])} {split}" for split, numbers in splits.items())
    msg.good(f"Wrote {output}: {counts} articles")


if __name__ == "__main__":
    run(main)
