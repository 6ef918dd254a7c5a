"""Load what commands work on: pipelines and annotated texts."""

import configparser
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

import spacy
from spacy.cli._util import setup_gpu
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Corpus, Example
from spacy.util import load_config, load_model_from_config
from thinc.api import Config, Model

from ..errors import Errors
from ..models.log_odds import forward as log_odds
from ..training.readers.records import DataError
from .layers import Describer, Part, Parts, Weight

# What spaCy, thinc and the factories of components raise on pipelines that don't fit what is
# installed here.
LOADING = (OSError, ValueError, KeyError, TypeError, AttributeError, ImportError)


def load_parts(name: str) -> Parts:
    """Load a pipeline, and describe it.

    name (str): The folder of a pipeline, the name of an installed one, or a config file.
    RETURNS (Parts): Its description.
    RAISES (DataError): If there is no such pipeline, or it can't be loaded.
    """
    notes: Dict[str, str] = {}
    if Path(name).suffix == ".cfg":
        nlp = make_pipeline(read_config(Path(name)), Path(name))
        notes = _make_weights(nlp)
    else:
        nlp = load(name)
    describer = Describer()
    components = []
    for part, pipe in nlp.components:
        model = getattr(pipe, "model", None)
        layer = describer.describe(model) if isinstance(model, Model) else None
        factory = nlp.get_pipe_meta(part).factory
        components.append(Part(part, factory, layer, notes.get(part, "")))
    vectors = None
    data = getattr(nlp.vocab.vectors, "data", None)
    if data is not None and data.size:
        shape = tuple(int(n) for n in data.shape)
        vectors = Weight("vectors", shape, str(data.dtype), int(data.nbytes))
    return Parts(name, components, vectors)


def load(name: str) -> Language:
    """Load a pipeline.

    name (str): Its folder, or the name of an installed one.
    RETURNS (Language): The pipeline.
    RAISES (DataError): If there is no such pipeline, or it can't be loaded.
    """
    try:
        return spacy.load(name)
    except LOADING as err:
        # E050: there is no such package or folder; E053: the folder has no meta.json or config.cfg
        if isinstance(err, OSError) and any(code in str(err) for code in ("[E050]", "[E053]")):
            raise DataError(Errors.L501.format(name=name, cwd=Path.cwd())) from err
        raise DataError(Errors.L502.format(name=name, reason=reason_of(err))) from err


def use_device(gpu_id: int) -> None:
    """Use a GPU, or the CPU.

    gpu_id (int): The number of the GPU, or -1 for the CPU.
    RAISES (DataError): If there is no such GPU, or what spaCy needs to use it isn't installed.
    """
    try:
        setup_gpu(gpu_id, silent=True)
    # ValueError is spaCy's, where there is no GPU at all; RuntimeError is CUDA's.
    except (ValueError, RuntimeError) as err:
        raise DataError(Errors.L707.format(gpu_id=gpu_id, reason=reason_of(err))) from err


def read_config(path: Path, overrides: Optional[Dict[str, Any]] = None) -> Config:
    """Read the config of a pipeline.

    path (Path): The file.
    overrides (Optional[Dict[str, Any]]): Other values for settings, by their names with dots.
    RETURNS (Config): The config, not interpolated.
    RAISES (DataError): If it isn't there, or is no config.
    """
    if not path.is_file():
        raise DataError(Errors.L501.format(name=path, cwd=Path.cwd()))
    try:
        config = load_config(path, overrides=overrides or {}, interpolate=False)
    except (*LOADING, configparser.Error) as err:
        raise DataError(Errors.L502.format(name=path, reason=reason_of(err))) from err
    if "nlp" not in config:
        raise DataError(Errors.L503.format(path=path))
    return config


def make_pipeline(config: Config, path: Path) -> Language:
    """Make the pipeline of a config, without weights.

    config (Config): The config.
    path (Path): Its file, for messages.
    RETURNS (Language): The pipeline.
    RAISES (DataError): If it can't be made.
    """
    try:
        return load_model_from_config(config, auto_fill=True)
    except (*LOADING, configparser.Error) as err:
        raise DataError(Errors.L502.format(name=path, reason=reason_of(err))) from err


def _make_weights(nlp: Language) -> Dict[str, str]:
    """Initialize what a config alone says all of: components with `labels`, and the tok2vec layers
    of others. The weights that depend on the data stay unmade.

    nlp (Language): The pipeline of the config.
    RETURNS (Dict[str, str]): By component, why it couldn't be initialized.
    """
    doc = nlp.make_doc("A text.")
    settings = nlp.config["initialize"]["components"]
    notes = {}
    components: List[Tuple[str, Any]] = nlp.components
    for name, pipe in components:
        if not isinstance(getattr(pipe, "model", None), Model):
            continue
        labels = settings.get(name, {}).get("labels")
        try:
            if isinstance(labels, list):
                pipe.initialize(lambda: [Example(doc, doc)], nlp=nlp, labels=labels)
            elif pipe.model.has_ref("tok2vec"):
                _make_tok2vec(pipe.model.get_ref("tok2vec"), doc)
            elif hasattr(pipe, "listener_map"):  # an encoder, which is a tok2vec layer itself
                pipe.model.initialize(X=[doc])
        # What layers raise that miss something, as static vectors in an empty vocabulary.
        except (ValueError, LookupError, RuntimeError) as err:
            notes[name] = f"can't be made from the config alone ({reason_of(err)})"
    return notes


def _make_tok2vec(tok2vec: Model, doc: Doc) -> None:
    """Without counted texts there are no log-odds, and the encoder's width is open: then only the
    embedding that they go beside is made."""
    counting = [node for node in tok2vec.walk() if node._func is log_odds]
    for layer in [node.layers[0] for node in counting] or [tok2vec]:
        layer.initialize(X=[doc])


def read_examples(nlp: Language, path: Path, *, limit: int = 0) -> List[Example]:
    """Read annotated texts.

    nlp (Language): The pipeline that is to read them.
    path (Path): A .spacy file, or a folder of them.
    limit (int): How many at most; 0 is all.
    RETURNS (List[Example]): The texts.
    RAISES (DataError): If they can't be read.
    """
    try:
        return list(Corpus(path, limit=limit)(nlp))
    # What spaCy raises on paths that aren't there, and on files of another kind.
    except (OSError, ValueError, KeyError, TypeError) as err:
        raise DataError(Errors.L634.format(path=path, reason=reason_of(err))) from err


def reason_of(err: Exception) -> str:
    """err (Exception): An error.
    RETURNS (str): Its message on one line, with its kind where the message alone says little.
    """
    message = " ".join(str(err).split()).rstrip(".")
    if isinstance(err, (LookupError, TypeError, AttributeError)):
        return f"{type(err).__name__}: {message}"
    return message
