"""`spacy lstm report`: how good a pipeline is, where it fails and why, on one page."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Dict, List, Optional

import typer

from ..training.readers.records import DataError
from .options import GPU, Code, ModelName

if TYPE_CHECKING:
    from ..report import Report


def report_command(
    model: ModelName,
    data: Annotated[
        Path,
        typer.Argument(help="Annotated texts (.spacy) that it wasn't trained on: dev, test."),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The page that is written (.html).")
    ],
    json: Annotated[
        Optional[Path], typer.Option(help="Write the same figures here (.json).")
    ] = None,
    train: Annotated[
        Optional[Path],
        typer.Option(
            help="The texts that it was trained on (.spacy): for scores by the share of new words, "
            "and by how often labels were seen."
        ),
    ] = None,
    log: Annotated[
        Optional[Path],
        typer.Option(
            help="The log of its training; by default log.jsonl beside the pipeline, if any."
        ),
    ] = None,
    cases: Annotated[
        int,
        typer.Option(
            min=0, help="How many of the worst mistakes, and of the least sure, are explained."
        ),
    ] = 6,
    gpu_id: GPU = -1,
    code: Code = None,
) -> None:
    """Write a page about a pipeline: its scores, where it fails and why, its curves, and its speed.

    Works with any component of spaCy that has a scorer and gives categories or entities. The page
    needs nothing but a browser: no network, no scripts.
    """
    from spacy.cli._util import import_code

    from .load import load, read_examples, use_device
    from .output import write_json, write_text

    import_code(code)
    try:
        check_names(output, json)
        make_page = load_page()
        use_device(gpu_id)
        nlp = load(model)
        from ..report import make_report, to_json

        report = make_report(
            nlp,
            read_examples(nlp, data),
            model=model,
            data=str(data),
            train=None if train is None else read_examples(nlp, train),
            train_name=str(train or ""),
            log=find_log(model, log),
            n_cases=cases,
        )
        print_report(report)
        if json is not None:
            write_json(json, to_json(report))
        write_text(output, make_page(report))
    except DataError as err:
        typer.secho(str(err), fg="red", err=True)
        raise typer.Exit(1) from err
    typer.echo(f"Wrote {output}")


def check_names(output: Path, json: Optional[Path]) -> None:
    """output (Path): The file for the page.
    json (Optional[Path]): The file for the figures.
    RAISES (DataError): If one has another ending.
    """
    from ..errors import Errors

    for path, ending, option in ((output, ".html", "--output"), (json, ".json", "--json")):
        if path is not None and path.suffix != ending:
            raise DataError(Errors.L884.format(path=path, ending=ending, option=option))


def load_page() -> Any:
    """RETURNS (Callable[[Report], str]): What makes the page.
    RAISES (DataError): If matplotlib isn't installed.
    """
    from ..errors import Errors

    try:
        from ..report.page import make_page
    except ImportError as err:
        raise DataError(Errors.L881.format(reason=err)) from err
    return make_page


def find_log(model: str, log: Optional[Path]) -> List[Dict[str, Any]]:
    """Read the log of a training.

    model (str): The pipeline.
    log (Optional[Path]): The file; None for the one beside the pipeline.
    RETURNS (List[Dict[str, Any]]): The evaluations; none if the user named no file, and there is
        none.
    RAISES (DataError): If it can't be read.
    """
    from ..training.training_log import FILE_NAME, read_log

    beside = Path(model).resolve().parent / FILE_NAME
    if log is None and not (Path(model).is_dir() and beside.is_file()):
        return []
    return read_log(log or beside)


def print_report(report: "Report") -> None:
    """report (Report): What is printed: the main score of each component, and the speed."""
    for component in report.components:
        name = "accuracy" if component.kind == "exclusive" else "F"
        value, low, high = (
            "none" if number is None else f"{100 * number:.1f}" for number in component.main
        )
        typer.echo(
            f"{component.name}: {name} {value} ({low} to {high}), {component.n_texts:,} texts"
        )
    speed = report.speed
    typer.echo(f"{speed.words_per_second:,.0f} words/s, {speed.megabytes:.1f} MB")
