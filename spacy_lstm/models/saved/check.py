"""A saved model is believed when it is the one that the config describes, and no sooner.

thinc loads what it is given: weights of other shapes, other attributes, flipped bits. What is wrong
shows in a prediction, or in memory that isn't the layer's. So all is checked here first: then
`Model.from_dict` can't fail halfway.
"""

import math
from typing import Any, Dict, List, Mapping, NoReturn, Optional

import numpy
from thinc.api import Model

from ...errors import Errors
from ...files.manifest import Manifest
from ...files.parts import MODEL, Part
from ...files.unpack import HEAD, UnreadableError, is_size, unpack, unpack_first
from ..label_counts import most_bytes
from ..log_odds import forward as log_odds
from ..log_odds import label_counts, n_features
from ..ngram_linear import forward as ngram_linear
from .attrs import read_attrs
from .shapes import has_shapes, is_known, param_shapes
from .widths import check_widths

#: The keys of thinc's messages.
KEYS = ("nodes", "attrs", "params", "shims")
#: How many bytes of a file, beside weights and attributes, there may be for each layer and param.
ROOM = 1024
#: Up to this size, damage is told from a wrong config where the checksum can tell.
SMALL = 1 << 28


class SavedModel:
    """The file of a model, and the model that it is to be loaded into."""

    def __init__(self, part: Part, model: Model, owner: str, n_outputs: Optional[int]) -> None:
        """part (Part): The file.
        model (Model): The model, as the config describes it. It isn't changed.
        owner (str): The name of the component.
        n_outputs (Optional[int]): How many scores the labels need; None where that isn't known.
        """
        self._part = part
        self._model = model
        self._owner = owner
        self._n_outputs = n_outputs
        self._nodes: List[Model] = list(model.walk())
        self._dims: Dict[int, Dict[str, Any]] = {}

    def read(self, manifest: Optional[Manifest]) -> Dict[str, Any]:
        """Read the model and check it. No more memory is taken than the file has bytes, a few times
        over, and no more than the config gives reason for.

        manifest (Optional[Manifest]): What was written down of the file.
        RETURNS (Dict[str, Any]): What `Model.from_dict` takes.
        RAISES (ValueError): If the file is damaged, or isn't of this model.
        """
        if manifest is not None:
            manifest.check_size(MODEL, self._part)
        try:
            self._check_head()
        except ValueError:
            # Where bits have flipped, the layers may seem to be others.
            if manifest is not None and self._part.size <= SMALL:
                manifest.check(MODEL, self._part, self._part.read())
            raise
        data = self._part.read()
        if manifest is not None:
            manifest.check(MODEL, self._part, data)
        try:
            message = unpack(data)
        except UnreadableError as err:
            raise self._damaged(err) from err
        self._check_message(message)
        return message

    def _damaged(self, reason: Any) -> ValueError:
        return ValueError(Errors.L805.format(where=self._part.where, reason=reason))

    def _differs(self, what: str, got: Any, expected: Any) -> ValueError:
        return ValueError(
            Errors.L806.format(
                where=self._part.where,
                name=self._owner,
                what=what,
                got=str(got)[:80],
                expected=str(expected)[:80],
            )
        )

    def _check_head(self) -> None:
        try:
            nodes, n_bytes = unpack_first(self._part.read(HEAD), KEYS[0])
            self._check_nodes(nodes)
        except UnreadableError as err:
            raise self._damaged(err) from err
        most = self._most_bytes(n_bytes)
        if most is not None and self._part.size > most:
            message = Errors.L802.format(
                where=self._part.where, size=self._part.size, most=most, name=self._owner
            )
            raise ValueError(message)

    def _check_nodes(self, nodes: Any) -> None:
        if not isinstance(nodes, list):
            raise UnreadableError("it lists no layers")
        if len(nodes) != len(self._nodes):
            raise self._differs("the number of layers", len(nodes), len(self._nodes))
        for i, (node, info) in enumerate(zip(self._nodes, nodes, strict=True)):
            if not isinstance(info, dict) or set(info) != {"index", "name", "dims", "refs"}:
                raise UnreadableError(f"the layer {i} isn't described")
            if info["index"] != i or not isinstance(info["name"], str):
                raise UnreadableError(f"the layer {i} has another number, or no name")
            if not node.layers and is_known(node) and info["name"] != node.name:
                raise self._differs(f"the layer {i}", repr(info["name"]), repr(node.name))
            self._check_dims(node, info["dims"])
            self._check_refs(node, info["refs"])
        self._check_outputs()
        check_widths(self._model, self._dims, self._report_width)

    def _report_width(self, node: Model, has: int, must: int) -> NoReturn:
        raise self._differs(f"a width of the layer '{node.name}'", has, must)

    def _check_dims(self, node: Model, dims: Any) -> None:
        if not isinstance(dims, dict) or not set(dims) <= set(node.dim_names):
            raise self._differs(f"the dimensions of the layer '{node.name}'", dims, node.dim_names)
        of_node = {name: node.maybe_get_dim(name) for name in node.dim_names}
        for name, size in dims.items():
            if size is None:
                continue
            if not is_size(size):
                raise UnreadableError(f"a dimension of the layer '{node.name}' is no size")
            if of_node[name] not in (None, size):
                what = f"the dimension {name} of the layer '{node.name}'"
                raise self._differs(what, size, of_node[name])
            of_node[name] = size
        self._dims[node.id] = of_node

    def _check_refs(self, node: Model, refs: Any) -> None:
        if not isinstance(refs, dict) or not set(refs) <= set(node.ref_names):
            raise self._differs(f"the refs of the layer '{node.name}'", refs, node.ref_names)
        for name, index in refs.items():
            ref = node.get_ref(name) if node.has_ref(name) else None
            expected = None if ref is None else self._nodes.index(ref)
            if index != expected:
                what = f"the layer that '{node.name}' calls `{name}`"
                raise self._differs(what, f"number {index}", f"number {expected}")

    def _check_outputs(self) -> None:
        if self._n_outputs is None:
            return
        has_ref = self._model.has_ref("output_layer")
        output = self._model.get_ref("output_layer") if has_ref else self._model
        nO = self._dims[output.id].get("nO")
        if nO not in (None, self._n_outputs):
            raise self._differs("the number of scores", nO, f"{self._n_outputs} for the labels")

    def _most_bytes(self, n_bytes: int) -> Optional[int]:
        """The size of the largest file that has these dimensions, or None where a layer is of an
        unknown kind. The table of n-grams may be as large as the config lets it become."""
        total = n_bytes
        for node in self._nodes:
            attrs = self._largest_attrs(node)
            shapes = param_shapes(node, self._dims[node.id], attrs)
            if node.shims or not is_known(node) or not has_shapes(node):
                return None
            total += ROOM * (1 + len(node.param_names) + len(node.attrs))
            total += sum(4 * math.prod(shape) for shape in (shapes or {}).values())
            total += sum(len(repr(value)) for value in node.attrs.values())
            total += self._largest_table(node)
        return total

    def _largest_table(self, node: Model) -> int:
        if node._func is log_odds:
            n_folds, most = node.attrs["n_folds"], node.attrs["max_ngrams"]
            return most_bytes(self._n_outputs or 0, n_folds, most)
        return 8 * node.attrs["max_ngrams"] if node._func is ngram_linear else 0

    def _largest_attrs(self, node: Model) -> Mapping[str, Any]:
        owner = self._owner_of(node)
        if owner is None:
            return node.attrs
        return {**node.attrs, "n_features": owner.attrs["max_ngrams"]}

    def _owner_of(self, node: Model) -> Optional[Model]:
        """The model of n-grams whose weights a layer has."""
        owners = (n for n in self._nodes if n._func is ngram_linear and n.layers[0] is node)
        return next(owners, None)

    def _check_message(self, message: Any) -> None:
        if not isinstance(message, dict) or tuple(message) != KEYS:
            raise self._damaged(f"it hasn't the parts {', '.join(KEYS)}")
        for key in KEYS:
            if not isinstance(message[key], list) or len(message[key]) != len(self._nodes):
                raise self._damaged(f"its {key} aren't those of its layers")
        attrs = {}
        for node, saved in zip(self._nodes, message["attrs"], strict=True):
            if not isinstance(saved, dict):
                raise self._damaged(f"the attributes of the layer '{node.name}' are missing")
            attrs[node.id] = read_attrs(node, saved, self._differs)
        self._check_ngrams(attrs)
        self._check_label_counts(attrs)
        n_set = 0
        for node, params in zip(self._nodes, message["params"], strict=True):
            n_set += self._check_params(node, params, attrs[node.id])
        self._check_complete(message["params"], n_set)
        for node, shims in zip(self._nodes, message["shims"], strict=True):
            is_list = isinstance(shims, list) and len(shims) == len(node.shims)
            if not is_list or not all(isinstance(shim, bytes) for shim in shims):
                raise self._damaged(f"the layer '{node.name}' has other shims")

    def _check_ngrams(self, attrs: Dict[int, Dict[str, Any]]) -> None:
        for node in self._nodes:
            if node._func is not ngram_linear:
                continue
            n_keys, most = len(attrs[node.id]["keys"]), node.attrs["max_ngrams"]
            n_features = attrs[node.layers[0].id]["n_features"]
            if n_keys > most:
                raise self._differs("the number of n-grams", n_keys, f"at most {most}")
            # Before initialization there may be n-grams already, and no weights.
            if n_features not in (n_keys, 0):
                raise self._differs("the number of weights of n-grams", n_features, n_keys)

    def _check_label_counts(self, attrs: Dict[int, Dict[str, Any]]) -> None:
        for node in self._nodes:
            if node._func is not log_odds:
                continue
            of_node = attrs[node.id]
            n_labels = len(of_node["priors"])
            n_folds, most = of_node["n_folds"], of_node["max_ngrams"]
            problem = label_counts(of_node).problem(n_labels, n_folds, most)
            if problem is not None:
                raise self._differs("the table of counts", problem, "one whose parts fit together")
            width, inside = (self._dims[n.id].get("nO") for n in (node, node.layers[0]))
            must = None if inside is None else inside + n_features(of_node)
            if None not in (width, must) and width != must:
                raise self._differs(f"the width of the layer '{node.name}'", width, must)

    def _check_params(self, node: Model, params: Any, attrs: Mapping[str, Any]) -> int:
        if not isinstance(params, dict) or set(params) != set(node.param_names):
            got = sorted(map(str, params)) if isinstance(params, dict) else "missing"
            what = f"the list of weights of the layer '{node.name}'"
            raise self._differs(what, got, sorted(node.param_names))
        shapes = param_shapes(node, self._dims[node.id], attrs)
        n_set = 0
        for name, value in params.items():
            if value is None:
                continue
            n_set += 1
            self._check_param(node, name, value, None if shapes is None else shapes[name])
        return n_set

    def _check_param(self, node: Model, name: str, value: Any, shape: Any) -> None:
        what = f"the shape of the weights {name} of the layer '{node.name}'"
        if not isinstance(value, numpy.ndarray):
            raise self._damaged(f"the weights {name} of the layer '{node.name}' are no array")
        if shape is not None and value.shape != shape:
            raise self._differs(what, value.shape, shape)
        if shape is None and has_shapes(node):
            raise self._differs(what, value.shape, "absent, as a dimension is unknown")
        if value.dtype != "float32" and is_known(node):
            what = f"the type of the weights {name} of the layer '{node.name}'"
            raise self._differs(what, value.dtype, "float32")
        if value.dtype.kind == "f" and not numpy.isfinite(value).all():
            message = Errors.L807.format(param=name, layer=node.name, where=self._part.where)
            raise ValueError(message)

    def _check_complete(self, params: List[Dict[str, Any]], n_set: int) -> None:
        """A model has all of its weights, or none before it is initialized."""
        if not n_set:
            return
        for node, of_node in zip(self._nodes, params, strict=True):
            for name, value in of_node.items():
                if value is None and is_known(node):
                    what = f"the weights {name} of the layer '{node.name}'"
                    raise self._differs(what, "missing", "there, as others are")
