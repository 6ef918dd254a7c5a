"""Look at the training data before the training starts, so that it can't fail half-way."""

import configparser
from collections import Counter
from pathlib import Path
from typing import Dict, NamedTuple

from common import check_writable
from docbins import is_exclusive, iter_docs
from models import use_device
from splits import check_labels
from thinc.api import Config
from wasabi import msg

from spacy_lstm.errors import Errors
from spacy_lstm.training.readers.records import DataError
from spacy_lstm.training.splits import SPLITS

NAME_FINDERS = ("lstm_ner", "ner", "beam_ner")
KINDS = {"one": "one for each text", "any": "any number for each text", "none": "names only"}


class Found(NamedTuple):
    """What is in a preprocessed corpus.

    categories (str): How many apply to each text: one of `CATEGORIES`.
    labels (Dict[str, Counter[str]]): By split, the categories and how many texts have them.
    names (Dict[str, Counter[str]]): By split, the labels of names and how many names have them.
    report (str): The same for the user.
    """

    categories: str
    labels: Dict[str, Counter[str]]
    names: Dict[str, Counter[str]]
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
    kinds = f"names with {len(names['train'])} labels, " if annotated and names["train"] else ""
    report = f"{corpus}: {texts} texts, {kinds}{len(found['train'])} labels, {KINDS[kind]}"
    return Found(kind, labels, names, report)


def check_config(config: Path, corpus: Path, found: Found) -> None:
    """Check that what the components of a config learn, and the categories that it names, are in
    the training data.

    config (Path): The config.
    corpus (Path): The folder of the corpus, for the message.
    found (Found): What is in it.
    RAISES (DataError): If the config is missing or damaged, or learns what isn't there.
    """
    labels = sorted(found.labels["train"])
    if not config.exists():
        raise DataError(Errors.L301.format(path=config, cwd=Path.cwd()))
    try:
        sections = Config().from_disk(config, interpolate=False)
    except (configparser.Error, ValueError) as err:
        reason = " ".join(str(err).split()).rstrip(".")
        raise DataError(Errors.L502.format(name=config, reason=reason)) from err
    components = sections.get("components", {})
    factories = [settings.get("factory", "") for settings in components.values()]
    if not labels and any("textcat" in factory for factory in factories):
        raise DataError(Errors.L410.format(path=corpus))
    if any(factory in NAME_FINDERS for factory in factories):
        if not found.names["train"]:
            raise DataError(Errors.L411.format(path=corpus))
        # With categories, the texts were not split by their names.
        for split in ("dev", "test"):
            for label in sorted(found.names[split].keys() - found.names["train"].keys()):
                msg.warn(Errors.L413.format(path=corpus, label=label, split=split))
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
