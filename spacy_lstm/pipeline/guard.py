"""Numbers stay numbers: a step whose loss or gradient isn't finite is not taken."""

import math
import warnings
from contextlib import contextmanager
from typing import Any, Iterator, Optional, Sequence

import numpy
from spacy.tokens import Doc
from thinc.api import Model, Optimizer

from ..errors import Errors, Warnings
from ..layers.denormals import flushed_denormals
from .causes import likely_cause, parameters
from .clipping import ClippingPipe, gradients_of

DEFAULT_MAX_SKIPPED_STEPS = 10


class GuardedPipe(ClippingPipe):
    """A component that looks at the loss and the gradients of each step. Where they aren't finite,
    the step is skipped with a coded warning; after too many in a row, training ends with an error.
    So the weights are those of the last good step.
    """

    _max_skipped_steps: int = DEFAULT_MAX_SKIPPED_STEPS
    _n_skipped: int = 0
    _batch: str = "no batch"
    _bad: Optional[str] = None

    @property
    def max_skipped_steps(self) -> int:
        """RETURNS (int): How many steps in a row may be skipped."""
        return self._max_skipped_steps

    @max_skipped_steps.setter
    def max_skipped_steps(self, value: int) -> None:
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise ValueError(Errors.L672.format(name=self.name, value=value))
        self._max_skipped_steps = value

    @contextmanager
    def _watching(self, docs: Sequence[Doc]) -> Iterator[None]:
        """Compute the gradients of a batch inside the block. What isn't finite is no matter there:
        `finish_update` looks. Denormals are 0.

        docs (Sequence[Doc]): The batch, for messages.
        """
        words = sum(map(len, docs))
        begin = docs[0][:8].text if docs else ""
        self._batch = f"a batch of {len(docs)} texts and {words} tokens, beginning with {begin!r}"
        with (
            numpy.errstate(over="ignore", invalid="ignore"),
            flushed_denormals(),
            self._initialized(),
        ):
            yield

    @contextmanager
    def _initialized(self) -> Iterator[None]:
        """Run the model inside the block. Where that fails because it has no weights, there is an
        error that says so."""
        try:
            yield
        except (KeyError, ValueError) as err:
            if has_weights(self.model):
                raise
            raise ValueError(Errors.L214.format(name=self.name)) from err

    def _usable(self, loss: float) -> float:
        """loss (float): The loss of a batch.
        RETURNS (float): The loss; 0 if it isn't finite, and then the step will be skipped.
        """
        if math.isfinite(loss):
            return loss
        self._bad = f"the loss is {loss} after {self._batch}"
        return 0.0

    def finish_update(self, sgd: Optimizer) -> None:
        """Update the parameters with the gradients that were added up, and clipped; or skip the
        step, if they or the loss aren't finite.

        sgd (Optimizer): The optimizer. Its own `grad_clip` is applied to each parameter afterwards.
        RAISES (ValueError): If too many steps in a row were skipped, the learning rate isn't a
            finite number, or is so high that parameters aren't after the step.
        """
        rate = getattr(sgd, "learn_rate", None)
        if rate is not None and not math.isfinite(rate):
            raise ValueError(Errors.L673.format(name=self.name, value=rate))
        what = self._what_is_wrong()
        self._bad = None
        if what is not None:
            self._skip(what, rate)
            return
        self._n_skipped = 0
        with numpy.errstate(over="ignore", invalid="ignore"), flushed_denormals():
            super().finish_update(sgd)
        for what, param in parameters(self.model):
            if not is_finite(param):
                raise ValueError(Errors.L674.format(name=self.name, param=what, rate=rate))

    def _what_is_wrong(self) -> Optional[str]:
        if self._bad is None and not all(map(is_finite, gradients_of(self.model))):
            return f"gradients aren't finite after {self._batch}"
        return self._bad

    def _skip(self, what: str, rate: Optional[float]) -> None:
        forget_gradients(self.model)
        self._n_skipped += 1
        about = {
            "name": self.name,
            "what": what,
            "n": self._n_skipped,
            "cause": likely_cause(self, rate),
        }
        if self._n_skipped > self.max_skipped_steps:
            raise ValueError(Errors.L671.format(**about))
        message = Warnings.LW671.format(**about, limit=self.max_skipped_steps)
        warnings.warn(message, stacklevel=3)


def has_weights(model: Model) -> bool:
    """model (Model): A model.
    RETURNS (bool): Whether it is initialized.
    """
    return all(node.has_param(name) for node in model.walk() for name in node.param_names)


def is_finite(array: Any) -> bool:
    """array (ArrayXd): Numbers.
    RETURNS (bool): Whether all of them are finite.
    """
    flat = array.ravel()
    with numpy.errstate(over="ignore", invalid="ignore"):
        # One pass without another array. Squares may be too large where the numbers aren't.
        if math.isfinite(float(flat @ flat)):
            return True
    return bool(array.size == 0 or math.isfinite(float(abs(array).max())))


def forget_gradients(model: Model) -> None:
    """Set all gradients of a model to 0, those of torch layers too.

    model (Model): The model.
    """
    for gradient in gradients_of(model):
        gradient[...] = 0.0
