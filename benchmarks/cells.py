"""Cells of a table: each is measured in a process of its own, with one thread, and kept as JSON."""

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence

RESULTS = Path(__file__).resolve().parent / "results"

Scores = Dict[str, Any]
Results = Dict[str, Dict[str, Scores]]


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
    """Add the scores of a cell to the file of the results, which is whole at any time.

    path (Path): The file.
    row (str): The row.
    column (str): The seed or the fold.
    scores (Scores): The scores.
    """
    results = read_results(path)
    results.setdefault(row, {})[column] = scores
    path.parent.mkdir(exist_ok=True)
    aside = path.with_suffix(".tmp")
    aside.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf8")
    aside.replace(path)


def measure_missing(
    script: str,
    path: Path,
    corpus: str,
    rows: Sequence[str],
    columns: Sequence[int],
    *,
    option: str = "--seeds",
    only: Optional[Sequence[str]] = None,
    deterministic: Sequence[str] = (),
) -> Results:
    """Run the cells that aren't kept yet, one after the other.

    script (str): The script, which measures one cell when it gets `--cell ROW` and a column.
    path (Path): The file of the results.
    corpus (str): The first argument of the script.
    rows (Sequence[str]): The rows.
    columns (Sequence[int]): The seeds or folds.
    option (str): The option of the script for them.
    only (Optional[Sequence[str]]): Only rows whose name contains one of these.
    deterministic (Sequence[str]): The rows in which nothing is random, so that one column is
        enough.
    RETURNS (Results): All results that are known now.
    """
    for row in rows:
        if only and not any(part in row for part in only):
            continue
        for column in columns[:1] if row in deterministic else columns:
            if str(column) not in read_results(path).get(row, {}):
                print(f"{row}, {option[2:-1]} {column}", file=sys.stderr, flush=True)
                scores = run_cell(script, corpus, "--cell", row, option, str(column))
                keep_scores(path, row, str(column), scores)
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
