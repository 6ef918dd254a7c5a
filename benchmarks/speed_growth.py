"""Section 3, growth: time and memory against the size of what is done. A slope of 1 in the
logarithms is a straight line: twice the size, twice the cost."""

import sys
from functools import partial
from typing import Any, Callable, Dict, List, Sequence

import numpy
import spacy
import speed_nlp
from alternate import alternate, slope, spread_of
from cells import markdown
from speed_data import batch_lengths, vectors
from speed_layer import MODES, PACKED, run
from speed_memory import peak
from speed_peers import PEERS, Arrays, Layer, ours

from spacy_lstm.models.textcat import TextCat

Points = Dict[str, List[float]]
WIDTH = 256
LONGEST = 100_000


def measure(full: bool) -> Dict[str, Any]:
    """full (bool): More sizes, and each more often.
    RETURNS (Dict[str, Any]): By name of a curve, the sizes and what they cost.
    """
    pairs = 7 if full else 2
    # A packed step over 100,000 tokens takes half a minute.
    lengths = [10, 100, 1000, 10_000, LONGEST] if full else [10, 1000, 10_000]
    docs = [1, 4, 16, 64, 256, 1024] if full else [4, 32, 256]
    widths = [32, 64, 128, 256, 512, 1024] if full else [64, 128, 256]
    labels = [2, 10, 100, 1000, 10_000] if full else [2, 100, 10_000]
    mixed = batch_lengths("mixed").tokens
    curves: Dict[str, Points] = {}
    for mode in MODES:
        layers, packed = ours(WIDTH), PEERS[PACKED](WIDTH)
        by_length = {n: vectors([n], WIDTH) for n in lengths}
        name = f"one document of so many tokens, {mode}"
        curves[name] = _curve(name, by_length, layers, packed, mode, pairs)
        by_docs = {n: vectors((mixed * (1 + n // len(mixed)))[:n], WIDTH) for n in docs}
        name = f"so many documents in a batch, {mode}"
        # Documents differ: what counts is the tokens in them.
        curves[name] = _curve(name, by_docs, layers, packed, mode, pairs)
        curves[name]["sizes"] = [float(sum(map(len, Xs))) for Xs in by_docs.values()]
        name = f"so wide, {mode}"
        curves[name] = {"sizes": list(map(float, widths)), "ours": [], "peer": []}
        for width in widths:
            Xs = vectors(mixed, width)
            both = (ours(width), PEERS[PACKED](width))
            _add(curves[name], *(partial(run, layer, Xs, mode) for layer in both), pairs=pairs)
    curves["so many labels, dense layer and softmax"] = _labels(labels, pairs)
    return {"curves": curves, "memory": _memory(lengths if full else [1000, 10_000, LONGEST])}


def _curve(
    name: str, batches: Dict[int, Arrays], our: Layer, peer: Layer, mode: str, pairs: int
) -> Points:
    print("growth", name, file=sys.stderr, flush=True)
    points: Points = {"sizes": list(map(float, batches)), "ours": [], "peer": []}
    for Xs in batches.values():
        _add(points, partial(run, our, Xs, mode), partial(run, peer, Xs, mode), pairs=pairs)
    return points


def _add(points: Points, our: Callable[[], Any], peer: Callable[[], Any], *, pairs: int) -> None:
    found = alternate(our, peer, pairs=pairs)
    points["ours"].append(spread_of(found.ours).median)
    points["peer"].append(spread_of(found.peer).median)


def _labels(labels: Sequence[int], pairs: int) -> Points:
    points: Points = {"sizes": list(map(float, labels)), "ours": []}
    docs = list(map(spacy.blank("en").make_doc, speed_nlp.some_texts()[:256]))
    tok2vec = speed_nlp.fixed_vectors(docs, width=128)
    for n in labels:
        model = TextCat(tok2vec, pooling=["max", "mean"], nO=n)
        Y: Any = numpy.zeros((4, n), dtype="float32")
        model.initialize(X=docs[:4], Y=Y)
        work = partial(model.predict, docs)
        found = alternate(work, work, pairs=pairs)
        points["ours"].append(spread_of([*found.ours, *found.peer]).median)
    return points


def _memory(lengths: Sequence[int]) -> Dict[str, Points]:
    print("growth of memory", file=sys.stderr, flush=True)
    sizes = list(map(float, lengths))
    layer = partial(peak, "layer", width=WIDTH)
    return {
        "the layer, inference": {
            "sizes": sizes,
            "ours": [layer(name="ours", tokens=[n]) for n in lengths],
            "peer": [layer(name=PACKED, tokens=[n]) for n in lengths],
        },
        "the layer, training": {
            "sizes": sizes,
            "ours": [layer(name="ours", tokens=[n], is_train=True) for n in lengths],
            "peer": [layer(name=PACKED, tokens=[n], is_train=True) for n in lengths],
        },
        "textcat.cfg at this width, inference": {
            "sizes": sizes,
            "ours": [peak("document", n=n, width=WIDTH) for n in lengths],
        },
    }


def tables(data: Dict[str, Any]) -> str:
    """data (Dict[str, Any]): What was measured.
    RETURNS (str): Tables in Markdown.
    """
    rows = []
    for name, points in data["curves"].items():
        sizes = points["sizes"]
        for who in ("ours", "peer"):
            if who in points:
                costs = points[who]
                ends = f"{1000 * costs[0]:.2f} → {1000 * costs[-1]:.1f}"
                last = slope(sizes[-2:], costs[-2:])
                whole = slope(sizes, costs)
                label = "ours" if who == "ours" else PACKED
                span = f"{sizes[0]:,.0f} → {sizes[-1]:,.0f}"
                rows.append([name, label, span, ends, f"{whole:.2f}", f"{last:.2f}"])
    memory = [
        [name, "ours" if who == "ours" else PACKED, f"{size:,.0f}", f"{mib:.1f}"]
        for name, points in data["memory"].items()
        for who in ("ours", "peer")
        if who in points
        for size, mib in zip(points["sizes"], points[who], strict=True)
    ]
    header = ["against", "layer", "size", "ms", "slope", "slope at the end"]
    return "\n\n".join(
        [
            f"Time, width {WIDTH} where it is not the size (a slope of 1: twice the size, twice "
            "the time; of the width, 2). The size of a batch is its tokens. What a call costs "
            "whatever its size makes the slope of small sizes less.",
            markdown(header, rows),
            f"Peak memory over loading, one document, width {WIDTH}, one thread:",
            markdown(["what", "layer", "tokens", "MiB"], memory),
        ]
    )
