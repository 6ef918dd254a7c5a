"""`python benchmarks/accuracy`: see benchmarks/README.md."""

import sys
from pathlib import Path

# As for `python benchmarks/NAME.py`, so that the files find each other.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

import typer  # noqa: E402

from accuracy.command import main  # noqa: E402

typer.run(main)
