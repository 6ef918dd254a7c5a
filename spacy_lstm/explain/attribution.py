"""Which words matter for a prediction?"""

import warnings
from typing import List, Optional, Tuple, Union, get_args

import numpy
from spacy.language import Language
from spacy.tokens import Doc

from ..errors import Errors, Warnings
from .attention import attention_weights
from .baselines import Baseline, baseline_vectors
from .choice import SpanChoice, choose_target
from .encoders import find_encoder
from .gradients import MIN_STEPS, Path, gradient_x_input, integrate_gradients
from .heads import copy_fresh, find_head, run_until
from .network import Network
from .occlusion import occlude
from .result import Attribution, Method, Scores
from .targets import ModelTarget, Target

METHODS: List[str] = list(get_args(Method))


def explain(
    nlp: Language,
    text: Union[str, Doc],
    component: Optional[str] = None,
    label: Optional[str] = None,
    method: Method = "integrated_gradients",
    *,
    span: Optional[SpanChoice] = None,
    baseline: Baseline = "zeros",
    tolerance: float = 0.01,
    max_steps: int = 1024,
) -> Attribution:
    """Explain a prediction: how much each token of a text speaks for it, or against it.

    The methods:
    - "integrated_gradients" (Sundararajan, Taly & Yan 2017): from a baseline to the text, the
      gradient of the score with respect to the vectors of the tokens, before they are encoded. What
      the tokens add is together the difference between both scores.
    - "gradient_x_input" (Shrikumar et al. 2016): the same with the gradient at the text alone: fast
      and coarse.
    - "occlusion" (Zeiler & Fergus 2014): what the score loses where a token is missing. Needs no
      gradient, so it works with any component that writes `doc.cats` or `doc.ents`, also spaCy's
      own; and the text is read once for each of its tokens.
    - "attention": the weights of an attention pooling, with a coded warning.

    What a linear model of n-grams or of features of words adds comes from its own weights. Each
    n-gram's part goes to its tokens evenly.

    The pipeline is left as it is: weights, gradients, predictions. A head may have an encoder of
    its own or listen to a shared one.

    nlp (Language): The pipeline.
    text (Union[str, Doc]): The text. Of a document, the words are used, and the beginnings of
        sentences; it isn't changed.
    component (Optional[str]): The name of the component to explain; None for the only one that
        writes categories or entities.
    label (Optional[str]): The category, or the label of the entity; None for that of the top
        prediction.
    method (str): One of the above.
    span (Optional[SpanChoice]): The entity to explain: its number among those that are found, its
        first token and the one after its last, or a `Span`. None for the most probable.
    baseline (Union[str, Array]): What gradients compare the text with: "zeros", "mean" (of its own
        vectors), "unknown" (the vector of an unknown word), or a vector, `(width,)`.
    tolerance (float): How much of the difference between the scores of text and baseline integrated
        gradients may miss, as a share of it, or of 0.05 if that is more.
    max_steps (int): The most steps of integrated gradients. Where they aren't enough there is a
        coded warning.
    RETURNS (Attribution): The scores of the tokens, and what they explain.
    RAISES (ValueError): If there is no such component, label, entity, method or baseline, or if the
        method can't be used with the component, or if the text has no tokens or others than those
        that the component sees.
    """
    if method not in METHODS:
        options = ", ".join(map(repr, METHODS))
        raise ValueError(Errors.L855.format(method=method, options=options))
    if tolerance <= 0 or max_steps < MIN_STEPS:
        message = Errors.L869.format(least=MIN_STEPS, tolerance=tolerance, max_steps=max_steps)
        raise ValueError(message)
    head = find_head(nlp, component)
    doc = copy_fresh(nlp.make_doc(text) if isinstance(text, str) else text)
    if not len(doc):
        raise ValueError(Errors.L856)
    (ready,) = run_until(nlp, [copy_fresh(doc)], head.name, through=False)
    if len(ready) != len(doc):
        raise ValueError(Errors.L874.format(name=head.name, before=len(doc), after=len(ready)))
    target = choose_target(nlp, head, doc, label, span)
    if method == "occlusion":
        found = occlude(target, doc)
    elif method == "attention":
        warnings.warn(Warnings.LW851.format(name=head.name), stacklevel=2)
        (score,) = target.scores([copy_fresh(doc)])
        weights = attention_weights(head.name, head.pipe, ready)
        found = Scores(weights, float(score), 1, "none")
    else:
        path, offset = _find_path(nlp, target, ready, baseline)
        if method == "gradient_x_input":
            found = gradient_x_input(path)
        else:
            found = integrate_gradients(path, tolerance=tolerance, max_steps=max_steps)
        # Other sentences have no part in it, where each is read on its own.
        tokens = numpy.zeros(len(doc))
        tokens[offset : offset + len(found.tokens)] = found.tokens
        found = found._replace(tokens=tokens)
    probabilities = target.probabilities(numpy.array([found.score]))
    attribution = Attribution(
        tokens=[token.text for token in doc],
        whitespace=[token.whitespace_ for token in doc],
        scores=found.tokens,
        component=head.name,
        label=target.label,
        span=target.span,
        method=method,
        target=target.kind,
        probability=None if probabilities is None else float(probabilities[0]),
        score=found.score,
        baseline=found.baseline,
        baseline_score=found.baseline_score,
        n_steps=found.n_steps,
        direction=nlp.vocab.writing_system.get("direction", "ltr"),
    )
    if method == "integrated_gradients":
        _check_gap(attribution, tolerance)
    return attribution


def _find_path(nlp: Language, target: Target, ready: Doc, baseline: Baseline) -> Tuple[Path, int]:
    """The way from the baseline to the text, which has gone through the components before, or to
    the part of it that the model sees; and the token that this part begins with."""
    head = target.head
    if not isinstance(target, ModelTarget):
        reason = "it is none of spacy_lstm's components"
        raise ValueError(Errors.L864.format(name=head.name, reason=reason))
    encoder = find_encoder(nlp, head.name)
    piece = target.piece(ready)
    network = Network(target, encoder, piece)
    name, vectors = baseline_vectors(baseline, encoder.embed, piece.doc, network.vectors)
    return Path(network, name, vectors), piece.offset


def _check_gap(attribution: Attribution, tolerance: float) -> None:
    if attribution.relative_gap is None or attribution.relative_gap <= tolerance:
        return
    difference = attribution.score - (attribution.baseline_score or 0.0)
    message = Warnings.LW852.format(
        name=attribution.component,
        gap=attribution.gap,
        difference=difference,
        n_steps=attribution.n_steps,
    )
    warnings.warn(message, stacklevel=3)
