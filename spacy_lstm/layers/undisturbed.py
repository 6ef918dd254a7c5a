"""Run a model forward and back, and leave no trace."""

from contextlib import contextmanager
from typing import Any, Iterator, List, Tuple

from thinc.api import Model, PyTorchShim
from thinc.backends import ParamServer

from ..errors import Errors
from .precision import Precision


class _WithoutGradients(ParamServer):
    """The params of a layer, with no place for their gradients."""

    def __init__(self, server: ParamServer) -> None:
        self._params = server._params  # the same, and no copy: whoever sets one, sets it for both
        self._grads = {}
        self.proxy = server.proxy

    def set_grad(self, model_id: int, name: str, value: Any) -> None:
        """Forget a gradient."""

    def inc_grad(self, model_id: int, name: str, value: Any) -> None:
        """Forget a gradient."""


@contextmanager
def undisturbed(*models: Model) -> Iterator[None]:
    """In the block, gradients of params go nowhere: those that were added up for the next step of
    an optimizer stay as they are, and none are added. Nothing is dropped, whatever the rate, and an
    LSTM computes in float32 where it would in bfloat16, whose gradients are coarse. Afterwards, and
    after an exception, all is as before.

    Other threads must not run the models meanwhile.

    *models (Model): The models. What a listener listens to is not a part of it.
    RAISES (ValueError): If a layer is of a framework whose gradients can't be kept.
    """
    nodes = {node.id: node for model in models for node in model.walk()}.values()
    parameters: List[Tuple[Any, Any]] = []
    for node in nodes:
        for shim in node.shims:
            if not isinstance(shim, PyTorchShim):
                raise ValueError(Errors.L851.format(layer=node.name, kind=type(shim).__name__))
            parameters.extend((p, p.grad) for p in shim._model.parameters())
    servers = [(node, node._params) for node in nodes]
    settings = [(node, name, node.attrs[name]) for node in nodes for name in _settings(node)]
    try:
        for node, server in servers:
            node._params = _WithoutGradients(server)
        for node, name, value in settings:
            node.attrs[name] = Precision("float32") if isinstance(value, Precision) else 0.0
        for parameter, _ in parameters:
            parameter.grad = None
        yield
    finally:
        for node, server in servers:
            node._params = server
        for node, name, value in settings:
            node.attrs[name] = value
        for parameter, gradient in parameters:
            parameter.grad = gradient


def _settings(node: Model) -> List[str]:
    return [name for name in ("dropout_rate", "precision") if name in node.attrs]
