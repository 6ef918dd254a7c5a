"""Entities as one tag a token: BILUO (Ratinov & Roth 2009) and BIO (Ramshaw & Marcus 1995)."""

from functools import lru_cache
from typing import Dict, Iterable, List, NamedTuple, Sequence, Tuple

import numpy

from ..errors import Errors
from ..types import Array

#: The prefixes of a label's tags, in the order of its tags.
PREFIXES = {"BILUO": "BILU", "BIO": "BI"}
OUTSIDE = 0

Span = Tuple[int, int, str]


class Legal(NamedTuple):
    """What may follow what.

    transitions (Array): Whether the second tag may follow the first, `(n_tags, n_tags)`.
    starts (Array): Whether a document may start with the tag, `(n_tags,)`.
    ends (Array): Whether it may end with it, `(n_tags,)`.
    """

    transitions: Array
    starts: Array
    ends: Array


class TagScheme:
    """The tags of some labels. It is immutable: with one label more it is another, of which the
    tags of this one are the first.

    labels (Sequence[str]): The labels.
    scheme (str): "BILUO", or "BIO", in which every entity starts with a B.
    RAISES (ValueError): If the scheme is unknown, or a label empty or there twice.
    """

    __slots__ = ("_first", "labels", "scheme", "tags")

    labels: Tuple[str, ...]
    scheme: str
    tags: Tuple[str, ...]

    def __init__(self, labels: Sequence[str], scheme: str = "BILUO") -> None:
        check_scheme(scheme)
        wrong = [label for i, label in enumerate(labels) if not label or label in labels[:i]]
        if isinstance(labels, str) or wrong:
            raise ValueError(Errors.L602.format(labels=labels))
        prefixes = PREFIXES[scheme]
        tags = [f"{prefix}-{label}" for label in labels for prefix in prefixes]
        first = {label: 1 + i * len(prefixes) for i, label in enumerate(labels)}
        for name, value in (
            ("labels", tuple(labels)),
            ("scheme", scheme),
            ("tags", ("O", *tags)),
            ("_first", first),
        ):
            object.__setattr__(self, name, value)

    _first: Dict[str, int]

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(Errors.L603.format(name=name))

    def __reduce__(self) -> Tuple[type, Tuple[Tuple[str, ...], str]]:
        return TagScheme, (self.labels, self.scheme)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TagScheme) and self.__reduce__() == other.__reduce__()

    def __hash__(self) -> int:
        return hash((self.labels, self.scheme))

    def __repr__(self) -> str:
        return f"TagScheme({list(self.labels)!r}, {self.scheme!r})"

    def __len__(self) -> int:
        return len(self.tags)

    @property
    def n_tags(self) -> int:
        """RETURNS (int): The number of tags, with O."""
        return len(self.tags)

    @property
    def transitions(self) -> Array:
        """RETURNS (Array): Whether the second tag may follow the first, `(n_tags, n_tags)`."""
        return legal(self.scheme, self.n_tags).transitions

    @property
    def starts(self) -> Array:
        """RETURNS (Array): Whether a document may start with the tag, `(n_tags,)`."""
        return legal(self.scheme, self.n_tags).starts

    @property
    def ends(self) -> Array:
        """RETURNS (Array): Whether a document may end with the tag, `(n_tags,)`."""
        return legal(self.scheme, self.n_tags).ends

    def tag(self, prefix: str, label: str) -> int:
        """prefix (str): One of the letters of the scheme; "O" takes no label (the empty one).
        label (str): The label.
        RETURNS (int): The tag's number.
        RAISES (ValueError): If there is no such tag.
        """
        if prefix == "O" and not label:
            return OUTSIDE
        prefixes = PREFIXES[self.scheme]
        if len(prefix) != 1 or prefix not in prefixes or label not in self._first:
            options = ", ".join(self.tags[:9]) + (", …" if len(self) > 9 else "")
            raise ValueError(Errors.L604.format(tag=f"{prefix}-{label}", options=options))
        return self._first[label] + prefixes.index(prefix)

    def encode(self, n_tokens: int, spans: Iterable[Span]) -> Array:
        """Write entities as tags.

        n_tokens (int): The length of the document.
        spans (Iterable[Tuple[int, int, str]]): First token, the token after the last, and label of
            each entity. They may not overlap.
        RETURNS (Array): A tag for each token, O outside of the entities, `(n_tokens,)`.
        RAISES (ValueError): If a span is empty, out of the document, or overlaps another, or its
            label is unknown.
        """
        tags = numpy.zeros(n_tokens, dtype="int32")
        for start, end, label in spans:
            if not 0 <= start < end <= n_tokens or tags[start:end].any():
                raise ValueError(
                    Errors.L605.format(start=start, end=end, label=label, n_tokens=n_tokens)
                )
            tags[start:end] = self.span_tags(end - start, label)
        return tags

    def span_tags(self, length: int, label: str) -> Array:
        """length (int): The number of tokens of an entity, at least 1.
        label (str): Its label.
        RETURNS (Array): Its tags, `(length,)`.
        """
        return span_tags(self.scheme, length, self.tag("B", label))

    def decode(self, tags: Array) -> List[Span]:
        """Read the entities of a document from its tags.

        tags (Array): A tag for each token, `(n_tokens,)`.
        RETURNS (List[Tuple[int, int, str]]): First token, the token after the last, and label of
            each entity, in order.
        RAISES (ValueError): If the scheme doesn't allow these tags in a row.
        """
        path = numpy.asarray(tags)
        if not self._is_legal(path):
            names = " ".join(
                self.tags[t] if 0 <= t < len(self) else str(t) for t in path[:50].tolist()
            )
            raise ValueError(Errors.L606.format(scheme=self.scheme, tags=names))
        n_prefixes = len(PREFIXES[self.scheme])
        label, prefix = numpy.divmod(path - 1, n_prefixes)
        inside = path != OUTSIDE
        # The scheme is legal here, so B and U start an entity, and one ends where none goes on.
        starts = numpy.flatnonzero(inside & ((prefix == 0) | (prefix == 3)))
        goes_on = numpy.zeros(len(path) + 1, dtype=bool)
        goes_on[:-1] = inside & ((prefix == 1) | (prefix == 2))
        ends = numpy.flatnonzero(inside & ~goes_on[1:]) + 1
        kinds = label[starts].tolist()
        return [
            (start, end, self.labels[kind])
            for start, end, kind in zip(starts.tolist(), ends.tolist(), kinds, strict=True)
        ]

    def _is_legal(self, path: Array) -> bool:
        if not len(path):
            return True
        if path.min() < 0 or path.max() >= self.n_tags:
            return False
        rules = legal(self.scheme, self.n_tags)
        within = rules.transitions[path[:-1], path[1:]].all()
        return bool(within and rules.starts[path[0]] and rules.ends[path[-1]])


def check_scheme(scheme: str) -> None:
    """scheme (str): The name of a scheme.
    RAISES (ValueError): If there is none of this name.
    """
    if scheme not in PREFIXES:
        raise ValueError(Errors.L601.format(scheme=scheme, options=", ".join(PREFIXES)))


def count_tags(scheme: str, n_labels: int) -> int:
    """scheme (str): The name of the scheme.
    n_labels (int): A number of labels.
    RETURNS (int): The number of their tags, with O.
    """
    return 1 + n_labels * len(PREFIXES[scheme])


def is_width(scheme: str, n_tags: int) -> bool:
    """scheme (str): The name of the scheme.
    n_tags (int): A number of tags.
    RETURNS (bool): Whether it is the number of tags of some labels, or of none.
    """
    return n_tags >= 1 and (n_tags - 1) % len(PREFIXES[scheme]) == 0


def span_tags(scheme: str, length: int, begin: int) -> Array:
    """scheme (str): The name of the scheme.
    length (int): The number of tokens of an entity, at least 1.
    begin (int): The B of its label.
    RETURNS (Array): The tags of the entity, `(length,)`.
    """
    tags = numpy.full(length, begin + 1, dtype="int32")
    tags[0] = begin
    if scheme == "BILUO":
        tags[-1] = begin + 2
        if length == 1:
            tags[0] = begin + 3
    return tags


@lru_cache(maxsize=64)
def legal(scheme: str, n_tags: int) -> Legal:
    """scheme (str): The name of the scheme.
    n_tags (int): The number of tags: see `is_width`.
    RETURNS (Legal): What may follow what. The arrays are shared, and can't be written to.
    """
    n_prefixes = len(PREFIXES[scheme])
    label, prefix = numpy.divmod(numpy.arange(n_tags) - 1, n_prefixes)
    names = numpy.array(list("O" + PREFIXES[scheme]))[numpy.where(label < 0, 0, prefix + 1)]
    starts = numpy.isin(names, ["O", "B", "U"])
    # In BILUO an entity that has begun must get to its L; in BIO it may end anywhere.
    ends = numpy.isin(names, ["O", "L", "U"]) if scheme == "BILUO" else names != ""
    inside = numpy.isin(names, ["B", "I"])[:, None] & numpy.isin(names, ["I", "L"])
    transitions = (ends[:, None] & starts) | (inside & (label[:, None] == label))
    for array in (transitions, starts, ends):
        array.flags.writeable = False
    return Legal(transitions, starts, ends)
