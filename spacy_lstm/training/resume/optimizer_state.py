"""What an optimizer knows of each parameter, and the gradients that it has seen, by names that are
the same in every process."""

from typing import Any, Dict, Iterable, Iterator, List, NamedTuple, Tuple, Union

from spacy.language import Language
from thinc.api import Model, Optimizer, PyTorchShim, Shim, get_current_ops, torch2xp, xp2torch

from ...errors import Errors
from ...types import Array
from ..readers.records import DataError

#: thinc's key of a parameter, which is another one in each process.
Key = Tuple[int, str]
MOMENTS = ("mom1", "mom2", "averages")


class Place(NamedTuple):
    """A parameter's place in the pipeline.

    component (str): The name of the component.
    node (int): The position of the layer in the walk through the component's model.
    shim (int): The position of the shim in the layer; -1 for the layer itself.
    param (str): The name of the parameter.
    """

    component: str
    node: int
    shim: int
    param: str


Owner = Union[Model, Shim]


def _owners(nlp: Language) -> Iterator[Tuple[str, int, int, Owner]]:
    for name, pipe in nlp.components:
        model = getattr(pipe, "model", None)
        if isinstance(model, Model):
            for number, node in enumerate(model.walk()):
                yield name, number, -1, node
                for position, shim in enumerate(node.shims):
                    yield name, number, position, shim


def _places(nlp: Language, keys: Iterable[Key]) -> Dict[Key, Place]:
    """Find the places of parameters.

    nlp (Language): The pipeline.
    keys (Iterable[Tuple[int, str]]): The parameters.
    RETURNS (Dict[Tuple[int, str], Place]): The place of each.
    RAISES (DataError): If one isn't in the pipeline.
    """
    keys = list(keys)
    owners: Dict[int, List[Tuple[str, int, int, Owner]]] = {}
    for found in _owners(nlp):
        owners.setdefault(found[3].id, []).append(found)
    places: Dict[Key, Place] = {}
    for id_, param in keys:
        for name, node, shim, owner in owners.get(id_, ()):
            # Layers and shims are numbered apart, so that the name decides.
            if isinstance(owner, Shim) or param in owner.param_names:
                places.setdefault((id_, param), Place(name, node, shim, param))
    n_unknown = len(set(keys) - set(places))
    if n_unknown:
        components = ", ".join(nlp.component_names)
        raise DataError(Errors.L757.format(n=n_unknown, components=components))
    return places


def check_places(nlp: Language, optimizer: Optimizer) -> None:
    """See whether the state of an optimizer can be kept.

    nlp (Language): The pipeline.
    optimizer (Optimizer): The optimizer, after a step.
    RAISES (DataError): If it changed parameters that aren't in the pipeline.
    """
    _places(nlp, optimizer.nr_update)


def optimizer_state(nlp: Language, optimizer: Optimizer) -> Tuple[Dict[str, Any], Dict[str, Array]]:
    """Read what an optimizer knows.

    nlp (Language): The pipeline that it trains.
    optimizer (Optimizer): The optimizer.
    RETURNS (Tuple[Dict[str, Any], Dict[str, Array]]): Plain values, and arrays by their names.
    RAISES (DataError): If it knows parameters that aren't in the pipeline.
    """
    to_numpy = get_current_ops().to_numpy
    places = _places(nlp, optimizer.nr_update)
    arrays: Dict[str, Array] = {}
    for kind in MOMENTS:
        of_kind = getattr(optimizer, kind) or {}
        for number, key in enumerate(places):
            if key in of_kind:
                arrays[f"{kind}.{number}"] = to_numpy(of_kind[key])
    gradients: List[Place] = []
    for name, node, position, owner in _owners(nlp):
        for param, gradient in _gradients(owner):
            # Of those that a step has used up, it only counts that they are there: the optimizer
            # goes on with a parameter that has one, though it is zero.
            if gradient.any():
                arrays[f"gradient.{len(gradients)}"] = to_numpy(gradient)
            gradients.append(Place(name, node, position, param))
    state = {
        "places": list(places.values()),
        "n_updates": [optimizer.nr_update[key] for key in places],
        "radam": optimizer._radam_buffer,
        "gradients": gradients,
    }
    return state, arrays


def restore_optimizer(
    nlp: Language,
    optimizer: Optimizer,
    state: Dict[str, Any],
    arrays: Dict[str, Array],
    *,
    n_steps: int,
) -> None:
    """Give a new optimizer what another one knew.

    nlp (Language): The pipeline, with the weights of then.
    optimizer (Optimizer): The optimizer, as the config makes it.
    state (Dict[str, Any]): What `optimizer_state` gave.
    arrays (Dict[str, Array]): The arrays that it gave.
    n_steps (int): How many steps there had been. The schedules go on from there.
    RAISES (KeyError): If a parameter isn't in the pipeline.
    """
    owners = {tuple(owner[:3]): owner[3] for owner in _owners(nlp)}
    ops: Any = get_current_ops()
    for number, (*place, param) in enumerate(state["places"]):
        key = (owners[tuple(place)].id, param)
        optimizer.nr_update[key] = state["n_updates"][number]
        for kind in MOMENTS:
            if f"{kind}.{number}" in arrays:
                getattr(optimizer, kind)[key] = ops.asarray(arrays[f"{kind}.{number}"])
    for number, (*place, param) in enumerate(state["gradients"]):
        _set_gradient(owners[tuple(place)], param, arrays.get(f"gradient.{number}"))
    optimizer._radam_buffer = [list(entry) for entry in state["radam"]]
    for _ in range(n_steps):
        optimizer.step_schedules()


def _gradients(owner: Owner) -> Iterator[Tuple[str, Any]]:
    if isinstance(owner, Model):
        for param in owner.param_names:
            if owner.has_grad(param):
                yield param, owner.get_grad(param)
    elif isinstance(owner, PyTorchShim):
        for param, tensor in owner._model.named_parameters():
            if tensor.grad is not None:
                yield param, torch2xp(tensor.grad)


def _set_gradient(owner: Owner, param: str, gradient: Any) -> None:
    if isinstance(owner, Model):
        ops: Any = owner.ops
        empty = ops.xp.zeros_like(owner.get_param(param))
        owner.set_grad(param, empty if gradient is None else ops.asarray(gradient))
    else:
        tensor = dict(owner._model.named_parameters())[param]
        tensor.grad = tensor.detach() * 0.0
        if gradient is not None:
            array = get_current_ops().asarray(gradient)
            tensor.grad.copy_(xp2torch(array, device=tensor.device))
