"""The lines that tell of a training, one for each evaluation."""

from pathlib import Path
from typing import IO, Any, List, Mapping, Optional, Sequence

from spacy.training.loggers import setup_table
from tqdm import tqdm
from wasabi import row

from .time_left import Limits
from .training_log import Best, is_number

SPACING = 2
UNKNOWN = "-"


class ProgressTable:
    """A table with a row for each evaluation, as spaCy's own: the losses of the components, the
    scores that count, and their sum. Scores are in percent.

    components (Sequence[str]): The names of those that learn.
    scores (Sequence[str]): The names of the scores.
    stdout (IO[str]): Where it is printed.
    """

    def __init__(self, components: Sequence[str], scores: Sequence[str], stdout: IO[str]) -> None:
        self._components = components
        self._scores = scores
        self._stdout = stdout
        losses = [f"Loss {name}" for name in components]
        self._header, self._widths, _ = setup_table(
            cols=["E", "#", "Time", *losses, *scores, "Score"],
            widths=[3, 6, 7, *(8 for _ in losses), *(6 for _ in scores), 6],
        )

    def begin(self, limits: Limits) -> None:
        """limits (Limits): Where the training ends."""
        self._say(describe(limits))
        self._say("* marks the best score so far: that pipeline is saved as model-best.")
        self._row(self._header)
        self._row(["-" * width for width in self._widths])

    def add(self, info: Mapping[str, Any], *, seconds: float, is_best: bool) -> None:
        """info (Mapping[str, Any]): What spaCy says of an evaluation.
        seconds (float): How long the training has gone on.
        is_best (bool): Whether it is the best one so far.
        """
        losses = [_loss(info["losses"].get(name)) for name in self._components]
        scores = [_percent(name, info["other_scores"].get(name)) for name in self._scores]
        time = tqdm.format_interval(seconds)
        cells = [info["epoch"], info["step"], time, *losses, *scores, _percent("", info["score"])]
        self._row(cells, end=" *" if is_best else "")

    def end(self, best: Best, *, seconds: float, log: Optional[Path]) -> None:
        """best (Best): The best evaluation.
        seconds (float): How long the training has gone on.
        log (Optional[Path]): The file of its log.
        """
        time = tqdm.format_interval(seconds)
        self._say(f"Best score: {_percent('', best.score)} at step {best.step:,}. Time: {time}.")
        if log is not None:
            self._say(f"Log: {log}")

    def _say(self, text: str) -> None:
        print(text, file=self._stdout, flush=True)

    def _row(self, cells: Sequence[Any], end: str = "") -> None:
        self._say(row(cells, widths=self._widths, aligns=["r"] * len(cells), spacing=SPACING) + end)


def describe(limits: Limits) -> str:
    """limits (Limits): Where a training ends.
    RETURNS (str): The same in a sentence.
    """
    ends: List[str] = []
    if limits.max_steps:
        ends.append(f"after {limits.max_steps:,} steps")
    if limits.max_epochs > 0:
        ends.append(f"after {limits.max_epochs:,} epochs")
    if limits.patience:
        ends.append(f"when {limits.patience:,} steps bring no better score")
    return f"Training ends {', or '.join(ends) or 'when it is interrupted'}."


def _loss(value: Any) -> str:
    return UNKNOWN if value is None else f"{float(value):.2f}"


def _percent(name: str, value: Any) -> str:
    if not is_number(value):
        return UNKNOWN
    return f"{value if name == 'speed' else 100 * value:.2f}"
