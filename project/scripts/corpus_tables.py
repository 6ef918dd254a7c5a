"""The statistics of a corpus as tables, for the terminal and for a page."""

import re
from typing import Any, Dict, List, NamedTuple, Tuple

from spacy_lstm.training.splits import SPLITS

NONE = "–"
# Control characters, those that XML can't have, and those that turn the texts beside them around.
NOT_SHOWN = re.compile(
    r"[^\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u202a-\u202e\u2066-\u2069]"
)


class Table(NamedTuple):
    """A table.

    title (str): What it shows.
    header (Tuple[str, ...]): The heads of the columns.
    rows (List[Tuple[str, ...]]): The cells of each row.
    note (str): What a reader must know.
    """

    title: str
    header: Tuple[str, ...]
    rows: List[Tuple[str, ...]]
    note: str = ""


def make_tables(statistics: Dict[str, Any]) -> List[Table]:
    """Make tables of statistics. Those for which the corpus has nothing are left out.

    statistics (Dict[str, Any]): The statistics.
    RETURNS (List[Table]): The tables.
    """
    tables = [
        texts_table(statistics),
        labels_table(statistics),
        entities_table(statistics),
        unseen_table(statistics),
        coverage_table(statistics),
        frequent_table(statistics),
        telling_table(statistics),
    ]
    return [table for table in tables if table.rows]


def texts_table(statistics: Dict[str, Any]) -> Table:
    """Show the texts, tokens and words of each split.

    statistics (Dict[str, Any]): The statistics.
    RETURNS (Table): The table.
    """
    splits = [statistics["splits"][split] for split in SPLITS]
    rows = [("texts", *(number(s["documents"]) for s in splits))]
    if any(s["sentences"] is not None for s in splits):
        rows.append(("sentences", *(number(s["sentences"]) for s in splits)))
    rows.append(("tokens", *(number(s["tokens"]) for s in splits)))
    for key, name in (
        ("min", "least"),
        ("median", "median"),
        ("mean", "mean"),
        ("p95", "p95"),
        ("max", "most"),
    ):
        cells = (number(s["tokens_per_document"][key]) for s in splits)
        rows.append((f"tokens of a text, {name}", *cells))
    rows += [
        ("words", *(number(s["words"]) for s in splits)),
        ("different words", *(number(s["different_words"]) for s in splits)),
        ("words that occur once", *(number(s["words_that_occur_once"]) for s in splits)),
    ]
    note = "Tokens are without whitespace; words are also without punctuation, in small letters."
    return Table("Texts", ("", *SPLITS), rows, note)


def labels_table(statistics: Dict[str, Any]) -> Table:
    """Show how often each label applies.

    statistics (Dict[str, Any]): The statistics.
    RETURNS (Table): The table.
    """
    rows = [
        (
            one_line(label),
            *(_count_and_share(by_split[s]["documents"], by_split[s]["share"]) for s in SPLITS),
        )
        for label, by_split in statistics["labels"].items()
    ]
    splits = [statistics["splits"][split] for split in SPLITS]
    if rows and not statistics["exclusive"]:
        without = (
            _count_and_share(s["without_label"], s["without_label"] / max(1, s["categorized"]))
            for s in splits
        )
        rows.append(("(none)", *without))
        rows.append(("labels of a text, mean", *(number(s["labels_per_document"]) for s in splits)))
    if any(s["categorized"] != s["documents"] for s in splits):
        rows.append(
            ("(unknown)", *(number(s["documents"] - s["categorized"]) for s in splits)),
        )
    note = "Exactly one label for each text." if statistics["exclusive"] else ""
    note = note or "Any number of labels for each text."
    return Table("Labels", ("texts", *SPLITS), rows if statistics["labels"] else [], note)


def entities_table(statistics: Dict[str, Any]) -> Table:
    """Show how many names of each type there are.

    statistics (Dict[str, Any]): The statistics.
    RETURNS (Table): The table.
    """
    rows = [
        (
            one_line(kind),
            *(number(by_split[split]["names"]) for split in SPLITS),
            number(by_split["train"]["different_names"]),
            number(by_split["train"]["mean_tokens"]),
        )
        for kind, by_split in statistics["entities"].items()
    ]
    header = ("names", *SPLITS, "different in train", "mean tokens in train")
    return Table("Entities", header, rows)


def unseen_table(statistics: Dict[str, Any]) -> Table:
    """Show how many names of dev and test are new.

    statistics (Dict[str, Any]): The statistics.
    RETURNS (Table): The table.
    """
    columns = [(split, key) for split in SPLITS[1:] for key in ("unseen", "different_unseen")]
    rows = [
        (one_line(kind), *(percent(by_split[split][key]) for split, key in columns))
        for kind, by_split in statistics["entities"].items()
    ]
    header = (
        "names",
        *(f"{split}: {of}" for split in SPLITS[1:] for of in ("of all", "of different")),
    )
    note = "Train has no such name of this type, in the same letters."
    return Table("Names that are not in train", header, rows, note)


def coverage_table(statistics: Dict[str, Any]) -> Table:
    """Show how much of dev and test is known from the training texts.

    statistics (Dict[str, Any]): The statistics.
    RETURNS (Table): The table.
    """
    held_out = SPLITS[1:]
    rows = [
        (
            percent(step["share"], digits=0),
            *(percent(step[split]["words"]) for split in held_out),
            *(percent(step[split]["different_words"]) for split in held_out),
        )
        for step in statistics["coverage_by_size"]
    ]
    header = (
        "training texts",
        *(f"{split}: words" for split in held_out),
        *(f"{split}: different words" for split in held_out),
    )
    note = "The mean over all ways to choose so many of the training texts."
    return Table("Words that are in train", header, rows, note)


def frequent_table(statistics: Dict[str, Any]) -> Table:
    """Show the most frequent words of the training texts.

    statistics (Dict[str, Any]): The statistics.
    RETURNS (Table): The table.
    """
    rows = [
        (one_line(item["word"]), *(number(item[split]) for split in SPLITS))
        for item in statistics["frequent_words"]
    ]
    return Table("Most frequent words of train", ("word", *SPLITS), rows)


def telling_table(statistics: Dict[str, Any]) -> Table:
    """Show the most telling words of each label.

    statistics (Dict[str, Any]): The statistics.
    RETURNS (Table): The table.
    """
    rows: List[Tuple[str, ...]] = [
        (
            one_line(label),
            one_line(item["word"]),
            f"{item['z']:.1f}",
            number(item["texts"]),
            number(item["others"]),
        )
        for label, items in statistics["telling_words"].items()
        for item in items
    ]
    header = ("label", "word", "z", "texts with the label", "other texts")
    note = (
        "Log-odds ratio with an informative Dirichlet prior, in standard deviations (z), and the "
        "training texts that have the word. A text counts once for a word."
    )
    return Table("Most telling words", header, rows, note)


def number(value: float | None) -> str:
    """Write a number.

    value (float | None): The number.
    RETURNS (str): What to show, with one digit after the point if it isn't whole by its type.
    """
    if value is None:
        return NONE
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"


def percent(share: float | None, *, digits: int = 1) -> str:
    """Write a share.

    share (float | None): The share, from 0 to 1.
    digits (int): The digits after the point.
    RETURNS (str): What to show.
    """
    return NONE if share is None else f"{100 * share:.{digits}f} %"


def one_line(text: str) -> str:
    """Make a text of the corpus fit to be shown.

    text (str): The text.
    RETURNS (str): The text in one line, with a sign for each character that can't be shown.
    """
    return NOT_SHOWN.sub("\ufffd", " ".join(text.split())) or "(empty)"


def _count_and_share(n: int, share: float) -> str:
    return f"{n:,} ({percent(share)})"
