"""The tokens of a stream that components look at together."""

from typing import NamedTuple, Sequence

from spacy.tokens import Doc

from .tokens import Token


class Window(NamedTuple):
    """A part of a stream.

    doc (Doc): Some tokens again that came before, the next ones, and those that are looked ahead
        at.
    tokens (Sequence[Token]): The same tokens.
    n_before (int): How many of the first kind.
    n_settled (int): How many of the second.
    is_final (bool): Whether the stream ends with them: then there are none of the third kind.
    """

    doc: Doc
    tokens: Sequence[Token]
    n_before: int
    n_settled: int
    is_final: bool

    @property
    def settled(self) -> slice:
        """RETURNS (slice): Where the tokens of the second kind are."""
        return slice(self.n_before, self.n_before + self.n_settled)
