"""The progress bar of a training."""

from typing import IO, Optional

from tqdm import tqdm

from .time_left import TimeLeft

WITH_BAR = "{desc} |{bar}| {percentage:3.0f}%{postfix}"
WITHOUT_BAR = "{desc}{postfix}"


class ProgressBar:
    """A progress bar with the time left: `step 150 of 400 |███     | 38%, at most 02:05 left,
    patience 50 of 300`. As long as nobody knows how long a training may be, it has no bar.

    stderr (Optional[IO[str]]): Where it is, if that is a terminal; None for nowhere.
    """

    def __init__(self, stderr: Optional[IO[str]]) -> None:
        self._tqdm = tqdm(
            file=stderr,
            disable=True if stderr is None else None,  # None: only in a terminal
            leave=False,
            dynamic_ncols=True,
            miniters=1,  # what decides is mininterval, in seconds
            delay=1e-9,  # nothing is shown before the first step
        )

    def show(self, left: TimeLeft) -> None:
        """left (TimeLeft): The state of the training."""
        if self._tqdm.disable:
            return
        last = left.last_step
        self._tqdm.total = last
        self._tqdm.bar_format = WITHOUT_BAR if last is None else WITH_BAR
        of = "" if last is None else f" of {last:,}"
        self._tqdm.set_description_str(f"step {left.step:,}{of}", refresh=False)
        self._tqdm.set_postfix_str(tell(left), refresh=False)
        self._tqdm.update(left.step - self._tqdm.n)

    def clear(self) -> None:
        """Empty its line, until it is shown again."""
        self._tqdm.clear()

    def close(self) -> None:
        """Remove it."""
        self._tqdm.close()


def tell(left: TimeLeft) -> str:
    """left (TimeLeft): The state of a training.
    RETURNS (str): How long it will go on, in words.
    """
    last, earliest = left.last_step, left.last_step_if_no_better
    if earliest is not None and (last is None or earliest < last):
        patience = f"patience {left.step - left.best_step:,} of {left.limits.patience:,}"
        if last is None:
            return f"at least {_time(left, earliest)} left, {patience}"
        return f"at most {_time(left, last)} left, {patience}"
    return "" if last is None else f"{_time(left, last)} left"


def _time(left: TimeLeft, step: int) -> str:
    return str(tqdm.format_interval(left.seconds_until(step)))
