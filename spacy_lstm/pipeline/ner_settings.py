"""The settings of `lstm_ner`, and which of them fit together."""

from typing import Literal, Optional

from ..errors import Errors
from ..errors.checks import check_layer, is_number
from ..models.ner import Tagger
from .heads import upstream_of

DEFAULT_SPANS_KEY = "lstm_ner"
#: Where entities are chosen by their probability. Low, so that of unsure entities dev sees enough
#: for `spacy lstm calibrate` to choose by.
DEFAULT_THRESHOLD = 0.15

Mode = Literal["marginals", "viterbi", "posterior"]
Reset = Optional[Literal["sentence"]]

CHOICES = {"mode": ("marginals", "viterbi", "posterior"), "reset": ("sentence", None)}


def check_settings(
    name: str,
    model: Tagger,
    *,
    mode: Mode,
    spans_key: Optional[str],
    candidates: bool,
    candidate_threshold: float,
    reset: Reset,
) -> None:
    """Check the settings of a component.

    name (str): The name of the component.
    model (Model[List[Doc], ChainScores]): Its model.
    mode (str): As in `LSTMEntityRecognizer`, and so are the others.
    spans_key (Optional[str]): The key in `doc.spans` for the probabilities.
    candidates (bool): Whether other spans have their probability noted too.
    candidate_threshold (float): The least probability of those.
    reset (Optional[str]): Whether each sentence is read on its own.
    RAISES (ValueError): If one is out of its range, or doesn't fit the others or the model.
    """
    check_layer(f"The model of '{name}'", model)
    if not model.has_ref("crf") or "resize_output" not in model.attrs:
        raise ValueError(Errors.L622.format(name=name, model=model.name))
    for setting, value in (("mode", mode), ("reset", reset)):
        if value not in CHOICES[setting]:
            options = " or ".join(map(str, CHOICES[setting]))
            message = Errors.L624.format(setting=setting, name=name, value=value, options=options)
            raise ValueError(message)
    if not is_number(candidate_threshold) or not 0.0 < candidate_threshold <= 1.0:
        raise ValueError(Errors.L627.format(name=name, value=candidate_threshold))
    if candidates and (mode == "viterbi" or spans_key is None):
        raise ValueError(Errors.L628.format(name=name))
    upstream = upstream_of(model)
    if reset is not None and upstream is not None:
        raise ValueError(Errors.L626.format(name=name, upstream=upstream))
