"""`spacy lstm train`: spaCy's training, which goes on where it was stopped."""

import sys
from pathlib import Path
from typing import Annotated, Any, Dict, Optional

import typer

from ..training.readers.records import DataError
from .options import GPU, Code


def train_command(
    ctx: typer.Context,
    config: Annotated[
        Path,
        typer.Argument(
            help="The config (.cfg). Its settings can be overridden as for `spacy train`, for "
            "instance with --paths.train and --paths.dev."
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", help="The folder for model-best, model-last and the checkpoints."
        ),
    ],
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Go on with the training in that folder. Begins anew where there is none.",
        ),
    ] = False,
    overwrite: Annotated[
        bool,
        typer.Option(
            "--overwrite",
            help="Replace an unfinished training in that folder; with --resume, only where it "
            "can't go on.",
        ),
    ] = False,
    max_minutes: Annotated[
        Optional[float],
        typer.Option(
            min=0.0,
            help="Stop after so many minutes, when the step of then is done, with the exit code "
            "75. Goes on with --resume.",
        ),
    ] = None,
    gpu_id: GPU = -1,
    code: Code = None,
) -> None:
    """Train a pipeline as `spacy train` does, to the same weights, so that nothing is lost.

    The training is kept from time to time, and when Ctrl+C, SIGTERM or the end of its time stops
    it. With --resume it goes on from there as if it had never been stopped.
    """
    from click import NoSuchOption
    from spacy.cli._util import import_code, parse_config_overrides

    try:
        overrides = parse_config_overrides(ctx.args)
    except NoSuchOption as err:  # of click, which not every version of typer knows
        ctx.fail(err.format_message())
    import_code(code)
    try:
        train_config(
            config,
            output,
            overrides,
            resume=resume,
            overwrite=overwrite,
            max_seconds=None if max_minutes is None else 60 * max_minutes,
            gpu_id=gpu_id,
            code=code,
        )
    except DataError as err:
        typer.secho(str(err), fg="red", err=True)
        raise typer.Exit(1) from err


def train_config(
    path: Path, output: Path, overrides: Dict[str, Any], *, gpu_id: int = -1, **settings: Any
) -> None:
    """Train the pipeline of a config.

    path (Path): The config.
    output (Path): The folder to write to, which is made if it isn't there.
    overrides (Dict[str, Any]): Other values for settings, by their names with dots.
    gpu_id (int): The number of the GPU, or -1 for the CPU.
    settings (Any): Those of `spacy_lstm.training.resume.train.train`.
    RAISES (DataError): If it can't be trained.
    RAISES (typer.Exit): If it was stopped, or the config isn't valid, which is told.
    """
    from spacy.cli._util import show_validation_error

    from ..training.resume.stop import Stopped
    from ..training.resume.train import train
    from .load import read_config, use_device
    from .output import make_folder

    config = read_config(path, overrides)
    make_folder(output)
    use_device(gpu_id)
    try:
        with show_validation_error(path, hint_fill=False):
            train(
                config,
                output,
                use_gpu=gpu_id,
                stdout=sys.stdout,
                stderr=sys.stderr,
                **settings,
            )
    except Stopped as err:
        typer.echo(str(err))
        raise typer.Exit(err.exit_code) from err
