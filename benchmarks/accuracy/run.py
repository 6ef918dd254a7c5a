"""Measure what is missing, a cell at a time, the cheapest first."""

import subprocess
import sys
import time
from pathlib import Path
from typing import Iterable, List, NamedTuple, Optional, Sequence

from cells import Scores, keep_scores, run_cell

from .corpora import docs_of
from .experiments import EXPERIMENTS, Experiment

SCRIPT = str(Path(__file__).resolve().parent)


class Cell(NamedTuple):
    """A cell to measure.

    experiment (Experiment): The table.
    row (str): The row.
    column (int): The seed or the fold.
    fingerprint (str): The checksum of the settings.
    """

    experiment: Experiment
    row: str
    column: int
    fingerprint: str

    @property
    def cost(self) -> float:
        """RETURNS (float): About how many seconds it takes."""
        model, n_train = self.experiment.rows[self.row]
        share = 1.0 if n_train is None else n_train / 10_000
        return model.cost * self.experiment.corpus.kwords * share

    def __str__(self) -> str:
        trial = self.experiment.corpus.trial
        return f"{self.experiment.name}: {self.row}, {trial} {self.column}"


def missing(
    experiments: Iterable[Experiment],
    folder: Path,
    *,
    only: Optional[Sequence[str]] = None,
    columns: Optional[Sequence[int]] = None,
) -> List[Cell]:
    """Find the cells that aren't measured yet, or with other settings than the present ones.

    experiments (Iterable[Experiment]): The tables.
    folder (Path): The folder of the results.
    only (Optional[Sequence[str]]): Only rows whose name contains one of these.
    columns (Optional[Sequence[int]]): Only these folds; or these seeds, where something is random.
    RETURNS (List[Cell]): The cells, the cheapest first.
    """
    cells = []
    for experiment in experiments:
        results = experiment.results(folder)
        for name, row in experiment.rows.items():
            if only and not any(part in name for part in only):
                continue
            fingerprint = experiment.fingerprint(name)
            wanted = experiment.columns(name)
            if columns and experiment.corpus.folds:
                wanted = [column for column in wanted if column in columns]
            elif columns and row.model.random:
                wanted = list(columns)
            for column in wanted:
                cell = results.get(name, {}).get(str(column), {})
                if cell.get("fingerprint") != fingerprint:
                    cells.append(Cell(experiment, name, column, fingerprint))
    return sorted(cells, key=lambda cell: cell.cost)


def run_missing(cells: Sequence[Cell], folder: Path, minutes: Optional[float]) -> List[Cell]:
    """Measure cells, each in a process of its own, and keep each as soon as it is there.

    cells (Sequence[Cell]): The cells.
    folder (Path): The folder of the results.
    minutes (Optional[float]): After so many of them no further cell is begun.
    RETURNS (List[Cell]): Those that failed; what they said is on the standard error.
    """
    end = None if minutes is None else time.monotonic() + 60 * minutes
    failed = []
    for i, cell in enumerate(cells, start=1):
        if end is not None and time.monotonic() >= end:
            print(f"{minutes:g} minutes are over: {len(cells) - i + 1} cells are left.")
            break
        print(f"{i}/{len(cells)} {cell}", file=sys.stderr, flush=True)
        scores = find_same(cell, folder)
        if scores is None:
            args = [cell.experiment.name, "--cell", cell.row, "--seed", str(cell.column)]
            try:
                scores = run_cell(SCRIPT, *args)
            except subprocess.CalledProcessError:
                failed.append(cell)
                continue
        keep_scores(cell.experiment.path(folder), cell.row, str(cell.column), scores)
    return failed


def find_same(cell: Cell, folder: Path) -> Optional[Scores]:
    """Find a cell that was measured under another name: in another table, or of another recipe that
    makes the same of this corpus.

    cell (Cell): The cell.
    folder (Path): The folder of the results.
    RETURNS (Optional[Scores]): Its scores, if there is one.
    """
    for experiment in EXPERIMENTS.values():
        if experiment.corpus == cell.experiment.corpus:
            for row in experiment.results(folder).values():
                scores = row.get(str(cell.column), {})
                if scores.get("fingerprint") == cell.fingerprint:
                    return scores
    return None


def measure(experiment: Experiment, row: str, column: int) -> Scores:
    """Measure a cell in this process.

    experiment (Experiment): The table.
    row (str): The row.
    column (int): The fold, which is its own seed, or the seed.
    RETURNS (Scores): The scores.
    """
    model, n_train = experiment.rows[row]
    docs = docs_of(experiment.corpus, column, n_train)
    n_docs = {split: len(of_split) for split, of_split in docs.items()}
    scores = model.measure(docs, experiment.corpus, column)
    return {"fingerprint": experiment.fingerprint(row), "n_docs": n_docs, **scores}
