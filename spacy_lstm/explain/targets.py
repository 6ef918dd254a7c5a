"""What is explained: a number that a component gives for a text."""

from abc import ABC, abstractmethod
from dataclasses import replace
from typing import Any, NamedTuple, Optional, Sequence, Tuple

import numpy
from spacy.language import Language
from spacy.tokens import Doc
from thinc.api import to_numpy

from ..layers.crf_losses import crf_loss
from ..layers.crf_types import ChainGradients, ChainScores, scale
from ..pipeline.ner_pieces import cut_at_sentences
from ..pipeline.ner_tokens import constraints, fix_tags, read_tokens
from ..pipeline.textcat_multilabel import LSTMMultiLabelTextCategorizer
from ..types import Array
from .heads import Head, run_until

#: An entity that is impossible in a text counts as this probable, 1e-30.
LEAST_LOG_PROBABILITY = -69.0


class Piece(NamedTuple):
    """The part of a text that a model sees at once.

    doc (Doc): It, as a document of its own.
    offset (int): Which token of the text is its first.
    """

    doc: Doc
    offset: int


class Target(ABC):
    """A number that a component gives for a text.

    kind (str): What it is: see `Attribution.target`.
    head (Head): The component.
    label (str): The label that it is about.
    span (Optional[Tuple[int, int]]): The tokens that it is about, if it is an entity.
    """

    kind: str

    def __init__(
        self, nlp: Language, head: Head, label: str, span: Optional[Tuple[int, int]] = None
    ) -> None:
        self.nlp = nlp
        self.head = head
        self.label = label
        self.span = span

    @abstractmethod
    def scores(self, docs: Sequence[Doc]) -> Array:
        """docs (Sequence[Doc]): Fresh documents.
        RETURNS (Array): The number for each, `(n_docs,)`.
        """

    @abstractmethod
    def probabilities(self, scores: Array) -> Optional[Array]:
        """scores (Array): What `scores` gave, `(n_docs,)`.
        RETURNS (Optional[Array]): As probabilities, `(n_docs,)`; None where they aren't known.
        """


class CategoryInDoc(Target):
    """What any component writes to `doc.cats`."""

    kind = "probability"

    def scores(self, docs: Sequence[Doc]) -> Array:
        done = run_until(self.nlp, docs, self.head.name, through=True)
        return numpy.array([doc.cats[self.label] for doc in done], dtype="float64")

    def probabilities(self, scores: Array) -> Optional[Array]:
        return scores


class EntityInDoc(Target):
    """Whether any component finds an entity."""

    kind = "presence"

    def scores(self, docs: Sequence[Doc]) -> Array:
        done = run_until(self.nlp, docs, self.head.name, through=True)
        found = [{((ent.start, ent.end), ent.label_) for ent in doc.ents} for doc in done]
        return numpy.array([(self.span, self.label) in ents for ents in found], dtype="float64")

    def probabilities(self, scores: Array) -> Optional[Array]:
        return None


class ModelTarget(Target):
    """A number that can be computed from the scores of a model of ours, with its gradient. Minus
    infinity, of what is impossible, becomes `LEAST_LOG_PROBABILITY` in `scores`."""

    def scores(self, docs: Sequence[Doc]) -> Array:
        return numpy.maximum(self._values(docs), LEAST_LOG_PROBABILITY)

    def is_possible(self, doc: Doc) -> bool:
        """doc (Doc): A fresh document.
        RETURNS (bool): Whether the component could predict it.
        """
        return bool(numpy.isfinite(self._values([doc])).all())

    def _values(self, docs: Sequence[Doc]) -> Array:
        done = run_until(self.nlp, docs, self.head.name, through=False)
        pieces = [self.piece(doc) for doc in done]
        scores = self.head.pipe.model.predict([piece.doc for piece in pieces])
        values, _ = self.evaluate(scores, pieces)
        return values

    @abstractmethod
    def piece(self, doc: Doc) -> Piece:
        """doc (Doc): A document that has gone through the components before.
        RETURNS (Piece): The part of it that the number depends on.
        """

    @abstractmethod
    def evaluate(self, scores: Any, pieces: Sequence[Piece]) -> Tuple[Array, Any]:
        """scores (Any): What the model gives for the pieces.
        pieces (Sequence[Piece]): The pieces, one for each text.
        RETURNS (Tuple[Array, Any]): The number for each, `(n_pieces,)`, in float64, and the
            gradient of their sum with respect to the scores.
        """


class CategoryTarget(ModelTarget):
    """The log-odds of a category, log(p / (1 - p)). Where categories are independent, that is the
    logit; of two that exclude each other, the difference of their logits; and of more, the
    difference between the logit and the logarithm of the summed exponentials of the others.
    """

    kind = "log-odds"

    def piece(self, doc: Doc) -> Piece:
        return Piece(doc, 0)

    def evaluate(self, scores: Any, pieces: Sequence[Piece]) -> Tuple[Array, Any]:
        logits = to_numpy(scores).astype("float64")
        column = self.head.labels.index(self.label)
        values = logits[:, column].copy()
        gradient = numpy.zeros_like(logits)
        if not isinstance(self.head.pipe, LSTMMultiLabelTextCategorizer):
            others = numpy.delete(logits, column, axis=1)
            most = others.max(axis=1, keepdims=True)
            shares = numpy.exp(others - most)
            total = shares.sum(axis=1, keepdims=True)
            values -= (most + numpy.log(total))[:, 0]
            gradient = numpy.insert(-shares / total, column, 0.0, axis=1)
        gradient[:, column] = 1.0
        return values, self.head.pipe.model.ops.asarray2f(gradient.astype("float32"))

    def probabilities(self, scores: Array) -> Optional[Array]:
        return numpy.exp(-numpy.logaddexp(0.0, -scores))


class EntityTarget(ModelTarget):
    """The logarithm of the probability that exactly this entity is there, as `lstm_ner` writes it
    to `doc.spans`: with the component's temperature, and given the entities of components before.
    """

    kind = "log-probability"
    span: Tuple[int, int]

    def piece(self, doc: Doc) -> Piece:
        offset = 0
        for part in cut_at_sentences([doc]).docs if self.head.pipe.reset else [doc]:
            if offset + len(part) > self.span[0]:
                break
            offset += len(part)
        return Piece(part, offset)

    def evaluate(self, scores: ChainScores, pieces: Sequence[Piece]) -> Tuple[Array, Any]:
        pipe = self.head.pipe
        temperature = pipe.cfg["temperature"]
        # In float64: the probability of a sure entity is the difference of two large numbers.
        exact = scale(_to_float64(scores), temperature)
        allowed, wanted, fits = self._tags(pieces)
        xp: Any = pipe.model.ops.xp
        without: Any
        with_it: Any
        without, gradients = crf_loss(exact, xp.asarray(allowed))
        with_it, more = crf_loss(exact, xp.asarray(wanted))
        values = to_numpy(without - with_it).copy()
        values[list(more.impossible)] = -numpy.inf
        values[~fits] = -numpy.inf
        return values, _to_float32((gradients + more * -1.0) * (1.0 / temperature))

    def _tags(self, pieces: Sequence[Piece]) -> Tuple[Array, Array, Array]:
        """The tags that each token may have, and those that it has where the entity is there, both
        `(n_tokens, n_tags)`; and whether the entity lies in the piece, `(n_pieces,)`."""
        docs = [piece.doc for piece in pieces]
        scheme, tokens = self.head.pipe.scheme, read_tokens(docs)
        everything = numpy.ones((tokens.n_tokens, scheme.n_tags), dtype=bool)
        allowed, _ = constraints(docs, tokens, scheme, tokens.offsets[1:])
        allowed = everything if allowed is None else allowed
        entities = []
        fits = numpy.ones(len(pieces), dtype=bool)
        for i, (piece, first) in enumerate(zip(pieces, tokens.offsets.tolist(), strict=False)):
            start, end = (place - piece.offset for place in self.span)
            fits[i] = end <= len(piece.doc)
            if fits[i]:
                entities.append((first + start, first + end, self.label))
        nothing = numpy.zeros(tokens.n_tokens, dtype=bool)
        wanted = fix_tags(None, scheme, tokens.n_tokens, entities, nothing)
        return allowed, wanted & allowed, fits

    def probabilities(self, scores: Array) -> Optional[Array]:
        return numpy.exp(scores)


def _to_float64(scores: ChainScores) -> ChainScores:
    names = ("emissions", "transitions", "start", "end")
    return replace(scores, **{name: getattr(scores, name).astype("float64") for name in names})


def _to_float32(gradients: ChainGradients) -> ChainGradients:
    names = ("emissions", "transitions", "start", "end")
    arrays = {name: getattr(gradients, name).astype("float32") for name in names}
    return replace(gradients, **arrays)
