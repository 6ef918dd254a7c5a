"""How often a training is kept: so often that it costs a small share of the time."""

from time import perf_counter
from typing import Callable


class Pace:
    """Says when it is time for a checkpoint. After one that took `t` seconds, the next is due in
    `t / share` seconds, and not before `least`.

    share (float): The share of the time that checkpoints may take.
    least (float): The fewest seconds from one to the next.
    clock (Callable[[], float]): Gives the time, in seconds.
    """

    def __init__(
        self,
        share: float = 0.02,
        least: float = 20.0,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        self._share = share
        self._least = least
        self._clock = clock
        self._next = clock() + least

    @property
    def is_due(self) -> bool:
        """RETURNS (bool): Whether it is time."""
        return self._clock() >= self._next

    def see(self, seconds: float) -> None:
        """seconds (float): How long the checkpoint took that has just been written."""
        self._next = self._clock() + max(self._least, seconds / self._share)
