"""Section 1, the layer: ours by turns with each of its peers, and its memory."""

import sys
from typing import Any, Dict, List

import speed_data
import torch
from alternate import Spread, alternate, spread_of, times
from cells import markdown
from speed_data import batch_lengths, vectors
from speed_machine import lstm_gflop, matmul_peak
from speed_memory import peak
from speed_peers import PEERS, Arrays, Layer, has_precision, missing_peers, ours

Row = Dict[str, Any]
WIDTHS = (96, 256, 512)
MODES = ("inference", "training")
PACKED, SPACY, KERAS, THINC, CNN, CNN_FAST = PEERS
EXACT = (PACKED, SPACY)
# A packed training step takes tens of seconds here: its time grows with the square of the length.
SLOW = ("long", "mixed and a few long")


def cells(full: bool) -> List[Row]:
    """full (bool): All combinations, or those that say most.
    RETURNS (List[Row]): What to measure: peer, width, lengths.
    """
    if full:
        everything = [(p, w, k) for p in PEERS for w in WIDTHS for k in speed_data.KINDS]
    else:
        everything = [(PACKED, 256, kind) for kind in speed_data.KINDS]
        everything += [(SPACY, 256, kind) for kind in ("mixed", "uniform")]
        everything += [(PACKED, width, "mixed") for width in (96, 512)]
        everything += [(KERAS, 256, kind) for kind in ("mixed", "newswire")]
        everything += [(THINC, 256, "mixed")]
        everything += [(peer, 96, "mixed") for peer in (CNN, CNN_FAST)]
    return [{"peer": p, "width": w, "lengths": k} for p, w, k in everything]


def measure(full: bool) -> Dict[str, Any]:
    """full (bool): All combinations, or those that say most.
    RETURNS (Dict[str, Any]): The rows, and what they are to be seen against.
    """
    precisions = ["float32", "bfloat16"] if has_precision() else ["float32"]
    missing = missing_peers()
    rows = []
    for cell in cells(full):
        if cell["peer"] in missing:
            continue
        print("layer", *cell.values(), file=sys.stderr, flush=True)
        both = full or (cell["peer"] in EXACT and cell["lengths"] not in SLOW)
        for precision in precisions if both else precisions[:1]:
            rows += _measure_cell(cell, precision, pairs=9 if full else 3, most=60 if full else 10)
    return {
        "rows": rows,
        "missing": missing,
        "precisions": precisions,
        "lengths": {kind: batch_lengths(kind).source for kind in speed_data.KINDS},
        "peaks": {
            name: matmul_peak(dtype)
            for name, dtype in (("float32", torch.float32), ("bfloat16", torch.bfloat16))
        },
        "memory": _measure_memory(full),
    }


def _measure_cell(cell: Row, precision: str, *, pairs: int, most: float) -> List[Row]:
    tokens = batch_lengths(cell["lengths"]).tokens
    width = cell["width"]
    Xs = vectors(tokens, width)
    our, peer = ours(width, precision), PEERS[cell["peer"]](width)
    rows = []
    for mode in MODES:

        def work(layer: Layer, mode: str = mode) -> Any:
            return layer.train(Xs, Xs) if mode == "training" else layer.infer(Xs)

        found = alternate(lambda: work(our), lambda: work(peer), pairs=pairs, most=most)
        seconds = spread_of(found.ours).median
        gflop = lstm_gflop(sum(tokens), width, is_train=mode == "training")
        rows.append(
            {
                **cell,
                "mode": mode,
                "precision": precision,
                "ratio": found.ratio,
                "tokens_per_second": sum(tokens) / seconds,
                "gflops": gflop / seconds,
                "peer_tokens_per_second": sum(tokens) / spread_of(found.peer).median,
                "ours": found.ours,
                "peers": found.peer,
            }
        )
    return rows


def run(layer: Layer, Xs: Arrays, mode: str) -> Arrays:
    """layer (Layer): A layer.
    Xs (Arrays): Vectors.
    mode (str): One of `MODES`.
    RETURNS (Arrays): What it gives.
    """
    # The gradient's values don't matter to the time.
    return layer.train(Xs, Xs) if mode == "training" else layer.infer(Xs)


def _measure_memory(full: bool) -> List[Row]:
    kinds = tuple(speed_data.KINDS) if full else ("mixed",)
    rows = []
    for kind in kinds:
        tokens = batch_lengths(kind).tokens
        for mode in MODES:
            mib = {
                name: peak("layer", name=name, tokens=tokens, width=256, is_train=mode != MODES[0])
                for name in ("ours", *EXACT)
            }
            rows.append({"lengths": kind, "mode": mode, "mib": mib})
    return rows


def tables(data: Dict[str, Any]) -> str:
    """data (Dict[str, Any]): What was measured.
    RETURNS (str): Tables in Markdown.
    """
    sources = "\n".join(f"- {kind}: {source}." for kind, source in data["lengths"].items())
    peaks = data["peaks"]
    lines = [
        [
            row["peer"],
            str(row["width"]),
            row["lengths"],
            row["mode"],
            row["precision"],
            times(Spread(*row["ratio"])),
            f"{row['tokens_per_second']:,.0f}",
            f"{row['peer_tokens_per_second']:,.0f}",
            f"{row['gflops']:.0f}",
            f"{100 * row['gflops'] / peaks[row['precision']]:.0f} %",
        ]
        for row in data["rows"]
    ]
    header = ["peer (float32)", "width", "lengths", "mode", "our precision", "ours is faster"]
    header += ["our tokens/s", "its tokens/s", "our GFLOP/s", "of the peak"]
    missing = "\n".join(f"- Not measured: {name}. {why}." for name, why in data["missing"].items())
    if data["precisions"] == ["float32"]:
        missing += "\n- Not measured: bfloat16. Our layer has no `precision` in this version."
    memory = [
        [row["lengths"], row["mode"], *(f"{mib:.0f}" for mib in row["mib"].values())]
        for row in data["memory"]
    ]
    names = list(data["memory"][0]["mib"])
    return "\n\n".join(
        part
        for part in (
            f"Lengths:\n\n{sources}",
            f"The machine's matrix product: {peaks['float32']:.0f} GFLOP/s in float32, "
            f"{peaks['bfloat16']:.0f} in bfloat16 (the best of three sizes; in float32 also "
            "of torch, numpy and oneDNN).",
            markdown(header, lines),
            missing.strip(),
            "Peak memory over loading, width 256, float32, MiB:",
            markdown(["lengths", "mode", *names], memory),
        )
        if part
    )
