"""Check the bundled corpus: its form, its annotation, copies and leaks."""

from pathlib import Path
from typing import Annotated, Dict, List, Set, Tuple

import typer
from common import PROJECT, print_table, run
from corpus_format import SENTIMENTS, TAGS, TOPICS, Complaint, Text, counts_of, load_corpus
from corpus_rules import check_ids, check_text
from corpus_whole import (
    check_consistency,
    check_duplicates,
    check_names,
    check_shares,
    shared_names,
)
from wasabi import msg
from wasabi.util import locale_escape

from spacy_lstm.errors import Errors
from spacy_lstm.training.readers.records import DataError
from spacy_lstm.training.splits import SPLITS


def check_corpus(folder: Path) -> Tuple[List[Text], List[Complaint]]:
    """Check a corpus in the format of the bundled one.

    folder (Path): The folder with train, dev and test.
    RETURNS (Tuple[List[Text], List[Complaint]]): The texts, and what is wrong: by file and line.
    RAISES (DataError): If a split is missing or empty.
    """
    texts, complaints = load_corpus(folder)
    for text in texts:
        complaints += check_text(text)
    complaints += check_ids(texts)
    complaints += check_duplicates(texts)
    complaints += check_names(texts, folder)
    complaints += check_shares(texts, folder)
    complaints += check_consistency(texts)
    return texts, sorted(complaints)


def summary(texts: List[Text]) -> List[Tuple[str, ...]]:
    """Count what is in the corpus.

    texts (List[Text]): The texts.
    RETURNS (List[Tuple[str, ...]]): The rows of a table: what, and how much of it in each split.
    """
    by_split = {split: [t for t in texts if t.split == split] for split in SPLITS}
    rows: List[Tuple[str, ...]] = [("texts", *(f"{len(by_split[s]):,}" for s in SPLITS))]
    for attribute, labels in (("sentiment", SENTIMENTS), ("topics", TOPICS)):
        counts = {split: counts_of(by_split[split], attribute) for split in SPLITS}
        for label in sorted(labels):
            rows.append((label, *(_share(counts[s], label, len(by_split[s])) for s in SPLITS)))
    for tag in TAGS:
        n = {s: sum(t == tag for text in by_split[s] for t, _ in text.names) for s in SPLITS}
        rows.append((tag, *(f"{n[split]:,}" for split in SPLITS)))
    shared = [f"{len(both)} of {len(names)}" for names, both in _names(texts)]
    rows.append(("invented names in train", "", *shared))
    return rows


def _names(texts: List[Text]) -> List[Tuple[Set[str], Set[str]]]:
    return [shared_names(texts, split) for split in SPLITS[1:]]


def _share(counts: Dict[str, int], label: str, total: int) -> str:
    n = counts.get(label, 0)
    return f"{n:,} ({n / max(1, total):4.0%})"


def main(
    folder: Annotated[
        Path, typer.Argument(help="The folder with train, dev and test.", show_default=False)
    ] = PROJECT.parent / "corpus" / "bundled",
    warnings: Annotated[bool, typer.Option(help="Show what should be looked at, too.")] = True,
) -> None:
    """Check the bundled corpus, or another one in its format. Errors end it with the exit code 1;
    warnings are for a reader, who decides."""
    texts, complaints = check_corpus(folder)
    errors = [complaint.message for complaint in complaints if complaint.error]
    others = [complaint.message for complaint in complaints if not complaint.error]
    # Not by wasabi, which breaks lines: a place must stay whole to be found.
    for message in others if warnings else ():
        print(locale_escape(f"warning: {message}"))
    for message in errors:
        print(locale_escape(f"error: {message}"))
    print_table(summary(texts), header=("", *SPLITS))
    if errors:
        raise DataError(Errors.L353.format(path=folder, n=len(errors)))
    msg.good(f"{folder}: {len(texts):,} texts, no errors, {len(others)} warnings")


if __name__ == "__main__":
    run(main)
