"""Cells of a table: each is measured in a process of its own, with one thread, and kept as JSON."""

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Sequence

RESULTS = Path(__file__).resolve().parent / "results"

Scores = Dict[str, Any]
Results = Dict[str, Dict[str, Scores]]


class Took(NamedTuple):
    """How long something took.

    seconds (float): By the clock.
    cpu_seconds (float): Of this process, which other work on the machine hardly changes.
    """

    seconds: float
    cpu_seconds: float

    def plus(self, other: "Took") -> "Took":
        """other (Took): How long something else took.
        RETURNS (Took): Both, one after the other.
        """
        return Took(self.seconds + other.seconds, self.cpu_seconds + other.cpu_seconds)

    def rounded(self, prefix: str) -> Dict[str, float]:
        """prefix (str): What the names begin with.
        RETURNS (Dict[str, float]): Both as they are kept, by their names.
        """
        return {f"{prefix}{name}": round(value, 1) for name, value in self._asdict().items()}


class Watch:
    """A watch that runs from when it is made."""

    def __init__(self) -> None:
        self.start = Took(time.perf_counter(), time.process_time())

    def read(self) -> Took:
        """RETURNS (Took): How long it has run."""
        seconds, cpu_seconds = self.start
        return Took(time.perf_counter() - seconds, time.process_time() - cpu_seconds)


def read_results(path: Path) -> Results:
    """path (Path): The file of the results, which may not be there yet.
    RETURNS (Results): The scores by row, and by seed or fold.
    """
    return json.loads(path.read_text("utf8")) if path.exists() else {}


def run_cell(script: str, *args: str) -> Scores:
    """Run one cell in a process of its own, with one thread.

    script (str): The script, which prints the scores as its last line.
    args (str): Its arguments.
    RETURNS (Scores): The scores.
    """
    env = {**os.environ, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    command = [sys.executable, script, *args]
    output = subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE, text=True).stdout
    return json.loads(output.splitlines()[-1])


def keep_scores(path: Path, row: str, column: str, scores: Scores) -> None:
    """Add the scores of a cell to the file of the results, which is whole at any time, and has a
    line for each cell. Where cells have a "fingerprint" of what was measured, those of the row with
    another one go: they can't be compared any more.

    path (Path): The file.
    row (str): The row.
    column (str): The seed or the fold.
    scores (Scores): The scores.
    """
    results = read_results(path)
    mark = scores.get("fingerprint")
    cells = {c: cell for c, cell in results.get(row, {}).items() if cell.get("fingerprint") == mark}
    results[row] = {**cells, column: scores}
    rows = []
    for name, by_column in results.items():
        lines = [f"  {json.dumps(c)}: {_json(by_column[c])}" for c in sorted(by_column, key=int)]
        rows.append(f" {_json(name)}: {{\n" + ",\n".join(lines) + "\n }")
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(f".{os.getpid()}.tmp")
    aside.write_text("{\n" + ",\n".join(rows) + "\n}\n", encoding="utf8")
    aside.replace(path)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def measure_missing(
    script: str, path: Path, corpus: str, rows: Sequence[str], seeds: Sequence[int]
) -> Results:
    """Run the cells that aren't kept yet, one after the other.

    script (str): The script, which measures one cell when it gets `--cell ROW` and `--seeds SEED`.
    path (Path): The file of the results.
    corpus (str): The first argument of the script.
    rows (Sequence[str]): The rows.
    seeds (Sequence[int]): The seeds.
    RETURNS (Results): All results that are known now.
    """
    for row in rows:
        for seed in seeds:
            if str(seed) not in read_results(path).get(row, {}):
                print(f"{row}, seed {seed}", file=sys.stderr, flush=True)
                scores = run_cell(script, corpus, "--cell", row, "--seeds", str(seed))
                keep_scores(path, row, str(seed), scores)
    return read_results(path)


def one_thread() -> None:
    """Keep torch to one thread in this process."""
    import torch

    torch.set_num_threads(1)


def spread(values: Sequence[float], *, sign: bool = False) -> str:
    """values (Sequence[float]): A value for each seed or fold.
    sign (bool): Whether a mean above 0 gets its sign, as a difference should.
    RETURNS (str): Mean and standard deviation.
    """
    mean = f"{statistics.mean(values):{'+' if sign else ''}.1f}"
    return mean if len(values) == 1 else f"{mean} ± {statistics.stdev(values):.1f}"


def markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """header (Sequence[str]): The names of the columns.
    rows (Sequence[Sequence[str]]): The cells by row.
    RETURNS (str): A table in Markdown.
    """
    lines: List[Sequence[str]] = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
