"""A report as one page that needs nothing but a browser: no network, no scripts."""

from pathlib import Path
from typing import Any, Dict, Optional

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ..explain import palette, render_tokens
from ..explain.render_tokens import tokens_as_html
from .cases import Case
from .plots import (
    MOST_LINES,
    components_of,
    plot_precision_recall,
    plot_reliability,
    plot_training,
)
from .report import ComponentReport, Report
from .style import STYLE

TEMPLATE = "page.html.jinja"

#: From which completeness gap on it is said what an explanation misses.
LEAST_GAP = 0.01

#: The scores of spaCy's scorers, for a person.
SCORES = {
    "cats_score": "score of the component",
    "cats_micro_p": "precision, micro",
    "cats_micro_r": "recall, micro",
    "cats_micro_f": "F, micro",
    "cats_macro_p": "precision, macro",
    "cats_macro_r": "recall, macro",
    "cats_macro_f": "F, macro",
    "cats_macro_auc": "area under the ROC curve, macro",
    "ents_p": "precision",
    "ents_r": "recall",
    "ents_f": "F",
    "ents_ece": "expected calibration error",
    "ents_ece_low": "its interval of 95 %: from",
    "ents_ece_high": "its interval of 95 %: to",
    "ents_ece_floor": "what perfect probabilities would get with so few entities",
}
ERRORS = {
    "boundary": "right type, other tokens, some of them in common",
    "type": "right tokens, wrong type",
    "boundary and type": "wrong type, other tokens, some of them in common",
    "spurious": "found where there is no entity",
    "missed": "not found",
}
KINDS = {
    "exclusive": "one category a text",
    "multilabel": "any number of categories a text",
    "entities": "entities",
}


def make_page(report: Report) -> str:
    """report (Report): What there is to say of a pipeline.
    RETURNS (str): The page. What is in texts and labels is escaped, and so can't become a part of
        it.
    """
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_allowed,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(percent=percent, number=number, explained=explained)
    return environment.get_template(TEMPLATE).render(
        report=report,
        plots={
            component.name: _plots(i, component) for i, component in enumerate(report.components)
        },
        training_plot=_markup(plot_training("training", report.training)),
        losses=components_of(report.training),
        style=Markup(STYLE + palette.CSS + render_tokens.CSS),
        scores=SCORES,
        errors=ERRORS,
        kinds=KINDS,
        most_lines=MOST_LINES,
        least_gap=LEAST_GAP,
    )


def _plots(place: int, component: ComponentReport) -> Dict[str, Optional[Markup]]:
    return {
        "precision_recall": _markup(plot_precision_recall(f"pr{place}", component.curves)),
        "reliability": _markup(plot_reliability(f"reliability{place}", component.curves)),
    }


def _markup(svg: Optional[str]) -> Optional[Markup]:
    return None if svg is None else Markup(svg)


def _allowed(value: Any) -> Any:
    """What no page may have becomes the mark of an unknown character. Markup is made of such."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return palette.FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", value)
    return value


def percent(share: Optional[float]) -> str:
    """share (Optional[float]): A share, from 0 to 1.
    RETURNS (str): It in percent, with a decimal.
    """
    return "–" if share is None else f"{100 * share:.1f}"


def number(value: Optional[float], places: int = 3) -> str:
    """value (Optional[float]): A number.
    places (int): How many decimals it gets.
    RETURNS (str): It, for a person.
    """
    return "–" if value is None else f"{value:,.{places}f}"


def explained(case: Case) -> Optional[Markup]:
    """case (Case): A prediction.
    RETURNS (Optional[Markup]): The picture of its explanation, if it has one.
    """
    return None if case.explanation is None else Markup(tokens_as_html(case.explanation))
