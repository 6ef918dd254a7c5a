"""The factory `lstm_ner`, and what it is made of where nothing else is said."""

from typing import Any, Callable, Dict, Optional

from spacy.language import Language
from thinc.api import Config

from ..models.ner import Tagger
from .guard import DEFAULT_MAX_SKIPPED_STEPS
from .ner import LSTMEntityRecognizer
from .ner_settings import DEFAULT_SPANS_KEY, Mode, Reset

default_model_config = """
[model]
@architectures = "spacy_lstm.CRFTagger.v2"
scheme = "BILUO"
network_share = 0.3

[model.tok2vec]
@architectures = "spacy.Tok2Vec.v2"

[model.tok2vec.embed]
@architectures = "spacy_lstm.WordDropout.v1"
rate = 0.4

[model.tok2vec.embed.embed]
@architectures = "spacy_lstm.DistinctEmbed.v1"

[model.tok2vec.embed.embed.embed]
@architectures = "spacy.MultiHashEmbed.v2"
width = 96
attrs = ["NORM", "PREFIX", "SUFFIX", "SHAPE"]
rows = [5000, 1000, 2500, 2500]
include_static_vectors = false

[model.tok2vec.encode]
@architectures = "spacy_lstm.BiLSTMEncoder.v1"
width = 128
depth = 1
dropout = 0.0

[model.linear_model]
@architectures = "spacy_lstm.WordFeatures.v1"
length = 65536
"""
DEFAULT_NER_MODEL = Config().from_str(default_model_config)["model"]

SCORE_WEIGHTS = {
    "ents_f": 1.0,
    "ents_p": 0.0,
    "ents_r": 0.0,
    "ents_per_type": None,
    "ents_ece": None,
    "ents_ece_low": None,
    "ents_ece_high": None,
    "ents_ece_floor": None,
}


@Language.factory(
    "lstm_ner",
    assigns=["doc.ents", "token.ent_iob", "token.ent_type", "doc.spans"],
    default_config={
        "model": DEFAULT_NER_MODEL,
        "mode": "posterior",
        "threshold": None,
        "spans_key": DEFAULT_SPANS_KEY,
        "candidates": False,
        "candidate_threshold": 0.1,
        "reset": None,
        "incorrect_spans_key": None,
        "max_grad_norm": None,
        "max_skipped_steps": DEFAULT_MAX_SKIPPED_STEPS,
        "adversarial": None,
        "scorer": {"@scorers": "spacy_lstm.ner_scorer.v1"},
    },
    default_score_weights=SCORE_WEIGHTS,
)
def make_lstm_ner(
    nlp: Language,
    name: str,
    model: Tagger,
    mode: Mode,
    threshold: Optional[float],
    spans_key: Optional[str],
    candidates: bool,
    candidate_threshold: float,
    reset: Reset,
    incorrect_spans_key: Optional[str],
    max_grad_norm: Optional[float],
    max_skipped_steps: int,
    adversarial: Optional[Dict[str, Any]],
    scorer: Optional[Callable],
) -> LSTMEntityRecognizer:
    """Create an entity recognizer. The settings are those of `LSTMEntityRecognizer`.

    nlp (Language): The pipeline.
    name (str): The name of the component in the pipeline.
    model (Model[List[Doc], ChainScores]): The model: documents to scores of tags.
    mode (str): "marginals", "viterbi" or "posterior".
    threshold (Optional[float]): The least probability of an entity. None is 0.15 with the mode
        "posterior", and 0 with the others.
    spans_key (Optional[str]): The key in `doc.spans` for the probabilities.
    candidates (bool): Whether other spans than the entities have their probability noted too.
    candidate_threshold (float): The least probability of those.
    reset (Optional[str]): "sentence" or None.
    incorrect_spans_key (Optional[str]): The key of spans in the training data that are no entities.
    max_grad_norm (Optional[float]): The largest global norm of the gradients, or None.
    max_skipped_steps (int): How many steps in a row may be skipped as they aren't finite.
    adversarial (Optional[Dict[str, Any]]): Adversarial training: `epsilon`, how far the vectors of
        a text are moved, and `method`, which ones: "embeddings", of an encoder of its own, or
        "encoding", what the encoder gives. None is for none.
    scorer (Optional[Callable]): The scoring method.
    RETURNS (LSTMEntityRecognizer): The component.
    """
    return LSTMEntityRecognizer(
        nlp.vocab,
        model,
        name,
        mode=mode,
        threshold=threshold,
        spans_key=spans_key,
        candidates=candidates,
        candidate_threshold=candidate_threshold,
        reset=reset,
        incorrect_spans_key=incorrect_spans_key,
        max_grad_norm=max_grad_norm,
        max_skipped_steps=max_skipped_steps,
        adversarial=adversarial,
        scorer=scorer,
    )
