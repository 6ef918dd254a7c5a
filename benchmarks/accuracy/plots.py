"""Learning curves as pictures."""

import io
import statistics
from typing import Any, Dict, List, Sequence, Tuple

import matplotlib
from cells import Results
from matplotlib.figure import Figure

from .cellwise import points
from .experiments import SIZES, Experiment, at_size, curve_models
from .models import ACCURACY, CRF, EFFICIENCY, NBSVM, SPEED

# Okabe and Ito's palette, that colour-blind people can tell apart.
COLORS = {
    ACCURACY: "#0072b2",
    SPEED: "#56b4e9",
    EFFICIENCY: "#d55e00",
    NBSVM: "#555555",
    CRF: "#555555",
}
GREY = "#666666"
Line = List[Tuple[float, float, float]]


def lines_of(experiment: Experiment, results: Results) -> Dict[str, Line]:
    """experiment (Experiment): A learning curve.
    results (Results): What is known.
    RETURNS (Dict[str, Line]): By model, the number of texts, the mean on test and its standard
        deviation.
    """
    lines: Dict[str, Line] = {}
    for model in curve_models(experiment.corpus):
        for size in SIZES:
            cells = results.get(at_size(model, size))
            if cells:
                found = points(cells, "test", experiment.corpus.task.main)
                n = next(iter(cells.values()))["n_docs"]["train"]
                sd = statistics.stdev(found) if len(found) > 1 else 0.0
                lines.setdefault(model, []).append((n, statistics.mean(found), sd))
    return lines


def spaced(values: Sequence[float], least: float) -> List[float]:
    """Move labels apart that would overlap, and keep their order and their middle.

    values (Sequence[float]): Where labels should be.
    least (float): The least distance of two.
    RETURNS (List[float]): Where they are.
    """
    order = sorted(range(len(values)), key=lambda i: values[i])
    groups: List[List[int]] = []
    for i in order:
        groups.append([i])
        # A group that touches the one below it is joined with it, around their common middle.
        while (
            len(groups) > 1
            and _low(values, groups[-1], least) - _high(values, groups[-2], least) < least
        ):
            last = groups.pop()
            groups[-1] += last
    places = list(values)
    for group in groups:
        for rank, i in enumerate(group):
            places[i] = _low(values, group, least) + rank * least
    return places


def _middle(values: Sequence[float], group: List[int]) -> float:
    return sum(values[i] for i in group) / len(group)


def _low(values: Sequence[float], group: List[int], least: float) -> float:
    return _middle(values, group) - least * (len(group) - 1) / 2


def _high(values: Sequence[float], group: List[int], least: float) -> float:
    return _middle(values, group) + least * (len(group) - 1) / 2


def draw_curve(experiment: Experiment, results: Results) -> str:
    """experiment (Experiment): A learning curve.
    results (Results): What is known of it, at least one cell.
    RETURNS (str): An SVG: a line for each model, with its name at the end, and bars of one standard
        deviation to either side.
    """
    lines = lines_of(experiment, results)
    style: Any = {
        "svg.fonttype": "none",
        "svg.hashsalt": experiment.name,
        "font.size": 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.edgecolor": GREY,
        "xtick.color": GREY,
        "ytick.color": GREY,
    }
    with matplotlib.rc_context(style):
        figure = Figure(figsize=(7.2, 4.0), layout="constrained")
        axes = figure.add_subplot()
        for model, line in lines.items():
            sizes, means, deviations = zip(*line, strict=True)
            axes.errorbar(
                sizes,
                means,
                deviations,
                color=COLORS[model],
                linewidth=1.8,
                elinewidth=1.0,
                capsize=2.5,
                marker="o",
                markersize=4,
            )
        axes.set_xscale("log")
        ticks = sorted({n for line in lines.values() for n, _, _ in line})
        axes.set_xticks(ticks, [f"{n:,.0f}" for n in ticks])
        axes.minorticks_off()
        axes.grid(axis="y", color="#e5e5e5", linewidth=0.8)
        axes.set_axisbelow(True)
        axes.set_xlabel("texts to learn from", color=GREY)
        corpus = experiment.corpus
        score = corpus.task.scores[corpus.task.main]
        axes.set_title(f"{corpus.name}: {score} on test, %", loc="left", fontsize=10)
        low, high = axes.get_ylim()
        ends = [line[-1] for line in lines.values()]
        places = spaced([mean for _, mean, _ in ends], 0.055 * (high - low))
        for model, (n, mean, _), place in zip(lines, ends, places, strict=True):
            axes.annotate(
                model,
                (n, mean),
                xytext=(1.02, place),
                textcoords=axes.get_yaxis_transform(),
                color=COLORS[model],
                va="center",
                annotation_clip=False,
            )
        axes.set_ylim(low, high)
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return buffer.getvalue()
