"""When a training will end: by its limits, and by how long its steps take."""

import math
from typing import Any, Mapping, NamedTuple, Optional

#: How much the last step, and the last evaluation, weigh in the average of all of them.
STEP_WEIGHT = 0.02
EVALUATION_WEIGHT = 0.3


class Limits(NamedTuple):
    """Where a training ends, whatever comes first; as in `[training]`.

    max_steps (int): The number of the last step, or 0 for no such limit.
    max_epochs (int): How often the texts are gone through; 0 and -1 are no such limit.
    patience (int): How many steps may bring nothing better; 0 is no such limit.
    eval_frequency (int): How many steps there are from one evaluation to the next.
    """

    max_steps: int
    max_epochs: int
    patience: int
    eval_frequency: int

    @classmethod
    def of(cls, training: Mapping[str, Any]) -> "Limits":
        """training (Mapping[str, Any]): The section `[training]` of a config.
        RETURNS (Limits): Its limits.
        """
        return cls(*(training[name] for name in cls._fields))


class EpochLength:
    """How many steps an epoch has, by the epochs in which steps were seen. Only evaluations say in
    which epoch they are, so it is known between bounds, which come closer with each of them.
    """

    def __init__(self) -> None:
        self.least = 0.0
        self.most = math.inf

    def see(self, step: int, epoch: int) -> None:
        """step (int): The number of a step; 0 is the first of all.
        epoch (int): The number of its epoch, likewise.
        """
        least, most = step / (epoch + 1), step / epoch if epoch else math.inf
        self.least, self.most = max(self.least, least), min(self.most, most)
        if self.least > self.most:  # the batches have become larger or smaller
            self.least, self.most = least, most

    @property
    def steps(self) -> Optional[float]:
        """RETURNS (Optional[float]): The steps of an epoch; None until the first one has ended."""
        return None if math.isinf(self.most) else (self.least + self.most) / 2


class Pace:
    """How long steps and evaluations take, on average. The last ones count most, for batches grow
    and machines are busy at times.
    """

    def __init__(self) -> None:
        self.step: Optional[float] = None
        self.evaluation = 0.0

    def see(self, seconds: float, *, evaluated: bool) -> None:
        """seconds (float): How long a step took.
        evaluated (bool): Whether an evaluation was part of it.
        """
        if evaluated:
            rest = max(seconds - (self.step or 0.0), 0.0)
            known = self.evaluation or rest
            self.evaluation = known + EVALUATION_WEIGHT * (rest - known)
        else:
            known = seconds if self.step is None else self.step
            self.step = known + STEP_WEIGHT * (seconds - known)


class TimeLeft:
    """Follows a training step by step, and estimates when it will end.

    limits (Limits): Where it ends.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.pace = Pace()
        self.epoch_length = EpochLength()
        self.step = -1
        self.best_step = 0

    def resume(self, step: int, epoch: int, best_step: int) -> None:
        """Go on with a training that was stopped.

        step (int): The number of its last step.
        epoch (int): The number of the epoch of that.
        best_step (int): The first step with the best score so far.
        """
        self.step = step
        self.best_step = best_step
        self.epoch_length.see(step, epoch)

    def take_step(self, seconds: float) -> None:
        """seconds (float): How long a step without an evaluation took."""
        self.step += 1
        self.pace.see(seconds, evaluated=False)

    def take_evaluation(self, seconds: float, *, step: int, epoch: int, best_step: int) -> None:
        """Note a step with an evaluation.

        seconds (float): How long both took.
        step (int): The number of the step; 0 is the first.
        epoch (int): The number of its epoch.
        best_step (int): The first step with the best score so far.
        """
        self.step = step
        self.best_step = best_step
        self.pace.see(seconds, evaluated=True)
        self.epoch_length.see(step, epoch)

    @property
    def last_step(self) -> Optional[int]:
        """RETURNS (Optional[int]): The last step there can be, or None where that isn't known."""
        ends = [self.limits.max_steps] if self.limits.max_steps else []
        if self.limits.max_epochs > 0 and self.epoch_length.steps is not None:
            ends.append(math.ceil(self.epoch_length.steps * self.limits.max_epochs) - 1)
        return max(min(ends), self.step) if ends else None

    @property
    def last_step_if_no_better(self) -> Optional[int]:
        """RETURNS (Optional[int]): The last step if nothing better comes, or None where patience
        doesn't end the training.
        """
        if not self.limits.patience:
            return None
        return max(self.best_step + self.limits.patience, self.step)

    def seconds_until(self, step: int) -> float:
        """step (int): The number of a step to come.
        RETURNS (float): How long it is until its end.
        """
        every = self.limits.eval_frequency
        n_evaluations = step // every - self.step // every
        return (step - self.step) * (self.pace.step or 0.0) + n_evaluations * self.pace.evaluation
