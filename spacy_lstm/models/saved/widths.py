"""Whether the layers of a model fit each other: what one gives is what the next one takes."""

from typing import Any, Callable, Dict, List, Optional

from thinc.api import Model

from .shapes import DENSE, module_of

#: The width of what a layer gives, or None where it isn't known.
Width = Optional[int]
#: The dimensions of each layer, by its id.
AllDims = Dict[int, Dict[str, Any]]
#: Is told of a layer, and of the two widths that contradict each other there.
Report = Callable[[Model, int, int], None]

#: Give what they are given, as far as the width is concerned.
SAME = (
    *(f"thinc.layers.reduce_{kind}" for kind in ("first", "last", "max", "mean", "sum")),
    "thinc.layers.dropout",
    "thinc.layers.list2array",
    "thinc.layers.list2padded",
    "thinc.layers.list2ragged",
    "thinc.layers.padded2list",
    "thinc.layers.ragged2list",
    "spacy_lstm.layers.joined",
)
#: Give what the layer inside gives, for what they are given themselves.
WRAPPERS = (
    *(f"thinc.layers.with_{kind}" for kind in ("array", "array2d", "list", "padded", "ragged")),
    "thinc.layers.residual",
    "thinc.layers.with_cpu",
    "spacy_lstm.layers.joined",
    "spacy_lstm.models.blank",
    "spacy_lstm.models.embed",
    "spacy_lstm.models.ngram_linear",
    "spacy_lstm.models.word_dropout",
)
#: Give what each of the layers inside gives, one beside the other.
BESIDE = ("thinc.layers.concatenate", "spacy_lstm.models.chars")
#: Give the sum of what the layers inside give, which therefore have one width.
ADDED = ("spacy_lstm.models.ner", "spacy_lstm.models.textcat", "thinc.layers.add")
#: Have the width of their input as a dimension.
CHECKED = (
    *DENSE,
    "thinc.layers.layernorm",
    "thinc.layers.maxout",
    "spacy_lstm.layers.crf",
    "spacy_lstm.layers.lstm",
)
#: Attention has the width of its input as that of its output.
ATTENTION = ("thinc.layers.parametricattention", "thinc.layers.parametricattention_v2")


def check_widths(model: Model, dims: AllDims, report: Report) -> None:
    """Follow the widths through a model.

    model (Model): The model.
    dims (Dict[int, Dict[str, Optional[int]]]): The dimensions of each layer, by its id.
    report (Callable[[Model, int, int], None]): What to call where they don't fit: with the layer,
        the width that it has, and the one that it must have.
    """
    _Widths(dims, report).of(model, None)


class _Widths:
    def __init__(self, dims: AllDims, report: Report) -> None:
        self._dims = dims
        self._report = report

    def of(self, node: Model, given: Width) -> Width:
        found = self._computed(node, given)
        declared = self._dims[node.id].get("nO")
        self._compare(node, declared, found)
        return found if declared is None else declared

    def _compare(self, node: Model, has: Width, must: Width) -> None:
        if has is not None and must is not None and has != must:
            self._report(node, has, must)

    def _computed(self, node: Model, given: Width) -> Width:
        module, dims = module_of(node), self._dims[node.id]
        if module == "thinc.layers.chain":
            for layer in node.layers:
                given = self.of(layer, given)
            return given
        if module == "spacy_lstm.layers.pooling":
            # The one that skips empty texts, or the one of the ends, which has no layer inside.
            return self.of(node.layers[0], given) if node.layers else given
        if module == "thinc.layers.expand_window":
            return None if given is None else given * (2 * node.attrs["window_size"] + 1)
        if module in CHECKED:
            self._compare(node, dims.get("nI"), given)
        elif not node.layers and (module in SAME or module in ATTENTION):
            return given
        inside = [self.of(layer, given if self._passes(module) else None) for layer in node.layers]
        return self._together(node, module, inside)

    def _passes(self, module: str) -> bool:
        return module in WRAPPERS or module in BESIDE or module in ADDED

    def _together(self, node: Model, module: str, inside: List[Width]) -> Width:
        if module in WRAPPERS:
            return inside[0]
        known = [width for width in inside if width is not None]
        if module in ADDED:
            for width in known[1:]:
                self._compare(node, width, known[0])
            return known[0] if known else None
        if module in BESIDE and len(known) == len(inside):
            return sum(known)
        return None
