"""What a pipeline is made of: its components, their layers, and the weights of these."""

from dataclasses import dataclass, field
from math import prod
from typing import Any, Dict, Iterator, List, Optional, Set, Tuple

from thinc.api import Model, PyTorchShim

Shape = Tuple[int, ...]


@dataclass(frozen=True)
class Weight:
    """An array that is trained.

    name (str): Its name in the layer.
    shape (Optional[Shape]): Its shape; None where it isn't made yet.
    dtype (str): The type of its numbers, "" where it isn't made yet.
    n_bytes (int): Its size.
    shared (bool): Whether it stands, and is counted, further up.
    """

    name: str
    shape: Optional[Shape] = None
    dtype: str = ""
    n_bytes: int = 0
    shared: bool = False

    @property
    def n_params(self) -> int:
        """RETURNS (int): How many numbers it has; 0 where it isn't made yet."""
        return 0 if self.shape is None else prod(self.shape)


@dataclass
class Layer:
    """A layer of a model.

    name (str): Its own name.
    kind (str): The module of its function, for instance "thinc.layers.chain".
    role (Optional[str]): The name of the ref by which another layer knows it, as "encode".
    dims (Dict[str, Optional[int]]): Its dimensions, None where unknown.
    weights (List[Weight]): Its own weights.
    note (str): What else there is to say, or "".
    layers (List[Layer]): The layers inside.
    """

    name: str
    kind: str
    role: Optional[str] = None
    dims: Dict[str, Optional[int]] = field(default_factory=dict)
    weights: List[Weight] = field(default_factory=list)
    note: str = ""
    layers: List["Layer"] = field(default_factory=list)

    def all_weights(self) -> Iterator[Weight]:
        """YIELDS (Weight): Its weights and those of the layers inside, each array once."""
        yield from (weight for weight in self.weights if not weight.shared)
        for layer in self.layers:
            yield from layer.all_weights()


@dataclass
class Part:
    """A component of a pipeline.

    name (str): Its name in the pipeline.
    factory (str): The name of its factory.
    layer (Optional[Layer]): The outermost layer; None if it has no model.
    note (str): What else there is to say, or "".
    """

    name: str
    factory: str
    layer: Optional[Layer] = None
    note: str = ""

    @property
    def weights(self) -> List[Weight]:
        """RETURNS (List[Weight]): All its weights."""
        return [] if self.layer is None else list(self.layer.all_weights())


class Describer:
    """Describes the models of one pipeline, and knows what it has seen of them."""

    def __init__(self) -> None:
        self._layers: Set[int] = set()
        # The arrays too, so that no other array gets the address of one that was freed.
        self._arrays: Dict[int, Any] = {}

    def describe(self, model: Model) -> Layer:
        """Describe a model.

        model (Model): The model.
        RETURNS (Layer): Its outermost layer. Layers and arrays that were seen before are marked as
            shared.
        """
        roles = {
            node.get_ref(name).id: name
            for node in model.walk()
            for name in reversed(node.ref_names)
            if node.has_ref(name)
        }
        return self._describe(model, roles)

    def _describe(self, model: Model, roles: Dict[int, str]) -> Layer:
        layer = Layer(
            name=model.name,
            kind=type(model).__module__ if type(model) is not Model else model._func.__module__,
            role=roles.get(model.id),
            dims={name: model.maybe_get_dim(name) for name in model.dim_names},
        )
        if model.id in self._layers:
            layer.note = "the same as above"
            return layer
        self._layers.add(model.id)
        upstream = getattr(model, "upstream_name", None)
        if upstream is not None:  # a listener of spaCy, or of a plugin with transformers
            layer.note = f"listens to '{upstream}'"
        layer.weights = [
            self._weight(name, model.get_param(name) if model.has_param(name) else None)
            for name in model.param_names
        ]
        for shim in model.shims:
            if isinstance(shim, PyTorchShim) and shim._model is not None:
                module: Any = shim._model
                layer.note = f"torch: {type(module).__name__}"
                layer.weights += [self._weight(*pair) for pair in module.named_parameters()]
            else:
                layer.note = f"{type(shim).__name__}: its weights aren't counted"
        layer.layers = [self._describe(inner, roles) for inner in model.layers]
        return layer

    def _weight(self, name: str, array: Any) -> Weight:
        if array is None:
            return Weight(name)
        shared = id(array) in self._arrays
        self._arrays[id(array)] = array
        dtype = str(array.dtype).removeprefix("torch.")
        shape = tuple(int(n) for n in array.shape)
        return Weight(name, shape, dtype, int(array.nbytes), shared)


@dataclass
class Parts:
    """A pipeline.

    name (str): What the user called it.
    components (List[Part]): Its components.
    vectors (Optional[Weight]): Its static vectors, which aren't trained.
    """

    name: str
    components: List[Part]
    vectors: Optional[Weight] = None

    @property
    def weights(self) -> List[Weight]:
        """RETURNS (List[Weight]): The weights of all components."""
        return [weight for part in self.components for weight in part.weights]


def totals(weights: List[Weight]) -> Dict[str, Any]:
    """Add up weights.

    weights (List[Weight]): The weights.
    RETURNS (Dict[str, Any]): The number of parameters, their size and types, and how many arrays
        aren't made yet.
    """
    return {
        "n_params": sum(weight.n_params for weight in weights),
        "n_bytes": sum(weight.n_bytes for weight in weights),
        "dtypes": sorted({weight.dtype for weight in weights if weight.dtype}),
        "n_unknown": sum(weight.shape is None for weight in weights),
    }


def as_dict(parts: Parts) -> Dict[str, Any]:
    """Make what JSON can hold of a pipeline.

    parts (Parts): The pipeline.
    RETURNS (Dict[str, Any]): All of its layers, and the totals.
    """
    components = [
        {
            "name": part.name,
            "factory": part.factory,
            "note": part.note,
            **totals(part.weights),
            "model": None if part.layer is None else _layer_as_dict(part.layer),
        }
        for part in parts.components
    ]
    vectors = None if parts.vectors is None else _weight_as_dict(parts.vectors)
    return {
        "name": parts.name,
        **totals(parts.weights),
        "components": components,
        "vectors": vectors,
    }


def _layer_as_dict(layer: Layer) -> Dict[str, Any]:
    return {
        "name": layer.name,
        "kind": layer.kind,
        "role": layer.role,
        "note": layer.note,
        "dims": layer.dims,
        "weights": [_weight_as_dict(weight) for weight in layer.weights],
        **totals(list(layer.all_weights())),
        "layers": [_layer_as_dict(inner) for inner in layer.layers],
    }


def _weight_as_dict(weight: Weight) -> Dict[str, Any]:
    return {
        "name": weight.name,
        "shape": None if weight.shape is None else list(weight.shape),
        "dtype": weight.dtype,
        "n_params": weight.n_params,
        "shared": weight.shared,
    }
