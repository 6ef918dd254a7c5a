"""What is claimed of `lstm_ner`: its speed, its probabilities, partial annotation, documents.

    make assets
    python -m spacy project run preprocess project --vars.corpus conll2002_esp
    python -m spacy project run preprocess project --vars.corpus wikigold
    python benchmarks/ner_claims.py

Everything runs on one thread, each section in a process of its own. Pipelines are trained as
project/configs/ner.cfg says, minutes each, and kept in project/training/ner_claims/ for all
sections. --steps makes it short, to see that all works; the figures are then worth nothing.

Tables are printed and kept with the figures in benchmarks/results/ner_claims.*, or beside the
pipelines where training is shorter than the config says. With --section, the other sections of an
earlier run stay in them.
"""

import json
import os
import subprocess
import sys
from importlib import import_module
from typing import Annotated, Any, Dict, List, Optional

import typer
from accuracy.sections import section as marked
from cells import RESULTS, markdown, one_thread

SECTIONS = {
    "speed": "Speed",
    "calibration": "Calibration",
    "partial": "Partial annotation",
    "documents": "Documents",
    "hostile": "Hostile texts",
}


def run_section(section: str, options: Dict[str, Any]) -> Any:
    """Measure a section in a process of its own, with one thread.

    section (str): One of the keys of `SECTIONS`.
    options (Dict[str, Any]): The fields of its `Settings`.
    RETURNS (Any): What its `measure` returns.
    """
    from speed_nlp import threads_env

    command = [sys.executable, __file__, "--cell", section, "--options", json.dumps(options)]
    env = {**os.environ, **threads_env(1)}
    output = subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE, text=True).stdout
    return json.loads(output.splitlines()[-1])


def report(data: Dict[str, Any]) -> str:
    """data (Dict[str, Any]): The machine, and what was measured, by section.
    RETURNS (str): All tables in Markdown.
    """
    import ner_targets

    machine = [[key, value] for key, value in data["machine"].items()]
    parts = [
        "# Named entities: what is claimed",
        "Speed is measured by turns with the peer: the median of the ratios, with their range, of "
        "CPU time on one thread. Settings are chosen on dev, and reported on test.",
        markdown(["machine", ""], machine),
    ]
    for section, title in SECTIONS.items():
        if section in data:
            tables = import_module(f"ner_{section}").tables(data[section])
            parts += [f"## {title}", marked(section, tables)]
    return "\n\n".join([*parts, "## What it must show", ner_targets.tables(data)]) + "\n"


def main(
    section: Annotated[
        Optional[List[str]], typer.Option(help=f"Measure only these, again: {', '.join(SECTIONS)}.")
    ] = None,
    seeds: Annotated[
        Optional[List[int]], typer.Option(help="The seeds, an option for each; 0.")
    ] = None,
    steps: Annotated[Optional[int], typer.Option(min=1, help="Steps of training, at most.")] = None,
    pairs: Annotated[int, typer.Option(min=1, help="How many times each speed is measured.")] = 5,
    cell: Annotated[str, typer.Option(hidden=True)] = "",
    options: Annotated[str, typer.Option(hidden=True)] = "{}",
) -> None:
    """Measure what is claimed of named entities."""
    unknown = sorted({*(section or []), *([cell] if cell else [])} - set(SECTIONS))
    if unknown:
        raise typer.BadParameter(f"There is no section {unknown[0]!r}: {', '.join(SECTIONS)}.")
    import ner_trained
    import speed_machine

    if cell:
        one_thread()
        settings = ner_trained.Settings(**json.loads(options))
        print(json.dumps(import_module(f"ner_{cell}").measure(settings)))
        return
    for name in ner_trained.missing_corpora():
        command = f"python -m spacy project run preprocess project --vars.corpus {name}"
        raise typer.BadParameter(f"{name} isn't there. Make it with: {command}")
    folder = RESULTS if steps is None else ner_trained.KEPT
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "ner_claims.json"
    data: Dict[str, Any] = {}
    if section and path.exists():
        data = json.loads(path.read_text("utf8"))
    data["machine"] = speed_machine.describe()
    chosen = {"seeds": seeds or [0], "steps": steps, "pairs": pairs}
    for part in section or SECTIONS:
        print(f"# {part}", file=sys.stderr, flush=True)
        data[part] = run_section(part, chosen)
        path.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf8")
        path.with_suffix(".md").write_text(report(data), encoding="utf8")
    print(report(data))


if __name__ == "__main__":
    typer.run(main)
