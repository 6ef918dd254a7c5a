"""The pieces of texts that a model sees apart: whole documents, or their sentences."""

from typing import Any, List, NamedTuple, Sequence, cast

import numpy
from spacy.tokens import Doc
from thinc.types import Ints2d

from ..types import Array
from .doc_parts import split_doc
from .ner_tokens import Entity


class Cut(NamedTuple):
    """Documents in pieces.

    docs (List[Doc]): The pieces, in order.
    lengths (List[List[int]]): How many tokens each piece of each document has.
    """

    docs: List[Doc]
    lengths: List[List[int]]


def cut_at_sentences(docs: Sequence[Doc]) -> Cut:
    """Make a document of each sentence. Where sentences aren't known, a document is one piece.

    docs (Sequence[Doc]): The documents.
    RETURNS (Cut): Their sentences.
    """
    pieces: List[Doc] = []
    lengths = []
    for doc in docs:
        parts = [doc]
        # A document of one token, or none, has no room for two sentences.
        if len(doc) > 1 and doc.has_annotation("SENT_START"):
            parts = split_doc(doc, [(sentence.start, sentence.end) for sentence in doc.sents])
        pieces.extend(parts)
        lengths.append([len(part) for part in parts])
    return Cut(pieces, lengths)


class Pieces:
    """Where the tokens of pieces lie in the batch."""

    def __init__(self, lengths: Any, labels: Sequence[str]) -> None:
        """lengths (Array): How many tokens each piece has.
        labels (Sequence[str]): The labels.
        """
        lengths = numpy.asarray(lengths, dtype="int64")
        self.ends = numpy.cumsum(lengths)
        self.starts = self.ends - lengths
        self.labels = labels

    def locate(self, entities: Sequence[Entity]) -> Ints2d:
        """entities (Sequence[Entity]): Entities by the tokens of the batch.
        RETURNS (Ints2d): Of each the number of its piece, its start and end in there, and the index
            of its label, `(n_entities, 4)`.
        """
        index = {label: i for i, label in enumerate(self.labels)}
        rows = numpy.array(
            [(0, start, end, index[label]) for start, end, label in entities], dtype="int64"
        ).reshape(-1, 4)
        # The first piece that ends after the token: so one without tokens is never it.
        rows[:, 0] = numpy.searchsorted(self.ends, rows[:, 1], side="right")
        rows[:, 1:3] -= self.starts[rows[:, 0]][:, None]
        return cast(Ints2d, rows)

    def entities(self, spans: Array) -> List[Entity]:
        """spans (Array): What `locate` returns.
        RETURNS (List[Entity]): The entities by the tokens of the batch.
        """
        starts = self.starts[spans[:, 0]]
        columns = (starts + spans[:, 1], starts + spans[:, 2], spans[:, 3])
        rows = zip(*(column.tolist() for column in columns), strict=True)
        return [(start, end, self.labels[label]) for start, end, label in rows]
