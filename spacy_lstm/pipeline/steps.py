"""Steps of the optimizer, in which a linear model may have a pace of its own."""

from contextlib import contextmanager
from typing import Any, Iterator, Optional

from thinc.api import Model, Optimizer


def take_step(model: Model, sgd: Optimizer) -> None:
    """Update the parameters of a model with its gradients, as `Model.finish_update` does. Layers
    with the attr `learn_rate_scale` learn so many times as fast as the others, and those with
    `optimizer_eps` with this in place of the optimizer's `eps`.

    model (Model): The model.
    sgd (Optimizer): The optimizer.
    """
    for node in model.walk():
        for shim in node.shims:
            shim.finish_update(sgd)
    for node in model.walk():
        scale = node.attrs.get("learn_rate_scale", 1.0)
        settings = {} if scale == 1.0 else {"lr_scale": scale}
        with _own_eps(sgd, node.attrs.get("optimizer_eps")):
            for name in node.param_names:
                if node.has_grad(name):
                    key = (node.id, name)
                    param, _ = sgd(key, node.get_param(name), node.get_grad(name), **settings)
                    node.set_param(name, param)


@contextmanager
def _own_eps(sgd: Any, eps: Optional[float]) -> Iterator[None]:
    if eps is None:
        yield
        return
    usual, sgd.eps = sgd.eps, eps
    try:
        yield
    finally:
        sgd.eps = usual
