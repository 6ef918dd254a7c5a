"""What the tokens of a batch allow: which of the CRF's tags each may have."""

from typing import List, NamedTuple, Optional, Sequence, Tuple

import numpy
from spacy.attrs import ENT_IOB, ENT_TYPE, IS_SPACE, SENT_START
from spacy.tokens import Doc

from ..layers.tag_scheme import TagScheme
from ..types import Array

#: An entity of a document: its first token, the one after its last, and its label.
Entity = Tuple[int, int, str]

COLUMNS = [ENT_IOB, ENT_TYPE, SENT_START, IS_SPACE]


class Tokens(NamedTuple):
    """What is known of the tokens of a batch, all documents one after the other.

    offsets (Array): Where each document begins, and where the last one ends, `(n_docs + 1,)`.
    is_space (Array): Whether a token is whitespace, `(n_tokens,)`.
    is_start (Array): Whether a sentence is known to begin there, and not the document itself,
        `(n_tokens,)`.
    iob (Array): 0 where nothing is set, 1 inside an entity, 2 outside, 3 where one begins, or is
        forbidden, `(n_tokens,)`.
    ent_type (Array): The entity's label as a number, 0 where there is none, `(n_tokens,)`.
    """

    offsets: Array
    is_space: Array
    is_start: Array
    iob: Array
    ent_type: Array

    @property
    def n_tokens(self) -> int:
        """RETURNS (int): How many tokens all documents have."""
        return int(self.offsets[-1])


def read_tokens(docs: Sequence[Doc]) -> Tokens:
    """Read what is known of tokens.

    docs (Sequence[Doc]): The documents.
    RETURNS (Tokens): Arrays for all of them.
    """
    offsets = numpy.zeros(len(docs) + 1, dtype="int64")
    numpy.cumsum([len(doc) for doc in docs], out=offsets[1:])
    rows = [doc.to_array(COLUMNS) for doc in docs if len(doc)]
    empty = numpy.zeros((0, len(COLUMNS)), dtype="uint64")
    columns = numpy.concatenate(rows) if rows else empty
    is_start = columns[:, 2] == 1
    is_start[offsets[:-1][numpy.diff(offsets) > 0]] = False
    return Tokens(
        offsets=offsets,
        is_space=columns[:, 3] == 1,
        is_start=is_start,
        iob=columns[:, 0].astype("int64"),
        ent_type=columns[:, 1],
    )


def has_entities(tokens: Tokens) -> bool:
    """tokens (Tokens): The tokens of a batch.
    RETURNS (bool): Whether entities were set, or forbidden, before.
    """
    return bool(((tokens.iob == 1) | (tokens.iob == 3)).any())


def legal_tags(tokens: Tokens, scheme: TagScheme) -> Optional[Array]:
    """Find the tags that the tokens themselves allow, as spaCy's `ner` does: no entity begins on
    whitespace, or goes on over the beginning of a sentence. Here none ends on whitespace either;
    in the scheme BIO, where a tag doesn't tell whether an entity goes on, none contains any.

    tokens (Tokens): The tokens of a batch.
    scheme (TagScheme): The tags.
    RETURNS (Optional[Array]): True where a tag is allowed, `(n_tokens, n_tags)`, or None where all
        are.
    """
    if not (tokens.is_space.any() or tokens.is_start.any()):
        return None
    allowed = numpy.ones((tokens.n_tokens, scheme.n_tags), dtype=bool)
    at_edge = _with_prefix(scheme, "BLU" if scheme.scheme == "BILUO" else "BI")
    allowed[numpy.ix_(tokens.is_space, at_edge)] = False
    allowed[numpy.ix_(tokens.is_start, _with_prefix(scheme, "IL"))] = False
    return allowed


def fix_tags(
    allowed: Optional[Array],
    scheme: TagScheme,
    n_tokens: int,
    entities: Sequence[Entity],
    outside: Array,
) -> Array:
    """Allow what is known only, where something is known.

    allowed (Optional[Array]): True where a tag is allowed, `(n_tokens, n_tags)`, or None for all.
        Changed in place.
    scheme (TagScheme): The tags.
    n_tokens (int): How many tokens there are.
    entities (Sequence[Entity]): The entities that are known. Their labels are the scheme's.
    outside (Array): True where it is known that there is none, `(n_tokens,)`.
    RETURNS (Array): True where a tag is allowed, `(n_tokens, n_tags)`.
    """
    if allowed is None:
        allowed = numpy.ones((n_tokens, scheme.n_tags), dtype=bool)
    known = outside.copy()
    after = []
    for start, end, _ in entities:
        known[start:end] = True
        if end < n_tokens:
            after.append(end)
    if scheme.scheme == "BIO":  # only the next token tells that an entity has ended
        follows = numpy.zeros(n_tokens, dtype=bool)
        follows[after] = True
        allowed[numpy.ix_(follows, _with_prefix(scheme, "I"))] = False
    tags = scheme.encode(n_tokens, entities)
    allowed[known] = False
    allowed[known, tags[known]] = True
    return allowed


def crosses(borders: Array, entity: Entity) -> bool:
    """borders (Array): Where pieces of texts end, in order.
    entity (Entity): An entity, by the same count.
    RETURNS (bool): Whether it lies in more than one of them.
    """
    first, last = numpy.searchsorted(borders, [entity[0], entity[1] - 1], side="right")
    return bool(first != last)


def constraints(
    docs: Sequence[Doc], tokens: Tokens, scheme: TagScheme, borders: Array
) -> Tuple[Optional[Array], List[List[Entity]]]:
    """Find the tags that are allowed in prediction: `legal_tags`, and whatever entities were set
    before are kept, as spaCy's `ner` keeps them. Tokens of which it was said that they are in no
    entity are free, unless they are blocked (`doc.set_ents(blocked=...)`).

    docs (Sequence[Doc]): The documents.
    tokens (Tokens): Their tokens.
    scheme (TagScheme): The tags.
    borders (Array): Where the pieces end that the model sees apart, by the tokens of the batch.
    RETURNS (Tuple[Optional[Array], List[List[Entity]]]): True where a tag is allowed,
        `(n_tokens, n_tags)`, or None where all are; and the entities of each document that were
        set before.
    """
    allowed = legal_tags(tokens, scheme)
    if not has_entities(tokens):
        return allowed, [[] for _ in docs]
    given = [[(ent.start, ent.end, ent.label_) for ent in doc.ents] for doc in docs]
    labels = set(scheme.labels)
    known = [
        (int(offset) + start, int(offset) + end, label)
        for offset, ents in zip(tokens.offsets, given, strict=False)
        for start, end, label in ents
    ]
    # An entity of another component may have a label that the model doesn't know, or lie in several
    # pieces: no entity of ours may be there.
    closed = (tokens.iob == 1) | (tokens.iob == 3)
    ours = [entity for entity in known if entity[2] in labels and not crosses(borders, entity)]
    allowed = fix_tags(allowed, scheme, tokens.n_tokens, ours, closed)
    return allowed, given


def _with_prefix(scheme: TagScheme, prefixes: str) -> Array:
    return numpy.array([tag[0] in prefixes for tag in scheme.tags], dtype=bool)
