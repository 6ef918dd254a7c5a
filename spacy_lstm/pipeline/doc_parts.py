"""Documents of the parts of a document, in time that grows with its length. `Span.as_doc` reads the
whole document for each part."""

from typing import Any, List, Sequence, Tuple

import numpy
from spacy.attrs import (
    DEP,
    ENT_ID,
    ENT_IOB,
    ENT_KB_ID,
    ENT_TYPE,
    LEMMA,
    MORPH,
    NORM,
    POS,
    SENT_START,
    SPACY,
    TAG,
)
from spacy.tokens import Doc

from ..types import Array

#: What is known of an entity's tokens.
_ENTITY = (ENT_IOB, ENT_TYPE, ENT_KB_ID, ENT_ID)
#: What is copied for each token, beside its word. Heads aren't: they lead out of a part.
_COPIED = (*_ENTITY, NORM, TAG, POS, MORPH, LEMMA, DEP, SENT_START)
#: The value of `ENT_IOB` inside of an entity.
_INSIDE = 1


def split_doc(doc: Doc, bounds: Sequence[Tuple[int, int]]) -> List[Doc]:
    """Copy parts of a document, with all that is known of their tokens but for heads, with their
    rows of `doc.tensor`, and with the hooks of the document. An entity that a bound cuts is unknown
    in each part.

    doc (Doc): The document. Not changed.
    bounds (Sequence[Tuple[int, int]]): The first token of each part, and the one after its last.
    RETURNS (List[Doc]): A document for each.
    """
    known: Any = doc.to_array(list(_COPIED))
    _forget_cut_entities(known, bounds)
    used = numpy.flatnonzero(known.any(axis=0))
    attributes = [_COPIED[i] for i in used]
    known = known[:, used]
    words = [token.text for token in doc]
    spaces = doc.to_array(SPACY).astype(bool).tolist()
    parts = []
    for start, end in bounds:
        part = Doc(doc.vocab, words=words[start:end], spaces=spaces[start:end])
        if attributes:
            part.from_array(attributes, known[start:end])
        part.tensor = doc.tensor[start:end]
        part.user_hooks = doc.user_hooks
        part.user_span_hooks = doc.user_span_hooks
        part.user_token_hooks = doc.user_token_hooks
        parts.append(part)
    return parts


def _forget_cut_entities(known: Array, bounds: Sequence[Tuple[int, int]]) -> None:
    is_inside = known[:, _COPIED.index(ENT_IOB)] == _INSIDE
    places = numpy.array(bounds, dtype="int64").ravel()
    places = places[places < len(known)]
    # A token that isn't inside of an entity begins a group, and those inside belong to it.
    groups = numpy.cumsum(~is_inside)
    known[numpy.isin(groups, groups[places[is_inside[places]]]), : len(_ENTITY)] = 0
