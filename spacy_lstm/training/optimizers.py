"""thinc's Adam, with averages that forget as fast as one likes."""

from typing import Any, Tuple, cast

from thinc.api import Optimizer
from thinc.backends import get_array_ops
from thinc.optimizers import ADAM_DEFAULTS, FloatOrSeq
from thinc.types import FloatsXd

from ..errors import Errors


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
    RAISES (ValueError): If the decay isn't at least 0 and less than 1.
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
        RAISES (ValueError): If the decay isn't at least 0 and less than 1.
        """
        if not 0.0 <= averages_decay < 1.0:
            raise ValueError(Errors.L657.format(value=averages_decay))
        super().__init__(learn_rate, **settings)
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
