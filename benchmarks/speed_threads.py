"""Our layer on one thread and on several, by turns, by the wall. More must never be slower."""

import os
import sys
from functools import partial
from typing import Any, Dict, List

import torch
from alternate import Spread, alternate, times
from cells import markdown
from speed_data import batch_lengths, vectors
from speed_layer import MODES, run
from speed_peers import Arrays, ours


def measure(full: bool) -> Dict[str, Any]:
    """full (bool): All lengths and widths, or mixed lengths and width 256.
    RETURNS (Dict[str, Any]): The rows.
    """
    kinds = ("short", "mixed", "long", "uniform") if full else ("mixed",)
    rows: List[Dict[str, Any]] = []
    for kind in kinds:
        for width in (96, 256, 512) if full else (256,):
            for threads in numbers_of_threads():
                for mode in MODES:
                    print("threads", kind, width, threads, mode, file=sys.stderr, flush=True)
                    Xs = vectors(batch_lengths(kind).tokens, width)
                    found = alternate(
                        partial(_run, threads, width, Xs, mode),
                        partial(_run, 1, width, Xs, mode),
                        pairs=11 if full else 7,
                        clock="wall",
                    )
                    cell = {"lengths": kind, "width": width, "mode": mode, "threads": threads}
                    rows.append({**cell, "ratio": found.ratio})
    return {"rows": rows}


def numbers_of_threads() -> List[int]:
    """RETURNS (List[int]): More than one: two, and as many as there are processors."""
    return sorted({2, max(2, os.cpu_count() or 1)})


def _run(threads: int, width: int, Xs: Arrays, mode: str) -> None:
    torch.set_num_threads(threads)
    layer = _LAYERS.setdefault(width, ours(width))
    run(layer, Xs, mode)


_LAYERS: Dict[int, Any] = {}


def tables(data: Dict[str, Any]) -> str:
    """data (Dict[str, Any]): What was measured.
    RETURNS (str): A table in Markdown.
    """
    header = ["lengths", "width", "mode", "threads", "faster than on one"]
    rows = [
        [
            row["lengths"],
            str(row["width"]),
            row["mode"],
            str(row["threads"]),
            times(Spread(*row["ratio"])),
        ]
        for row in data["rows"]
    ]
    load = "By the wall: on a machine that others keep busy, it shows less than there is."
    return f"{load}\n\n{markdown(header, rows)}"
