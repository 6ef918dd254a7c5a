"""What cells say together: means over seeds or folds, and differences of what is paired."""

import statistics
from typing import Any, Dict, List, Optional

from cells import Results, Scores, spread

from .experiments import Experiment

NOT_YET = "–"  # in a table: nothing is measured


def in_order(cells: Dict[str, Scores]) -> List[Scores]:
    """cells (Dict[str, Scores]): The cells of a row.
    RETURNS (List[Scores]): Them by seed or fold.
    """
    return [cells[column] for column in sorted(cells, key=int)]


def points(cells: Dict[str, Scores], split: str, key: str) -> List[float]:
    """cells (Dict[str, Scores]): The cells of a row.
    split (str): "dev" or "test".
    key (str): The key of a score.
    RETURNS (List[float]): The scores in percent, by seed or fold.
    """
    return [100 * cell[split][key] for cell in in_order(cells)]


def mean_of(cells: Dict[str, Scores], key: str) -> float:
    """cells (Dict[str, Scores]): The cells of a row.
    key (str): The key of a number.
    RETURNS (float): Its mean.
    """
    return statistics.mean(cell[key] for cell in cells.values())


def is_complete(experiment: Experiment, results: Results, row: str) -> bool:
    """experiment (Experiment): The table.
    results (Results): What is known.
    row (str): The name of a row.
    RETURNS (bool): Whether all its seeds or folds are measured.
    """
    return all(str(column) in results.get(row, {}) for column in experiment.columns(row))


def summed_up(
    experiment: Experiment, results: Results, row: str, split: str, key: Optional[str] = None
) -> str:
    """experiment (Experiment): The table.
    results (Results): What is known.
    row (str): The name of a row.
    split (str): "dev" or "test".
    key (Optional[str]): The key of a score; the main one of the task if it is left out.
    RETURNS (str): Mean and standard deviation, and how many cells there are if some are missing.
    """
    cells = results.get(row)
    if not cells:
        return NOT_YET
    text = spread(points(cells, split, key or experiment.corpus.task.main))
    if is_complete(experiment, results, row):
        return text
    return f"{text} ({len(cells)} of {len(experiment.columns(row))})"


def differences(
    experiment: Experiment, results: Results, row: str, other: str, split: str
) -> List[float]:
    """Compare two rows by what they have in common: a seed or a fold. A model in which nothing is
    random is the same with all seeds.

    experiment (Experiment): The table.
    results (Results): What is known.
    row (str): The name of a row.
    other (str): The name of another one.
    split (str): "dev" or "test".
    RETURNS (List[float]): The main score of the one minus that of the other, in points.
    """
    pair = []
    for name in (row, other):
        cells: Dict[str, Any] = results.get(name, {})
        fixed = not experiment.corpus.folds and not experiment.rows[name].model.random
        pair.append((cells, next(iter(cells.values()), None) if fixed else None))
    columns = sorted({c for cells, fixed in pair if fixed is None for c in cells}, key=int)
    found = []
    for column in columns:
        mine, others = (cells.get(column, fixed) for cells, fixed in pair)
        if mine is not None and others is not None:
            key = experiment.corpus.task.main
            found.append(100 * (mine[split][key] - others[split][key]))
    return found
