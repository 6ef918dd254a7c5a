"""Write all tables and plots anew, from what is kept as JSON. Nothing is trained."""

from pathlib import Path
from typing import Dict

from .compared import compared
from .experiments import EXPERIMENTS
from .summary import summary
from .tables import table_of


def pages(folder: Path) -> Dict[str, str]:
    """folder (Path): The folder of the results.
    RETURNS (Dict[str, str]): The content of the pages in Markdown, by the names of their files.
    """
    results = {name: experiment.results(folder) for name, experiment in EXPERIMENTS.items()}
    corpora = {name: e for name, e in EXPERIMENTS.items() if e.kind == "corpus"}
    found = {
        f"{name}.md": table_of(EXPERIMENTS[name], known) for name, known in results.items() if known
    }
    found["summary.md"] = summary(corpora, results)
    found["compared.md"] = compared(corpora, results)
    return {name: f"{content}\n" for name, content in found.items()}


def write_reports(folder: Path) -> None:
    """Write the pages and the plots.

    folder (Path): The folder of the results.
    """
    from .plots import draw_curve

    folder.mkdir(parents=True, exist_ok=True)
    for name, content in pages(folder).items():
        (folder / name).write_text(content, encoding="utf8")
    for experiment in EXPERIMENTS.values():
        if experiment.kind == "curve" and (known := experiment.results(folder)):
            svg = draw_curve(experiment, known)
            (folder / f"{experiment.name}.svg").write_text(svg, encoding="utf8")
