"""The n-grams of a batch at once, for linear models."""

from typing import Any, Callable, List, Sequence, Tuple

import numpy
from spacy.ml.extract_ngrams import forward as spacy_forward
from spacy.tokens import Doc
from spacy.util import replace_model_node
from thinc.api import Model, NumpyOps

from ..types import Array, DocScorer

# Keys, how often each counts, and the number of keys of each document: what `SparseLinear` reads.
KeysValuesLengths = Tuple[Array, Array, Array]
NgramExtractor = Model[List[Doc], Any]

OPS = NumpyOps()


def batch_ngrams(linear_model: DocScorer) -> DocScorer:
    """Let a linear model find the n-grams of all documents of a batch together: an n-gram that is
    twice in a text counts as two, where spaCy sorts them and counts each once with a weight of two.
    The scores are the same, up to rounding, and the saved model too.

    linear_model (Model[List[Doc], Floats2d]): A linear model such as `spacy.TextCatBOW.v3`, or any
        other: it is left as it is if it doesn't use spaCy's n-grams. Changed in place.
    RETURNS (Model[List[Doc], Floats2d]): The model.
    """
    for node in list(linear_model.walk()):
        if node._func is spacy_forward:
            ours: NgramExtractor = Model("extract_ngrams", forward, attrs=dict(node.attrs))
            replace_model_node(linear_model, node, ours)
    return linear_model


def forward(
    model: NgramExtractor, docs: List[Doc], is_train: bool
) -> Tuple[KeysValuesLengths, Callable[[Any], List[Doc]]]:
    attr: Any = [model.attrs["attr"]]
    words: List[Any] = [doc.to_array(attr) for doc in docs]
    keys, lengths = ngram_keys(words, model.attrs["ngram_size"])
    return (keys, numpy.ones(len(keys), dtype="float32"), lengths), _nothing


def _nothing(dY: Any) -> List[Doc]:
    return []


def ngram_keys(words: Sequence[Array], ngram_size: int) -> Tuple[Array, Array]:
    """The n-grams of each document: its words, then its pairs of words, and so on.

    words (Sequence[Array]): One array a document, `(n_tokens,)`, unsigned 64-bit integers.
    ngram_size (int): The size of the largest n-grams, at least 1.
    RETURNS (Tuple[Array, Array]): The keys of the n-grams, as thinc hashes them, those of each
        document together, and their number in each document, `(n_docs,)`.
    """
    n_words = numpy.array([len(array) for array in words], dtype="int64")
    flat = numpy.concatenate([numpy.zeros(0, dtype="uint64"), *words])
    starts = n_words.cumsum() - n_words
    largest = min(ngram_size, max(1, n_words.max(initial=0)))
    counts = [numpy.maximum(n_words - n + 1, 0) for n in range(1, largest + 1)]
    lengths = numpy.sum(counts, axis=0)
    keys = numpy.empty(lengths.sum(), dtype="uint64")
    targets = lengths.cumsum() - lengths
    for n, count in enumerate(counts, start=1):
        total = count.sum()
        if not total:
            break
        # Those that begin in one document and end in the next are left out.
        grams: Any = flat if n == 1 else OPS.ngrams(n, flat)
        steps = numpy.arange(total) - numpy.repeat(count.cumsum() - count, count)
        keys[numpy.repeat(targets, count) + steps] = grams[numpy.repeat(starts, count) + steps]
        targets = targets + count
    return keys, lengths.astype("int32")


def distinct_keys(keys: Array, owners: Array) -> Tuple[Array, Array]:
    """keys (Array): Keys, as often as they are there, `(n,)`.
    owners (Array): The number of the document that each is in, `(n,)`.
    RETURNS (Tuple[Array, Array]): The different keys of each document, sorted, and the number of
        the document that each is in.
    """
    order = numpy.lexsort((keys, owners))
    keys, owners = keys[order], owners[order]
    first = numpy.ones(len(keys), dtype=bool)
    first[1:] = (keys[1:] != keys[:-1]) | (owners[1:] != owners[:-1])
    return keys[first], owners[first]


def find_keys(known: Array, keys: Array) -> Tuple[Array, Array]:
    """known (Array): Keys, sorted, `(n_known,)`.
    keys (Array): Keys, `(n,)`.
    RETURNS (Tuple[Array, Array]): The place of each among the known ones, and whether it is there,
        `(n,)`.
    """
    places = numpy.searchsorted(known, keys)
    found = places < len(known)
    found[found] = known[places[found]] == keys[found]
    return places, found


def ending_ngrams(words: Sequence[Array], n: int) -> Array:
    """words (Sequence[Array]): As for `ngram_keys`.
    n (int): The size of the n-grams.
    RETURNS (Array): The keys of the n-grams that end at each token of all documents, as
        `ngram_keys` gives them, `(n_tokens,)`: 0 where its document begins after theirs.
    """
    flat = numpy.concatenate([numpy.zeros(0, dtype="uint64"), *words])
    if n == 1:
        return flat
    keys = numpy.zeros(len(flat), dtype="uint64")
    if len(flat) >= n:
        keys[n - 1 :] = OPS.ngrams(n, flat)
    n_words = numpy.array([len(array) for array in words], dtype="int64")
    places = numpy.arange(len(flat)) - numpy.repeat(n_words.cumsum() - n_words, n_words)
    keys[places < n - 1] = 0
    return keys
