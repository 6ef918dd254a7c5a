"""The command line."""

import json
import sys
from typing import Annotated, List, Optional

import typer
from cells import one_thread

from .corpora import check_there, is_there
from .experiments import EXPERIMENTS, FOLDER
from .report import write_reports
from .run import measure, missing, run_missing


def main(
    name: Annotated[
        str,
        typer.Argument(
            help="A corpus, or a table on one: "
            + ", ".join(EXPERIMENTS)
            + "; all of them: all; or only write tables and plots anew: tables."
        ),
    ],
    row: Annotated[
        Optional[List[str]],
        typer.Option(help="Only rows whose name contains this; may be repeated."),
    ] = None,
    seed: Annotated[
        Optional[List[int]],
        typer.Option(
            "--seed", "--fold", min=0, help="The seeds or folds; may be repeated. 0, 1, 2 or all."
        ),
    ] = None,
    minutes: Annotated[
        Optional[float], typer.Option(min=0, help="Begin no further cell after so many minutes.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only list what would be measured.")
    ] = False,
    cell: Annotated[str, typer.Option(hidden=True)] = "",
) -> None:
    """Measure how accurate categories and entities are, side by side. Cells that are there already,
    with the present settings, aren't measured again."""
    if name == "tables":
        write_reports(FOLDER)
        return
    if name not in EXPERIMENTS and name != "all":
        known = ", ".join([*EXPERIMENTS, "all", "tables"])
        raise typer.BadParameter(f"{name!r} is none of {known}.")
    if name == "all":
        chosen = [e for e in EXPERIMENTS.values() if is_there(e.corpus)]
        left = sorted({e.corpus.name for e in EXPERIMENTS.values() if not is_there(e.corpus)})
        if left:
            print(f"Left out, as they aren't preprocessed: {', '.join(left)}", file=sys.stderr)
    else:
        chosen = [EXPERIMENTS[name]]
        check_there(chosen[0].corpus)
    if cell:
        one_thread()
        [column] = seed or [0]
        print(json.dumps(measure(chosen[0], cell, column)))
        return
    cells = missing(chosen, FOLDER, only=row, columns=seed)
    if dry_run:
        print("\n".join(map(str, cells)) or "Nothing is missing.")
        return
    failed = run_missing(cells, FOLDER, minutes)
    write_reports(FOLDER)
    if name != "all" and (report := FOLDER / f"{name}.md").exists():
        print(report.read_text("utf8"))
    if failed:
        print("\n".join(["Failed:", *map(str, failed)]), file=sys.stderr)
        raise typer.Exit(1)
