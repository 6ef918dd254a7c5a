"""What the annotations say about entities: what is known of each token, and what isn't there."""

from collections import Counter
from typing import Container, Iterable, List, NamedTuple, Optional, Sequence, Tuple

import numpy
from spacy.attrs import ORTH
from spacy.errors import Errors as SpacyErrors
from spacy.tokens import Doc
from spacy.training import Example

from ..errors import Errors
from ..errors.checks import check_integer
from ..layers.tag_scheme import TagScheme
from ..types import Array
from .ner_tokens import Entity, Tokens, crosses, fix_tags, legal_tags, read_tokens


class Gold(NamedTuple):
    """The truth of a text, on the tokens of `example.predicted`. What is neither in an entity nor
    outside is unknown.

    entities (List[Entity]): The entities.
    outside (Array): True where it is known that there is no entity, `(n_tokens,)`.
    wrong (List[Entity]): What is known not to be an entity of that label.
    n_misaligned (int): The number of entities that begin or end within a token. Their tokens are
        unknown.
    """

    entities: List[Entity]
    outside: Array
    wrong: List[Entity]
    n_misaligned: int

    @property
    def is_empty(self) -> bool:
        """RETURNS (bool): Whether nothing at all is known."""
        return not (self.entities or self.wrong or self.outside.any())


def read_gold(example: Example, *, incorrect_spans_key: Optional[str] = None) -> Gold:
    """Read the entities of an example.

    Tokens whose annotation is missing ("-") are unknown. An entity ends where `doc.ents` says,
    even if the token after it is unknown. Whitespace at the edges of an entity doesn't belong to
    it. Where the tokens of the prediction and the reference differ, an entity that begins or ends
    within a token is left out, and its tokens are unknown.

    example (Example): The example.
    incorrect_spans_key (Optional[str]): The key in `example.reference.spans` of what isn't an
        entity.
    RETURNS (Gold): What is known.
    RAISES (ValueError): If the same span is an entity, and said to be none.
    """
    doc, reference = example.predicted, example.reference
    if _has_same_tokens(doc, reference):
        spans = [(ent.start, ent.end, ent.label_) for ent in reference.ents]
        outside = read_tokens([reference]).iob == 2
        n_misaligned = 0
    else:
        aligned = example.get_aligned_spans_y2x(reference.ents, allow_overlap=False)
        spans = [(ent.start, ent.end, ent.label_) for ent in aligned]
        iob = example.get_aligned("ENT_IOB")
        outside = numpy.array([value == 2 for value in iob], dtype=bool)
        n_misaligned = len(reference.ents) - len(spans)
    entities = []
    is_space = read_tokens([doc]).is_space
    for start, end, label in spans:
        filled = start + numpy.flatnonzero(~is_space[start:end])
        outside[start:end] = True
        if len(filled):
            first, last = int(filled[0]), int(filled[-1])
            outside[first : last + 1] = False
            entities.append((first, last + 1, label))
    wrong = _read_wrong(example, incorrect_spans_key) if incorrect_spans_key else []
    for start, end, label in set(entities) & set(wrong):
        span = (doc[start].idx, doc[end - 1].idx + len(doc[end - 1]), label)
        raise ValueError(SpacyErrors.E868.format(span=span))
    return Gold(entities, outside, wrong, n_misaligned)


def _has_same_tokens(doc: Doc, reference: Doc) -> bool:
    if len(doc) != len(reference):
        return False
    return doc is reference or bool((doc.to_array(ORTH) == reference.to_array(ORTH)).all())


def _read_wrong(example: Example, key: str) -> List[Entity]:
    if key not in example.reference.spans:
        return []
    spans = example.get_aligned_spans_y2x(example.reference.spans[key], allow_overlap=True)
    return [(span.start, span.end, span.label_) for span in spans]


def cut_gold(gold: Gold, lengths: Sequence[int]) -> Gold:
    """Forget what crosses the border of two pieces of a text that the model sees apart: the tokens
    of such an entity become unknown.

    gold (Gold): The truth of a text.
    lengths (Sequence[int]): How many tokens each piece has.
    RETURNS (Gold): The truth of the pieces.
    """
    borders = numpy.cumsum(lengths)
    entities = [entity for entity in gold.entities if not crosses(borders, entity)]
    wrong = [entity for entity in gold.wrong if not crosses(borders, entity)]
    n_lost = len(gold.entities) - len(entities)
    return Gold(entities, gold.outside, wrong, gold.n_misaligned + n_lost)


def choose_labels(
    examples: Iterable[Example],
    labels: Optional[Iterable[str]],
    *,
    known: Iterable[str],
    least: int,
) -> Tuple[List[str], List[str]]:
    """Choose the labels to learn by how many entities have them.

    examples (Iterable[Example]): The sample.
    labels (Optional[Iterable[str]]): The labels, or None for those with enough entities.
    known (Iterable[str]): The labels that the component has already.
    least (int): How many entities are enough.
    RETURNS (Tuple[List[str], List[str]]): The labels, and those that are too rare, sorted.
    RAISES (ValueError): If `least` is less than 1.
    """
    check_integer("min_label_count", least)
    counts = Counter(ent.label_ for eg in examples for ent in eg.reference.ents)
    enough = sorted(label for label, n in counts.items() if n >= least)
    labels = enough if labels is None else list(labels)
    return labels, sorted(set(counts) - {*labels, *known, *enough})


def forget_labels(gold: Gold, labels: Container[str]) -> Gold:
    """Forget the entities of labels that are not learnt: what is there is unknown.

    gold (Gold): The truth of a text.
    labels (Container[str]): The labels.
    RETURNS (Gold): The truth without them.
    """
    entities = [entity for entity in gold.entities if entity[2] not in labels]
    return gold._replace(entities=entities)


def gold_tags(
    name: str, docs: Sequence[Doc], golds: Sequence[Gold], tokens: Tokens, scheme: TagScheme
) -> Array:
    """Find the tags that agree with the truth of a batch.

    name (str): The name of the component, for messages.
    docs (Sequence[Doc]): The documents.
    golds (Sequence[Gold]): Their truths.
    tokens (Tokens): Their tokens.
    scheme (TagScheme): The tags.
    RETURNS (Array): True where a tag agrees, `(n_tokens, n_tags)`: one tag where it is known, and
        all that the tokens allow where it isn't.
    RAISES (ValueError): If an entity has a label that the scheme doesn't have.
    """
    labels = set(scheme.labels)
    entities = []
    for doc, gold, offset in zip(docs, golds, tokens.offsets.tolist(), strict=False):
        for start, end, label in gold.entities:
            if label not in labels:
                message = Errors.L623.format(
                    name=name,
                    label=label,
                    text=doc[start:end].text,
                    labels=", ".join(scheme.labels) or "none",
                )
                raise ValueError(message)
            entities.append((offset + start, offset + end, label))
    empty = numpy.zeros(0, dtype=bool)
    outside = numpy.concatenate([empty, *(gold.outside for gold in golds)])
    return fix_tags(legal_tags(tokens, scheme), scheme, tokens.n_tokens, entities, outside)
