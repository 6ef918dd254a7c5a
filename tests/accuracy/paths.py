"""Where the benchmarks are: imported first, so that they are found."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
# As for `python benchmarks/NAME.py`, so that the files find each other.
sys.path.insert(0, str(ROOT / "benchmarks"))
