"""What is measured: spaCy pipelines, ours and its own."""

import tempfile
from pathlib import Path

import spacy
from spacy.cli.init_config import init_config
from spacy.language import Language
from spacy.training.initialize import init_nlp
from spacy.training.loop import train
from spacy.util import load_config
from thinc.api import Config

CONFIGS = Path(__file__).resolve().parent.parent / "project" / "configs"


def our_config(name: str) -> Config:
    """The shipped config.

    name (str): The name of the config, without its suffix.
    RETURNS (Config): The config.
    """
    return load_config(CONFIGS / f"{name}.cfg", interpolate=False)


def stock_config(
    factory: str, optimize: str, *, width: int | None = None, depth: int | None = None
) -> Config:
    """What `spacy init config` makes, without vectors.

    factory (str): "textcat", "textcat_multilabel" or "ner".
    optimize (str): "efficiency" or "accuracy".
    width (int | None): The width of the CNN; None leaves it.
    depth (int | None): The number of its layers; None leaves it.
    RETURNS (Config): The config.
    """
    config = init_config(lang="en", pipeline=[factory], optimize=optimize, silent=True)
    config["paths"]["vectors"] = None
    tok2vec = config["components"].get("tok2vec")
    if tok2vec:
        tok2vec["model"]["embed"]["include_static_vectors"] = False
        encode = tok2vec["model"]["encode"]
        encode["width"] = width or encode["width"]
        encode["depth"] = depth or encode["depth"]
    return config


def train_pipeline(config: Config, corpus: Path, seed: int) -> Language:
    """Train with spaCy's own loop.

    config (Config): The config.
    corpus (Path): The folder of train.spacy and dev.spacy.
    seed (int): The seed.
    RETURNS (Language): The pipeline that was best on dev.
    """
    config["paths"]["train"] = str(corpus / "train.spacy")
    config["paths"]["dev"] = str(corpus / "dev.spacy")
    config["system"]["seed"] = seed
    with tempfile.TemporaryDirectory() as folder:
        nlp = init_nlp(config)
        with (Path(folder) / "log").open("w") as log:
            train(nlp, Path(folder), stdout=log)
        return spacy.load(Path(folder) / "model-best")
