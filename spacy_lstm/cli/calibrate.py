"""`spacy lstm calibrate`: probabilities of entities that agree with how often they are right."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Iterable, List, Optional

import typer

from ..training.readers.records import DataError
from .options import ModelName

if TYPE_CHECKING:
    from rich.console import Console
    from spacy.language import Language

    from ..pipeline.ner_calibrate import Calibration


def calibrate_command(
    model: ModelName,
    data: Annotated[
        Path, typer.Argument(help="Annotated texts that it wasn't trained on (.spacy): dev.")
    ],
    output: Annotated[
        Optional[Path],
        typer.Option(help="Where the calibrated pipeline is written; by default in its place."),
    ] = None,
) -> None:
    """Fit one temperature for each component lstm_ner of a pipeline, and write it back.

    The scores of all tags are divided by it, so that the annotated texts become as probable as they
    can. The entities that are found stay the same, if the threshold is 0; only their probabilities
    change. With `mode = "posterior"`, where they decide what is an entity, the threshold of the
    best F-score is found too.
    """
    from .load import load

    try:
        nlp = load(model)
        calibrations = calibrate(nlp, model, data, output)
    except DataError as err:
        typer.secho(str(err), fg="red", err=True)
        raise typer.Exit(1) from err
    print_calibrations(calibrations)


def calibrate(
    nlp: "Language", model: str, data: Path, output: Optional[Path]
) -> List["Calibration"]:
    """Calibrate a pipeline, and write it.

    nlp (Language): The pipeline.
    model (str): What the user called it.
    data (Path): The annotated texts.
    output (Optional[Path]): Where it is written; None for its own folder.
    RETURNS (List[Calibration]): What was done.
    RAISES (DataError): If there is nothing to calibrate, or to calibrate with, or no place to write
        it.
    """
    from ..errors import Errors
    from ..pipeline.ner import LSTMEntityRecognizer
    from ..pipeline.ner_calibrate import calibrate_pipeline
    from .load import read_examples

    names = [name for name, pipe in nlp.pipeline if isinstance(pipe, LSTMEntityRecognizer)]
    if not names:
        components = ", ".join(nlp.pipe_names) or "none"
        raise DataError(Errors.L631.format(name=model, components=components))
    if output is None and not Path(model).is_dir():
        raise DataError(Errors.L633.format(name=model))
    examples = read_examples(nlp, data)
    try:
        calibrations = calibrate_pipeline(nlp, examples)
    except ValueError as err:  # a label that the pipeline doesn't have
        raise DataError(str(err)) from err
    done = {calibration.name for calibration in calibrations}
    for name in names:
        if name not in done:
            raise DataError(Errors.L632.format(name=name, path=data))
    nlp.to_disk(output or model)
    return calibrations


def print_calibrations(
    calibrations: Iterable["Calibration"], console: "Console | None" = None
) -> None:
    """Print what was done.

    calibrations (Iterable[Calibration]): What was done to each component.
    console (Console | None): Where; by default the standard output.
    """
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = console or Console(highlight=False)
    for calibration in calibrations:
        console.print()
        console.print(f"[bold]{escape(calibration.name)}[/] [dim]({calibration.n_texts} texts)[/]")
        table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
        table.add_column("")
        for column in ("temperature", "log loss", "calibration error", "95 %", "floor"):
            table.add_column(column, justify="right", no_wrap=True)
        for name, fit in (("before", calibration.before), ("after", calibration.after)):
            cells = ["", "", ""]
            if fit.error is not None:
                error = fit.error
                cells = [
                    f"{error.value:.4f}",
                    f"{error.low:.4f} to {error.high:.4f}",
                    f"{error.floor:.4f}",
                ]
            table.add_row(name, f"{fit.temperature:.3f}", f"{fit.log_loss:.4f}", *cells)
        console.print(table)
        before, after = calibration.before, calibration.after
        if after.threshold != before.threshold:
            console.print(f"threshold {before.threshold:.3f} → {after.threshold:.3f}")
            console.print(f"F-score {_percent(before.f)} → {_percent(after.f)}")
    console.print()
    console.print(
        "log loss: of what is known of a text, on average. Calibration error: of the entities that "
        "are found. Floor: what perfect probabilities would get with so few entities.",
        style="dim",
    )


def _percent(share: Optional[float]) -> str:
    return "none" if share is None else f"{100 * share:.1f}"
