"""What a soak test found, and which exceptions are in order."""

import random
import re
import time
import traceback
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, List, NamedTuple, Optional

from catalogue import RegistryError
from confection import ConfigValidationError
from thinc.api import fix_random_seed

import spacy_lstm

OURS = str(Path(spacy_lstm.__file__).parent)
SOAK = str(Path(__file__).parent)
CODE = re.compile(r"\[(E|W|L|LW)\d{2,4}\]")
#: So much is kept of what a case and a traceback look like.
LONGEST_CASE, LONGEST_ERROR = 1500, 2500


class Failure(NamedTuple):
    """One case that went wrong.

    case (str): The seed, the number of the case, and what it was.
    error (str): The end of the traceback.
    """

    case: str
    error: str


@dataclass
class Outcome:
    """What a soak test did.

    name (str): What was tested.
    n_done (int): How many cases there were.
    n_refused (int): In how many of them there was an exception that is in order.
    failures (List[Failure]): Those that went wrong.
    """

    name: str
    n_done: int = 0
    n_refused: int = 0
    failures: List[Failure] = field(default_factory=list)


def is_coded(err: BaseException) -> bool:
    """err (BaseException): An exception.
    RETURNS (bool): Whether it is one that a user is meant to get: with a code of ours or spaCy's,
        or what is said of a config that doesn't fit the signatures.
    """
    if isinstance(err, (ConfigValidationError, RegistryError)):
        return True
    return isinstance(err, Exception) and CODE.search(str(err)) is not None


def is_fault(err: BaseException) -> bool:
    """err (BaseException): An exception.
    RETURNS (bool): Whether it is a fault of ours: an expectation of the test that isn't met, or an
        exception without a code that came through our code. What spaCy and thinc refuse before
        they call us isn't.
    """
    if is_coded(err):
        return False
    files = [frame.filename for frame in traceback.extract_tb(err.__traceback__)]
    is_expectation = isinstance(err, AssertionError) and files[-1].startswith(SOAK)
    return is_expectation or any(file.startswith(OURS) for file in files)


def soak(
    name: str,
    n: int,
    seed: int,
    *,
    minutes: Optional[float],
    make: Callable[[random.Random], Any],
    run: Callable[[Any], int],
    may_refuse: bool = True,
) -> Outcome:
    """Run random cases, each with a seed of its own, so that any one can be run again alone.

    name (str): What is tested.
    n (int): How many there are to be.
    seed (int): The seed of all.
    minutes (Optional[float]): When to stop before that, if at all.
    make (Callable[[random.Random], Any]): Makes a case. Its `repr` says what it is.
    run (Callable[[Any], int]): Runs it, and returns for how many it counts.
    may_refuse (bool): Whether an exception with a code is in order.
    RETURNS (Outcome): What was found.
    """
    outcome = Outcome(name)
    end = None if minutes is None else time.monotonic() + 60.0 * minutes
    number = 0
    while outcome.n_done < n and (end is None or time.monotonic() < end):
        label = f"{name}, seed {seed}, case {number}"
        case = make(random.Random(f"{seed}/{number}"))
        try:
            outcome.n_done += run_one(run, case, number)
        except Exception as err:
            outcome.n_done += 1
            if is_fault(err) or not may_refuse:
                error = "".join(traceback.format_exception(err))[-LONGEST_ERROR:]
                outcome.failures.append(Failure(f"{label}: {case!r}"[:LONGEST_CASE], error))
            else:
                outcome.n_refused += 1
        number += 1
    return outcome


def run_one(run: Callable[[Any], int], case: Any, seed: int = 0) -> int:
    """Run a case. numpy's warnings of numbers that aren't finite are faults, and others are passed
    over.

    run (Callable[[Any], int]): Runs it.
    case (Any): The case.
    seed (int): The seed of weights and dropout.
    RETURNS (int): For how many it counts.
    """
    fix_random_seed(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", RuntimeWarning)
        return run(case)


def expect_no_fault(run: Callable[[Any], int], case: Any) -> None:
    """Run a case, and raise what is a fault.

    run (Callable[[Any], int]): Runs it.
    case (Any): The case.
    """
    try:
        run_one(run, case)
    except Exception as err:
        if is_fault(err):
            raise
