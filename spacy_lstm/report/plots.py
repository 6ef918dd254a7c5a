"""The plots of a report."""

from functools import partial
from typing import Any, Dict, List, Optional, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..explain.palette import FORBIDDEN
from .curves import Curves
from .svg import INK, draw_svg

#: Okabe and Ito's palette, that colour-blind people can tell apart; lines differ in style as well.
COLORS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9")
STYLES = ("-", "--", ":", "-.")
MOST_LINES, MOST_PANELS, MOST_LETTERS = 8, 12, 24
WIDTH = 8.0  # inches


def short(text: str) -> str:
    """text (str): A label.
    RETURNS (str): It on one line, cut if it is long, with a sign for what no page may have.
    """
    line = FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", " ".join(text.split()))
    return line if len(line) <= MOST_LETTERS else line[: MOST_LETTERS - 1] + "…"


def plot_precision_recall(name: str, curves: Sequence[Curves]) -> Optional[str]:
    """name (str): The name of the plot.
    curves (Sequence[Curves]): Those of all labels together, then of each.
    RETURNS (Optional[str]): The precision–recall curves of the most frequent labels, as SVG; None
        if there are none.
    """
    return draw_svg(name, partial(_draw_precision_recall, curves=curves))


def _draw_precision_recall(figure: Figure, curves: Sequence[Curves]) -> bool:
    shown = [curve for curve in most_frequent(curves, MOST_LINES) if curve.points]
    if not shown:
        return False
    figure.set_size_inches(WIDTH, 3.8)
    axes = figure.add_subplot()
    for i, curve in enumerate(shown):
        axes.plot(
            [0.0, *(point.recall for point in curve.points)],
            [curve.points[0].precision, *(point.precision for point in curve.points)],
            **_line(i, curve.label),
            drawstyle="steps-pre",
        )
    _unit_square(axes, "recall", "precision")
    figure.legend(loc="outside right center")
    return True


def plot_reliability(name: str, curves: Sequence[Curves]) -> Optional[str]:
    """name (str): The name of the plot.
    curves (Sequence[Curves]): Those of all labels together, then of each.
    RETURNS (Optional[str]): The reliability curves of the most frequent labels, as SVG; None if
        there are none.
    """
    return draw_svg(name, partial(_draw_reliability, curves=curves))


def _draw_reliability(figure: Figure, curves: Sequence[Curves]) -> bool:
    shown = [curve for curve in most_frequent(curves, MOST_PANELS) if curve.bins]
    if not shown:
        return False
    n_columns = min(4, len(shown))
    n_rows = -(-len(shown) // n_columns)
    figure.set_size_inches(WIDTH * n_columns / 4 + 0.3, 2.2 * n_rows + 0.3)
    for i, curve in enumerate(shown):
        axes = figure.add_subplot(n_rows, n_columns, i + 1)
        axes.plot([0, 1], [0, 1], color=INK, linewidth=0.8, linestyle=":")
        axes.plot(
            [part.probability for part in curve.bins],
            [part.share for part in curve.bins],
            color=COLORS[0],
            marker="o",
            markersize=4,
        )
        _unit_square(axes, "", "")
        axes.set_aspect("equal")
        axes.set_title(short(curve.label or "all labels"), fontsize=9)
    figure.supxlabel("probability", fontsize=9)
    figure.supylabel("share that is right", fontsize=9)
    return True


def plot_training(name: str, log: Sequence[Dict[str, Any]]) -> Optional[str]:
    """name (str): The name of the plot.
    log (Sequence[Dict[str, Any]]): The evaluations of a training.
    RETURNS (Optional[str]): The losses and the scores, as SVG; None if there are none.
    """
    return draw_svg(name, partial(_draw_training, log=log))


def _draw_training(figure: Figure, log: Sequence[Dict[str, Any]]) -> bool:
    if not log:
        return False
    figure.set_size_inches(WIDTH, 3.2)
    losses, scores = figure.subplots(1, 2)
    for i, component in enumerate(components_of(log)):
        rows = [row for row in log if (row["losses"].get(component) or 0) > 0]
        steps = [row["step"] for row in rows]
        values = [row["losses"][component] for row in rows]
        losses.plot(steps, values, **_line(i, component), marker="o", markersize=3)
    losses.set_yscale("log")
    losses.set_title("loss since the evaluation before", fontsize=9)
    rows = [row for row in log if row["score"] is not None]
    scores.plot(
        [row["step"] for row in rows],
        [row["score"] for row in rows],
        color=COLORS[0],
        marker="o",
        markersize=3,
    )
    best = log[-1]["best"]
    if best["score"] is not None:
        scores.plot(best["step"], best["score"], color=COLORS[4], marker="D", linestyle="")
    scores.set_title("score on dev (diamond: the best)", fontsize=9)
    scores.set_ylim(0, 1)
    for axes in (losses, scores):
        axes.set_xlabel("step")
    if components_of(log):
        losses.legend()
    return True


def components_of(log: Sequence[Dict[str, Any]]) -> List[str]:
    """log (Sequence[Dict[str, Any]]): The evaluations of a training.
    RETURNS (List[str]): The components that have a loss in it, in their order.
    """
    names = dict.fromkeys(name for row in log for name in row["losses"])
    return [name for name in names if any(row["losses"].get(name) for row in log)]


def most_frequent(curves: Sequence[Curves], most: int) -> List[Curves]:
    """curves (Sequence[Curves]): Those of all labels together, then of each.
    most (int): How many are to be shown.
    RETURNS (List[Curves]): Those of all labels together, and of the most frequent ones.
    """
    order = sorted(curves[1:], key=lambda curve: -curve.n_true)[: most - 1]
    return [*curves[:1], *sorted(order, key=lambda curve: curve.label)]


def _line(number: int, label: str) -> Dict[str, Any]:
    return {
        "color": COLORS[number % len(COLORS)],
        "linestyle": STYLES[number % len(STYLES)],
        "linewidth": 1.8,
        "label": short(label or "all labels"),
    }


def _unit_square(axes: Axes, x: str, y: str) -> None:
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-0.02, 1.02)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
