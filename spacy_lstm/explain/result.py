"""What an explanation says."""

from dataclasses import dataclass, fields
from typing import Any, Dict, List, Literal, NamedTuple, Optional, Tuple

import numpy

from ..types import Array

Method = Literal["integrated_gradients", "gradient_x_input", "occlusion", "attention"]

#: Differences of scores that are smaller than this are as good as none.
LEAST_DIFFERENCE = 0.05


class Scores(NamedTuple):
    """What a method finds.

    tokens (Array): How much each token adds to the score, `(n_tokens,)`, float64.
    score (float): The score of the text.
    n_steps (int): How often the model was run.
    baseline (str): What the text is compared with.
    baseline_score (Optional[float]): The score of that, where there is one.
    """

    tokens: Array
    score: float
    n_steps: int
    baseline: str
    baseline_score: Optional[float] = None


@dataclass(frozen=True, eq=False)
class Attribution:
    """How much each token of a text speaks for a prediction of a component, or against it.

    tokens (List[str]): The tokens.
    whitespace (List[str]): What follows each of them: a space, or nothing.
    scores (Array): How much each token speaks for the prediction: less than 0 is against it. In the
        unit of `score`, except for attention weights, `(n_tokens,)`, float64.
    component (str): The name of the component.
    label (str): The label that is explained.
    span (Optional[Tuple[int, int]]): The first token of the entity that is explained, and the one
        after its last; None for a category.
    method (str): How the scores were made.
    target (str): What `score` is. "log-odds": log(p / (1 - p)) of the category. "log-probability":
        log(p) of the entity. Of components that aren't ours, "probability" is what stands in
        `doc.cats`, and "presence" 1 where the entity is found and else 0.
    probability (Optional[float]): How sure the component is; None where it doesn't say.
    score (float): The score of the text.
    baseline (str): What the text is compared with: for gradients the vectors in the place of its
        own, "zeros", "mean", "unknown" or "given"; for occlusion what becomes of a token, "deleted"
        or "replaced"; "none" for attention.
    baseline_score (Optional[float]): The score of the baseline, where there is one.
    n_steps (int): How often the model was run.
    direction (str): "rtl" where the language is written from right to left, else "ltr".
    """

    tokens: List[str]
    whitespace: List[str]
    scores: Array
    component: str
    label: str
    span: Optional[Tuple[int, int]]
    method: Method
    target: str
    probability: Optional[float]
    score: float
    baseline: str
    baseline_score: Optional[float]
    n_steps: int
    direction: str

    @property
    def gap(self) -> Optional[float]:
        """RETURNS (Optional[float]): The completeness gap: how far the sum of the scores is from
        the difference between the text and the baseline, which it should be. None where there is no
        baseline.
        """
        if self.baseline_score is None:
            return None
        return abs(float(numpy.sum(self.scores)) - (self.score - self.baseline_score))

    @property
    def relative_gap(self) -> Optional[float]:
        """RETURNS (Optional[float]): The gap as a share of the difference, or of
        `LEAST_DIFFERENCE`, if that is more. None where there is no baseline.
        """
        if self.baseline_score is None or self.gap is None:
            return None
        return self.gap / max(abs(self.score - self.baseline_score), LEAST_DIFFERENCE)

    def _repr_html_(self) -> str:
        """How a notebook shows it."""
        from .render import render

        return render(self)

    def to_dict(self) -> Dict[str, Any]:
        """RETURNS (Dict[str, Any]): The same, and the gap, for JSON."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        values["scores"] = self.scores.tolist()
        values["span"] = None if self.span is None else list(self.span)
        return {**values, "gap": self.gap}
