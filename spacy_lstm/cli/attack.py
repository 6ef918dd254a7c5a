"""`spacy lstm attack`: how much worse a pipeline gets with typos, moved words and other cases."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Dict, Iterable, List, Optional

import typer

from ..training.readers.records import DataError
from .options import GPU, Code, ModelName

if TYPE_CHECKING:
    from rich.console import Console
    from spacy.language import Language

    from ..training.robustness import Report


def attack_command(
    model: ModelName,
    data: Annotated[Path, typer.Argument(help="Annotated texts (.spacy): test.")],
    kind: Annotated[
        Optional[List[str]],
        typer.Option(
            help="typos, swaps, lower, upper or title; may be repeated. By default all of them."
        ),
    ] = None,
    rate: Annotated[
        float, typer.Option(help="The share of words with typos, and of pairs that are swapped.")
    ] = 0.1,
    tries: Annotated[
        int, typer.Option(min=1, help="Attack each text so often; the worst of them counts.")
    ] = 1,
    seed: Annotated[int, typer.Option(min=0, help="Of the chance.")] = 0,
    limit: Annotated[
        int, typer.Option(min=0, help="Attack only so many texts, the first ones; 0 for all.")
    ] = 0,
    output: Annotated[
        Optional[Path], typer.Option("--output", "-o", help="Write the figures here, as JSON.")
    ] = None,
    gpu_id: GPU = -1,
    code: Code = None,
) -> None:
    """Score a pipeline on annotated texts as they are, and after each of several attacks.

    Works with any component of spaCy that has a scorer and finds categories, entities or spans.
    """
    from spacy.cli._util import import_code

    from .load import load, use_device
    from .output import write_json

    import_code(code)
    settings = {"rate": rate, "tries": tries, "seed": seed}
    try:
        use_device(gpu_id)
        nlp = load(model)
        reports = attack(nlp, model, data, kinds=kind, limit=limit, **settings)
        # Before they are written: if that fails, they aren't lost.
        print_reports(reports, rate=rate, tries=tries)
        if output is not None:
            figures = {"model": model, "data": str(data), **settings, **as_dict(reports)}
            write_json(output, figures)
    except DataError as err:
        typer.secho(str(err), fg="red", err=True)
        raise typer.Exit(1) from err


def attack(
    nlp: "Language",
    model: str,
    data: Path,
    *,
    kinds: Optional[List[str]] = None,
    limit: int = 0,
    **settings: Any,
) -> List["Report"]:
    """Attack a pipeline.

    nlp (Language): The pipeline.
    model (str): What the user called it.
    data (Path): The annotated texts.
    kinds (Optional[List[str]]): The names of the attacks; None for all.
    limit (int): How many texts are attacked; 0 for all.
    **settings (Any): `rate`, `tries` and `seed` of `attack_pipeline`.
    RETURNS (List[Report]): What each component does.
    RAISES (DataError): If there is nothing to attack, or to attack with.
    """
    from ..errors import Errors
    from ..training.perturbations import ATTACKS
    from ..training.robustness import attack_pipeline, find_heads
    from .load import read_examples

    heads = find_heads(nlp)
    if not heads:
        components = ", ".join(nlp.pipe_names) or "none"
        raise DataError(Errors.L701.format(name=model, components=components))
    docs = [eg.reference for eg in read_examples(nlp, data, limit=limit)]
    reports = attack_pipeline(nlp, docs, kinds=kinds or list(ATTACKS), **settings)
    if not reports:
        names = ", ".join(head.name for head in heads)
        raise DataError(Errors.L702.format(path=data, names=names))
    return reports


def as_dict(reports: Iterable["Report"]) -> Dict[str, Any]:
    """reports (Iterable[Report]): What components do under attacks.
    RETURNS (Dict[str, Any]): The same for JSON.
    """
    return {
        "components": {
            report.name: {
                "n_texts": report.n_texts,
                "outcomes": [outcome._asdict() for outcome in report.outcomes],
            }
            for report in reports
        }
    }


def print_reports(
    reports: Iterable["Report"], *, rate: float, tries: int, console: "Console | None" = None
) -> None:
    """Print what components do under attacks.

    reports (Iterable[Report]): What they do.
    rate (float): The share of words.
    tries (int): How often each text was attacked.
    console (Console | None): Where; by default the standard output.
    """
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = console or Console(highlight=False)
    for report in reports:
        console.print()
        console.print(f"[bold]{escape(report.name)}[/] [dim]({report.n_texts} texts)[/]")
        table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
        table.add_column("attack")
        first, *others = report.outcomes[0].scores
        for column in ("words", first, "difference", *others, "changed"):
            table.add_column(escape(column), justify="right", no_wrap=True)
        for outcome in report.outcomes:
            score, *more = map(_percent, outcome.scores.values())
            cells = ["", score, "", *more, ""]
            if outcome.attack != "clean":
                cells = [
                    _percent(outcome.touched),
                    score,
                    _signed(outcome.difference),
                    *more,
                    _percent(outcome.changed),
                ]
            table.add_row(outcome.attack, *cells)
        console.print(table)
    console.print()
    text = (
        f"All in %. typos and swaps: of {100 * rate:g} % of the words and pairs that can be touched"
    )
    text += f", the worst of {tries} tries for each text. " if tries > 1 else ". "
    text += "words: that became others. changed: texts in which something else is found."
    console.print(text, style="dim")


def _percent(share: Optional[float]) -> str:
    return "none" if share is None else f"{100 * share:.1f}"


def _signed(share: Optional[float]) -> str:
    # Rounded first, so that nothing shows as -0.0.
    return "none" if share is None else f"{round(100 * share, 1) + 0.0:+.1f}"
