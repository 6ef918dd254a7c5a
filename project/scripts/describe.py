"""Describe a preprocessed corpus: tables, statistics as JSON, charts, and a page of them."""

import json
from pathlib import Path
from typing import Annotated, Any, Dict

import typer
from common import check_writable, print_table, run, staged, unquoted
from corpus_counts import count_docs
from corpus_page import make_page
from corpus_statistics import describe_corpus
from corpus_tables import Table, make_tables, one_line
from docbins import iter_docs
from public import language_of
from stop_words import load_stop_words
from wasabi import msg
from wasabi.util import locale_escape

from spacy_lstm.errors import Errors
from spacy_lstm.training.docs import blank
from spacy_lstm.training.readers.records import DataError
from spacy_lstm.training.splits import SPLITS

try:
    import charts
except ImportError as err:  # matplotlib, which nothing else in the project needs
    MISSING: ImportError | None = err
else:
    MISSING = None

MOST_ROWS = 20  # of a table in the terminal


def describe(
    corpus: Path, *, top: int = 10, min_count: int = 5, stopwords: str = "none", lang: str = "en"
) -> Dict[str, Any]:
    """Make the statistics of a preprocessed corpus. One file of it is in memory at a
    time.

    corpus (Path): The folder with train.spacy, dev.spacy and test.spacy.
    top (int): How many words to list.
    min_count (int): The least number of training texts that a telling word must be in.
    stopwords (str): Words not to list: "none", "spacy", or the path of NLTK's lists.
    lang (str): The code of the language, which decides what is a word.
    RETURNS (Dict[str, Any]): The statistics.
    RAISES (DataError): If a file is missing, damaged or empty, or the stop words can't be had.
    """
    nlp = blank(lang)
    stop_words = load_stop_words(stopwords, nlp)
    counts = {
        split: count_docs(iter_docs(corpus / f"{split}.spacy", nlp.vocab)) for split in SPLITS
    }
    return describe_corpus(counts, top=top, min_count=min_count, stop_words=stop_words)


def write_description(statistics: Dict[str, Any], output: Path, *, title: str) -> None:
    """Write statistics.json, the charts and index.html: all of them, or none.

    statistics (Dict[str, Any]): The statistics.
    output (Path): The folder.
    title (str): The title of the page.
    RAISES (DataError): If they can't be written.
    """
    drawn = charts.draw_charts(statistics)
    page = make_page(title, make_tables(statistics), drawn)
    content = json.dumps(statistics, indent=2, ensure_ascii=False)
    with staged(output) as folder:
        (folder / "statistics.json").write_text(content + "\n", encoding="utf8")
        (folder / "index.html").write_text(page, encoding="utf8")
        for name, svg in drawn.items():
            (folder / f"{name}.svg").write_text(svg, encoding="utf8")
    # Those of an earlier corpus that this one doesn't have.
    for name in charts.CHARTS.keys() - drawn.keys():
        (output / f"{name}.svg").unlink(missing_ok=True)


def show(table: Table) -> None:
    """Print a table with a title. Of a long one, only the beginning.

    table (Table): The table.
    """
    more = len(table.rows) - MOST_ROWS
    rows = table.rows[:MOST_ROWS] if more > 0 else table.rows
    print("\n" + locale_escape(table.title))
    print_table(rows, header=table.header)
    if more > 0:
        print(f"and {more:,} more, in index.html\n")


def show_telling_words(statistics: Dict[str, Any]) -> None:
    """Print the most telling words of each label, a label a line.

    statistics (Dict[str, Any]): The statistics.
    """
    telling = {label: items for label, items in statistics["telling_words"].items() if items}
    lines = [
        f"{one_line(label)}: {', '.join(one_line(item['word']) for item in items)}"
        for label, items in telling.items()
    ]
    if lines:
        print("\nMost telling words\n")
    for line in lines[:MOST_ROWS]:
        print(locale_escape(line))
    if len(lines) > MOST_ROWS:
        print(f"and {len(lines) - MOST_ROWS:,} more, in index.html")


def main(
    corpus: Annotated[Path, typer.Argument(help="The folder of train, dev and test.spacy.")],
    output: Annotated[Path, typer.Argument(help="The folder for the tables and charts.")],
    top: Annotated[int, typer.Option(min=1, help="How many words to list.")] = 10,
    min_count: Annotated[
        int, typer.Option(min=1, help="The least number of texts of a telling word.")
    ] = 5,
    stopwords: Annotated[
        str,
        typer.Option(
            help="Words not to list: none, spacy, or the path of NLTK's stopwords.zip or a folder."
        ),
    ] = "none",
    lang: Annotated[str, typer.Option(help="The language, as for preprocess.")] = "auto",
) -> None:
    """Describe a preprocessed corpus: its texts, labels, names and words."""
    if MISSING is not None:
        raise DataError(Errors.L391.format(reason=MISSING)) from MISSING
    check_writable(output)
    statistics = describe(
        corpus,
        top=top,
        min_count=min_count,
        stopwords=unquoted(stopwords),
        lang=language_of(corpus.name, lang),
    )
    write_description(statistics, output, title=f"The corpus {one_line(corpus.resolve().name)}")
    for table in make_tables(statistics):
        if table.title != "Most telling words":
            show(table)
    show_telling_words(statistics)
    msg.good(f"Wrote {output / 'index.html'}")


if __name__ == "__main__":
    run(main)
