"""Learn word vectors from the training texts of a preprocessed corpus, and from nothing else."""

from pathlib import Path
from typing import Annotated

import spacy
import typer
from common import run, staged
from docbins import read_docs
from public import language_of
from wasabi import msg

from spacy_lstm.training.word_vectors import train_vectors


def main(
    corpus: Annotated[Path, typer.Argument(help="Folder with train.spacy")],
    output: Annotated[Path, typer.Argument(help="Folder of the vectors")],
    lang: Annotated[str, typer.Option(help="The language, or auto")] = "auto",
) -> None:
    nlp = spacy.blank(language_of(corpus.name, lang))
    docs = read_docs(corpus / "train.spacy", nlp.vocab)
    train_vectors(nlp, docs)
    with staged(output) as folder:
        nlp.to_disk(folder)
    rows, width = nlp.vocab.vectors.shape
    msg.good(f"Wrote {output}: {rows} rows of {width}, for every word")


if __name__ == "__main__":
    run(main)
