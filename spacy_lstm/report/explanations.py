"""Explain single predictions."""

import warnings
from typing import List, Sequence

from spacy.language import Language
from spacy.training import Example

from ..explain import Attribution, explain
from ..explain.result import Method
from ..pipeline.ner import LSTMEntityRecognizer
from ..pipeline.textcat import LSTMTextCategorizer
from .cases import Case

#: Longer texts aren't explained, by the number of their tokens: that would take long.
MOST_TOKENS = 500


def explain_cases(
    nlp: Language, component: str, examples: Sequence[Example], cases: Sequence[Case]
) -> List[Case]:
    """Explain predictions: by integrated gradients, or by occlusion where a component isn't ours.

    nlp (Language): The pipeline.
    component (str): The component.
    examples (Sequence[Example]): The texts.
    cases (Sequence[Case]): The predictions.
    RETURNS (List[Case]): The same with explanations, or with the reason why one has none.
    """
    ours = isinstance(nlp.get_pipe(component), (LSTMTextCategorizer, LSTMEntityRecognizer))
    method: Method = "integrated_gradients" if ours else "occlusion"
    explained = []
    for case in cases:
        doc = examples[case.text].predicted
        if case.reason:
            explained.append(case)
            continue
        if len(doc) > MOST_TOKENS:
            reason = f"It has more than {MOST_TOKENS} tokens."
            explained.append(case._replace(reason=reason))
            continue
        try:
            explanation = _explain(nlp, component, examples[case.text], case, method)
        except ValueError as err:  # the coded message says why there can be none
            explained.append(case._replace(reason=str(err)))
        else:
            explained.append(case._replace(explanation=explanation))
    return explained


def _explain(
    nlp: Language, component: str, example: Example, case: Case, method: Method
) -> Attribution:
    with warnings.catch_warnings():
        # What an explanation misses is shown beside it.
        warnings.filterwarnings("ignore", message=r"\[LW852\]")
        return explain(nlp, example.predicted, component, case.label, method=method, span=case.span)
