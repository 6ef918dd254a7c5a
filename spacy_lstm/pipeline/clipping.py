"""Gradient clipping by the global norm: all gradients of a component are one vector, whose length
is limited before each step (Pascanu et al. 2013).

The `grad_clip` of thinc's optimizers limits each parameter on its own, so it turns the direction of
the step. Here all gradients are scaled by the same number, and the direction stays.
"""

import math
from typing import Any, List, Optional

import numpy
from spacy.pipeline import TrainablePipe
from thinc.api import Model, Optimizer, PyTorchShim, torch2xp

from ..errors import Errors
from ..errors.checks import is_number
from .steps import take_step


def gradients_of(model: Model) -> List[Any]:
    """Collect the gradients that the next step of the optimizer will use, but for those in layers
    of frameworks other than thinc and PyTorch.

    model (Model): The model. A listener's upstream is not a part of it.
    RETURNS (List[ArrayXd]): The gradients of all parameters, each once, as they lie in memory.
    """
    gradients: List[Any] = []
    for node in model.walk():
        gradients.extend(node.get_grad(name) for name in node.param_names if node.has_grad(name))
        for shim in node.shims:
            if isinstance(shim, PyTorchShim):
                parameters = shim._model.parameters()
                gradients.extend(torch2xp(p.grad) for p in parameters if p.grad is not None)
    return gradients


def _check_readable(model: Model) -> None:
    for node in model.walk():
        for shim in node.shims:
            if not isinstance(shim, PyTorchShim):
                raise ValueError(Errors.L652.format(layer=node.name, kind=type(shim).__name__))


def clip_gradients(model: Model, max_norm: float) -> float:
    """Scale all gradients of a model down, in place, so that their global norm is at most
    `max_norm`. Where it is less, or isn't finite, nothing is changed.

    model (Model): The model.
    max_norm (float): The largest norm, more than 0.
    RETURNS (float): The norm before, computed in float64.
    RAISES (ValueError): If a layer is of a framework whose gradients can't be read.
    """
    _check_readable(model)
    gradients = gradients_of(model)
    # On a GPU the sums stay there, and only their total is fetched.
    norm = math.sqrt(sum(numpy.square(g, dtype="float64").sum() for g in gradients))
    if max_norm < norm < math.inf:
        scale = max_norm / norm
        for gradient in gradients:
            gradient *= scale
    return norm


class ClippingPipe(TrainablePipe):
    """A component that can limit the global norm of its gradients. It does so in `finish_update`:
    after the gradients of all parts of a batch were added up, before the step.
    """

    _max_grad_norm: Optional[float] = None

    @property
    def max_grad_norm(self) -> Optional[float]:
        """RETURNS (Optional[float]): The largest norm of the gradients of a step, or None."""
        return self._max_grad_norm

    @max_grad_norm.setter
    def max_grad_norm(self, value: Optional[float]) -> None:
        if value is not None and not (is_number(value) and 0.0 < value < math.inf):
            raise ValueError(Errors.L651.format(name=self.name, value=value))
        self._max_grad_norm = value

    def finish_update(self, sgd: Optimizer) -> None:
        """Update the parameters with the gradients that were added up, and clipped.

        sgd (Optimizer): The optimizer. Its own `grad_clip` is applied to each parameter afterwards.
        """
        if self.max_grad_norm is not None:
            clip_gradients(self.model, self.max_grad_norm)
        take_step(self.model, sgd)
