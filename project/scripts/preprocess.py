"""Make spaCy's binary training data of a corpus: read, clean, tokenize, write train, dev and test.

A single file that is too large to be held in memory is streamed (stream.py).
"""

import json
from collections import Counter
from pathlib import Path
from typing import Annotated, List

import typer
from common import PROJECT, check_writable, print_table, run, staged, unquoted
from corpora import OWN, categories_of, check_name, read_corpus
from docbins import SUFFIX, Pack
from duplicates import Copies, drop_copies, find_copies, summary
from public import PUBLIC, language_of
from sentences import SENTENCES, marker
from settings import Settings
from splits import Counts, check_labels, count_labels, take_few
from stream import stream
from wasabi import msg

from spacy_lstm.errors import Errors
from spacy_lstm.training.cleaning import STEPS
from spacy_lstm.training.docs import blank, make_doc
from spacy_lstm.training.readers.formats import FORMATS
from spacy_lstm.training.readers.records import DataError
from spacy_lstm.training.splits import SPLITS, Splits

COPIES = "duplicates.jsonl"
MOST_COPIES = 10_000  # that are listed: of short sentences there can be a million
DEFAULTS = Settings()
MEGABYTE = 1e6


def preprocess(
    corpus: str,
    output: Path,
    *,
    source: Path,
    project: Path = PROJECT,
    settings: Settings = DEFAULTS,
) -> Counts:
    """Read a corpus, and write train.spacy, dev.spacy and test.spacy.

    corpus (str): The name of the corpus.
    output (Path): The folder to write.
    source (Path): The folder of the bundled corpus, or the user's own file or folder.
    project (Path): The folder of project.yml.
    settings (Settings): How the corpus is read, cleaned and split.
    RETURNS (Counts): The number of texts by split and label.
    RAISES (DataError): If the corpus can't be used; then nothing is written.
    """
    check_writable(output)
    check_name(corpus, source)
    skipped: Counter[str] = Counter()
    single = corpus not in OWN and source.is_file()
    if single and source.stat().st_size > settings.stream_above * MEGABYTE:
        counts = stream(source, output, settings, skipped)
        report_skipped(skipped)
        (output / COPIES).unlink(missing_ok=True)  # of an earlier run; there is no such list now
        return counts
    splits = read_corpus(corpus, source, project=project, settings=settings, skipped=skipped)
    categories = categories_of(corpus, splits, settings)
    # Of all texts, before some are left out, so that each is checked.
    count_labels(splits, categories)
    copies = [] if settings.duplicates == "keep" else find_copies(splits, settings.near)
    if settings.duplicates == "drop":
        splits = drop_copies(splits, copies)
    if settings.limit is not None:
        placed = [(split, record) for split, records in splits.items() for record in records]
        splits = {split: [] for split in SPLITS}
        for split, record in take_few(placed, settings.limit, categories):
            splits[split].append(record)
    counts = count_labels(splits, categories)
    check_labels(counts, corpus if corpus in PUBLIC else source, categories=categories)
    labels = sorted(counts["train"]) if categories != "none" else []
    write(splits, labels, copies, output, settings)
    report_skipped(skipped)
    if copies:
        report_copies(copies, settings, output)
    return counts


def write(
    splits: Splits, labels: List[str], copies: List[Copies], output: Path, settings: Settings
) -> None:
    """Write train.spacy, dev.spacy and test.spacy, and the list of copies: all of them, or none.

    splits (Splits): The texts.
    labels (List[str]): All categories of the corpus.
    copies (List[Copies]): Pairs of texts that are almost the same.
    output (Path): The folder.
    settings (Settings): How texts become docs.
    RAISES (DataError): If a text is too long for a pipeline, or they can't be written.
    """
    nlp = blank(settings.lang)
    texts = (record.text for split in SPLITS for record in splits[split])
    mark = marker(settings.sentences, settings.lang, texts)
    bins = {
        split: Pack(mark(make_doc(nlp, record, labels)) for record in records)
        for split, records in splits.items()
    }
    with staged(output) as folder:
        for split, doc_bin in bins.items():
            doc_bin.to_disk(folder / f"{split}{SUFFIX}")
        listed = copies
        if len(copies) > MOST_COPIES:
            listed = sorted(copies, key=lambda pair: not pair.leak)[:MOST_COPIES]
        lines = [json.dumps(pair.as_dict(), ensure_ascii=False) + "\n" for pair in listed]
        (folder / COPIES).write_text("".join(lines), encoding="utf8")


def report_skipped(skipped: Counter[str]) -> None:
    """Tell the user what an export holds and isn't a text to learn from.

    skipped (Counter[str]): The numbers by reason.
    """
    for reason, n in sorted(skipped.items()):
        msg.warn(f"{n:,} left out: {reason}")


def report_copies(copies: List[Copies], settings: Settings, output: Path) -> None:
    """Tell the user about texts that are almost the same.

    copies (List[Copies]): The pairs.
    settings (Settings): What was done about them.
    output (Path): The folder where they are listed.
    """
    n, leaks = len(copies), sum(pair.leak for pair in copies)
    done = "one of each was dropped" if settings.duplicates == "drop" else "both were kept"
    msg.warn(f"{n:,} pairs of texts share {settings.near:.0%} of their words or more; {done}")
    print_table(summary(copies), header=("pairs of copies", "pairs"))
    if leaks and settings.duplicates != "drop":
        msg.warn(f"{leaks:,} of them are in two splits, so scores on these texts are too good")
    listed = "They" if n <= MOST_COPIES else f"The first {MOST_COPIES:,}, leaks before others,"
    msg.info(f"{listed} are listed in {output / COPIES}")


def as_number(name: str, value: str) -> int | None:
    """Read a setting that is a whole number, or "auto".

    name (str): Its name.
    value (str): Its value.
    RETURNS (int | None): The number; None for "auto".
    RAISES (DataError): If it is neither.
    """
    if value == "auto":
        return None
    try:
        return int(value)
    except ValueError as err:
        options = "a whole number, or auto"
        raise DataError(Errors.L405.format(name=name, value=value, options=options)) from err


def as_choice(name: str, value: str) -> bool | None:
    """Read a setting that is yes, no or auto.

    name (str): Its name.
    value (str): Its value.
    RETURNS (bool | None): Whether it is yes; None for "auto".
    RAISES (DataError): If it is none of these.
    """
    choices = {"yes": True, "no": False, "auto": None}
    if value not in choices:
        options = ", ".join(choices)
        raise DataError(Errors.L405.format(name=name, value=value, options=options))
    return choices[value]


def main(
    corpus: Annotated[
        str,
        typer.Argument(help=f"{', '.join(OWN)}, or a name of your own."),
    ],
    output: Annotated[Path, typer.Argument(help="The folder for train, dev and test.spacy.")],
    source: Annotated[
        str,
        typer.Option(
            help="Your file, a folder with a folder of .txt files for each category, or a folder "
            "with one of these for each of train, dev and test."
        ),
    ] = str(PROJECT.parent / "corpus" / "bundled"),
    format: Annotated[
        str, typer.Option(help=f"The format of your file: {', '.join(FORMATS)}.")
    ] = DEFAULTS.format,
    text_column: Annotated[
        str, typer.Option(help="The column of the text, in tables.")
    ] = DEFAULTS.text_column,
    label_column: Annotated[
        str, typer.Option(help="The column of the label, in tables.")
    ] = DEFAULTS.label_column,
    label_separator: Annotated[
        str, typer.Option(help="What stands between several labels in one cell of a table.")
    ] = DEFAULTS.label_separator,
    token_column: Annotated[
        str, typer.Option(help="Files of columns: that of the words, from 0 on, or auto.")
    ] = "auto",
    tag_column: Annotated[
        str, typer.Option(help="Files of columns: that of the tags, from 0 on, or auto.")
    ] = "auto",
    sentences_per_doc: Annotated[
        int,
        typer.Option(
            min=0, help="Files of columns: sentences a text; 0 for those between -DOCSTART-."
        ),
    ] = DEFAULTS.sentences_per_doc,
    comments: Annotated[
        str, typer.Option(help="Files of columns: whether # begins a comment: yes, no, auto.")
    ] = "auto",
    categories: Annotated[
        str,
        typer.Option(
            help="How many categories apply to each text: one, any (number), none (only names), "
            "auto."
        ),
    ] = DEFAULTS.categories,
    lang: Annotated[
        str, typer.Option(help="The language, for the tokenizer; auto is that of the corpus.")
    ] = "auto",
    clean: Annotated[
        str, typer.Option(help=f"The steps of cleaning: some of {', '.join(STEPS)}; or none.")
    ] = DEFAULTS.clean,
    duplicates: Annotated[
        str,
        typer.Option(
            help="What to do about texts that are almost the same: keep (don't look), report, drop."
        ),
    ] = DEFAULTS.duplicates,
    near: Annotated[
        float, typer.Option(help="From which share of common words on texts are almost the same.")
    ] = DEFAULTS.near,
    sentences: Annotated[
        str,
        typer.Option(
            help=f"Mark where sentences begin: {' or '.join(SENTENCES)}, which learns it from the "
            "texts, unless NLTK's package punkt_tab is installed."
        ),
    ] = DEFAULTS.sentences,
    seed: Annotated[int, typer.Option(help="The seed of the random split.")] = DEFAULTS.seed,
    dev: Annotated[float, typer.Option(help="The share of dev.")] = DEFAULTS.dev,
    test: Annotated[float, typer.Option(help="The share of test.")] = DEFAULTS.test,
    stream_above: Annotated[
        float, typer.Option(help="A single file of more MB is never held in memory.")
    ] = DEFAULTS.stream_above,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Take only so many texts of each label and split.")
    ] = None,
) -> None:
    """Make spaCy's binary training data of a corpus."""
    settings = Settings(
        format=format,
        text_column=unquoted(text_column),
        label_column=unquoted(label_column),
        label_separator=unquoted(label_separator),
        token_column=as_number("token_column", token_column),
        tag_column=as_number("tag_column", tag_column),
        sentences_per_doc=sentences_per_doc,
        comments=as_choice("comments", comments),
        categories=categories,
        lang=language_of(corpus, lang),
        clean=unquoted(clean),
        duplicates=duplicates,
        near=near,
        sentences=sentences,
        seed=seed,
        dev=dev,
        test=test,
        stream_above=stream_above,
        limit=limit,
    )
    counts = preprocess(corpus, output, source=Path(unquoted(source)), settings=settings)
    labels = sorted(counts["train"])
    rows = [(label, *(f"{counts[split][label]:,}" for split in SPLITS)) for label in labels]
    print_table(rows, header=("texts", *SPLITS))
    msg.good(f"Wrote {output}")


if __name__ == "__main__":
    run(main)
