"""The speed in one picture: how many times as fast as each peer, and how cost grows."""

import io
from typing import Any, Callable, Dict, List

import matplotlib
from alternate import slope
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from speed_layer import MODES, PACKED

Data = Dict[str, Any]
# Okabe and Ito's palette, that colour-blind people can tell apart.
COLORS = {"inference": "#0072b2", "training": "#e69f00"}


def draw(data: Data) -> str:
    """data (Data): What was measured, by section.
    RETURNS (str): An SVG of the sections that are there.
    """
    panels: List[Callable[[Axes, Data], None]] = []
    if data.get("layer"):
        panels.append(_ratios)
    if data.get("growth"):
        panels += [_time, _memory]
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "speed", "font.size": 8}):
        figure = Figure(figsize=(8.5, 2.6 * len(panels)), layout="constrained")
        for i, panel in enumerate(panels, start=1):
            panel(figure.add_subplot(len(panels), 1, i), data)
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return buffer.getvalue()


def _ratios(axes: Axes, data: Data) -> None:
    rows = [row for row in data["layer"]["rows"] if row["lengths"] == "mixed"]
    rows.reverse()
    for place, row in enumerate(rows):
        median, low, high = row["ratio"]
        axes.barh(place, median, color=COLORS[row["mode"]])
        axes.plot([low, high], [place, place], color="black", linewidth=0.8)
    names = [f"{r['peer']}, {r['width']}, {r['mode']}, {r['precision']}" for r in rows]
    axes.set_yticks(range(len(rows)), names, fontsize=6)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_formatter("{x:g}")
    axes.axvline(1.0, color="black", linewidth=0.8)
    axes.set_xlabel("times as fast as the peer (mixed lengths; the line is the range)")


def _time(axes: Axes, data: Data) -> None:
    for mode in MODES:
        points = data["growth"]["curves"][f"one document of so many tokens, {mode}"]
        for who, style in (("ours", "-"), ("peer", ":")):
            label = f"{'ours' if who == 'ours' else PACKED}, {mode}"
            _line(axes, points, who, label, color=COLORS[mode], linestyle=style)
    axes.set_ylabel("seconds")
    axes.set_xlabel("tokens of one document")
    axes.legend(fontsize=6, title="(slope at the end)", title_fontsize=6)


def _memory(axes: Axes, data: Data) -> None:
    for name, points in data["growth"]["memory"].items():
        for who, style in (("ours", "-"), ("peer", ":")):
            if who in points:
                label = f"{name}, {'ours' if who == 'ours' else PACKED}"
                _line(axes, points, who, label, linestyle=style)
    axes.set_ylabel("MiB over loading")
    axes.set_xlabel("tokens of one document")
    axes.legend(fontsize=6, title="(slope at the end)", title_fontsize=6)


def _line(axes: Axes, points: Data, who: str, label: str, **style: Any) -> None:
    sizes, costs = points["sizes"], points[who]
    grown = slope(sizes[-2:], [max(cost, 1e-9) for cost in costs[-2:]])
    axes.loglog(sizes, costs, marker="o", markersize=3, label=f"{label} ({grown:.2f})", **style)
