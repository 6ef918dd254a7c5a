"""The shapes of the params of known layers, from their dimensions and attributes."""

from typing import Any, Callable, Dict, Mapping, Optional, Tuple

from thinc.api import Model

from ...layers.lstm_variants import Variant
from ...layers.normalize import Norm

Dims = Mapping[str, Any]
Attrs = Mapping[str, Any]
Shapes = Dict[str, Tuple[int, ...]]


def module_of(node: Model) -> str:
    """node (Model): A layer.
    RETURNS (str): The module of its forward pass, which tells what kind of layer it is.
    """
    return getattr(node._func, "__module__", None) or ""


def is_known(node: Model) -> bool:
    """node (Model): A layer.
    RETURNS (bool): Whether it comes from thinc, spaCy or here.
    """
    return module_of(node).split(".")[0] in ("thinc", "spacy", "spacy_lstm")


def has_shapes(node: Model) -> bool:
    """node (Model): A layer.
    RETURNS (bool): Whether the shapes of its params are known: it has none, or is of a known kind.
    """
    return not node.param_names or module_of(node) in SHAPES


def param_shapes(node: Model, dims: Dims, attrs: Attrs) -> Optional[Shapes]:
    """node (Model): A layer.
    dims (Mapping[str, Optional[int]]): Its dimensions, which may be others than it has now.
    attrs (Mapping[str, Any]): Its attributes.
    RETURNS (Optional[Dict[str, Tuple[int, ...]]]): The shape of each param; None where a dimension
        isn't known yet, or the layer is of an unknown kind.
    """
    if not node.param_names:
        return {}
    build = SHAPES.get(module_of(node))
    if build is None:
        return None
    try:
        return build({name: size for name, size in dims.items() if size is not None}, attrs)
    except KeyError:
        return None


def _dense(dims: Dims, attrs: Attrs) -> Shapes:
    return {"W": (dims["nO"], dims["nI"]), "b": (dims["nO"],)}


def _table(dims: Dims, attrs: Attrs) -> Shapes:
    return {"E": (dims["nV"], dims["nO"])}


def _maxout(dims: Dims, attrs: Attrs) -> Shapes:
    nO, nP = dims["nO"], dims["nP"]
    return {"W": (nO, nP, dims["nI"]), "b": (nO, nP)}


def _layer_norm(dims: Dims, attrs: Attrs) -> Shapes:
    return {"G": (dims["nI"],), "b": (dims["nI"],)}


def _attention(dims: Dims, attrs: Attrs) -> Shapes:
    return {"Q": (dims["nO"],)}


def _sparse_linear(dims: Dims, attrs: Attrs) -> Shapes:
    return {"W": (dims["nO"] * dims["length"],), "b": (dims["nO"],)}


def _static_vectors(dims: Dims, attrs: Attrs) -> Shapes:
    return {"W": (dims["nO"], dims["nM"])}


def _char_table(dims: Dims, attrs: Attrs) -> Shapes:
    return {"E": (dims["nC"], dims["nV"], dims["nM"])}


def _bag(dims: Dims, attrs: Attrs) -> Shapes:
    return {"W": (dims["nO"], attrs["n_features"]), "b": (dims["nO"],)}


def _crf(dims: Dims, attrs: Attrs) -> Shapes:
    nO = dims["nO"]
    return {"transitions": (nO, nO), "start": (nO,), "end": (nO,)}


def _unknown_word(dims: Dims, attrs: Attrs) -> Shapes:
    return {"unknown": (dims["nO"],)}


def _word_features(dims: Dims, attrs: Attrs) -> Shapes:
    return {"W": (attrs["length"], dims["nO"])}


def _lstm(dims: Dims, attrs: Attrs) -> Shapes:
    nO, directions = dims["nO"], attrs["directions"]
    variant = Variant(*(attrs[name] for name in Variant._fields))
    n_hidden = nO // len(directions)
    n_rows = len(variant.gates) * n_hidden
    shapes: Shapes = {}
    for layer in range(attrs["depth"]):
        of_param: Dict[str, Tuple[int, ...]] = {
            "W": (n_rows, nO if layer else dims["nI"]),
            "R": (n_rows, n_hidden),
            "b": (n_rows,),
            "P": (len(variant.peeping), n_hidden),
        }
        for direction in directions:
            shapes.update({f"{p}{layer}_{direction}": of_param[p] for p in variant.params})
        if attrs["layer_norm"]:
            shapes.update({f"{part}{layer}": (nO,) for part in Norm._fields})
    return shapes


#: Dense layers, by their modules in thinc.
DENSE = tuple(
    f"thinc.layers.{name}"
    for name in (
        "clipped_linear",
        "dish",
        "gelu",
        "hard_swish",
        "hard_swish_mobilenet",
        "linear",
        "mish",
        "relu",
        "sigmoid",
        "softmax",
        "swish",
    )
)

SHAPES: Dict[str, Callable[[Dims, Attrs], Shapes]] = {
    **dict.fromkeys(DENSE, _dense),
    "thinc.layers.embed": _table,
    "thinc.layers.hashembed": _table,
    "thinc.layers.maxout": _maxout,
    "thinc.layers.layernorm": _layer_norm,
    "thinc.layers.parametricattention": _attention,
    "thinc.layers.parametricattention_v2": _attention,
    "thinc.layers.sparselinear": _sparse_linear,
    "spacy.ml.staticvectors": _static_vectors,
    "spacy.ml._character_embed": _char_table,
    "spacy_lstm.layers.bag": _bag,
    "spacy_lstm.layers.crf": _crf,
    "spacy_lstm.layers.lstm": _lstm,
    "spacy_lstm.models.word_dropout": _unknown_word,
    "spacy_lstm.models.word_features": _word_features,
}
