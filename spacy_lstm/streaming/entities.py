"""The entities of a stream."""

from dataclasses import replace
from typing import Any, Iterator, List, Optional, Sequence, Tuple

import numpy
from thinc.api import to_numpy
from thinc.types import Floats2d

from ..layers.crf_log import message_after
from ..layers.crf_types import ChainScores, scale
from ..layers.crf_viterbi import best_path
from ..layers.substitute import Substitute
from ..models.word_features import WINDOW
from ..pipeline.ner import LSTMEntityRecognizer
from ..pipeline.ner_decode import choose_entities
from ..pipeline.ner_tokens import Entity as EntityOfTokens
from ..pipeline.ner_tokens import legal_tags, read_tokens
from ..types import Array
from .events import Entity
from .tokens import Token
from .window import Window

#: An entity that is not over after so many tokens is cut.
LONGEST_ENTITY = 256


class EntitiesStream:
    """An entity recognizer that decides on entities as soon as all of their tokens are settled.

    The scores of tokens that are not decided on yet are kept, together with what the CRF makes of
    all tokens before: for probabilities, the forward message, exactly; for the best path, the tag
    that was decided on last. What comes later is seen as far as it is looked ahead.

    name (str): The name of the component.
    pipe (LSTMEntityRecognizer): The component.
    """

    n_before = WINDOW  # words on the left that features are made of

    def __init__(self, name: str, pipe: LSTMEntityRecognizer) -> None:
        self.name = name
        self.pipe = pipe
        self._tokens: List[Token] = []
        n_tags = pipe.scheme.n_tags
        self._emissions: Array = numpy.zeros((0, n_tags), dtype="float32")
        self._allowed: Array = numpy.zeros((0, n_tags), dtype=bool)
        self._message: Any = None
        self._tag = 0

    def run(self, window: Window, vectors: Floats2d) -> Iterator[Entity]:
        """window (Window): The next tokens.
        vectors (Floats2d): Their vectors.
        RETURNS (Iterator[Entity]): The entities that are settled.
        """
        scores = self._take(window, vectors)
        n_settled = len(self._tokens) + window.n_settled
        tokens = [*self._tokens, *window.tokens[window.n_before :]]
        entities, border, path = self._decide(scores, n_settled, window.is_final)
        for (start, end, label), probability in entities:
            if start < border:
                yield self._event(tokens[start : min(end, border)], label, probability)
        self._keep(scores, tokens, border, n_settled, path)

    def _take(self, window: Window, vectors: Floats2d) -> ChainScores:
        """The scores of the tokens that aren't decided on, and of those that are looked ahead
        at."""
        with Substitute(self.pipe.model.get_ref("tok2vec"), [vectors]):
            scores = self.pipe.score_tags([window.doc])
        allowed = legal_tags(read_tokens([window.doc]), self.pipe.scheme)
        new = to_numpy(scores.emissions)[window.n_before :]
        if allowed is None:
            allowed = numpy.ones((len(window.doc), new.shape[1]), dtype=bool)
        self._allowed = numpy.concatenate((self._allowed, allowed[window.n_before :]))
        emissions: Any = numpy.concatenate((self._emissions, new))
        transitions, start, end = (
            to_numpy(param) for param in (scores.transitions, scores.start, scores.end)
        )
        lengths = numpy.array([len(emissions)])
        taken = ChainScores(emissions, lengths, transitions, start, end, scores.scheme)
        if not window.is_final:
            taken = replace(taken, end=numpy.zeros_like(end), open_end=True)
        return taken

    def _decide(
        self, scores: ChainScores, n_settled: int, is_final: bool
    ) -> Tuple[List[Tuple[EntityOfTokens, Optional[float]]], int, Optional[Array]]:
        """The entities, how many tokens are decided on, and the best path."""
        settings, scheme = self.pipe.decoding(), self.pipe.scheme
        allowed = None if self._allowed.all() else self._allowed
        path: Optional[Array] = None
        open_from = len(self._allowed)
        if settings.mode != "posterior":
            start: Any = scores.start if self._message is None else scores.transitions[self._tag]
            path = to_numpy(best_path(replace(scores, start=start), allowed))
            # An entity that goes on beyond what is looked at isn't one yet.
            open_from = int(numpy.flatnonzero(scheme.ends[path]).max(initial=-1)) + 1
            path[open_from:] = 0
        [prediction] = choose_entities(
            scores,
            self._scaled(scores),
            allowed,
            numpy.array([0, len(self._allowed)]),
            [[]],
            scheme,
            settings._replace(candidate_threshold=None),
            path=path,
        )
        known = prediction.scores or {}
        entities = [(entity, known.get(entity)) for entity in prediction.entities]
        starts = [first for first, end, _ in prediction.entities if first < n_settled < end]
        if open_from < n_settled:
            starts.append(open_from)
        # An entity is decided on when all of it is settled, or too long to wait for.
        border = n_settled if is_final else min(starts, default=n_settled)
        if border == 0 and n_settled >= LONGEST_ENTITY:
            border = n_settled
        return entities, border, path

    def _scaled(self, scores: ChainScores) -> ChainScores:
        """For probabilities: by the temperature, and with the message of what came before."""
        scaled = scale(scores, self.pipe.cfg["temperature"])
        if self._message is None:
            return scaled
        return replace(scaled, start=self._message, open_start=True)

    def _keep(
        self,
        scores: ChainScores,
        tokens: Sequence[Token],
        border: int,
        n_settled: int,
        path: Optional[Array],
    ) -> None:
        if border:
            scaled: Any = self._scaled(scores)
            decided = replace(
                scaled, emissions=scaled.emissions[:border], lengths=numpy.array([border])
            )
            message: Any = message_after(decided, self._allowed[:border])
            self._message = message.astype("float32")
        if border and path is not None:
            last = int(path[border - 1])
            self._tag = last if self.pipe.scheme.ends[last] else 0  # what was cut has ended
        undecided = slice(border, n_settled)
        self._tokens = list(tokens[undecided])
        self._emissions = numpy.array(scores.emissions)[undecided]
        self._allowed = self._allowed[undecided]

    def _event(self, tokens: Sequence[Token], label: str, probability: Optional[float]) -> Entity:
        text = "".join(token.text + token.space for token in tokens)
        text = text[: len(text) - len(tokens[-1].space)]
        start = tokens[0].start_char
        return Entity(self.name, text, label, start, start + len(text), probability)
