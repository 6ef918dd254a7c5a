"""Why a training stops before its end: a signal, or the end of its time."""

import signal
import threading
from contextlib import contextmanager
from time import perf_counter
from typing import Any, Callable, Iterator, Optional

SIGNALS = (signal.SIGINT, signal.SIGTERM)
#: The exit code where the time is up: "try again later" in sysexits.h.
TIME_IS_UP = 75


class Stopped(Exception):  # noqa: N818 (nothing is wrong)
    """A training was stopped and kept, and can go on.

    message (str): What to tell the user.
    exit_code (int): How the process ends: 128 and the signal's number, as shells say it, or 75
        where the time is up.
    """

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class Stop:
    """Notes that a training is to stop.

    max_seconds (Optional[float]): How much time there is from now on, or None.
    clock (Callable[[], float]): Gives the time, in seconds.
    """

    def __init__(
        self, max_seconds: Optional[float] = None, clock: Callable[[], float] = perf_counter
    ) -> None:
        self._clock = clock
        self._end = None if max_seconds is None else clock() + max_seconds
        self._signal: Optional[int] = None

    @property
    def reason(self) -> Optional[str]:
        """RETURNS (Optional[str]): Why the training is to stop, or None."""
        if self._signal is not None:
            return signal.Signals(self._signal).name
        if self._end is not None and self._clock() >= self._end:
            return "its time is up"
        return None

    @property
    def exit_code(self) -> int:
        """RETURNS (int): How the process is to end."""
        return TIME_IS_UP if self._signal is None else 128 + self._signal

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Wait for signals to stop (SIGINT, as of Ctrl+C, and SIGTERM) within the block. The first
        is noted, and a second does what it would do without us. Only the main thread gets signals.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.getsignal(number) for number in SIGNALS}

        def restore() -> None:
            for number, handler in before.items():
                signal.signal(number, handler)

        def note(number: int, frame: Any) -> None:
            self._signal = number
            restore()

        for number in SIGNALS:
            signal.signal(number, note)
        try:
            yield
        finally:
            restore()
