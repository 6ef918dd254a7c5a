"""What the encoder must show, and what was measured: said plainly where it is missed."""

from typing import Any, Callable, Dict, List, NamedTuple, Optional

from cells import markdown
from speed_growth import LONGEST
from speed_layer import KERAS, PACKED, SPACY
from speed_pipeline import CNN, CNN_FAST, FAST, SHIPPED, TOK2VECS

Data = Dict[str, Any]


class Target(NamedTuple):
    """A figure that is to be reached.

    against (str): The peer.
    measure (str): What is compared.
    least (float): What must be reached at least, or at most where less is better.
    aim (Optional[float]): What is hoped for.
    find (Callable[[Data], Optional[float]]): What was measured, by section; None if it wasn't.
    unit (str): The unit.
    less (bool): Whether less is better.
    """

    against: str
    measure: str
    least: float
    aim: Optional[float]
    find: Callable[[Data], Optional[float]]
    unit: str = "×"
    less: bool = False


def verdict(target: Target, measured: Optional[float]) -> str:
    """target (Target): What is to be reached.
    measured (Optional[float]): What was.
    RETURNS (str): "missed", "reached", "aim reached" or "not measured".
    """
    if measured is None:
        return "not measured"
    sign = -1 if target.less else 1
    if sign * measured < sign * target.least:
        return "**missed**"
    return "aim reached" if target.aim is not None and measured >= target.aim else "reached"


def layer(data: Data, **cell: Any) -> List[float]:
    """data (Data): What was measured, by section.
    cell (Any): What the rows have in common.
    RETURNS (List[float]): The medians of the ratios of these rows of the layer.
    """
    rows = data.get("layer", {}).get("rows", [])
    return [
        row["ratio"][0] for row in rows if all(row[key] == value for key, value in cell.items())
    ]


def _of_layer(**cell: Any) -> Callable[[Data], Optional[float]]:
    return lambda data: min(layer(data, **cell), default=None)


def _where_lengths_differ(data: Data) -> Optional[float]:
    rows = data.get("layer", {}).get("rows", [])
    kinds = {row["lengths"] for row in rows} - {"uniform"}
    found = [ratio for kind in kinds for ratio in layer(data, peer=SPACY, lengths=kind)]
    return min(found, default=None)


def _of_pipeline(section: str, peer: str, ours: str | None = None) -> Callable[[Data], Any]:
    """The best of our variants, or the one of this name."""

    def find(data: Data) -> Optional[float]:
        rows = data.get("pipeline", {}).get(section, [])
        found = [r["ratio"][0] for r in rows if r["peer"] == peer and ours in (None, r["ours"])]
        return max(found, default=None)

    return find


def _latency(data: Data) -> Optional[float]:
    rows = data.get("pipeline", {}).get("latency", [])
    p50 = {row["pipeline"]: row["cpu_ms"][0] for row in rows}
    return p50[CNN] / p50[SHIPPED] if rows else None


def _memory(data: Data) -> Optional[float]:
    points = data.get("growth", {}).get("memory", {}).get("textcat.cfg at this width, inference")
    return dict(zip(points["sizes"], points["ours"], strict=True))[LONGEST] if points else None


def _threads(data: Data) -> Optional[float]:
    rows = data.get("threads", {}).get("rows", [])
    return min((row["ratio"][0] for row in rows), default=None)


def _against(
    peer: str, mode: str, lengths: str, least: float, aim: float, precision: str = "float32"
) -> Target:
    name = "training step" if mode == "training" else mode
    cell = {"width": 256, "lengths": lengths, "mode": mode, "precision": precision}
    return Target(
        f"{peer}, width 256, {lengths} lengths",
        f"{name}, {precision}",
        least,
        aim,
        _of_layer(peer=peer, **cell),
    )


TARGETS = (
    *(
        target
        for lengths in ("mixed", "newswire")
        for target in (
            _against(PACKED, "inference", lengths, 1.6, 1.9),
            _against(PACKED, "inference", lengths, 2.5, 3.0, "bfloat16"),
            _against(PACKED, "training", lengths, 3.3, 3.5),
            _against(PACKED, "training", lengths, 5.0, 5.5, "bfloat16"),
            _against(KERAS, "inference", lengths, 4.0, 8.0),
            _against(KERAS, "training", lengths, 4.0, 6.0),
        )
    ),
    Target(
        f"{PACKED}, a few long documents",
        "the least of what was measured",
        1.0,
        None,
        _of_layer(peer=PACKED, lengths="mixed and a few long"),
    ),
    Target(SPACY, "the least where lengths differ", 1.0, None, _where_lengths_differ),
    Target(
        SPACY, "the least at uniform length", 0.95, None, _of_layer(peer=SPACY, lengths="uniform")
    ),
    Target(
        f"{TOK2VECS[0]} tok2vec, width 96",
        "our best, from `Doc`, words/s",
        6.0,
        8.0,
        _of_pipeline("tok2vec", TOK2VECS[0]),
    ),
    Target(
        f"{TOK2VECS[1]}, tok2vec, width 96",
        "our best, from `Doc`, words/s",
        3.5,
        8.0,
        _of_pipeline("tok2vec", TOK2VECS[1]),
    ),
    *(
        Target(
            peer,
            f"{ours}, text → `doc.cats`, words/s",
            least,
            12.0,
            _of_pipeline("words", peer, ours),
        )
        for ours in (SHIPPED, FAST)
        for peer, least in ((CNN, 8.0), (CNN_FAST, 4.0))
    ),
    Target(CNN, "one sentence, p50 latency, its over ours", 1.0, 2.0, _latency),
    Target("the loaded pipeline", "peak memory, 100,000 tokens", 1024, None, _memory, " MiB", True),
    Target("one thread", "the least on several", 1.0, None, _threads),
)


def tables(data: Data) -> str:
    """data (Data): What was measured, by section.
    RETURNS (str): A table in Markdown.
    """
    rows = []
    for target in TARGETS:
        measured = target.find(data)
        bound = "<" if target.less else "≥"
        digits = 0 if target.less else 2
        rows.append(
            [
                target.against,
                target.measure,
                f"{bound} {target.least:g}{target.unit}",
                "" if target.aim is None else f"{target.aim:g}{target.unit}",
                "" if measured is None else f"{measured:.{digits}f}{target.unit}",
                verdict(target, measured),
            ]
        )
    return markdown(["against", "measure", "at least", "aim", "measured", "verdict"], rows)
