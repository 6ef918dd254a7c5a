"""Training one can watch: a line for each evaluation, a progress bar, and a file for plots."""

import sys
from pathlib import Path
from time import perf_counter
from typing import IO, Any, Callable, Dict, Optional, Tuple

from spacy.language import Language
from spacy.util import registry
from thinc.api import Optimizer

from .progress_bar import ProgressBar
from .progress_table import ProgressTable
from .resumed import RESUMED, Resumed
from .time_left import Limits, TimeLeft
from .training_log import FILE_NAME, Best, TrainingLog, best_of, record_of

LogStep = Callable[[Optional[Dict[str, Any]]], None]
Close = Callable[[], None]
Logger = Callable[[Language, IO[str], IO[str]], Tuple[LogStep, Close]]

#: The `path` of a log beside the trained pipeline.
AUTO = "auto"


def make_progress_logger(
    path: Optional[str] = AUTO, console_output: bool = True, progress_bar: bool = True
) -> Logger:
    """Create a logger for `spacy train`. In a chain (`spacy.ChainLogger.v1`) it should be the
    first, so that the others print on lines that are free of the progress bar.

    path (Optional[str]): The log, a file with a JSON object a line for each evaluation: see
        `record_of`. "auto" is `log.jsonl` in the output folder, if there is one, and None is no
        file. A log that is there already is moved to `log-1.jsonl`, or the next free number; a
        training that is resumed goes on with its own.
    console_output (bool): Whether the losses and scores of each evaluation are printed.
    progress_bar (bool): Whether there is a progress bar with the time left, where the standard
        error output is a terminal.
    RETURNS (Logger): The logger.
    """

    def setup(
        nlp: Language, stdout: IO[str] = sys.stdout, stderr: IO[str] = sys.stderr
    ) -> Tuple[LogStep, Close]:
        progress = Progress(
            nlp,
            path=path,
            stdout=stdout if console_output else None,
            stderr=stderr if progress_bar else None,
            resumed=RESUMED.get(),
        )
        return progress.log_step, progress.close

    return setup


class Progress:
    """What is told of a training.

    nlp (Language): The pipeline. Its frozen components are switched off.
    path (Optional[str]): The log, as in `make_progress_logger`.
    stdout (Optional[IO[str]]): Where lines are printed; None for nowhere.
    stderr (Optional[IO[str]]): Where the progress bar is; None for nowhere.
    resumed (Optional[Resumed]): Where the training goes on; None if it begins.
    clock (Callable[[], float]): Gives the time, in seconds.
    RAISES (ValueError): If the log can't be written.
    """

    def __init__(
        self,
        nlp: Language,
        *,
        path: Optional[str],
        stdout: Optional[IO[str]],
        stderr: Optional[IO[str]],
        resumed: Optional[Resumed] = None,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        training = nlp.config.interpolate()["training"]
        self._is_auto = path == AUTO
        self._last_step = None if resumed is None else resumed.step
        self._log = None if path is None or self._is_auto else self._open(Path(path))
        self._rates = _shadow(training["optimizer"].get("learn_rate"))
        self._left = TimeLeft(Limits.of(training))
        self._bar = ProgressBar(stderr)
        self._table = None
        if stdout is not None:
            names = [name for name, pipe in nlp.pipeline if getattr(pipe, "is_trainable", False)]
            weights = training["score_weights"].items()
            scores = [name for name, weight in weights if weight]
            self._table = ProgressTable(names, scores, stdout)
            self._table.begin(self._left.limits)
        self._best: Optional[Best] = None
        self._clock = clock
        self._start = self._last = clock()
        if resumed is not None:
            self._resume(resumed)

    def log_step(self, info: Optional[Dict[str, Any]]) -> None:
        """Tell of a step.

        info (Optional[Dict[str, Any]]): What spaCy says of the evaluation after it; None if there
            was none.
        RAISES (ValueError): If the log can't be written.
        """
        now = self._clock()
        if info is None:
            self._left.take_step(now - self._last)
            self._bar.show(self._left)
        else:
            self._take_evaluation(info, now)
        if self._rates is not None:
            self._rates.step_schedules()
        self._last = now

    def close(self) -> None:
        """End: remove the progress bar, tell of the best evaluation, and close the log."""
        self._bar.close()
        if self._log is not None:
            self._log.close()
        if self._table is not None and self._best is not None:
            log = None if self._log is None else self._log.path
            self._table.end(self._best, seconds=self._clock() - self._start, log=log)

    def _open(self, path: Path) -> TrainingLog:
        return TrainingLog(path, last_step=self._last_step)

    def _resume(self, resumed: Resumed) -> None:
        self._start -= resumed.seconds
        self._best = best_of({"checkpoints": resumed.results})
        self._left.resume(resumed.step, resumed.epoch, self._best.first_step)
        if self._rates is not None:
            for _ in range(resumed.step + 1):
                self._rates.step_schedules()

    def _take_evaluation(self, info: Dict[str, Any], now: float) -> None:
        self._best = best = best_of(info)
        self._left.take_evaluation(
            now - self._last, step=info["step"], epoch=info["epoch"], best_step=best.first_step
        )
        self._bar.clear()
        seconds = now - self._start
        if self._table is not None:
            self._table.add(info, seconds=seconds, is_best=best.step == info["step"])
        if self._is_auto and self._log is None and "output_path" in info:
            # That of model-last. Only now is it known.
            self._log = self._open(Path(info["output_path"]).parent / FILE_NAME)
        if self._log is not None:
            rate = None if self._rates is None else self._rates.learn_rate
            self._log.write(record_of(info, seconds=seconds, learn_rate=rate))


def _shadow(learn_rate: Any) -> Optional[Optimizer]:
    """An optimizer whose learning rate changes as that of the training, which a logger isn't given.

    learn_rate (Any): The setting of the config: a number, a list, or a block with a schedule.
    RETURNS (Optional[Optimizer]): The optimizer, or None for one without a learning rate.
    """
    if isinstance(learn_rate, dict):
        learn_rate = registry.resolve({"learn_rate": learn_rate})["learn_rate"]
    return None if learn_rate is None else Optimizer(learn_rate)
