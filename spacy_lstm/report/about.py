"""What is measured: the pipeline, its size, its speed, and where."""

import platform
from datetime import datetime, timezone
from importlib.metadata import version
from time import perf_counter
from typing import Any, Dict, List, NamedTuple, Sequence, Tuple

import spacy
from spacy.language import Language
from spacy.training import Example

from ..explain.heads import copy_fresh

#: How many texts a pipeline reads before its speed is measured.
N_WARM_UP = 64
PACKAGES = ("spacy", "spacy-lstm", "thinc", "torch", "numpy")


class About(NamedTuple):
    """What a report is about.

    model (str): What the user called the pipeline.
    name (str): The name in its meta.
    version (str): The version in its meta.
    lang (str): The code of its language.
    components (List[Tuple[str, str]]): The name of each component, and its factory.
    data (str): What the user called the annotated texts.
    train (str): What they called the training texts; "" if they gave none.
    date (str): When it was measured, in UTC.
    versions (Dict[str, str]): Of Python and of packages.
    machine (str): The kind of processor or GPU.
    """

    model: str
    name: str
    version: str
    lang: str
    components: List[Tuple[str, str]]
    data: str
    train: str
    date: str
    versions: Dict[str, str]
    machine: str


class Speed(NamedTuple):
    """How fast a pipeline is, and how large.

    n_texts (int): How many texts it read.
    n_words (int): How many tokens they have.
    seconds (float): How long that took, tokenizing included.
    words_per_second (float): Tokens a second.
    megabytes (float): The pipeline as bytes, in MB (1,000,000 bytes).
    """

    n_texts: int
    n_words: int
    seconds: float
    words_per_second: float
    megabytes: float


def describe(nlp: Language, model: str, data: str, train: str) -> About:
    """nlp (Language): The pipeline.
    model (str): What the user called it.
    data (str): What they called the annotated texts.
    train (str): What they called the training texts, or "".
    RETURNS (About): What is measured.
    """
    meta: Dict[str, Any] = nlp.meta
    gpu = spacy.util.get_current_ops().device_type == "gpu"
    return About(
        model,
        meta["name"],
        meta["version"],
        meta["lang"],
        [(name, nlp.get_pipe_meta(name).factory) for name in nlp.pipe_names],
        data,
        train,
        datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M"),
        {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}},
        f"{platform.system()} {platform.machine()}{', GPU' if gpu else ''}",
    )


def predict(nlp: Language, examples: Sequence[Example]) -> Tuple[List[Example], Speed]:
    """Run a pipeline on texts, and measure how fast it is. As spaCy's `nlp.evaluate`, with some
    texts before it, so that it is warm.

    nlp (Language): The pipeline.
    examples (Sequence[Example]): Annotated texts.
    RETURNS (Tuple[List[Example], Speed]): The texts with predictions, and the speed.
    """
    for _ in nlp.pipe([copy_fresh(eg.predicted) for eg in examples[:N_WARM_UP]]):
        pass
    start = perf_counter()
    for eg in examples:
        nlp.make_doc(eg.reference.text)  # as spaCy does, so that tokenizing is in the time
    docs = list(nlp.pipe([copy_fresh(eg.predicted) for eg in examples]))
    seconds = perf_counter() - start
    n_words = sum(map(len, docs))
    speed = Speed(len(docs), n_words, seconds, n_words / seconds, len(nlp.to_bytes()) / 1e6)
    pairs = zip(docs, examples, strict=True)
    return [Example(doc, eg.reference) for doc, eg in pairs], speed
