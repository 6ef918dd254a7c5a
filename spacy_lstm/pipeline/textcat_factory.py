"""The factory `lstm_textcat`, and what it is made of where nothing else is said."""

from typing import Any, Callable, Dict, Optional

from spacy.language import Language
from thinc.api import Config

from ..types import DocScorer
from .guard import DEFAULT_MAX_SKIPPED_STEPS
from .textcat import ClassWeights, LSTMTextCategorizer

default_model_config = """
[model]
@architectures = "spacy_lstm.TextCat.v1"
pooling = ["max", "mean"]

[model.tok2vec]
@architectures = "spacy.Tok2Vec.v2"

[model.tok2vec.embed]
@architectures = "spacy_lstm.DistinctEmbed.v1"

[model.tok2vec.embed.embed]
@architectures = "spacy.MultiHashEmbed.v2"
width = 64
attrs = ["NORM", "PREFIX", "SUFFIX", "SHAPE"]
rows = [5000, 1000, 2500, 1000]
include_static_vectors = false

[model.tok2vec.encode]
@architectures = "spacy_lstm.BiLSTMEncoder.v1"
width = 128
depth = 1
dropout = 0.0

[model.linear_model]
@architectures = "spacy_lstm.NgramLinear.v1"
ngram_size = 2
prefixes = [4, 6]
"""
DEFAULT_TEXTCAT_MODEL = Config().from_str(default_model_config)["model"]

SCORE_WEIGHTS = {
    "cats_score": 1.0,
    "cats_score_desc": None,
    "cats_micro_p": None,
    "cats_micro_r": None,
    "cats_micro_f": None,
    "cats_macro_p": None,
    "cats_macro_r": None,
    "cats_macro_f": None,
    "cats_macro_auc": None,
    "cats_f_per_type": None,
}


@Language.factory(
    "lstm_textcat",
    assigns=["doc.cats"],
    default_config={
        "model": DEFAULT_TEXTCAT_MODEL,
        "class_weights": None,
        "label_smoothing": 0.0,
        "max_grad_norm": None,
        "max_skipped_steps": DEFAULT_MAX_SKIPPED_STEPS,
        "adversarial": None,
        "scorer": {"@scorers": "spacy.textcat_scorer.v2"},
    },
    default_score_weights=SCORE_WEIGHTS,
)
def make_lstm_textcat(
    nlp: Language,
    name: str,
    model: DocScorer,
    class_weights: ClassWeights,
    label_smoothing: float,
    max_grad_norm: Optional[float],
    max_skipped_steps: int,
    adversarial: Optional[Dict[str, Any]],
    scorer: Optional[Callable],
) -> LSTMTextCategorizer:
    """Create a text categorizer whose categories exclude each other.

    nlp (Language): The pipeline.
    name (str): The name of the component in the pipeline.
    model (Model[List[Doc], Floats2d]): The model: documents to logits. By default a BiLSTM beside
        a linear model of the n-grams of the texts that it is initialized with.
    class_weights (Optional[Union[str, Dict[str, float]]]): How much a text of each label counts in
        training: "balanced", a number for each label (1 for those left out), or None.
    label_smoothing (float): The share of the truth that is spread over all labels in training.
    max_grad_norm (Optional[float]): The largest global norm of the gradients, or None.
    max_skipped_steps (int): How many steps in a row may be skipped as they aren't finite.
    adversarial (Optional[Dict[str, Any]]): Adversarial training: `epsilon`, how far the vectors of
        a text are moved, and `method`, which ones: "embeddings", of an encoder of its own, or
        "encoding", what the encoder gives. A linear model beside it learns from the texts as
        they are. None is for none.
    scorer (Optional[Callable]): The scoring method.
    RETURNS (LSTMTextCategorizer): The component.
    """
    return LSTMTextCategorizer(
        nlp.vocab,
        model,
        name,
        class_weights=class_weights,
        label_smoothing=label_smoothing,
        max_grad_norm=max_grad_norm,
        max_skipped_steps=max_skipped_steps,
        adversarial=adversarial,
        scorer=scorer,
    )
