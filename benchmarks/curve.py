"""A logger for `spacy train` that keeps how good the pipeline was at what time."""

import time
from typing import IO, Any, Callable, Dict, List, Optional, Tuple

from spacy import registry
from spacy.language import Language

Point = Dict[str, float]
Log = Callable[[Optional[Dict[str, Any]]], None]
Finish = Callable[[], None]

NAME = "spacy_lstm_benchmarks.Curve.v1"
points: List[Point] = []


def curve_logger() -> Callable[[Language, IO[str], IO[str]], Tuple[Log, Finish]]:
    """Make a logger that adds a point to `points` at each evaluation on dev: `step`, `score` (the
    main one of the config), `seconds` and `cpu_seconds` since the training began, evaluations
    included.

    RETURNS (Callable[[Language, IO[str], IO[str]], Tuple[Log, Finish]]): The logger's set-up.
    """

    def setup(nlp: Language, stdout: IO[str], stderr: IO[str]) -> Tuple[Log, Finish]:
        points.clear()
        start, cpu_start = time.perf_counter(), time.process_time()

        def log(info: Optional[Dict[str, Any]]) -> None:
            if info is not None:  # as it is between two evaluations
                points.append(
                    {
                        "step": info["step"],
                        "score": round(info["score"], 4),
                        "seconds": round(time.perf_counter() - start, 1),
                        "cpu_seconds": round(time.process_time() - cpu_start, 1),
                    }
                )

        return log, lambda: None

    return setup


registry.loggers(NAME, func=curve_logger)
