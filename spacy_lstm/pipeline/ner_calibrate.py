"""Fit the temperature of an `lstm_ner`, so that its probabilities agree with how often they are
right, and the threshold of one that chooses by them."""

import math
from typing import Any, Iterable, List, NamedTuple, Optional, Sequence, Tuple

import numpy
from spacy.language import Language
from spacy.scorer import get_ner_prf
from spacy.training import Example
from spacy.util import _pipe, minibatch
from thinc.api import to_numpy

from ..layers.crf import ChainScores
from ..layers.crf_posterior import log_partition
from ..layers.crf_types import scale
from ..types import Array
from .calibration import CalibrationError, golden_section, measure_calibration
from .ner import LSTMEntityRecognizer
from .ner_decode import LEAST_PROBABILITY
from .ner_scorer import judged_entities

#: Where a temperature is searched: from sure of nothing to sure of everything.
LIMITS = (0.05, 20.0)

Scored = Tuple[ChainScores, Any]


class Fit(NamedTuple):
    """What one temperature gives.

    temperature (float): By which the scores are divided.
    log_loss (float): The mean of `-log p(what is known of a text)`, over the texts of which
        something is known.
    threshold (float): The least probability of an entity.
    f (Optional[float]): The F-score; None where nothing is to be found and nothing was.
    error (Optional[CalibrationError]): The calibration of the entities that are predicted; None
        where there are none, or they have no probabilities.
    """

    temperature: float
    log_loss: float
    threshold: float
    f: Optional[float]
    error: Optional[CalibrationError]


class Calibration(NamedTuple):
    """What was done to a component.

    name (str): The component.
    n_texts (int): The number of texts of which something is known.
    before (Fit): The temperature that it had.
    after (Fit): The temperature that it has now.
    """

    name: str
    n_texts: int
    before: Fit
    after: Fit


def calibrate_pipeline(
    nlp: Language, examples: Iterable[Example], *, batch_size: int = 256
) -> List[Calibration]:
    """Fit the temperature of each `lstm_ner` of a pipeline (Guo et al. 2017), by the least log
    loss, and then the threshold of those with `mode = "posterior"`, by the best F-score. The
    entities of all others stay the same, if their threshold is 0.

    nlp (Language): The pipeline. Its components are changed.
    examples (Iterable[Example]): Annotated texts on which it wasn't trained.
    batch_size (int): How many texts go through a component at once.
    RETURNS (List[Calibration]): What was done to each. One whose texts tell nothing is left out.
    """
    examples = list(examples)
    calibrations = []
    for name, pipe in nlp.pipeline:
        if isinstance(pipe, LSTMEntityRecognizer):
            calibration = calibrate_component(pipe, examples, batch_size=batch_size)
            if calibration is not None:
                calibrations.append(calibration)
        docs = _pipe(
            [eg.predicted for eg in examples],
            pipe,
            name,
            nlp.default_error_handler,
            {"batch_size": batch_size},
        )
        pairs = zip(docs, examples, strict=True)
        examples = [Example(doc, eg.reference) for doc, eg in pairs]
    return calibrations


def calibrate_component(
    pipe: LSTMEntityRecognizer, examples: Sequence[Example], *, batch_size: int = 256
) -> Optional[Calibration]:
    """Fit the temperature of one component, and its threshold with `mode = "posterior"`.

    pipe (LSTMEntityRecognizer): The component, which is changed.
    examples (Sequence[Example]): Annotated texts, which have gone through the components before.
    batch_size (int): How many texts go through the component at once.
    RETURNS (Optional[Calibration]): What was done; None, and nothing is changed, if the entities of
        no text are known.
    """
    known = [eg for eg in examples if len(eg.predicted) and eg.reference.has_annotation("ENT_IOB")]
    if not known:
        return None
    scored: List[Scored] = []
    for batch in minibatch(known, batch_size):
        scored.append(
            (pipe.score_tags([eg.predicted for eg in batch]), pipe.read_truth(batch).allowed)
        )

    def loss_at(log_temperature: float) -> float:
        return log_loss(scored, math.exp(log_temperature)) / len(known)

    def predict() -> List[Example]:
        judged = []
        for batch in minibatch(known, batch_size):
            docs = [eg.predicted.copy() for eg in batch]
            pipe.set_annotations(docs, pipe.predict(docs))
            judged += [Example(doc, eg.reference) for doc, eg in zip(docs, batch, strict=True)]
        return judged

    def measure() -> Fit:
        judged, temperature = predict(), pipe.cfg["temperature"]
        return Fit(
            temperature,
            loss_at(math.log(temperature)),
            pipe.decoding().threshold,
            get_ner_prf(judged)["ents_f"],
            measure_calibration(*judged_entities(judged)),
        )

    before = measure()
    low, high = map(math.log, LIMITS)
    # A file of JSON keeps nine places.
    pipe.cfg["temperature"] = round(math.exp(golden_section(loss_at, low, high)), 4)
    if pipe.mode == "posterior":
        pipe.cfg["threshold"] = 0.0
        judged = predict()
        n_gold = sum(len(eg.reference.ents) for eg in judged)
        pipe.cfg["threshold"] = best_threshold(*judged_entities(judged), n_gold)
    return Calibration(pipe.name, len(known), before, measure())


def best_threshold(probabilities: Array, correct: Array, n_gold: int) -> float:
    """Find the threshold of the best F-score.

    probabilities (Array): How sure the model is of each entity, `(n_entities,)`.
    correct (Array): Whether it is right, `(n_entities,)`.
    n_gold (int): How many entities there are to be found.
    RETURNS (float): The threshold, halfway between the last that is to be kept and the first that
        isn't.
    """
    if not correct.any():
        return LEAST_PROBABILITY
    order = numpy.argsort(-probabilities, kind="stable")
    p = numpy.append(probabilities[order], LEAST_PROBABILITY)
    scores = 2 * correct[order].cumsum() / (n_gold + 1 + numpy.arange(len(order)))
    scores[p[:-1] == p[1:]] = 0.0  # both or none are kept
    last = int(scores.argmax())
    return round(float(p[last] + p[last + 1]) / 2, 4)


def log_loss(scored: Iterable[Scored], temperature: float) -> float:
    """Compute the log loss at a temperature.

    scored (Iterable[Tuple[ChainScores, Array]]): The scores of batches, and the tags that agree
        with what is known.
    temperature (float): By which the scores are divided.
    RETURNS (float): `-log p(what is known)`, summed over the texts. One whose annotation no tags
        agree with counts nothing.
    """
    total = 0.0
    for scores, allowed in scored:
        scaled = scale(scores, temperature)
        gold: Any = to_numpy(log_partition(scaled, allowed))
        everything: Any = to_numpy(log_partition(scaled))
        possible = numpy.isfinite(gold)
        total += float((everything[possible].astype("float64") - gold[possible]).sum())
    return total
