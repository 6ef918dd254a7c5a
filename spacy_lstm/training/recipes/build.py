"""Make a complete config of the fragments here and the defaults of the components."""

import shlex
from copy import deepcopy
from typing import Any, Dict, Iterator, List, Optional, Sequence

from spacy.util import load_model_from_config
from thinc.api import Config

from ...errors import Errors
from ..readers.records import DataError
from . import Recipe
from .fragments import Comments, Fragment, Keys, merge, read_explanations, read_fragment
from .plan import ENCODER_NAME, OURS, Plan, plan_pipeline
from .write import write

LISTENER = {
    "@architectures": "spacy.Tok2VecListener.v1",
    "width": f"${{components.{ENCODER_NAME}.model.encode.width}}",
    "upstream": ENCODER_NAME,
}
#: What makes a component of ours accurate, beside the fragment of its own name.
ACCURACY: Dict[str, List[str]] = {
    "textcat": ["textcat_accuracy"],
    "textcat_multilabel": ["textcat_multilabel_accuracy"],
    "ner": ["embed_accuracy", "ner_accuracy"],
}


def make_config(
    *,
    lang: str = "en",
    pipeline: Sequence[str],
    optimize: Recipe = Recipe.speed,
    vectors: Optional[str] = None,
    gpu: bool = False,
) -> str:
    """Make the config of a pipeline: complete, with comments.

    lang (str): The code of the language.
    pipeline (Sequence[str]): The names of the components, in their order: "textcat",
        "textcat_multilabel" and "ner" are ours, and any other of spaCy may be there too. A shared
        encoder is added where it is needed.
    optimize (Recipe): What the pipeline is to be best at.
    vectors (Optional[str]): The name or folder of a pipeline with word vectors, to use them.
    gpu (bool): Whether it is trained on a GPU.
    RETURNS (str): The text of the config.
    RAISES (DataError): If the language or a component is unknown or can't be used, a component is
        named twice, or none of them needs an encoder.
    """
    plan = plan_pipeline(lang, pipeline, optimize)
    values = _defaults(plan)
    comments: Comments = {}
    encoder = _encoder_path(plan)
    for fragment in _fragments(plan, optimize):
        merge(values, comments, fragment, encoder)
    if optimize is Recipe.long:
        # The limit of texts stays that of the batcher whose place is taken.
        batcher = values["training"]["batcher"]
        size = batcher.get("size") or batcher["max_docs"]
        for name in ("long", "long_ner") if plan.cut else ("long",):
            merge(values, comments, read_fragment(name), encoder)
        values["training"]["batcher"]["max_docs"] = size
    if vectors is not None:
        merge(values, comments, read_fragment("vectors"), encoder)
        values["paths"] = {"vectors": vectors}
        _use_vectors(_at(values, encoder))
    if gpu:
        merge(values, comments, read_fragment("gpu"), encoder)
    try:
        config = load_model_from_config(Config(values), auto_fill=True).config
    # What factories raise that can't do with their defaults, as in plugins.
    except (ValueError, TypeError, KeyError, OSError, ImportError) as err:
        reason = " ".join(str(err).split())
        raise DataError(Errors.L688.format(names=", ".join(plan.names), reason=reason)) from err
    lang = plan.nlp.lang or lang
    made = ["--lang", lang, "--pipeline", ",".join(pipeline), "--optimize", optimize.value]
    made += [] if vectors is None else ["--vectors", vectors]
    made += ["--gpu"] if gpu else []
    title = [
        f"# Made by `python -m spacy lstm init-config OUT.cfg {shlex.join(made)}`.",
        f"# For {optimize.purpose}.",
    ]
    return "\n".join([*title, "", write(config, comments, read_explanations())])


def _defaults(plan: Plan) -> Dict[str, Any]:
    components: Dict[str, Any] = {}
    for name in plan.pipeline:
        components[name] = {"factory": plan.factory(name)}
        if name in (*OURS, *plan.listening, ENCODER_NAME):
            components[name]["model"] = deepcopy(plan.defaults(name)["model"])
        if plan.shared and name != ENCODER_NAME and "model" in components[name]:
            components[name]["model"]["tok2vec"] = LISTENER
    return {"nlp": {"lang": plan.nlp.lang, "pipeline": plan.pipeline}, "components": components}


def _encoder_path(plan: Plan) -> Keys:
    if plan.shared:
        return ("components", ENCODER_NAME, "model")
    return ("components", plan.heads[0], "model", "tok2vec")


def _fragments(plan: Plan, recipe: Recipe) -> Iterator[Fragment]:
    accurate = recipe is not Recipe.speed
    names = [name for head in plan.heads for name in (head, *(ACCURACY[head] if accurate else ()))]
    yield read_fragment("training")
    if not plan.shared:
        yield from map(read_fragment, names)
        return
    for name in names:  # the encoder and the training are not for one of them alone
        yield read_fragment(name).only("components")
    yield read_fragment("shared")
    if accurate:
        yield read_fragment("embed_accuracy")
        yield read_fragment("shared_accuracy")
    if plan.listening:
        yield read_fragment("stock")


def _at(values: Dict[str, Any], path: Keys) -> Dict[str, Any]:
    for key in path:
        values = values[key]
    return values


def _use_vectors(settings: Dict[str, Any]) -> None:
    for key, value in settings.items():
        if isinstance(value, dict):
            _use_vectors(value)
        elif key == "include_static_vectors":
            settings[key] = True
