"""Arguments and options that several commands have."""

from pathlib import Path
from typing import Annotated, Optional

import typer

ModelName = Annotated[
    str, typer.Argument(help="The folder of a trained pipeline, or an installed one.")
]
GPU = Annotated[int, typer.Option("--gpu-id", "-g", help="The GPU, or -1 for CPU.")]
Code = Annotated[
    Optional[Path],
    typer.Option("--code", "-c", help="A Python file with functions the pipeline needs."),
]
