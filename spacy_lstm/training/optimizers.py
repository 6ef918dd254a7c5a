"""thinc's Adam, with averages that forget as fast as one likes."""

import math
from typing import Any, Iterable, Iterator, NamedTuple, Tuple, cast

from thinc.api import Optimizer
from thinc.backends import get_array_ops
from thinc.optimizers import ADAM_DEFAULTS, FloatOrSeq
from thinc.types import FloatsXd

from ..errors import Errors
from ..errors.checks import is_number


def Adam(
    learn_rate: FloatOrSeq = ADAM_DEFAULTS["learn_rate"],
    *,
    L2: FloatOrSeq = ADAM_DEFAULTS["L2"],
    beta1: FloatOrSeq = ADAM_DEFAULTS["beta1"],
    beta2: FloatOrSeq = ADAM_DEFAULTS["beta2"],
    eps: FloatOrSeq = ADAM_DEFAULTS["eps"],
    grad_clip: FloatOrSeq = ADAM_DEFAULTS["grad_clip"],
    L2_is_weight_decay: bool = cast(bool, ADAM_DEFAULTS["L2_is_weight_decay"]),
    use_averages: bool = True,
    averages_decay: float = 0.9999,
) -> Optimizer:
    """Create an optimizer that is thinc's `Adam.v1` but for the averages of the parameters.

    learn_rate (Union[float, List[float], Generator]): The learning rate, or a schedule of it.
    L2 (Union[float, List[float], Generator]): The weight decay.
    beta1 (Union[float, List[float], Generator]): The decay of the gradient's mean.
    beta2 (Union[float, List[float], Generator]): The decay of its square's mean.
    eps (Union[float, List[float], Generator]): What keeps the division from 0.
    grad_clip (Union[float, List[float], Generator]): The largest norm of the gradient of each
        parameter; 0 clips none.
    L2_is_weight_decay (bool): Whether L2 works on the weights (AdamW: Loshchilov & Hutter 2019), or
        on the gradients.
    use_averages (bool): Whether to average the parameters over the steps. spaCy evaluates and saves
        the averages.
    averages_decay (float): How much of the averages is kept at a step, at most: see
        `AveragingOptimizer`.
    RETURNS (Optimizer): The optimizer.
    RAISES (ValueError): If a setting is out of its range.
    """
    return AveragingOptimizer(
        learn_rate,
        L2=L2,
        beta1=beta1,
        beta2=beta2,
        eps=eps,
        grad_clip=grad_clip,
        L2_is_weight_decay=L2_is_weight_decay,
        use_averages=use_averages,
        averages_decay=averages_decay,
    )


class Limits(NamedTuple):
    """The numbers that a setting may be.

    least (float): The least.
    below (float): What they are less than.
    is_open (bool): Whether the least is none of them.
    """

    least: float = 0.0
    below: float = math.inf
    is_open: bool = False

    def include(self, value: Any) -> bool:
        """value (Any): A value.
        RETURNS (bool): Whether it is one of them.
        """
        if not is_number(value) or not self.least <= value < self.below:
            return False
        return not (self.is_open and value == self.least)

    def __str__(self) -> str:
        least = f"a number {'greater than' if self.is_open else 'of at least'} {self.least:g}"
        return least if self.below == math.inf else f"{least} and less than {self.below:g}"


#: thinc's Adam divides by `1 - beta` and by `eps`, and has none for `beta1 = 0`.
LIMITS = {
    "learn_rate": Limits(),
    "L2": Limits(),
    "beta1": Limits(below=1.0, is_open=True),
    "beta2": Limits(below=1.0, is_open=True),
    "eps": Limits(is_open=True),
    "grad_clip": Limits(),
}


def _checked(name: str, value: Any) -> Any:
    if isinstance(value, Iterable) and not isinstance(value, (str, dict)):
        return _checked_schedule(name, value)
    _check(name, value)
    return value


def _checked_schedule(name: str, values: Iterable[Any]) -> Iterator[float]:
    value = None
    for value in values:
        _check(name, value)
        yield value
    if value is None:
        _check(name, [])


def _check(name: str, value: Any) -> None:
    if not LIMITS[name].include(value):
        raise ValueError(Errors.L658.format(name=name, options=LIMITS[name], value=value))


class AveragingOptimizer(Optimizer):
    """thinc's optimizer, with the decay of the averages as a setting (Polyak & Juditsky 1992).

    At step t of a parameter, the part `d = min((1 + t) / (10 + t), averages_decay)` of its average
    is kept. thinc has 0.9999 as the limit, which is reached after 90 000 steps: until then the
    average is over about the last ninth of the steps, however many there are. With 0.99, reached
    after 890 steps, it is over about the last hundred; with 0 it is the parameter itself.
    """

    __slots__ = ["averages_decay"]

    averages_decay: float

    def __init__(
        self, learn_rate: FloatOrSeq, *, averages_decay: float = 0.9999, **settings: Any
    ) -> None:
        """Initialize an optimizer.

        learn_rate (Union[float, List[float], Generator]): The learning rate, or a schedule of it.
        averages_decay (float): How much of the averages is kept at a step, at most.
        settings (Any): The settings of thinc's `Optimizer`.
        RAISES (ValueError): If one of them is out of its range; that of a schedule, when it comes.
        """
        if not is_number(averages_decay) or not 0.0 <= averages_decay < 1.0:
            raise ValueError(Errors.L657.format(value=averages_decay))
        settings["learn_rate"] = learn_rate
        for name in settings.keys() & LIMITS.keys():
            settings[name] = _checked(name, settings[name])
        super().__init__(**settings)
        self.averages_decay = averages_decay

    def __call__(
        self,
        key: Tuple[int, str],
        weights: FloatsXd,
        gradient: FloatsXd,
        *,
        lr_scale: float = 1.0,
    ) -> Tuple[FloatsXd, FloatsXd]:
        """Update a parameter, and its average.

        key (Tuple[int, str]): The id of the layer and the name of the parameter.
        weights (FloatsXd): The parameter.
        gradient (FloatsXd): Its gradient.
        lr_scale (float): What the learning rate is multiplied with.
        RETURNS (Tuple[FloatsXd, FloatsXd]): The new parameter, and the gradient, which is zero now.
        """
        # thinc updates the averages in the same method, with a limit of its own.
        averages, self.averages = self.averages, None
        try:
            weights, gradient = super().__call__(key, weights, gradient, lr_scale=lr_scale)
        finally:
            self.averages = averages
        if averages is not None and len(gradient):
            ops = get_array_ops(weights)
            if key not in averages:
                averages[key] = ops.alloc(weights.shape, dtype="float32")
            ops.update_averages(
                averages[key], weights, self.nr_update[key], max_decay=self.averages_decay
            )
        return weights, gradient
