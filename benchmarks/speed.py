"""The speed of the encoder and of its pipelines, each by turns with its peers.

    python benchmarks/speed.py            # a few minutes
    python benchmarks/speed.py --full     # all combinations: hours

Everything runs on one thread, each section in a process of its own, except for the section on
threads. Keras runs on TensorFlow where that is installed, else on torch; see KERAS_BACKEND.

Tables are printed and kept with the figures and a picture in benchmarks/results/: speed_quick.* and
speed_full.*. With --section, the other sections of an earlier run stay in them.
"""

import json
import os
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Dict, List, Optional

import typer
from cells import markdown

RESULTS = Path(__file__).resolve().parent / "results"
SECTIONS = {
    "layer": "The layer, from `List[Floats2d]` to `List[Floats2d]`",
    "threads": "More threads than one",
    "pipeline": "The pipeline",
    "growth": "Growth",
    "stock": "spaCy's components on our encoder and on its CNN",
}


def environment(section: str) -> Dict[str, str]:
    """section (str): One of the keys of `SECTIONS`.
    RETURNS (Dict[str, str]): The environment of its process.
    """
    from speed_nlp import threads_env

    n_threads = (os.cpu_count() or 1) if section == "threads" else 1
    backend = "tensorflow" if find_spec("tensorflow") else "torch"
    return {"KERAS_BACKEND": backend, **os.environ, **threads_env(n_threads)}


def run_section(section: str, full: bool) -> Any:
    """Measure a section in a process of its own.

    section (str): One of the keys of `SECTIONS`.
    full (bool): All combinations.
    RETURNS (Any): What its `measure` returns.
    """
    command = [sys.executable, __file__, "--cell", section, *(["--full"] if full else [])]
    output = subprocess.run(
        command, env=environment(section), check=True, stdout=subprocess.PIPE, text=True
    ).stdout
    return json.loads(output.splitlines()[-1])


def report(data: Dict[str, Any]) -> str:
    """data (Dict[str, Any]): The machine, and what was measured, by section.
    RETURNS (str): All tables in Markdown.
    """
    import speed_targets

    parts = [
        "# Speed",
        "Ours and its peer by turns in one run; the median of the ratios, with their range "
        "(none where a pair took so long that there is only one). Times are CPU time on one "
        "thread, which is what the wall shows on an idle core; only the section on threads goes by "
        "the wall.",
        markdown(["machine", ""], [[key, value] for key, value in data["machine"].items()]),
    ]
    for section, title in SECTIONS.items():
        if section in data:
            parts += [f"## {title}", import_module(f"speed_{section}").tables(data[section])]
    return "\n\n".join([*parts, "## What it must show", speed_targets.tables(data)]) + "\n"


def keep(name: str, data: Dict[str, Any]) -> str:
    """Write the results so far.

    name (str): The name of the files, without suffix.
    data (Dict[str, Any]): The machine, and what was measured, by section.
    RETURNS (str): The tables.
    """
    import speed_plots

    RESULTS.mkdir(exist_ok=True)
    text = report(data)
    (RESULTS / f"{name}.json").write_text(json.dumps(data, indent=1) + "\n", encoding="utf8")
    (RESULTS / f"{name}.md").write_text(text, encoding="utf8")
    (RESULTS / f"{name}.svg").write_text(speed_plots.draw(data), encoding="utf8")
    return text


def main(
    full: Annotated[bool, typer.Option("--full", help="All combinations.")] = False,
    section: Annotated[
        Optional[List[str]], typer.Option(help=f"Measure only these, again: {', '.join(SECTIONS)}.")
    ] = None,
    cell: Annotated[str, typer.Option(hidden=True)] = "",
) -> None:
    """Measure speed, by turns with what could stand in our place."""
    unknown = sorted({*(section or []), *([cell] if cell else [])} - set(SECTIONS))
    if unknown:
        raise typer.BadParameter(f"There is no section {unknown[0]!r}: {', '.join(SECTIONS)}.")
    import speed_machine
    import speed_peers

    if cell:
        speed_peers.set_threads(1)
        print(json.dumps(import_module(f"speed_{cell}").measure(full)))
        return
    name = "speed_full" if full else "speed_quick"
    data: Dict[str, Any] = {}
    if section and (RESULTS / f"{name}.json").exists():
        data = json.loads((RESULTS / f"{name}.json").read_text("utf8"))
    data["machine"] = speed_machine.describe()
    for chosen in section or SECTIONS:
        data[chosen] = run_section(chosen, full)
        text = keep(name, data)
    print(text)


if __name__ == "__main__":
    typer.run(main)
