"""The pipelines that are measured: ours as shipped, and those of `spacy init config` for a CPU.

They are initialized and not trained: the time doesn't depend on what the weights are.
"""

import inspect
from typing import Any, Dict, List

import peers
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import load_model_from_config
from speed_data import bundled, bundled_docs, vectors
from speed_peers import without_blis
from thinc.api import Config, Model

from spacy_lstm.models.encoder import BiLSTMEncoder


def threads_env(n: int) -> Dict[str, str]:
    """n (int): The number of threads.
    RETURNS (Dict[str, str]): The environment that keeps numpy's, BLIS' and torch's libraries to it.
    """
    names = ("OMP", "OPENBLAS", "MKL", "BLIS", "VECLIB_MAXIMUM")
    return {f"{name}_NUM_THREADS": str(n) for name in names}


def some_texts() -> List[str]:
    """RETURNS (List[str]): The training texts of the bundled corpus."""
    return [record.text for record in bundled()["train"]]


def our_config(
    *,
    linear_model: bool = True,
    fast: bool = False,
    embed_width: int | None = None,
    width: int | None = None,
) -> Config:
    """The shipped config, project/configs/textcat.cfg, or a variant of it.

    linear_model (bool): With its n-gram branch, or the BiLSTM alone.
    fast (bool): With `precision = "auto"`, where this version has it.
    embed_width (int | None): Another width of the embedding.
    width (int | None): Another width of the BiLSTM.
    RETURNS (Config): The config.
    """
    config = peers.our_config("textcat")
    model = config["components"]["textcat"]["model"]
    if not linear_model:
        model["linear_model"] = None
    tok2vec = model["tok2vec"]
    inner = tok2vec["embed"]
    while "embed" in inner:  # inside word dropout, and what embeds distinct words
        inner = inner["embed"]
    inner["width"] = embed_width or inner["width"]
    tok2vec["encode"]["width"] = width or tok2vec["encode"]["width"]
    if fast and has_precision():
        tok2vec["encode"]["precision"] = "auto"
    return config


def has_precision() -> bool:
    """RETURNS (bool): Whether the encoder has a setting for its precision."""
    return "precision" in inspect.signature(BiLSTMEncoder).parameters


def stock_config(optimize: str, *, width: int | None = None, depth: int | None = None) -> Config:
    """What `spacy init config --pipeline textcat` makes for a CPU, without vectors.

    optimize (str): "efficiency" for the bag of words, "accuracy" for the CNN ensemble.
    width (int | None): Another width of the CNN.
    depth (int | None): Another depth of the CNN.
    RETURNS (Config): The config.
    """
    config = peers.stock_config("textcat", optimize)
    if "tok2vec" in config["components"]:
        model = config["components"]["tok2vec"]["model"]
        model["encode"]["width"] = width or model["encode"]["width"]
        model["encode"]["depth"] = depth or model["encode"]["depth"]
    return config


def tok2vec_settings(encode: Dict[str, Any], *, distinct: bool) -> Dict[str, Any]:
    """encode (Dict[str, Any]): The encoder.
    distinct (bool): With `spacy_lstm.DistinctEmbed.v1` around the embedding.
    RETURNS (Dict[str, Any]): A tok2vec of it and the embedding of spaCy's pipelines for a CPU, of
        width 96.
    """
    embed = stock_config("accuracy")["components"]["tok2vec"]["model"]["embed"]
    embed["width"] = 96
    if distinct:
        embed = {"@architectures": "spacy_lstm.DistinctEmbed.v1", "embed": embed}
    return {"@architectures": "spacy.Tok2Vec.v2", "embed": embed, "encode": encode}


def initialized(config: Config, *, use_blis: bool = True) -> Language:
    """config (Config): The config of a pipeline.
    use_blis (bool): As spaCy is shipped, or with numpy's matrix product.
    RETURNS (Language): The pipeline, initialized with the sentiments of the bundled corpus.
    """
    nlp = load_model_from_config(config, auto_fill=True)
    examples = [Example(nlp.make_doc(doc.text), doc.copy()) for doc in bundled_docs("train")]
    nlp.initialize(lambda: examples)
    return nlp if use_blis else nlp_without_blis(nlp)


def nlp_without_blis(nlp: Language) -> Language:
    """nlp (Language): A pipeline. Changed in place.
    RETURNS (Language): The pipeline, with numpy's matrix product in each of its models.
    """
    for _, component in nlp.pipeline:
        model = getattr(component, "model", None)
        if isinstance(model, Model):
            without_blis(model)
    return nlp


def fixed_vectors(docs: List[Doc], *, width: int) -> Any:
    """docs (List[Doc]): Documents.
    width (int): The width.
    RETURNS (Any): A tok2vec that takes no time: the vectors of these documents are ready.
    """
    ready = dict(zip(map(id, docs), vectors(list(map(len, docs)), width), strict=True))

    def forward(model: Any, given: List[Doc], is_train: bool) -> Any:
        return [ready[id(doc)] for doc in given], lambda dXs: []

    return Model("fixed_vectors", forward, dims={"nO": width})
