"""The corpora that the project knows: its own, the public ones, and the user's."""

import re
from pathlib import Path

from assets import load_assets, verify
from splits import split_as_committed

from spacy_lstm.errors import Errors
from spacy_lstm.training.readers.nltk_corpora import (
    read_categorized_files,
    read_categorized_lines,
)
from spacy_lstm.training.readers.records import DataError
from spacy_lstm.training.readers.tables import TABLE_SUFFIXES, read_table
from spacy_lstm.training.readers.xml_texts import read_xml
from spacy_lstm.training.splits import SPLITS, Splits, split_at_random

PUBLIC = ("sentence_polarity", "movie_reviews")
BUNDLED = {"bundled": "sentiment", "bundled_topics": "topics"}  # and what they categorize by
OWN = (*BUNDLED, *PUBLIC)
MULTILABEL = ("bundled_topics",)  # any number of categories applies to a text
RESERVED = ("smoke",)


def read_corpus(
    name: str, source: Path, *, project: Path, text_column: str, label_column: str, seed: int
) -> Splits:
    """Read a corpus in its splits.

    name (str): "bundled" or "bundled_topics", the name of a public corpus, or a name that the user
        gives to a corpus of their own.
    source (Path): The folder of the bundled corpus, or the file or the folder of the user's.
    project (Path): The folder of project.yml, for the public corpora.
    text_column (str): The column of the text, in the user's tables.
    label_column (str): The column of the label, in the user's tables.
    seed (int): The seed of the random split of a user's file.
    RETURNS (Splits): The texts by split.
    RAISES (DataError): If the corpus can't be used.
    """
    if name in OWN and (source.is_file() or source.suffix in TABLE_SUFFIXES):
        raise DataError(Errors.L315.format(name=name, path=source))
    if name in BUNDLED:
        return read_bundled(source, BUNDLED[name], several=name in MULTILABEL)
    if name in PUBLIC:
        return read_public(name, project)
    if name in RESERVED or not re.fullmatch(r"[^\W_][\w.-]*", name):
        raise DataError(Errors.L316.format(name=name))
    return read_own(source, text_column=text_column, label_column=label_column, seed=seed)


def read_bundled(source: Path, attribute: str, *, several: bool) -> Splits:
    """Read the corpus that comes with the project.

    source (Path): Its folder.
    attribute (str): The attribute with the categories: "sentiment" or "topics".
    several (bool): Whether any number of them applies to a text.
    RETURNS (Splits): The texts by split, with their names.
    """
    return {
        split: read_xml(source / split, tag="text", attribute=attribute, several=several)
        for split in SPLITS
    }


def read_public(name: str, project: Path) -> Splits:
    """Read a public corpus out of its archive, once that is verified.

    name (str): The name of the corpus.
    project (Path): The folder of project.yml.
    RETURNS (Splits): The texts by split.
    """
    [asset] = [asset for asset in load_assets(project) if asset.dest.stem == name]
    verify(asset)
    path = project / "splits" / f"{name}.json"
    if name == "sentence_polarity":
        pattern = r"rt-polarity\.(neg|pos)"
        return split_as_committed(read_categorized_lines(asset.dest, pattern, inside=name), path)
    files = read_categorized_files(
        asset.dest, r"(neg|pos)/.*\.txt", cat_pattern=r"(neg|pos)/.*", inside=name
    )
    return split_as_committed(files, path)


def read_own(source: Path, *, text_column: str, label_column: str, seed: int) -> Splits:
    """Read a user's corpus: a table, which is split at random, or a folder with a table for each of
    train, dev and test.

    source (Path): The table or the folder.
    text_column (str): The column of the text.
    label_column (str): The column of the label.
    seed (int): The seed of the random split.
    RETURNS (Splits): The texts by split.
    """
    if not source.exists():
        raise DataError(Errors.L301.format(path=source, cwd=Path.cwd()))
    if source.is_dir():
        tables = {split: _table_in(source, split) for split in SPLITS}
        return {
            split: read_table(path, text_column=text_column, label_column=label_column)
            for split, path in tables.items()
        }
    records = read_table(source, text_column=text_column, label_column=label_column)
    if not records:
        raise DataError(Errors.L303.format(path=source))
    return split_at_random(records, seed, source)


def _table_in(folder: Path, split: str) -> Path:
    tables = [p for suffix in TABLE_SUFFIXES if (p := folder / f"{split}{suffix}").is_file()]
    if len(tables) != 1:
        raise DataError(Errors.L302.format(path=folder))
    return tables[0]
