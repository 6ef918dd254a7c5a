"""`lstm_ner`: named entities."""

import warnings
from itertools import islice
from typing import Any, Callable, Dict, Iterable, List, Optional, Sequence, Tuple

import numpy
from spacy.errors import Errors as SpacyErrors
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.training import Example, validate_examples, validate_get_examples
from spacy.vocab import Vocab

from ..errors import Errors, Warnings
from ..errors.checks import check_integer, is_number
from ..layers.crf import ChainGradients, ChainScores
from ..layers.crf_types import scale
from ..layers.tag_scheme import TagScheme, count_tags
from ..models.ner import Tagger
from ..types import Array
from .guard import DEFAULT_MAX_SKIPPED_STEPS
from .heads import Head
from .labels import read_labels
from .ner_decode import Settings, best_readings, choose_entities, to_probability
from .ner_gold import Gold, choose_labels, cut_gold, forget_labels, read_gold
from .ner_loss import Truth, chain_loss, make_truth, rehearsal_loss
from .ner_pieces import Cut, cut_at_sentences
from .ner_scorer import ner_score
from .ner_settings import DEFAULT_SPANS_KEY, DEFAULT_THRESHOLD, Mode, Reset, check_settings
from .ner_spans import Prediction, add_extension, write_entities, write_scores
from .ner_tokens import constraints, legal_tags, read_tokens
from .targets import texts_of


class LSTMEntityRecognizer(Head):
    """Recognize named entities with a BiLSTM and a conditional random field.

    `doc.ents` is set as spaCy's `ner` does: entities that are there already are kept, and blocked
    tokens get none. The probability of each entity is in `doc.spans[spans_key].attrs["scores"]`,
    and `span._.confidence` looks it up: the probability, under the model, of exactly this span with
    exactly this label. It is not the probability that a fact is true, and it agrees with how often
    the model is right only as far as the model is calibrated: see `spacy lstm calibrate`.

    The loss is the sum over the texts of a batch. Its gradient at a tag of a token is how much too
    probable the tag is, as in spaCy's tagger.
    """

    kind = "lstm_ner"

    def __init__(
        self,
        vocab: Vocab,
        model: Tagger,
        name: str = "lstm_ner",
        *,
        mode: Mode = "posterior",
        threshold: Optional[float] = None,
        spans_key: Optional[str] = DEFAULT_SPANS_KEY,
        candidates: bool = False,
        candidate_threshold: float = 0.1,
        reset: Reset = None,
        incorrect_spans_key: Optional[str] = None,
        max_grad_norm: Optional[float] = None,
        max_skipped_steps: int = DEFAULT_MAX_SKIPPED_STEPS,
        adversarial: Optional[Dict[str, Any]] = None,
        scorer: Optional[Callable] = ner_score,
    ) -> None:
        """Initialize the component.

        vocab (Vocab): The shared vocabulary.
        model (Model[List[Doc], ChainScores]): The model: documents to scores of tags.
        name (str): The name of the component in the pipeline, and of its loss.
        mode (str): "marginals" finds the entities of the most probable tags, and their
            probabilities; "viterbi" the same without, faster; "posterior" all entities of at least
            the probability `threshold`, the most probable first where two overlap. Where a model is
            seldom sure, it finds many more: of all entities that it names, the best F-score is
            reached at a threshold of about half of that F-score (Lipton et al. 2014).
        threshold (Optional[float]): The least probability of an entity: less sure ones are dropped.
            None is 0.15 with the mode "posterior", where it is at least 0.01, and 0 with the
            others. A value in `cfg["threshold"]`, which is saved with the component, goes before
            it.
        spans_key (Optional[str]): The key in `doc.spans` for the probabilities; None doesn't write
            them.
        candidates (bool): Whether `doc.spans[spans_key]` holds other spans too: all those that are
            probable enough, whether they overlap or not.
        candidate_threshold (float): The least probability of those, more than 0.
        reset (Optional[str]): "sentence" reads each sentence on its own, where sentences are known;
            None reads the document as a whole. No entity goes over the beginning of a sentence in
            any case.
        incorrect_spans_key (Optional[str]): The key in the `spans` of the training data for spans
            that are no entities of their label.
        max_grad_norm (Optional[float]): The largest global norm of the gradients, or None.
        max_skipped_steps (int): How many steps in a row may be skipped as they aren't finite.
        adversarial (Optional[Dict[str, Any]]): Adversarial training: its `epsilon` and `method`,
            or None.
        scorer (Optional[Callable]): The scoring method.
        RAISES (ValueError): If a setting is out of its range, or doesn't fit the others or the
            model.
        """
        check_settings(
            name,
            model,
            mode=mode,
            spans_key=spans_key,
            candidates=candidates,
            candidate_threshold=candidate_threshold,
            reset=reset,
        )
        self.vocab = vocab
        self.model = model
        self.name = name
        self.mode = mode
        self.spans_key = spans_key
        self.candidates = candidates
        self.candidate_threshold = candidate_threshold
        self.reset = reset
        self.incorrect_spans_key = incorrect_spans_key
        self.max_grad_norm = max_grad_norm
        self.max_skipped_steps = max_skipped_steps
        self.adversarial = adversarial
        self.scorer = scorer
        self.threshold = threshold
        self.cfg: Dict[str, Any] = {"labels": [], "rare_labels": [], "temperature": 1.0}
        self.decoding()  # checks the threshold
        self._has_warned = False
        self._rehearsal_model: Optional[Tagger] = None
        add_extension()

    @property
    def labels(self) -> Tuple[str, ...]:
        """RETURNS (Tuple[str, ...]): The labels, in the order of their tags."""
        return tuple(self.cfg["labels"])

    @property
    def label_data(self) -> Tuple[str, ...]:
        """RETURNS (Tuple[str, ...]): What `initialize` takes as `labels`."""
        return self.labels

    @property
    def scheme(self) -> TagScheme:
        """RETURNS (TagScheme): The tags of the labels."""
        return TagScheme(self.labels, self.model.get_ref("crf").attrs["scheme"])

    def _n_outputs(self, labels: Iterable[str]) -> int:
        return count_tags(self.model.get_ref("crf").attrs["scheme"], len(list(labels)))

    def decoding(self) -> Settings:
        """RETURNS (Settings): How entities are chosen.
        RAISES (ValueError): If the threshold is out of its range, or doesn't fit the mode.
        """
        threshold = self.cfg.get("threshold", self.threshold)
        if threshold is None:
            threshold = DEFAULT_THRESHOLD if self.mode == "posterior" else 0.0
        if not is_number(threshold) or not 0.0 <= threshold <= 1.0:
            raise ValueError(Errors.L212.format(name=self.name, value=threshold))
        if self.mode == "viterbi" and threshold > 0.0:
            raise ValueError(Errors.L625.format(name=self.name, value=threshold))
        is_asked = self.spans_key is not None or threshold > 0 or self.mode == "posterior"
        return Settings(
            mode=self.mode if is_asked else "viterbi",  # nothing shows the probabilities
            threshold=threshold,
            candidate_threshold=self.candidate_threshold if self.candidates else None,
        )

    def predict(self, docs: Iterable[Doc]) -> List[Prediction]:
        """Find the entities, without changing the documents.

        docs (Iterable[Doc]): The documents.
        RETURNS (List[Prediction]): A prediction for each document.
        """
        docs = list(docs)
        settings = self.decoding()
        if not self.labels or not any(len(doc) for doc in docs):
            return [Prediction([], None if settings.mode == "viterbi" else {}) for _ in docs]
        scheme, tokens = self.scheme, read_tokens(docs)
        scores = self.score_tags(docs)
        borders = numpy.cumsum(scores.lengths)
        allowed, given = constraints(docs, tokens, scheme, borders)
        scaled = scale(scores, self.cfg["temperature"])
        return choose_entities(
            scores, scaled, self._to_ops(allowed), tokens.offsets, given, scheme, settings
        )

    def score_tags(self, docs: Sequence[Doc]) -> ChainScores:
        """Compute the model's scores, which the temperature hasn't touched.

        docs (Sequence[Doc]): The documents.
        RETURNS (ChainScores): The scores of all documents, or of all their sentences where
            `reset` is set.
        """
        with self._initialized():
            scores = self.model.predict(self._cut(docs).docs)
        self._check_scores(scores)
        return scores

    def _cut(self, docs: Sequence[Doc]) -> Cut:
        if self.reset is None:
            return Cut(list(docs), [[len(doc)] for doc in docs])
        return cut_at_sentences(docs)

    def _check_scores(self, scores: ChainScores) -> None:
        n_tags = self.scheme.n_tags
        if scores.n_tags != n_tags:
            message = Errors.L629.format(name=self.name, got=scores.n_tags, expected=n_tags)
            raise ValueError(message)

    def _to_ops(self, allowed: Optional[Array]) -> Any:
        return None if allowed is None else self.model.ops.xp.asarray(allowed)

    def set_annotations(self, docs: Iterable[Doc], predictions: Iterable[Prediction]) -> None:
        """Write entities to `doc.ents`, and their probabilities to `doc.spans`.

        docs (Iterable[Doc]): The documents.
        predictions (Iterable[Prediction]): What `predict` gave.
        """
        for doc, prediction in zip(docs, predictions, strict=True):
            write_entities(doc, prediction.entities)
            if self.spans_key is not None and prediction.scores is not None:
                write_scores(doc, prediction, self.spans_key)

    def readings(self, doc: Doc, k: int = 5) -> List[Tuple[List[Span], float]]:
        """Find the most probable ways to read the entities of a document, whatever entities it has
        already.

        doc (Doc): The document. Where the component listens to an encoder, it has gone through
            that.
        k (int): How many to find.
        RETURNS (List[Tuple[List[Span], float]]): The entities of each reading and the probability
            that they, and no others, are there. The most probable first; fewer where there are no
            more.
        RAISES (ValueError): If k is less than 1.
        """
        check_integer("k", k)
        if not self.labels or not len(doc):
            return [([], 1.0)]
        scheme = self.scheme
        scores = scale(self.score_tags([doc]), self.cfg["temperature"])
        allowed = self._to_ops(legal_tags(read_tokens([doc]), scheme))
        return [
            ([Span(doc, *entity) for entity in entities], to_probability(log_p))
            for entities, log_p in best_readings(scores, allowed, scheme, k)
        ]

    def _texts(self, docs: List[Doc]) -> List[Doc]:
        return self._cut(docs).docs

    def get_loss(
        self, examples: Iterable[Example], scores: ChainScores
    ) -> Tuple[float, ChainGradients]:
        """The loss of a batch and its gradient.

        examples (Iterable[Example]): The batch.
        scores (ChainScores): The model's scores.
        RETURNS (Tuple[float, ChainGradients]): The loss, summed over the texts, and its gradient.
        """
        examples = list(examples)
        validate_examples(examples, "LSTMEntityRecognizer.get_loss")
        return self._loss(scores, self.read_truth(examples))

    def _loss(self, scores: ChainScores, truth: Truth) -> Tuple[float, ChainGradients]:
        self._check_scores(scores)
        return chain_loss(scores, truth, self.labels)

    def _read_truth(self, examples: List[Example]) -> Truth:
        return self.read_truth(examples)

    def read_truth(self, examples: Sequence[Example]) -> Truth:
        """Read the annotations of a batch. Where entities don't agree with tokens there is a coded
        warning, once.

        examples (Sequence[Example]): The batch.
        RETURNS (Truth): What is known of it.
        """
        docs = [eg.predicted for eg in examples]
        golds = [read_gold(eg, incorrect_spans_key=self.incorrect_spans_key) for eg in examples]
        golds = [forget_labels(gold, self.cfg["rare_labels"]) for gold in golds]
        if self.reset is not None:
            lengths = self._cut(docs).lengths
            golds = [cut_gold(gold, parts) for gold, parts in zip(golds, lengths, strict=True)]
        self._warn_of_misaligned(golds)
        truth = make_truth(self.name, docs, golds, self.scheme)
        return truth._replace(allowed=self._to_ops(truth.allowed))

    def _warn_of_misaligned(self, golds: Sequence[Gold]) -> None:
        n_misaligned = sum(gold.n_misaligned for gold in golds)
        if n_misaligned and not self._has_warned:
            n_entities = n_misaligned + sum(len(gold.entities) for gold in golds)
            message = Warnings.LW621.format(name=self.name, n=n_misaligned, total=n_entities)
            warnings.warn(message, stacklevel=2)
            self._has_warned = True

    def _rehearsal_loss(
        self, student: ChainScores, teacher: ChainScores
    ) -> Tuple[float, ChainGradients]:
        return rehearsal_loss(student, teacher)

    def add_label(self, label: str) -> int:
        """Add a label, before or after training. The scores of the others stay as they are.

        label (str): The label.
        RETURNS (int): 1, or 0 if it was there already.
        RAISES (ValueError): If the label is no string, or empty.
        """
        if not isinstance(label, str) or not label:
            raise ValueError(SpacyErrors.E187)
        if label in self.labels:
            return 0
        self.cfg["labels"].append(label)
        if self.model.has_dim("nO"):
            self._resize()
        self.vocab.strings.add(label)
        return 1

    def _resize(self) -> None:
        self.model = self.model.attrs["resize_output"](self.model, self.scheme.n_tags)

    def initialize(
        self,
        get_examples: Callable[[], Iterable[Example]],
        *,
        nlp: Optional[Language] = None,
        labels: Optional[Iterable[str]] = None,
        min_label_count: int = 1,
    ) -> None:
        """Make the model ready for training.

        get_examples (Callable[[], Iterable[Example]]): Gives a representative sample of the
            training data.
        nlp (Optional[Language]): The pipeline.
        labels (Optional[Iterable[str]]): The labels, in the order of their tags. By default those
            of the sample, sorted.
        min_label_count (int): How many entities of a label the sample must have, if it isn't named
            in `labels`. Rarer ones aren't learnt: what is there counts as unknown.
        RAISES (ValueError): If there are no texts or no labels.
        """
        validate_get_examples(get_examples, "LSTMEntityRecognizer.initialize")
        if labels is not None:
            labels = read_labels(self.name, labels)
        if labels is None or min_label_count != 1:
            labels, self.cfg["rare_labels"] = choose_labels(
                get_examples(), labels, known=self.labels, least=min_label_count
            )
        for label in labels:
            self.add_label(label)
        if not self.labels:
            raise ValueError(Errors.L621.format(name=self.name))
        sample = texts_of(list(islice(get_examples(), 10)))
        if not sample:
            raise ValueError(Errors.L205.format(name=self.name))
        self._resize()
        self.model.initialize(X=sample)
