"""The statistics of a corpus as charts, in SVG.

Texts stay texts in them: a browser has letters for all scripts, and signs that matplotlib's own
font lacks. Lines and texts take the colour of the page around them.
"""

from functools import partial
from typing import Any, Callable, Dict, List, Sequence, Tuple

import matplotlib
import numpy as np
from corpus_tables import one_line
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spacy_lstm.report.svg import INK, draw_svg
from spacy_lstm.training.splits import SPLITS

# Okabe and Ito's palette, that colour-blind people can tell apart. Lines differ in style as well.
COLORS = {"train": "#0072b2", "dev": "#e69f00", "test": "#009e73"}
STYLES = {"train": "-", "dev": "--", "test": ":"}
MOST_LABELS = 20
MOST_PANELS = 12
MOST_LETTERS = 24
MOST_LETTERS_IN_PANEL = 16
WIDTH = 8.0  # inches


def draw_charts(statistics: Dict[str, Any]) -> Dict[str, str]:
    """Draw all charts. Those for which the corpus has nothing are left out.

    statistics (Dict[str, Any]): The statistics.
    RETURNS (Dict[str, str]): By name of the chart, the SVG. It is the same for the same statistics.
    """
    charts = {}
    for name, draw in CHARTS.items():
        svg = draw_svg(name, partial(draw, statistics=statistics))
        if svg is not None:
            charts[name] = svg
    return charts


def draw_lengths(figure: Figure, statistics: Dict[str, Any]) -> bool:
    """Draw how long the texts of each split are.

    figure (Figure): Where to draw.
    statistics (Dict[str, Any]): The statistics.
    RETURNS (bool): True, because all corpora have lengths.
    """
    figure.set_size_inches(WIDTH, 3.0)
    axes = figure.add_subplot()
    edges = statistics["length_edges"]
    longest = 0
    for split in SPLITS:
        described = statistics["splits"][split]
        shares = 100 * np.array(described["histogram"]) / described["documents"]
        color = COLORS[split]
        axes.stairs(shares, edges, label=split, color=color, linewidth=1.6, linestyle=STYLES[split])
        axes.stairs(shares, edges, color=color, fill=True, alpha=0.12)
        longest = max(longest, described["tokens_per_document"]["max"])
    beyond = f" (the last bin also has longer ones, up to {longest:,})"
    axes.set_xlabel(f"tokens of a text{beyond if longest > edges[-1] else ''}")
    axes.set_ylabel("% of the texts")
    axes.set_xlim(0, edges[-1])
    axes.legend()
    return True


def draw_labels(figure: Figure, statistics: Dict[str, Any]) -> bool:
    """Draw which share of the texts has each label, in each split.

    figure (Figure): Where to draw.
    statistics (Dict[str, Any]): The statistics.
    RETURNS (bool): Whether there are labels.
    """
    labels = statistics["labels"]
    if not labels:
        return False
    shown, others = _most(list(labels), MOST_LABELS)
    names = [short(label) for label in shown]
    shares = {s: [100 * labels[label][s]["share"] for label in shown] for s in SPLITS}
    if others:
        together = "together" if statistics["exclusive"] else "in the mean"
        names.append(f"{len(others)} others, {together}")
        for split in SPLITS:
            rest = [100 * labels[label][split]["share"] for label in others]
            shares[split].append(sum(rest) if statistics["exclusive"] else sum(rest) / len(rest))
    figure.set_size_inches(WIDTH, 1.0 + 0.38 * len(names))
    axes = figure.add_subplot()
    for i, split in enumerate(SPLITS):
        places = np.arange(len(names)) + 0.26 * (i - 1)
        axes.barh(places, shares[split], height=0.24, color=COLORS[split], label=split)
    _name_rows(axes, names)
    axes.set_xlabel("% of the texts")
    figure.legend(loc="outside upper right", ncols=len(SPLITS))
    return True


def draw_pairs(figure: Figure, statistics: Dict[str, Any]) -> bool:
    """Draw which labels apply to the same training texts.

    figure (Figure): Where to draw.
    statistics (Dict[str, Any]): The statistics.
    RETURNS (bool): Whether there are such labels.
    """
    pairs = statistics["pairs"]
    if not pairs:
        return False
    # Those with most texts that share them with another label.
    ranked = [label for label in statistics["labels"] if label in pairs]
    shown, _ = _most(ranked, MOST_LABELS)
    sizes = [statistics["labels"][label]["train"]["documents"] for label in shown]
    both = np.array([[pairs[a].get(b, 0) for b in shown] for a in shown], dtype=float)
    shares = 100 * both / np.array(sizes)[:, None]
    np.fill_diagonal(shares, np.nan)
    side = min(WIDTH, 2.6 + 0.42 * len(shown))
    figure.set_size_inches(side + 0.6, side)
    axes = figure.add_subplot()
    most = max(1.0, float(np.nanmax(shares)))
    # Few colours: the scale at the side would be a picture in the SVG if it had more than 50.
    colors = matplotlib.colormaps["cividis"].resampled(10)
    mesh = axes.pcolormesh(np.ma.masked_invalid(shares), cmap=colors, vmin=0, vmax=most)
    for i, row in enumerate(shares):
        for j, share in enumerate(row):
            count = sizes[i] if i == j else int(both[i, j])
            color = INK if i == j else "white" if share < 0.55 * most else "black"
            text = axes.text(j + 0.5, i + 0.5, f"{count:,}", color=color, fontsize=7)
            text.set(ha="center", va="center")
    names = [short(label) for label in shown]
    axes.set_xticks(np.arange(len(names)) + 0.5, labels=names)
    for text in axes.get_xticklabels():
        text.set(rotation=45, ha="right", rotation_mode="anchor")
    axes.set_yticks(np.arange(len(names)) + 0.5, labels=names)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.invert_yaxis()
    axes.set_aspect("equal")
    bar = figure.colorbar(mesh, ax=axes, shrink=0.6)
    bar.set_label("% of the texts of the row's label")
    bar.outline.set_visible(False)
    return True


def draw_coverage(figure: Figure, statistics: Dict[str, Any]) -> bool:
    """Draw how much of dev and test is known from a part of the training texts.

    figure (Figure): Where to draw.
    statistics (Dict[str, Any]): The statistics.
    RETURNS (bool): True, because all corpora have words.
    """
    figure.set_size_inches(WIDTH, 3.4)
    axes = figure.add_subplot()
    steps = statistics["coverage_by_size"]
    shares = [100 * step["share"] for step in steps]
    for split in SPLITS[1:]:
        for key, marker, style in (("words", "o", "-"), ("different_words", "s", "--")):
            values = [100 * step[split][key] for step in steps]
            name = f"{split}: {key.replace('_', ' ')}"
            axes.plot(
                shares, values, label=name, color=COLORS[split], marker=marker, linestyle=style
            )
    axes.set_xlabel("% of the training texts")
    axes.set_ylabel("% known")
    axes.set_xlim(0, 102)
    axes.set_ylim(0, 102)
    figure.legend(loc="outside right center")
    return True


def draw_telling_words(figure: Figure, statistics: Dict[str, Any]) -> bool:
    """Draw the most telling words of each label, of those with most training texts.

    figure (Figure): Where to draw.
    statistics (Dict[str, Any]): The statistics.
    RETURNS (bool): Whether there are any.
    """
    telling = {label: items for label, items in statistics["telling_words"].items() if items}
    if not telling:
        return False
    shown, _ = _most(list(telling), MOST_PANELS)
    n_columns = min(3, len(shown))
    n_rows = -(-len(shown) // n_columns)
    most_words = max(len(telling[label]) for label in shown)
    figure.set_size_inches(WIDTH, n_rows * (0.75 + 0.19 * most_words))
    furthest = max(item["z"] for label in shown for item in telling[label])
    for i, label in enumerate(shown):
        axes = figure.add_subplot(n_rows, n_columns, i + 1)
        items = telling[label]
        axes.barh(np.arange(len(items)), [item["z"] for item in items], color=COLORS["train"])
        _name_rows(axes, [short(item["word"], most=MOST_LETTERS_IN_PANEL) for item in items])
        # The same scale and height of bars in all panels, so that they can be compared.
        axes.set_ylim(most_words - 0.4, -0.6)
        axes.set_xlim(0, 1.05 * furthest)
        title = short(label, most=MOST_LETTERS_IN_PANEL)
        axes.set_title(title, fontsize=9, fontweight="bold")
    figure.supxlabel("z", fontsize=9)
    return True


def _name_rows(axes: Axes, names: Sequence[str]) -> None:
    axes.set_yticks(np.arange(len(names)), labels=list(names))
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(names) - 0.4, -0.6)


def _most(labels: List[str], most: int) -> Tuple[List[str], List[str]]:
    # One more is shown rather than called "1 other".
    cut = most if len(labels) > most + 1 else len(labels)
    return labels[:cut], labels[cut:]


def short(text: str, *, most: int = MOST_LETTERS) -> str:
    """Make a text fit beside a chart.

    text (str): The text.
    most (int): How many letters it may have.
    RETURNS (str): The text in one line, cut if it is long.
    """
    line = one_line(text)
    return line if len(line) <= most else line[: most - 1] + "…"


CHARTS: Dict[str, Callable[[Figure, Dict[str, Any]], bool]] = {
    "lengths": draw_lengths,
    "labels": draw_labels,
    "pairs": draw_pairs,
    "coverage": draw_coverage,
    "telling_words": draw_telling_words,
}
