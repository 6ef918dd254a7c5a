"""Hashes of the beginnings and ends of words, for linear models."""

from typing import List, Sequence, Tuple

import numpy
from spacy.tokens import Doc

from ..layers.distinct import find_distinct, mix
from ..types import Array
from .chars import read_chars


def affix_hashes(chars: Array, n_chars: Array, longest: int) -> Tuple[Array, Array]:
    """chars (Array): The characters of words, one word after the other, as `read_chars` gives them.
    n_chars (Array): How many there are of each word, the marks at its edges included, `(n_words,)`.
    longest (int): The size of the largest affixes.
    RETURNS (Tuple[Array, Array]): The hashes of the beginnings and of the ends of 1, 2, … `longest`
        characters of each word, `(n_words, longest)`: 0 where a word is shorter than that.
    """
    ends = n_chars.cumsum() - 1  # a mark is before and after each word
    starts = ends - n_chars + 1
    found = numpy.zeros((2, len(n_chars), longest), dtype="uint64")
    for side, first, step in ((0, starts + 1, 1), (1, ends - 1, -1)):
        hashes = numpy.zeros(len(n_chars), dtype="uint64")
        for n in range(longest):
            # A short word has the mark here, whose hash isn't used.
            points = chars[numpy.clip(first + step * n, 0, len(chars) - 1), 0]
            hashes = mix_twice(hashes ^ points)
            found[side, :, n] = numpy.where(n_chars - 2 > n, hashes, numpy.uint64(0))
    return found[0], found[1]


def mix_twice(keys: Array) -> Array:
    """keys (Array): Unsigned 64-bit integers.
    RETURNS (Array): Other numbers for other keys, mixed twice, since the rows of a table are the
        lower bits only.
    """
    return mix(mix(keys))


def prefix_keys(
    docs: List[Doc], words: Sequence[Array], lengths: Sequence[int]
) -> Tuple[Array, Array]:
    """The beginnings of the words of texts.

    docs (List[Doc]): The texts.
    words (Sequence[Array]): What is looked at of their words, `(n_tokens,)` for each text: hashes
        of strings.
    lengths (Sequence[int]): How long the beginnings are, in characters. A word has those of which
        it has as many characters, itself among them.
    RETURNS (Tuple[Array, Array]): The keys of the beginnings, and of which token of all texts each
        is, `(n_prefixes,)`.
    """
    chosen = prefix_table(docs, words, lengths)
    tokens, columns = chosen.nonzero()
    return chosen[tokens, columns], tokens


def prefix_table(docs: List[Doc], words: Sequence[Array], lengths: Sequence[int]) -> Array:
    """docs (List[Doc]): As for `prefix_keys`.
    words (Sequence[Array]): The same.
    lengths (Sequence[int]): The same.
    RETURNS (Array): The keys of the beginnings of each length, `(n_tokens, n_lengths)`: 0 where a
        word is shorter than that.
    """
    flat = numpy.concatenate([numpy.zeros(0, dtype="uint64"), *words]).astype("uint64")
    table = numpy.zeros((len(flat), len(lengths)), dtype="uint64")
    if not table.size:
        return table
    distinct = find_distinct(flat.reshape(-1, 1))
    owners = numpy.searchsorted(
        numpy.cumsum([len(array) for array in words]), distinct.first, "right"
    )
    strings = [
        docs[owner].vocab.strings[word]
        for owner, word in zip(owners.tolist(), flat[distinct.first].tolist(), strict=True)
    ]
    longest = min(max(lengths), max(map(len, strings)))
    hashes, _ = affix_hashes(*read_chars(strings), longest)
    for column, length in enumerate(lengths):
        if length <= longest:
            table[:, column] = hashes[distinct.kinds, length - 1]
    return table
