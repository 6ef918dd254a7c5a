"""A linear model of the n-grams of the training texts, each with a weight of its own."""

import warnings
from itertools import islice
from typing import Any, Callable, Iterable, List, Optional, Tuple

import numpy
from spacy.attrs import intify_attr
from spacy.tokens import Doc
from thinc.api import Model
from thinc.types import Floats2d

from ..errors import Errors, Warnings
from ..layers.bag import BagLinear, Bags
from ..types import Array, DocScorer
from .ngrams import ngram_keys

#: How many documents are counted at a time.
CHUNK = 1000


def NgramLinear(
    nO: Optional[int] = None,
    *,
    ngram_size: int = 2,
    attr: str = "LOWER",
    min_count: int = 1,
    max_ngrams: int = 500000,
) -> DocScorer:
    """Score texts by the words and n-grams that are in them: logistic regression, in training. An
    n-gram counts once, however often it is in a text, as in Wang & Manning (2012).

    Unlike in `spacy.TextCatBOW.v3`, nothing is hashed into a table of fixed size, where n-grams
    share weights: those of the training texts are counted before initialization (`learn_ngrams`,
    which `lstm_textcat` and `lstm_textcat_multilabel` call), and have a weight each. Others are not
    looked at.

    nO (Optional[int]): The number of labels. Inferred from the labels where it is left out.
    ngram_size (int): The size of the largest n-grams: 1 takes words, 2 pairs of neighbours too.
    attr (str): What of a word is looked at, for instance "LOWER", "NORM" or "LEMMA".
    min_count (int): In how many training texts an n-gram must be, at least.
    max_ngrams (int): How many n-grams there may be. Those in the fewest texts are left out.
    RETURNS (Model[List[Doc], Floats2d]): From documents to raw scores, `(n_docs, n_labels)`. Its
        ref `output_layer` has the weights `W`, `(n_labels, n_ngrams)`, and the biases `b`,
        `(n_labels,)`; its attr `keys`, `(n_ngrams,)`, says which n-gram each weight is of.
    RAISES (ValueError): If a setting is out of its range, or tokens have no such attribute.
    """
    sizes = {"ngram_size": ngram_size, "min_count": min_count, "max_ngrams": max_ngrams}
    for name, value in sizes.items():
        if value < 1:
            raise ValueError(Errors.L002.format(name=name, least=1, value=value))
    if intify_attr(attr) is None:
        raise ValueError(Errors.L107.format(attr=attr))
    output = BagLinear(nO)
    return Model(
        "ngram_linear",
        forward,
        init=init,
        dims={"nO": nO},
        layers=[output],
        refs={"output_layer": output},
        attrs={**sizes, "attr": attr, "keys": numpy.zeros(0, dtype="uint64"), "n_texts": 0},
    )


def forward(
    model: DocScorer, docs: List[Doc], is_train: bool
) -> Tuple[Floats2d, Callable[[Floats2d], List[Doc]]]:
    scores, bp_scores = model.layers[0](known_ngrams(model, docs), is_train)

    def backprop(d_scores: Floats2d) -> List[Doc]:
        bp_scores(d_scores)
        return []

    return scores, backprop


def init(model: DocScorer, X: Optional[List[Doc]] = None, Y: Optional[Floats2d] = None) -> None:
    if X and not model.attrs["n_texts"]:
        learn_ngrams(model, X)
        warnings.warn(Warnings.LW03.format(n_texts=len(X)), stacklevel=2)
    output = model.layers[0]
    output.set_dim("nI", len(model.attrs["keys"]), force=True)
    output.initialize(Y=Y)
    if model.has_dim("nO") is None and output.has_dim("nO"):
        model.set_dim("nO", output.get_dim("nO"))


def learn_ngrams(model: Model, docs: Iterable[Doc]) -> None:
    """Count the n-grams of the training texts, for every `NgramLinear` in a model. Its weights must
    be initialized anew after it.

    model (Model): The model. Changed in place.
    docs (Iterable[Doc]): All training texts. They are read once, some at a time.
    """
    linear_models = [node for node in model.walk() if node._func is forward]
    if not linear_models:
        return
    counted = [(numpy.zeros(0, dtype="uint64"), numpy.zeros(0, dtype="int64"))] * len(linear_models)
    n_texts = 0
    stream = iter(docs)
    while chunk := list(islice(stream, CHUNK)):
        n_texts += len(chunk)
        for i, node in enumerate(linear_models):
            keys, _ = _distinct_ngrams(node, chunk)
            counted[i] = _add_up(*counted[i], keys)
    for node, (keys, counts) in zip(linear_models, counted, strict=True):
        kept = counts >= node.attrs["min_count"]
        keys, counts = keys[kept], counts[kept]
        # Of equally rare ones, those with the smaller hashes stay: no order of the texts matters.
        order = numpy.argsort(-counts, kind="stable")[: node.attrs["max_ngrams"]]
        node.attrs["keys"] = numpy.sort(keys[order])
        node.attrs["n_texts"] = n_texts


def _add_up(keys: Array, counts: Array, more: Array) -> Tuple[Array, Array]:
    more, n_more = numpy.unique(more, return_counts=True)
    merged, places = numpy.unique(numpy.concatenate([keys, more]), return_inverse=True)
    weights = numpy.concatenate([counts, n_more])
    return merged, numpy.bincount(places, weights=weights).astype("int64")


def known_ngrams(model: DocScorer, docs: List[Doc]) -> Bags:
    """model (Model[List[Doc], Floats2d]): An `NgramLinear`.
    docs (List[Doc]): Documents.
    RETURNS (Bags): The n-grams of each document that have a weight, each once.
    """
    keys, owners = _distinct_ngrams(model, docs)
    return look_up(model, keys, numpy.bincount(owners, minlength=len(docs)))


def look_up(model: DocScorer, keys: Array, lengths: Array) -> Bags:
    """model (Model[List[Doc], Floats2d]): An `NgramLinear`.
    keys (Array): The n-grams of all documents, one document after the other, `(n_ngrams,)`.
    lengths (Array): How many there are in each document, `(n_docs,)`.
    RETURNS (Bags): The numbers of those that have a weight, and how many there are in each.
    """
    known = model.attrs["keys"]
    if not len(known) or not len(keys):
        return numpy.zeros(0, dtype="int64"), numpy.zeros(len(lengths), dtype="int32")
    places = numpy.searchsorted(known, keys)
    places[places == len(known)] = 0
    found = known[places] == keys
    owners = numpy.repeat(numpy.arange(len(lengths)), lengths)
    n_found = numpy.bincount(owners[found], minlength=len(lengths))
    return places[found], n_found.astype("int32")


def _distinct_ngrams(model: DocScorer, docs: List[Doc]) -> Tuple[Array, Array]:
    """The different n-grams of each document, and the number of the document that each is in."""
    words: List[Any] = [doc.to_array([model.attrs["attr"]]) for doc in docs]
    keys, lengths = ngram_keys(words, model.attrs["ngram_size"])
    owners = numpy.repeat(numpy.arange(len(docs)), lengths)
    order = numpy.lexsort((keys, owners))
    keys, owners = keys[order], owners[order]
    first = numpy.ones(len(keys), dtype=bool)
    first[1:] = (keys[1:] != keys[:-1]) | (owners[1:] != owners[:-1])
    return keys[first], owners[first]
