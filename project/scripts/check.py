"""Look at the training data before the training starts, so that it can't fail half-way."""

from pathlib import Path
from typing import Annotated

import typer
from common import check_writable, run
from docbins import are_exclusive, count_labels, read_docs
from models import use_device
from spacy.vocab import Vocab
from splits import check_labels
from wasabi import msg

from spacy_lstm.training.splits import SPLITS


def check(corpus: Path, output: Path, gpu_id: int = -1) -> str:
    """Check that a model can be trained and measured on a preprocessed corpus.

    corpus (Path): The folder with train.spacy, dev.spacy and test.spacy.
    output (Path): The folder where the model will be written.
    gpu_id (int): The number of the GPU to train on, or -1 for the CPU.
    RETURNS (str): What was found.
    RAISES (DataError): If a file is missing or damaged, a split is empty, there are too few labels,
        train lacks one, the output can't be written, or there is no such GPU.
    """
    check_writable(output)
    use_device(gpu_id)
    vocab = Vocab()
    docs = {split: read_docs(corpus / f"{split}.spacy", vocab) for split in SPLITS}
    labels = {split: count_labels(split_docs) for split, split_docs in docs.items()}
    exclusive = all(are_exclusive(split_docs) for split_docs in docs.values())
    check_labels(labels, corpus, exclusive=exclusive)
    sizes = " + ".join(f"{len(docs[split]):,} {split}" for split in SPLITS)
    kind = "one for each text" if exclusive else "any number for each text"
    return f"{corpus}: {sizes} texts, {len(labels['train'])} labels, {kind}"


def main(
    corpus: Annotated[Path, typer.Argument(help="The folder of train, dev and test.spacy.")],
    output: Annotated[Path, typer.Argument(help="The folder where the model will be written.")],
    gpu_id: Annotated[int, typer.Option(help="The number of the GPU; -1 is the CPU.")] = -1,
) -> None:
    """Check the training data before the training starts."""
    msg.good(check(corpus, output, gpu_id))


if __name__ == "__main__":
    run(main)
