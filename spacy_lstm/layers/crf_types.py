"""What goes through the passes of a CRF: scores in, gradients out."""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Iterable, Optional, Tuple, Union

import numpy
from thinc.api import to_numpy
from thinc.types import Floats1d, Floats2d

from ..errors import Errors
from ..types import Array
from .tag_scheme import PREFIXES, Legal, legal

#: What has a value for each tag, or for each two.
ARRAYS = ("emissions", "transitions", "start", "end")


@dataclass
class ChainScores:
    """The scores of a linear-chain CRF for a batch. The score of a tagging is the sum of the scores
    of its tags, of its transitions, and of its start and end. A tagging that the scheme does not
    allow has none: what stands in the params for it is never read.

    emissions (Floats2d): The score of each tag at each token, all documents one after the other,
        `(n_tokens, n_tags)`.
    lengths (Array): The number of tokens of each document, which may be 0: numpy integers,
        `(n_docs,)`.
    transitions (Floats2d): The score of the second tag after the first, `(n_tags, n_tags)`.
    start (Floats1d): The score of a tag as the first of a document, `(n_tags,)`.
    end (Floats1d): The score of a tag as the last, `(n_tags,)`.
    scheme (str): The name of the tag scheme.
    open_start (bool): Whether documents go on from tokens before: `start` holds what comes from
        there, minus infinity where nothing does, and a document may start with any tag.
    open_end (bool): Whether they go on, so that they may end with any tag.
    """

    emissions: Floats2d
    lengths: Array
    transitions: Floats2d
    start: Floats1d
    end: Floats1d
    scheme: str = "BILUO"
    open_start: bool = False
    open_end: bool = False

    @property
    def n_tags(self) -> int:
        """RETURNS (int): The number of tags."""
        return self.transitions.shape[0]

    @property
    def n_labels(self) -> int:
        """RETURNS (int): The number of labels."""
        return (self.n_tags - 1) // len(PREFIXES[self.scheme])

    @property
    def legal(self) -> Legal:
        """RETURNS (Legal): What may follow what."""
        rules = legal(self.scheme, self.n_tags)
        if self.open_start:
            rules = rules._replace(starts=numpy.isfinite(to_numpy(self.start)))
        if self.open_end:
            rules = rules._replace(ends=numpy.ones(self.n_tags, dtype=bool))
        return rules

    @property
    def offsets(self) -> Array:
        """RETURNS (Array): The first row of each document, `(n_docs,)`."""
        return numpy.cumsum(self.lengths) - self.lengths

    def __add__(self, other: "ChainScores") -> "ChainScores":
        return self._with(a + b for a, b in zip(_arrays(self), _arrays(other), strict=True))

    def __mul__(self, factor: float) -> "ChainScores":
        return self._with(array * factor for array in _arrays(self))

    def _with(self, arrays: Iterable[Any]) -> "ChainScores":
        return replace(self, **dict(zip(ARRAYS, arrays, strict=True)))


@dataclass
class ChainGradients:
    """The gradients of `ChainScores`, of the same shapes. Those of illegal transitions, starts and
    ends are 0. `impossible` are the numbers of the documents that `crf_loss` left out, as none of
    the taggings that are allowed is legal."""

    emissions: Floats2d
    transitions: Floats2d
    start: Floats1d
    end: Floats1d
    impossible: Tuple[int, ...] = ()

    def __add__(self, other: "ChainGradients") -> "ChainGradients":
        emissions, transitions, start, end = (
            a + b for a, b in zip(_arrays(self), _arrays(other), strict=True)
        )
        impossible = tuple(sorted({*self.impossible, *other.impossible}))
        return ChainGradients(emissions, transitions, start, end, impossible)

    def __mul__(self, factor: float) -> "ChainGradients":
        emissions, transitions, start, end = (array * factor for array in _arrays(self))
        return ChainGradients(emissions, transitions, start, end, self.impossible)


def _arrays(chain: Union[ChainScores, ChainGradients]) -> Tuple[Any, ...]:
    return tuple(getattr(chain, name) for name in ARRAYS)


def scale(scores: ChainScores, temperature: float) -> ChainScores:
    """Divide all scores by a temperature: more than 1 makes the model less sure of itself (Guo et
    al. 2017), and the best path stays the best.

    scores (ChainScores): The scores.
    temperature (float): More than 0.
    RETURNS (ChainScores): The divided scores.
    RAISES (ValueError): If the temperature is not more than 0.
    """
    if not 0.0 < temperature < float("inf"):
        raise ValueError(Errors.L611.format(value=temperature))
    return scores * (1.0 / temperature)


def check_allowed(scores: ChainScores, allowed: Optional[Any]) -> None:
    """scores (ChainScores): The scores.
    allowed (Optional[Bools2d]): The tags that each token may have, if not all.
    RAISES (ValueError): If it hasn't the shape of the emissions, or they not that of the lengths.
    """
    n_tokens, n_tags = int(scores.lengths.sum()), scores.n_tags
    for name, array in (("`emissions`", scores.emissions), ("`allowed`", allowed)):
        if array is not None and tuple(array.shape) != (n_tokens, n_tags):
            raise ValueError(
                Errors.L610.format(
                    name=name,
                    got=tuple(array.shape),
                    expected=(n_tokens, n_tags),
                    n_tokens=n_tokens,
                    n_tags=n_tags,
                )
            )


def take_docs(
    scores: ChainScores, allowed: Optional[Any], docs: Array
) -> Tuple[ChainScores, Optional[Any], Array]:
    """Some documents of a batch.

    scores (ChainScores): The scores.
    allowed (Optional[Bools2d]): The tags that each token may have, if not all.
    docs (Array): The numbers of the documents.
    RETURNS (Tuple[ChainScores, Optional[Bools2d], Array]): Their scores, their allowed tags, and
        their rows among all rows.
    """
    lengths = scores.lengths[docs]
    shift = scores.offsets[docs] - (numpy.cumsum(lengths) - lengths)
    rows = numpy.arange(lengths.sum()) + numpy.repeat(shift, lengths)
    emissions: Any = scores.emissions
    some = replace(scores, emissions=emissions[rows], lengths=lengths)
    return some, None if allowed is None else allowed[rows], rows


class Steps:
    """The rows of a batch in the order of time: row by row the first tokens of all documents, the
    longest document first, then their second tokens, and so on. At each step those that go on are
    the first of the step before. The layout is that of torch's PackedSequence.

    lengths (Array): The number of tokens of each document, `(n_docs,)`.

    begins (List[int]): Where each step begins, and where the last ends.
    ahead (Array): The token of each row where documents are read from their start, `(n_tokens,)`.
    back (Array): The same where they are read from their end.
    row_ahead (Array): The row of each token, from the start.
    row_back (Array): The row of each token, from the end.
    first (Array): The first token of each document that has one.
    last (Array): The last token of each document that has one.
    doc (Array): The document of each token.
    """

    def __init__(self, lengths: Array) -> None:
        lengths = numpy.asarray(lengths, dtype="int64")
        n_docs, n_tokens = len(lengths), int(lengths.sum())
        rank = numpy.empty(n_docs, dtype="int64")
        rank[numpy.argsort(-lengths, kind="stable")] = numpy.arange(n_docs)
        self.doc = numpy.repeat(numpy.arange(n_docs), lengths)
        offsets = numpy.cumsum(lengths) - lengths
        tokens = numpy.arange(n_tokens)
        step = tokens - offsets[self.doc]
        begins = numpy.zeros(int(lengths.max(initial=0)) + 1, dtype="int64")
        numpy.cumsum(numpy.bincount(step, minlength=len(begins) - 1), out=begins[1:])
        self.row_ahead = begins[step] + rank[self.doc]
        self.row_back = begins[lengths[self.doc] - 1 - step] + rank[self.doc]
        self.ahead, self.back = numpy.empty_like(tokens), numpy.empty_like(tokens)
        self.ahead[self.row_ahead] = tokens
        self.back[self.row_back] = tokens
        self.begins = begins.tolist()
        self.first = offsets[lengths > 0]
        self.last = self.first + lengths[lengths > 0] - 1

    def __len__(self) -> int:
        return len(self.begins) - 1


@lru_cache(maxsize=1)
def _steps(lengths: bytes) -> Steps:
    return Steps(numpy.frombuffer(lengths, dtype="int64"))


def steps_of(lengths: Array) -> Steps:
    """lengths (Array): The number of tokens of each document.
    RETURNS (Steps): Their steps. Those of the last batch are kept, for its next pass.
    """
    return _steps(numpy.asarray(lengths, dtype="int64").tobytes())
