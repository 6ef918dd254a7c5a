"""The rows of the table of `make soak`, each with its target and its limit of time."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Callable, Dict, List, NamedTuple

from .corruption import GOOD, count_guarded
from .fuzz_annotations import fuzz_annotations
from .fuzz_calls import fuzz_calls
from .fuzz_configs import fuzz_configs
from .fuzz_texts import fuzz_texts
from .kills import kill_trainings, make_config
from .memory_zone import measure_growth
from .small_model import write_model
from .workers import KINDS, POOLS, ROOT, run_workers

#: No row may take longer, however busy the machine is.
SECONDS = 1800.0
N_KILLS, N_FILES, N_RUNS, N_DOCS = 50, 2000, 200, 100_000
MAX_GROWTH = 0.02


class Row(NamedTuple):
    """A row of the table.

    test (str): What was tested.
    target (str): What is wanted.
    found (str): What was found, with counts.
    is_met (bool): Whether that is what is wanted.
    failures (List[str]): What went wrong.
    """

    test: str
    target: str
    found: str
    is_met: bool
    failures: List[str]


def kills() -> Row:
    """Trainings that are killed, and resumed each time."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        config = make_config(path, n_texts=60, max_steps=30, eval_frequency=10)
        killed = kill_trainings(config, path, n_kills=N_KILLS)
    found = (
        f"{killed.n_kills} kills ({killed.n_with_checkpoint} with a checkpoint to go on from), "
        f"{killed.n_equal}/{killed.n_trainings} trainings bitwise equal"
    )
    target = f"{N_KILLS} kills, all final weights bitwise equal"
    met = killed.n_kills >= N_KILLS and killed.n_equal == killed.n_trainings > 0
    return Row("SIGKILL at random moments, resumed each time", target, found, met, killed.problems)


def files() -> Row:
    """Damaged files of our components."""
    result = count_guarded(N_FILES, seconds=SECONDS)
    counts = result["counts"]
    found = ", ".join(f"{n:,} {what}" for what, n in sorted(counts.items()))
    met = sum(counts.values()) >= N_FILES and set(counts) <= set(GOOD)
    target = f"{N_FILES:,}: 0 crashes, 0 hangs, 0 silent changes"
    return Row("corrupted files of our components", target, found, met, result["failures"])


def _fuzzed(test: str, fuzz: Callable, n: int, minutes: float) -> Row:
    outcome = fuzz(n, 0, minutes=minutes)
    found = (
        f"{outcome.n_done:,} ({outcome.n_refused:,} refused with a code), "
        f"{len(outcome.failures)} uncoded"
    )
    failures = [f"{failure.case}\n{failure.error}" for failure in outcome.failures]
    met = not failures and outcome.n_done >= n
    return Row(test, f"{n:,}: 0 uncoded exceptions from our code", found, met, failures)


def documents() -> Row:
    """Documents of all lengths."""
    command = [sys.executable, str(ROOT / "benchmarks" / "memory.py")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    rows = [line for line in done.stdout.splitlines() if line.endswith((" yes |", " no |"))]
    within = sum(line.endswith(" yes |") for line in rows)
    return Row(
        "documents of 10 … 1,000,000 tokens mixed",
        "peak memory within the stated bound",
        f"{within}/{len(rows)} measurements within (`benchmarks/results/memory.md`)",
        done.returncode == 0 and within == len(rows) > 0,
        [done.stderr[-2000:]] if done.returncode and not rows else [],
    )


def _workers(kind: str) -> Row:
    with tempfile.TemporaryDirectory() as folder:
        write_model(Path(folder))
        n, wrong = run_workers(kind, Path(folder), N_RUNS, seconds=60.0)
    hangs = wrong.count("hang")
    found = f"{n} runs, {hangs} hangs, {len(wrong) - hangs} with other results"
    target = f"{N_RUNS} runs: 0 hangs, results equal"
    return Row(f"workers: {kind}", target, found, n >= N_RUNS and not wrong, wrong)


def growth() -> Row:
    """Memory while texts come and go."""
    with tempfile.TemporaryDirectory() as folder:
        write_model(Path(folder))
        grown = measure_growth(Path(folder), N_DOCS, seconds=300.0)
    found = (
        f"{grown.n_docs:,} documents, {grown.share:+.1%} after the first tenth of {N_DOCS:,} "
        f"({grown.before / 2**20:,.0f} → {grown.after / 2**20:,.0f} MiB)"
    )
    met = grown.share <= MAX_GROWTH and grown.n_docs >= N_DOCS
    return Row(
        "documents processed, with `memory_zone`", "resident memory growth ≤ 2 %", found, met, []
    )


def disks() -> Row:
    """Full disks, lost and read-only folders, deleted and damaged checkpoints."""
    path = "tests/training/resume/test_disk.py"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", path]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    last = done.stdout.strip().splitlines()[-1]
    return Row(
        "disk full, read-only folder, deleted or damaged checkpoint in training",
        "clear error, last good state loads",
        f"tests of them: {last.split(' in ')[0]}",
        done.returncode == 0,
        [done.stdout[-2000:]] if done.returncode else [],
    )


ROWS: Dict[str, Callable[[], Row]] = {
    "kills": kills,
    "files": files,
    "texts": lambda: _fuzzed("fuzzed texts", fuzz_texts, 100_000, 8.0),
    "configs": lambda: _fuzzed("fuzzed configs", fuzz_configs, 2000, 8.0),
    "annotations": lambda: _fuzzed("fuzzed annotations", fuzz_annotations, 5000, 4.0),
    "calls": lambda: _fuzzed("fuzzed orders of calls", fuzz_calls, 1000, 4.0),
    "documents": documents,
    **{f"workers: {kind}": lambda kind=kind: _workers(kind) for kind in (*KINDS, *POOLS)},
    "growth": growth,
    "disks": disks,
}

if __name__ == "__main__":
    print(json.dumps(ROWS[sys.argv[1]]()))
