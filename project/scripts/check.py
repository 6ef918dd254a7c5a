"""Look at the training data before the training starts, so that it can't fail half-way."""

import configparser
from collections import Counter
from pathlib import Path
from typing import Annotated, Dict, List

import typer
from common import check_writable, run
from docbins import is_exclusive, iter_docs
from models import use_device
from splits import check_labels
from thinc.api import Config
from wasabi import msg

from spacy_lstm.errors import Errors
from spacy_lstm.training.readers.records import DataError
from spacy_lstm.training.splits import SPLITS

KINDS = {"one": "one for each text", "any": "any number for each text", "none": "names only"}


def check(corpus: Path, output: Path, gpu_id: int = -1, config: Path | None = None) -> str:
    """Check that a model can be trained and measured on a preprocessed corpus.

    corpus (Path): The folder with train.spacy, dev.spacy and test.spacy.
    output (Path): The folder where the model will be written.
    gpu_id (int): The number of the GPU to train on, or -1 for the CPU.
    config (Path | None): The config of the training. If it names the categories to learn, they must
        be there.
    RETURNS (str): What was found.
    RAISES (DataError): If a file is missing or damaged, a split is empty, there are too few labels,
        train lacks one, the output can't be written, there is no such GPU, or the config names a
        category that no text of train has.
    """
    check_writable(output)
    use_device(gpu_id)
    labels: Dict[str, Counter[str]] = {split: Counter() for split in SPLITS}
    names: Dict[str, Counter[str]] = {split: Counter() for split in SPLITS}
    sizes: Counter[str] = Counter()
    exclusive, annotated = True, False
    for split in SPLITS:
        for doc in iter_docs(corpus / f"{split}.spacy"):
            sizes[split] += 1
            labels[split].update(label for label, value in doc.cats.items() if value > 0)
            names[split].update(ent.label_ for ent in doc.ents)
            exclusive &= is_exclusive(doc)
            annotated |= bool(doc.cats)
    kind = ("one" if exclusive else "any") if annotated else "none"
    found = names if kind == "none" else labels
    check_labels(found, corpus, categories=kind)
    if config is not None:
        check_config(config, corpus, sorted(labels["train"]))
    texts = " + ".join(f"{sizes[split]:,} {split}" for split in SPLITS)
    return f"{corpus}: {texts} texts, {len(found['train'])} labels, {KINDS[kind]}"


def check_config(config: Path, corpus: Path, labels: List[str]) -> None:
    """Check that the categories that a config names are in the training data.

    config (Path): The config.
    corpus (Path): The folder of the corpus, for the message.
    labels (List[str]): The categories of train.
    RAISES (DataError): If the config is missing or damaged, or names a category that isn't there.
    """
    if not config.exists():
        raise DataError(Errors.L301.format(path=config, cwd=Path.cwd()))
    try:
        sections = Config().from_disk(config, interpolate=False)
    except (configparser.Error, ValueError) as err:
        reason = " ".join(str(err).split()).rstrip(".")
        raise DataError(Errors.L502.format(name=config, reason=reason)) from err
    components = sections.get("components", {})
    for name, settings in sections.get("initialize", {}).get("components", {}).items():
        # Not those of other components, whose labels aren't categories; nor a reader of labels.
        if "textcat" not in components.get(name, {}).get("factory", ""):
            continue
        named = settings.get("labels")
        for label in named if isinstance(named, list) else ():
            if label not in labels:
                message = Errors.L018.format(
                    config=config, name=name, label=label, corpus=corpus, labels=", ".join(labels)
                )
                raise DataError(message)


def main(
    corpus: Annotated[Path, typer.Argument(help="The folder of train, dev and test.spacy.")],
    output: Annotated[Path, typer.Argument(help="The folder where the model will be written.")],
    gpu_id: Annotated[int, typer.Option(help="The number of the GPU; -1 is the CPU.")] = -1,
    config: Annotated[Path | None, typer.Option(help="The config of the training.")] = None,
) -> None:
    """Check the training data before the training starts."""
    msg.good(check(corpus, output, gpu_id, config))


if __name__ == "__main__":
    run(main)
