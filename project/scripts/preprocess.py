"""Make spaCy's binary training data of a corpus: read, tokenize, write train, dev and test."""

from collections import Counter
from pathlib import Path
from typing import Annotated, Dict, List

import typer
from common import PROJECT, check_writable, print_table, run, staged, unquoted
from corpora import MULTILABEL, PUBLIC, read_corpus
from spacy.tokens import Doc, DocBin
from splits import check_labels, take_few
from wasabi import msg

from spacy_lstm.training.docs import blank, make_doc
from spacy_lstm.training.splits import Splits, label_of, labels_of


def write_splits(docs: Dict[str, List[Doc]], output: Path) -> None:
    """Write train.spacy, dev.spacy and test.spacy: all of them, or none.

    docs (Dict[str, List[Doc]]): The docs by split.
    output (Path): The folder.
    RAISES (DataError): If they can't be written.
    """
    # Words, spaces and names are all that training needs of these docs, beside their categories.
    attrs = ["ORTH", "SPACY", "ENT_IOB", "ENT_TYPE"]
    bins = {
        split: DocBin(attrs=attrs, store_user_data=False, docs=split_docs)
        for split, split_docs in docs.items()
    }
    with staged(output) as folder:
        for split, doc_bin in bins.items():
            doc_bin.to_disk(folder / f"{split}.spacy")


def count_labels(splits: Splits, *, exclusive: bool) -> Dict[str, Dict[str, int]]:
    """Count the texts of each label.

    splits (Splits): The texts by split.
    exclusive (bool): Whether exactly one label applies to each text.
    RETURNS (Dict[str, Dict[str, int]]): The numbers by split and label.
    RAISES (DataError): If labels exclude each other, and not exactly one applies to a text.
    """
    if exclusive:
        return {split: Counter(map(label_of, records)) for split, records in splits.items()}
    return {
        split: Counter(label for record in records for label in labels_of(record))
        for split, records in splits.items()
    }


def preprocess(
    corpus: str,
    output: Path,
    *,
    source: Path,
    text_column: str = "text",
    label_column: str = "label",
    lang: str = "en",
    seed: int = 0,
    limit: int | None = None,
    project: Path = PROJECT,
) -> Dict[str, Dict[str, int]]:
    """Read a corpus, and write it as train.spacy, dev.spacy and test.spacy.

    corpus (str): The name of the corpus.
    output (Path): The folder to write.
    source (Path): The folder of the bundled corpus, or the user's own file or folder.
    text_column (str): The column of the text, in the user's tables.
    label_column (str): The column of the label, in the user's tables.
    lang (str): The code of the language, which decides on the tokenizer.
    seed (int): The seed of the random split of a user's file.
    limit (int | None): Take only so many texts of each label and split.
    project (Path): The folder of project.yml.
    RETURNS (Dict[str, Dict[str, int]]): The number of texts by split and label.
    RAISES (DataError): If the corpus can't be used; then nothing is written.
    """
    check_writable(output)
    splits = read_corpus(
        corpus,
        source,
        project=project,
        text_column=text_column,
        label_column=label_column,
        seed=seed,
    )
    exclusive = corpus not in MULTILABEL
    # Before most texts are dropped, so that all of them are checked.
    counts = count_labels(splits, exclusive=exclusive)
    if limit is not None:
        splits = take_few(splits, limit)
        counts = count_labels(splits, exclusive=exclusive)
    check_labels(counts, corpus if corpus in PUBLIC else source, exclusive=exclusive)
    labels = sorted(counts["train"])
    nlp = blank(lang)
    docs = {
        split: [make_doc(nlp, record, labels) for record in records]
        for split, records in splits.items()
    }
    write_splits(docs, output)
    return counts


def main(
    corpus: Annotated[
        str,
        typer.Argument(
            help="bundled, bundled_topics, sentence_polarity, movie_reviews, or a name of your own."
        ),
    ],
    output: Annotated[Path, typer.Argument(help="The folder for train, dev and test.spacy.")],
    source: Annotated[
        str,
        typer.Option(
            help="Your .csv, .tsv or .jsonl file, or a folder with one for train, dev and test."
        ),
    ] = str(PROJECT.parent / "corpus" / "bundled"),
    text_column: Annotated[str, typer.Option(help="The column of the text.")] = "text",
    label_column: Annotated[str, typer.Option(help="The column of the label.")] = "label",
    lang: Annotated[str, typer.Option(help="The language, for the tokenizer.")] = "en",
    seed: Annotated[int, typer.Option(help="The seed of the split of a single file.")] = 0,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Take only so many texts of each label and split.")
    ] = None,
) -> None:
    """Make spaCy's binary training data of a corpus."""
    counts = preprocess(
        corpus,
        output,
        source=Path(unquoted(source)),
        text_column=unquoted(text_column),
        label_column=unquoted(label_column),
        lang=lang,
        seed=seed,
        limit=limit,
    )
    labels = sorted(counts["train"])
    rows = [
        (split, *(f"{by_label[label]:,}" for label in labels), f"{sum(by_label.values()):,}")
        for split, by_label in counts.items()
    ]
    total = "labels" if corpus in MULTILABEL else "all"
    print_table(rows, header=("texts", *labels, total))
    msg.good(f"Wrote {output}")


if __name__ == "__main__":
    run(main)
