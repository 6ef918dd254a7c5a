"""`lstm_textcat_multilabel`: any number of categories a text."""

from typing import Any, Callable, Dict, Iterable, List, Optional

from spacy.language import Language
from spacy.pipeline.textcat_multilabel import textcat_multilabel_score
from spacy.training import Example
from spacy.vocab import Vocab

from ..errors import Errors
from ..errors.checks import is_number
from ..layers.losses import multilabel_loss, sigmoid
from ..types import Array, DocScorer
from .guard import DEFAULT_MAX_SKIPPED_STEPS
from .targets import Targets, multilabel_targets
from .textcat import ClassWeights, LSTMTextCategorizer
from .textcat_factory import DEFAULT_TEXTCAT_MODEL, SCORE_WEIGHTS


@Language.factory(
    "lstm_textcat_multilabel",
    assigns=["doc.cats"],
    default_config={
        "model": DEFAULT_TEXTCAT_MODEL,
        "threshold": 0.5,
        "class_weights": None,
        "label_smoothing": 0.0,
        "max_grad_norm": None,
        "max_skipped_steps": DEFAULT_MAX_SKIPPED_STEPS,
        "adversarial": None,
        "scorer": {"@scorers": "spacy.textcat_multilabel_scorer.v2"},
    },
    default_score_weights=SCORE_WEIGHTS,
)
def make_lstm_textcat_multilabel(
    nlp: Language,
    name: str,
    model: DocScorer,
    threshold: float,
    class_weights: ClassWeights,
    label_smoothing: float,
    max_grad_norm: Optional[float],
    max_skipped_steps: int,
    adversarial: Optional[Dict[str, Any]],
    scorer: Optional[Callable],
) -> "LSTMMultiLabelTextCategorizer":
    """Create a text categorizer whose categories are independent of each other.

    nlp (Language): The pipeline.
    name (str): The name of the component in the pipeline.
    model (Model[List[Doc], Floats2d]): The model: documents to logits. By default a BiLSTM beside
        a linear model of the n-grams of the texts that it is initialized with.
    threshold (float): The probability from which a label counts as predicted when scores are
        computed.
    class_weights (Optional[Union[str, Dict[str, float]]]): How much a text to which a label applies
        counts in training: "balanced", a number for each label (1 for those left out), or None.
    label_smoothing (float): How far 0 and 1 are moved towards each other in training.
    max_grad_norm (Optional[float]): The largest global norm of the gradients, or None.
    max_skipped_steps (int): How many steps in a row may be skipped as they aren't finite.
    adversarial (Optional[Dict[str, Any]]): Adversarial training: `epsilon`, how far the vectors of
        a text are moved, and `method`, which ones: "embeddings", of an encoder of its own, or
        "encoding", what the encoder gives. A linear model beside it learns from the texts as
        they are. None is for none.
    scorer (Optional[Callable]): The scoring method.
    RETURNS (LSTMMultiLabelTextCategorizer): The component.
    """
    return LSTMMultiLabelTextCategorizer(
        nlp.vocab,
        model,
        name,
        threshold=threshold,
        class_weights=class_weights,
        label_smoothing=label_smoothing,
        max_grad_norm=max_grad_norm,
        max_skipped_steps=max_skipped_steps,
        adversarial=adversarial,
        scorer=scorer,
    )


class LSTMMultiLabelTextCategorizer(LSTMTextCategorizer):
    """Categorize texts with a BiLSTM: none, one or several of the categories apply to each.

    `doc.cats` gets the probability of each label, independent of the others. Labels that a text's
    annotation doesn't mention are unknown, and left out of the loss. With a linear model beside the
    network, each learns from its own loss, and both are in the sum that is reported.
    """

    kind = "lstm_textcat_multilabel"

    def __init__(
        self,
        vocab: Vocab,
        model: DocScorer,
        name: str = "lstm_textcat_multilabel",
        *,
        threshold: float = 0.5,
        class_weights: ClassWeights = None,
        label_smoothing: float = 0.0,
        max_grad_norm: Optional[float] = None,
        max_skipped_steps: int = DEFAULT_MAX_SKIPPED_STEPS,
        adversarial: Optional[Dict[str, Any]] = None,
        scorer: Optional[Callable] = textcat_multilabel_score,
    ) -> None:
        """Initialize the component.

        vocab (Vocab): The shared vocabulary.
        model (Model[List[Doc], Floats2d]): The model: documents to logits.
        name (str): The name of the component in the pipeline, and of its loss.
        threshold (float): The probability from which a label counts as predicted when scores are
            computed.
        class_weights (Optional[Union[str, Dict[str, float]]]): "balanced", a number for each label,
            or None.
        label_smoothing (float): How far 0 and 1 are moved towards each other in training.
        max_grad_norm (Optional[float]): The largest global norm of the gradients, or None.
        max_skipped_steps (int): How many steps in a row may be skipped as they aren't finite.
        adversarial (Optional[Dict[str, Any]]): Adversarial training: its `epsilon` and `method`,
            or None.
        scorer (Optional[Callable]): The scoring method.
        RAISES (ValueError): If a setting is out of its range.
        """
        if not is_number(threshold) or not 0.0 <= threshold <= 1.0:
            raise ValueError(Errors.L212.format(name=name, value=threshold))
        self.threshold = threshold
        super().__init__(
            vocab,
            model,
            name,
            class_weights=class_weights,
            label_smoothing=label_smoothing,
            max_grad_norm=max_grad_norm,
            max_skipped_steps=max_skipped_steps,
            adversarial=adversarial,
            scorer=scorer,
        )

    def _initial_cfg(self) -> Dict[str, Any]:
        return {"labels": [], "label_weights": {}, "threshold": self.threshold}

    def _probabilities(self, scores: Array) -> Array:
        return sigmoid(scores)

    def _targets(self, examples: List[Example]) -> Targets:
        return multilabel_targets(examples, self.labels)

    _loss_function = staticmethod(multilabel_loss)

    def initialize(  # type: ignore[override]
        self,
        get_examples: Callable[[], Iterable[Example]],
        *,
        nlp: Optional[Language] = None,
        labels: Optional[Iterable[str]] = None,
    ) -> None:
        """Make the model ready for training.

        get_examples (Callable[[], Iterable[Example]]): Gives the training data: all of it, where
            the model is to know its n-grams.
        nlp (Optional[Language]): The pipeline.
        labels (Optional[Iterable[str]]): The labels, in the order of the scores. By default those
            of the sample, sorted.
        RAISES (ValueError): If there are no texts or no labels, or a value is no number from 0 to
            1.
        """
        self._initialize(get_examples, labels)
        self._initialize_model(get_examples)
