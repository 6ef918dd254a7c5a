"""The corpora that the project knows: its own, the public ones, and the user's."""

import re
from collections import Counter
from pathlib import Path
from typing import Callable, Dict, Iterator, List

from public import PUBLIC, read_public
from settings import Settings

from spacy_lstm.errors import Errors
from spacy_lstm.training.cleaning import clean_record, parse_steps
from spacy_lstm.training.readers.formats import iter_records
from spacy_lstm.training.readers.records import DataError, Record
from spacy_lstm.training.readers.xml_texts import read_xml
from spacy_lstm.training.splits import SPLITS, Splits, split_at_random

BUNDLED = {"bundled": "sentiment", "bundled_topics": "topics"}  # and what they categorize by
OWN = (*BUNDLED, *PUBLIC)
MULTILABEL = ("bundled_topics",)  # any number of categories applies to a text
RESERVED = ("smoke",)


def check_name(name: str, source: Path) -> None:
    """Check that a corpus can have a name.

    name (str): The name.
    source (Path): The user's file or folder.
    RAISES (DataError): If the name is the project's own and the file is the user's, or it can't
        name a folder.
    """
    if name in OWN and source.is_file():
        raise DataError(Errors.L315.format(name=name, path=source))
    if name in RESERVED or not re.fullmatch(r"[^\W_][\w.-]*", name):
        raise DataError(Errors.L316.format(name=name))


def read_corpus(
    name: str,
    source: Path,
    *,
    project: Path,
    settings: Settings,
    skipped: Counter[str] | None = None,
) -> Splits:
    """Read a corpus in its splits, and clean it.

    name (str): "bundled" or "bundled_topics", the name of a public corpus, or a name that the user
        gives to a corpus of their own.
    source (Path): The folder of the bundled corpus, or the file or the folder of the user's.
    project (Path): The folder of project.yml, for the public corpora.
    settings (Settings): How it is read, cleaned and split.
    skipped (Counter[str] | None): As for `reader_of`.
    RETURNS (Splits): The texts by split.
    RAISES (DataError): If the corpus can't be used.
    """
    check_name(name, source)
    if name not in OWN:
        return read_own(source, settings, skipped)
    if name in BUNDLED:
        splits = read_bundled(source, BUNDLED[name], several=name in MULTILABEL)
    else:
        splits = read_public(name, project)
    steps = parse_steps(settings.clean)
    # Of a public corpus that comes as words, these stay as published, for scores to be comparable.
    return {
        split: [
            clean_record(record, steps) if record.words is None else record for record in records
        ]
        for split, records in splits.items()
    }


def categories_of(name: str, splits: Splits, settings: Settings) -> str:
    """Find out how many categories apply to each text of a corpus.

    name (str): The name of the corpus.
    splits (Splits): Its texts.
    settings (Settings): What the user says.
    RETURNS (str): One of `spacy_lstm.training.splits.CATEGORIES`.
    """
    if settings.categories != "auto":
        return settings.categories
    if name in MULTILABEL:
        return "any"
    return expected_categories(record for records in splits.values() for record in records)


def expected_categories(records: Iterator[Record]) -> str:
    """Find out whether texts have categories: each should have exactly one, unless all there is are
    names.

    records (Iterator[Record]): The texts.
    RETURNS (str): "one" or "none".
    """
    only_names = True
    for record in records:
        only_names = record.ents is not None and not record.cats
        if not only_names:
            break
    return "none" if only_names else "one"


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


def reader_of(
    source: Path, settings: Settings, skipped: Counter[str] | None = None
) -> Callable[[], Iterator[Record]]:
    """Get what reads and cleans a user's file or folder, one text at a time.

    source (Path): The file, or a folder that is one corpus.
    settings (Settings): How it is read and cleaned.
    skipped (Counter[str] | None): Here is counted what an export holds and isn't a text to learn
        from, by reason.
    RETURNS (Callable[[], Iterator[Record]]): Called again, it begins anew.
    """
    steps = parse_steps(settings.clean)

    def read() -> Iterator[Record]:
        records = iter_records(
            source,
            format=settings.format,
            text_column=settings.text_column,
            label_column=settings.label_column,
            label_separator=settings.label_separator or None,
            token_column=settings.token_column,
            tag_column=settings.tag_column,
            sentences_per_doc=settings.sentences_per_doc,
            comments=settings.comments,
            skipped=skipped,
        )
        return (clean_record(record, steps) for record in records)

    return read


def read_own(source: Path, settings: Settings, skipped: Counter[str] | None = None) -> Splits:
    """Read a user's corpus: a file or a folder that is split at random, or a folder with a file or
    a folder for each of train, dev and test.

    source (Path): The file or the folder.
    settings (Settings): How it is read, cleaned and split.
    skipped (Counter[str] | None): As for `reader_of`.
    RETURNS (Splits): The texts by split.
    RAISES (DataError): If it can't be used.
    """
    if not source.exists():
        raise DataError(Errors.L301.format(path=source, cwd=Path.cwd()))
    parts = parts_of(source)
    if parts:
        return {split: list(reader_of(path, settings, skipped)()) for split, path in parts.items()}
    records: List[Record] = list(reader_of(source, settings, skipped)())
    if not records:
        raise DataError(Errors.L303.format(path=source))
    return split_at_random(
        records,
        settings.seed,
        source,
        categories=categories_of("", {"all": records}, settings),
        dev=settings.dev,
        test=settings.test,
    )


def parts_of(source: Path) -> Dict[str, Path]:
    """Find the file or folder of each split in a user's folder.

    source (Path): The file or the folder.
    RETURNS (Dict[str, Path]): Their paths by split; none if `source` is one corpus as a whole.
    RAISES (DataError): If only some splits are there, or one is there twice.
    """
    if not source.is_dir():
        return {}
    found = {
        split: [path for path in source.iterdir() if path.name.split(".")[0] == split]
        for split in SPLITS
    }
    if not any(found.values()):
        return {}
    if any(len(paths) != 1 for paths in found.values()):
        raise DataError(Errors.L302.format(path=source))
    return {split: path for split, [path] in found.items()}
