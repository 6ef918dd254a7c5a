"""The log of a training: a JSON object a line for each evaluation, for plots."""

import errno
import json
import math
from numbers import Real
from pathlib import Path
from typing import IO, Any, Dict, List, Mapping, NamedTuple, Optional

from ..errors import Errors
from .readers.records import DataError

#: The name of the log, beside the trained pipeline.
FILE_NAME = "log.jsonl"

#: What each of its lines has for plots.
KEYS = ("step", "epoch", "losses", "score", "scores", "best")


class Best(NamedTuple):
    """The best evaluation so far.

    step (int): Its last step: the pipeline of that is saved as model-best.
    score (float): Its score.
    first_step (int): The first step with that score, from which patience counts.
    """

    step: int
    score: float
    first_step: int


def best_of(info: Mapping[str, Any]) -> Best:
    """info (Mapping[str, Any]): What spaCy says of an evaluation.
    RETURNS (Best): The best one until then.
    """
    score = max(score for score, _ in info["checkpoints"])
    steps = [step for other, step in info["checkpoints"] if other == score]
    return Best(max(steps), score, min(steps))


def record_of(
    info: Mapping[str, Any], *, seconds: float, learn_rate: Optional[float]
) -> Dict[str, Any]:
    """Choose what is written of an evaluation.

    info (Mapping[str, Any]): What spaCy says of it.
    seconds (float): How long the training has gone on.
    learn_rate (Optional[float]): The rate of its step, where that is known.
    RETURNS (Dict[str, Any]): `step` (0 is the first), `epoch` (likewise), `seconds`, `words` (how
        many were learnt from so far), `learn_rate`, `losses` by component (sums over the steps
        since the evaluation before), `score`, `scores` (all that are numbers) and `best` (`step`
        and `score` of the best evaluation so far). What isn't finite is None.
    """
    best = best_of(info)
    scores = {name: value for name, value in info["other_scores"].items() if is_number(value)}
    return {
        "step": info["step"],
        "epoch": info["epoch"],
        "seconds": round(seconds, 3),
        "words": info["words"],
        "learn_rate": learn_rate,
        "losses": {name: _finite(loss) for name, loss in info["losses"].items()},
        "score": _finite(info["score"]),
        "scores": {name: _finite(value) for name, value in scores.items()},
        "best": {"step": best.step, "score": _finite(best.score)},
    }


def is_number(value: Any) -> bool:
    """value (Any): A score.
    RETURNS (bool): Whether it is a plain number.
    """
    return isinstance(value, Real) and not isinstance(value, bool)


def _finite(value: Any) -> Optional[float]:
    return float(value) if math.isfinite(value) else None


def read_log(path: Path) -> List[Dict[str, Any]]:
    """Read a log that `TrainingLog` wrote. A last line that was cut off, as of a training that goes
    on, is left out.

    path (Path): The file.
    RETURNS (List[Dict[str, Any]]): A record for each evaluation, as `record_of` makes it.
    RAISES (DataError): If it can't be read, or is no log.
    """
    try:
        lines = path.read_text(encoding="utf8").splitlines(keepends=True)
        records = [json.loads(line) for line in lines if line.endswith("\n")]
    except (OSError, ValueError) as err:
        reason = getattr(err, "strerror", None) or err
        raise DataError(Errors.L883.format(path=path, reason=reason)) from err
    for number, record in enumerate(records, 1):
        missing = [key for key in KEYS if not isinstance(record, dict) or key not in record]
        if missing:
            reason = f"line {number} has no {', '.join(map(repr, missing))}"
            raise DataError(Errors.L883.format(path=path, reason=reason))
    if not records:
        raise DataError(Errors.L883.format(path=path, reason="it has no evaluation"))
    return records


class TrainingLog:
    """The file of a log. A file of that name is never overwritten: it is moved to the first free
    one of `log-1.jsonl`, `log-2.jsonl` and so on, or gone on with.

    path (Path): The file. Its folder is made if it isn't there.
    last_step (Optional[int]): The last step of a training that goes on: what the file has of later
        ones is removed, and the rest gone on with. None for a new file.
    RAISES (ValueError): If it can't be written.
    """

    def __init__(self, path: Path, *, last_step: Optional[int] = None) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.is_dir():
                raise IsADirectoryError(errno.EISDIR, "it is a folder")
            if last_step is not None and path.exists():
                _cut(path, last_step)
            elif path.exists():
                path.rename(_free_name(path))
            self._file: IO[str] = path.open("a", encoding="utf8")
        except (OSError, ValueError) as err:  # a name that no file can have is a ValueError
            raise self._error(err) from err

    def write(self, record: Mapping[str, Any]) -> None:
        """record (Mapping[str, Any]): What is written, as one line that is there at once.
        RAISES (ValueError): If it can't be written.
        """
        try:
            self._file.write(json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n")
            self._file.flush()
        except OSError as err:
            raise self._error(err) from err

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _error(self, err: Exception) -> ValueError:
        reason = getattr(err, "strerror", None) or err
        return ValueError(Errors.L731.format(path=self.path, reason=reason))


def _cut(path: Path, last_step: int) -> None:
    with path.open("r+b") as file:
        end = 0
        for line in file:
            try:
                if not line.endswith(b"\n") or json.loads(line)["step"] > last_step:
                    break
            except (ValueError, LookupError, TypeError):  # it is no log of ours from here on
                break
            end += len(line)
        file.truncate(end)


def _free_name(path: Path) -> Path:
    number = 1
    while (other := path.with_stem(f"{path.stem}-{number}")).exists():
        number += 1
    return other
