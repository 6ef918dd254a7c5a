"""`lstm_textcat`: one category a text."""

from functools import partial
from itertools import islice
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Tuple, Union, cast

import numpy
from spacy.errors import Errors as SpacyErrors
from spacy.language import Language
from spacy.pipeline import TextCategorizer
from spacy.pipeline.textcat import textcat_score
from spacy.tokens import Doc
from spacy.training import Example, validate_examples, validate_get_examples
from spacy.vocab import Vocab
from thinc.types import Floats2d

from ..errors import Errors
from ..errors.checks import check_layer, check_share
from ..layers.losses import exclusive_loss, softmax
from ..models.log_odds import Labelled, learn_log_odds
from ..models.ngram_linear import CHUNK, learn_ngrams
from ..types import Array, DocScorer
from .guard import DEFAULT_MAX_SKIPPED_STEPS
from .heads import Head
from .labels import read_labels
from .targets import Targets, balanced_weights, check_weights, exclusive_targets, texts_of

ClassWeights = Optional[Union[str, Dict[str, float]]]


class LSTMTextCategorizer(Head, TextCategorizer):
    """Categorize texts with a BiLSTM: exactly one category applies to each.

    `doc.cats` gets the probability of each label, and they add up to 1. The reported loss is the
    sum over the texts of a batch, and the gradient is the derivative of just that sum. With a
    linear model beside the network, each learns from its own loss, and both are in the sum.
    """

    kind = "lstm_textcat"

    def __init__(
        self,
        vocab: Vocab,
        model: DocScorer,
        name: str = "lstm_textcat",
        *,
        class_weights: ClassWeights = None,
        label_smoothing: float = 0.0,
        max_grad_norm: Optional[float] = None,
        max_skipped_steps: int = DEFAULT_MAX_SKIPPED_STEPS,
        adversarial: Optional[Dict[str, Any]] = None,
        scorer: Optional[Callable] = textcat_score,
    ) -> None:
        """Initialize the component.

        vocab (Vocab): The shared vocabulary.
        model (Model[List[Doc], Floats2d]): The model: documents to logits.
        name (str): The name of the component in the pipeline, and of its loss.
        class_weights (Optional[Union[str, Dict[str, float]]]): "balanced", a number for each label,
            or None.
        label_smoothing (float): The share of the truth that is spread over all labels in training.
        max_grad_norm (Optional[float]): The largest global norm of the gradients, or None.
        max_skipped_steps (int): How many steps in a row may be skipped as they aren't finite.
        adversarial (Optional[Dict[str, Any]]): Adversarial training: its `epsilon` and `method`,
            or None.
        scorer (Optional[Callable]): The scoring method.
        RAISES (ValueError): If a setting is out of its range.
        """
        check_layer(f"The model of '{name}'", model)
        check_weights(name, class_weights)
        check_share("label_smoothing", label_smoothing)
        self.vocab = vocab
        self.model = model
        self.name = name
        self.class_weights = class_weights
        self.label_smoothing = label_smoothing
        self.max_grad_norm = max_grad_norm
        self.max_skipped_steps = max_skipped_steps
        self.adversarial = adversarial
        self.scorer = scorer
        self._rehearsal_model: Optional[DocScorer] = None  # type: ignore[assignment]
        self.cfg: Dict[str, Any] = self._initial_cfg()

    def _initial_cfg(self) -> Dict[str, Any]:
        return {"labels": [], "label_weights": {}, "positive_label": None}

    @property
    def support_missing_values(self) -> bool:
        """RETURNS (bool): Always True: labels that a text doesn't mention are unknown, not
        absent."""
        return True

    def _n_outputs(self, labels: Iterable[str]) -> int:
        return len(list(labels))

    def predict(self, docs: Iterable[Doc]) -> Floats2d:
        """Predict the probabilities of the labels, without changing the documents.

        docs (Iterable[Doc]): The documents.
        RETURNS (Floats2d): Probabilities, `(n_docs, n_labels)`.
        """
        docs = list(docs)
        if not docs or not self.labels:
            return self.model.ops.alloc2f(len(docs), len(self.labels))
        with self._initialized():
            scores = self.model.ops.to_numpy(self.model.predict(docs))
        self._check_scores(scores)
        return self._to_ops(self._probabilities(scores))

    def _probabilities(self, scores: Array) -> Array:
        return softmax(scores)

    def _to_ops(self, array: Array) -> Floats2d:
        return self.model.ops.asarray2f(cast(Floats2d, array))

    def _check_scores(self, scores: Array) -> None:
        if scores.shape[1] != len(self.labels):
            message = Errors.L102.format(
                name=self.name, got=scores.shape[1], expected=len(self.labels)
            )
            raise ValueError(message)

    def set_annotations(self, docs: Iterable[Doc], scores: Floats2d) -> None:
        """Write probabilities to `doc.cats`.

        docs (Iterable[Doc]): The documents.
        scores (Floats2d): What `predict` gave, `(n_docs, n_labels)`.
        RAISES (ValueError): If they are of fewer or more labels than there are now.
        """
        labels = self.labels
        if scores.shape[1] != len(labels):
            message = Errors.L216.format(name=self.name, got=scores.shape[1], expected=len(labels))
            raise ValueError(message)
        for doc, row in zip(docs, self.model.ops.to_numpy(scores).tolist(), strict=True):
            doc.cats.update(zip(labels, row, strict=True))

    def get_loss(  # type: ignore[override]
        self, examples: Iterable[Example], scores: Floats2d
    ) -> Tuple[float, Floats2d]:
        """The loss of a batch and its gradient.

        examples (Iterable[Example]): The batch.
        scores (Floats2d): The model's logits, `(n_texts, n_labels)`.
        RETURNS (Tuple[float, Floats2d]): The loss, summed over the texts, and its gradient with
            respect to the logits.
        """
        examples = list(examples)
        validate_examples(examples, "LSTMTextCategorizer.get_loss")
        return self._loss(scores, self._targets(examples))

    def _read_truth(self, examples: List[Example]) -> Targets:
        return self._targets(examples)

    def _targets(self, examples: List[Example]) -> Targets:
        return exclusive_targets(self.name, examples, self.labels)

    def _loss(self, scores: Floats2d, targets: Targets) -> Tuple[float, Floats2d]:
        logits = self.model.ops.to_numpy(scores).astype("float64")
        self._check_scores(logits)
        weights = numpy.array([self.cfg["label_weights"].get(label, 1.0) for label in self.labels])
        losses, d_scores = self._loss_function(
            logits, targets.truths, targets.known, weights, self.label_smoothing
        )
        return float(losses.sum()), self._to_ops(d_scores)

    _loss_function = staticmethod(exclusive_loss)

    def _rehearsal_loss(self, student: Floats2d, teacher: Floats2d) -> Tuple[float, Floats2d]:
        wanted, logits = (
            self.model.ops.to_numpy(scores).astype("float64") for scores in (teacher, student)
        )
        # Labels that were added since have no teacher, and are left alone.
        n_old = wanted.shape[1]
        truths = self._probabilities(wanted)
        known = numpy.ones(truths.shape, dtype=bool)
        losses, d_old = self._loss_function(logits[:, :n_old], truths, known, numpy.ones(n_old))
        d_scores = numpy.zeros(logits.shape)
        d_scores[:, :n_old] = d_old
        return float(losses.sum()), self._to_ops(d_scores)

    def add_label(self, label: str) -> int:
        """Add a label, before or after training. The scores of the others stay as they are.

        label (str): The label.
        RETURNS (int): 1, or 0 if it was there already.
        RAISES (ValueError): If the label is no string, or the model can't grow.
        """
        if not isinstance(label, str):
            raise ValueError(SpacyErrors.E187)
        if label in self.labels:
            return 0
        if self.model.has_dim("nO") and "resize_output" not in self.model.attrs:
            raise ValueError(Errors.L211.format(name=self.name, label=label))
        self.cfg["labels"].append(label)
        if self.model.has_dim("nO"):
            self.model = self.model.attrs["resize_output"](self.model, len(self.labels))
        self.vocab.strings.add(label)
        return 1

    def initialize(
        self,
        get_examples: Callable[[], Iterable[Example]],
        *,
        nlp: Optional[Language] = None,
        labels: Optional[Iterable[str]] = None,
        positive_label: Optional[str] = None,
    ) -> None:
        """Make the model ready for training.

        get_examples (Callable[[], Iterable[Example]]): Gives the training data: all of it, where
            the model is to know its n-grams.
        nlp (Optional[Language]): The pipeline.
        labels (Optional[Iterable[str]]): The labels, in the order of the scores. By default those
            of the sample, sorted.
        positive_label (Optional[str]): Of two labels, the one that `spacy evaluate` reports.
        RAISES (ValueError): If there are no texts or too few labels, or an annotation contradicts
            itself.
        """
        self._initialize(get_examples, labels)
        if len(self.labels) < 2:
            names = ", ".join(map(repr, self.labels))
            raise ValueError(Errors.L201.format(name=self.name, n=len(self.labels), labels=names))
        if positive_label is not None and (
            positive_label not in self.labels or len(self.labels) != 2
        ):
            message = Errors.L210.format(
                label=positive_label, name=self.name, labels=", ".join(self.labels)
            )
            raise ValueError(message)
        self.cfg["positive_label"] = positive_label
        self._initialize_model(get_examples)

    def _initialize(
        self,
        get_examples: Callable[[], Iterable[Example]],
        labels: Optional[Iterable[str]],
    ) -> None:
        validate_get_examples(get_examples, "LSTMTextCategorizer.initialize")
        if labels is None:
            found = {label for eg in get_examples() for label in eg.reference.cats}
            labels = sorted(found, key=str)
        for label in read_labels(self.name, labels):
            self.add_label(label)
        if not self.labels:
            raise ValueError(Errors.L206.format(name=self.name))

    def _initialize_model(self, get_examples: Callable[[], Iterable[Example]]) -> None:
        self._weigh_labels(get_examples)
        learn_ngrams(self.model, (eg.predicted for eg in get_examples()))
        learn_log_odds(self.model, partial(self._labelled, get_examples))
        sample = list(islice(get_examples(), 10))
        if not sample:
            raise ValueError(Errors.L205.format(name=self.name))
        targets = self._targets(sample)
        self.model.initialize(X=texts_of(sample), Y=self._to_ops(targets.truths.astype("float32")))

    def _labelled(self, get_examples: Callable[[], Iterable[Example]]) -> Iterator[Labelled]:
        stream = iter(get_examples())
        while examples := list(islice(stream, CHUNK)):
            yield [eg.predicted for eg in examples], *self._targets(examples)

    def _weigh_labels(self, get_examples: Callable[[], Iterable[Example]]) -> None:
        if self.class_weights is None:
            return
        if self.class_weights == "balanced":
            targets = self._targets(list(get_examples()))
            weights = balanced_weights(targets, exclusive="positive_label" in self.cfg)
            self.cfg["label_weights"] = dict(zip(self.labels, weights, strict=True))
            return
        for label in self.class_weights:
            if label not in self.labels:
                names = ", ".join(self.labels)
                message = Errors.L207.format(name=self.name, label=label, labels=names)
                raise ValueError(message)
        self.cfg["label_weights"] = dict(self.class_weights)  # type: ignore[arg-type]

    def _validate_categories(self, examples: Iterable[Example]) -> None:
        self._targets(list(examples))
