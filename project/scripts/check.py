"""Look at the training data before the training starts, so that it can't fail half-way."""

import configparser
from collections import Counter
from pathlib import Path
from typing import Dict, List, NamedTuple

from common import check_writable
from docbins import is_exclusive, iter_docs
from models import use_device
from splits import check_labels
from thinc.api import Config

from spacy_lstm.errors import Errors
from spacy_lstm.training.readers.records import DataError
from spacy_lstm.training.splits import SPLITS

KINDS = {"one": "one for each text", "any": "any number for each text", "none": "names only"}


class Found(NamedTuple):
    """What is in a preprocessed corpus.

    categories (str): How many apply to each text: one of `CATEGORIES`.
    labels (Dict[str, Counter[str]]): By split, the categories and how many texts have them.
    report (str): The same for the user.
    """

    categories: str
    labels: Dict[str, Counter[str]]
    report: str


def check(corpus: Path, output: Path, gpu_id: int = -1) -> Found:
    """Check that a model can be trained and measured on a preprocessed corpus.

    corpus (Path): The folder with train.spacy, dev.spacy and test.spacy.
    output (Path): The folder where the model will be written.
    gpu_id (int): The number of the GPU to train on, or -1 for the CPU.
    RETURNS (Found): What was found.
    RAISES (DataError): If a file is missing or damaged, a split is empty, there are too few labels,
        train lacks one, the output can't be written, or there is no such GPU.
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
    texts = " + ".join(f"{sizes[split]:,} {split}" for split in SPLITS)
    report = f"{corpus}: {texts} texts, {len(found['train'])} labels, {KINDS[kind]}"
    return Found(kind, labels, report)


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
                message = Errors.L408.format(
                    config=config, name=name, label=label, corpus=corpus, labels=", ".join(labels)
                )
                raise DataError(message)
