"""Where the generators of random numbers stand, in plain values."""

import random
from typing import Any, Callable, Dict, List, NamedTuple, Tuple

import numpy
import torch
from thinc.util import has_cupy_gpu


class Generator(NamedTuple):
    """A generator of random numbers.

    get (Callable[[], Any]): Gives its state: numbers, strings, bytes, and tuples of them.
    set (Callable[[Any], None]): Takes it back. Tuples may have become lists.
    """

    get: Callable[[], Any]
    set: Callable[[Any], None]


def _set_python(state: Any) -> None:
    version, numbers, gauss = state
    random.setstate((version, tuple(numbers), gauss))


def _get_numpy() -> Tuple[str, bytes, int, int, float]:
    # The generator of `numpy.random` itself is what dropout draws from.
    name, keys, position, has_gauss, gauss = numpy.random.get_state()  # noqa: NPY002
    return str(name), numpy.asarray(keys).tobytes(), int(position), int(has_gauss), float(gauss)


def _set_numpy(state: Any) -> None:
    name, keys, *rest = state
    numpy.random.set_state((name, numpy.frombuffer(keys, dtype="uint32"), *rest))  # noqa: NPY002


def _to_bytes(state: torch.Tensor) -> bytes:
    return state.numpy().tobytes()


def _to_tensor(state: bytes) -> torch.Tensor:
    return torch.frombuffer(bytearray(state), dtype=torch.uint8)


def _get_cuda() -> List[bytes]:
    if not torch.cuda.is_available():
        return []
    return [_to_bytes(state) for state in torch.cuda.get_rng_state_all()]


def _set_cuda(states: List[bytes]) -> None:
    if len(states) == torch.cuda.device_count():
        torch.cuda.set_rng_state_all([_to_tensor(state) for state in states])


#: Those that texts and batches may be drawn with, as spaCy's augmenters and readers do.
DRAWING = {
    "python": Generator(random.getstate, _set_python),
    "numpy": Generator(_get_numpy, _set_numpy),
}
ALL = {
    **DRAWING,
    "torch": Generator(
        lambda: _to_bytes(torch.get_rng_state()),
        lambda state: torch.set_rng_state(_to_tensor(state)),
    ),
    "cuda": Generator(_get_cuda, _set_cuda),
}


def get_states() -> Dict[str, Any]:
    """RETURNS (Dict[str, Any]): The state of each generator: Python's, NumPy's and torch's."""
    return {name: generator.get() for name, generator in ALL.items()}


def set_states(states: Dict[str, Any], *, step: int) -> None:
    """Take the states back. That of CuPy can't be read: on a GPU, its numbers begin anew, with the
    step as their seed.

    states (Dict[str, Any]): What `get_states` gave.
    step (int): The number of the last step.
    """
    for name, generator in ALL.items():
        generator.set(states[name])
    if has_cupy_gpu:
        import cupy

        cupy.random.seed(step)
