"""A linear model of the words, beginnings of words and n-grams of the training texts, each with a
weight of its own."""

import warnings
from itertools import islice
from typing import Any, Callable, Iterable, List, Optional, Sequence, Tuple

import numpy
from spacy.tokens import Doc
from thinc.api import Model
from thinc.types import Floats2d

from ..errors import Errors, Warnings
from ..errors.checks import check_integer, check_positive
from ..layers.bag import BagLinear, Bags
from ..types import Array, DocScorer
from .affixes import prefix_keys
from .ngrams import distinct_keys, find_keys, ngram_keys

NAME = "spacy_lstm.NgramLinear.v1"
#: What is known of a word without any component, whose annotations aren't there when texts are
#: counted.
ATTRS = ("ORTH", "LOWER", "NORM", "SHAPE", "PREFIX", "SUFFIX")
#: How many documents are read at a time, and from how many n-grams on they are added up.
CHUNK, LARGE = 1000, 1_000_000
#: The share of a batch's n-grams that may be unknown in training: in continued training, some are.
UNKNOWN = 0.25


def NgramLinear(
    nO: Optional[int] = None,
    *,
    ngram_size: int = 2,
    attr: str = "LOWER",
    min_count: int = 1,
    max_ngrams: int = 500000,
    prefixes: Sequence[int] = (),
    learn_rate_scale: float = 1.0,
    optimizer_eps: Optional[float] = None,
) -> DocScorer:
    """Score texts by the words and n-grams that are in them: logistic regression, in training. An
    n-gram counts once, however often it is in a text, as in Wang & Manning (2012).

    With `prefixes`, the beginnings of words count too, so that what is known of "bore" and
    "boredom" tells of "boring", without a stemmer: of a few thousand texts, many words are in one.

    Unlike in `spacy.TextCatBOW.v3`, nothing is hashed into a table of fixed size, where n-grams
    share weights: those of the training texts are counted before initialization (`learn_ngrams`,
    which `lstm_textcat` and `lstm_textcat_multilabel` call), and have a weight each. Others are not
    looked at: where the training texts aren't at hand at initialization, as with spaCy's streamed
    corpora (`max_epochs = -1`), `spacy.TextCatBOW.v3` is better.

    In training there are about five numbers of four bytes for each label and n-gram: the weight,
    its gradient, two of Adam, and the average.

    nO (Optional[int]): The number of labels. Inferred from the labels where it is left out.
    ngram_size (int): The size of the largest n-grams: 1 takes words, 2 pairs of neighbours too.
    attr (str): What of a word is looked at: "ORTH", "LOWER", "NORM", "SHAPE", "PREFIX" or "SUFFIX".
    min_count (int): In how many training texts an n-gram must be, at least.
    max_ngrams (int): How many n-grams there may be. Those in the fewest texts are left out.
    prefixes (Sequence[int]): How long the beginnings of words are that are looked at, in
        characters: `[4, 6]` takes the first four and the first six, of words that have as many.
        Elsewhere here, "n-grams" are these too.
    learn_rate_scale (float): How many times as fast as the other layers of a component it learns.
    optimizer_eps (Optional[float]): The `eps` of the optimizer for it, if it isn't that of the
        other layers. With a large one, weights whose gradients are small change little, so that
        less is learnt by heart from n-grams that are rare.
    RETURNS (Model[List[Doc], Floats2d]): From documents to raw scores, `(n_docs, n_labels)`. Its
        ref `output_layer` has the weights `W`, `(n_labels, n_ngrams)`, and the biases `b`,
        `(n_labels,)`; its attr `keys`, `(n_ngrams,)`, says which n-gram each weight is of.
    RAISES (ValueError): If a setting is out of its range, or the attribute none of these.
    """
    sizes = {"ngram_size": ngram_size, "min_count": min_count, "max_ngrams": max_ngrams}
    for name, value in {**sizes, **({} if nO is None else {"nO": nO})}.items():
        check_integer(name, value)
    if attr not in ATTRS:
        raise ValueError(Errors.L107.format(layer=NAME, attr=attr, options=", ".join(ATTRS)))
    for length in prefixes:
        check_integer("prefixes", length)
    check_positive("learn_rate_scale", learn_rate_scale)
    if optimizer_eps is not None:
        check_positive("optimizer_eps", optimizer_eps)
    output = BagLinear(nO, learn_rate_scale=learn_rate_scale, optimizer_eps=optimizer_eps)
    return Model(
        "ngram_linear",
        forward,
        init=init,
        dims={"nO": nO},
        layers=[output],
        refs={"output_layer": output},
        attrs={
            **sizes,
            "attr": attr,
            "prefixes": sorted(set(prefixes)),
            "keys": numpy.zeros(0, dtype="uint64"),
            "n_texts": 0,
        },
    )


def forward(
    model: DocScorer, docs: List[Doc], is_train: bool
) -> Tuple[Floats2d, Callable[[Floats2d], List[Doc]]]:
    bags, n_unknown = _find_known(model, docs)
    if is_train and _is_complete(model) and n_unknown > UNKNOWN * (len(bags[0]) + n_unknown):
        warnings.warn(Warnings.LW04, stacklevel=2)
    scores, bp_scores = model.layers[0](bags, is_train)

    def backprop(d_scores: Floats2d) -> List[Doc]:
        bp_scores(d_scores)
        return []

    return scores, backprop


def init(model: DocScorer, X: Optional[List[Doc]] = None, Y: Optional[Floats2d] = None) -> None:
    if not model.attrs["n_texts"]:
        sample = X or []
        learn_ngrams(model, sample)
        model.attrs["n_texts"] = 0  # they are to be counted again by the next one
        warnings.warn(Warnings.LW03.format(n_texts=len(sample)), stacklevel=2)
    output = model.layers[0]
    output.attrs["n_features"] = len(model.attrs["keys"])
    output.initialize(Y=Y)
    if model.has_dim("nO") is None and output.has_dim("nO"):
        model.set_dim("nO", output.get_dim("nO"))


def learn_ngrams(model: Model, docs: Iterable[Doc]) -> None:
    """Count the n-grams of the training texts, for every `NgramLinear` in a model. Its weights must
    be initialized anew after it.

    model (Model): The model. Changed in place.
    docs (Iterable[Doc]): All training texts. They are read once, some at a time.
    """
    counters = [(node, _Counter()) for node in model.walk() if node._func is forward]
    if not counters:
        return
    n_texts = 0
    stream = iter(docs)
    while chunk := list(islice(stream, CHUNK)):
        n_texts += len(chunk)
        for node, counter in counters:
            counter.add(_distinct_ngrams(node, chunk)[0])
    for node, counter in counters:
        keys, counts = counter.add_up()
        kept = counts >= node.attrs["min_count"]
        keys, counts = keys[kept], counts[kept]
        # Of equally rare ones, those with the smaller hashes stay: no order of the texts matters.
        order = numpy.argsort(-counts, kind="stable")[: node.attrs["max_ngrams"]]
        node.attrs["keys"] = numpy.sort(keys[order])
        node.attrs["n_texts"] = n_texts


class _Counter:
    """How often each key came, in arrays: a dict would take ten times the memory."""

    def __init__(self) -> None:
        self._keys: Array = numpy.zeros(0, dtype="uint64")
        self._counts: Array = numpy.zeros(0, dtype="int64")
        self._new: List[Array] = []
        self._n_new = 0

    def add(self, keys: Array) -> None:
        self._new.append(keys)
        self._n_new += len(keys)
        # Not before there are as many as were counted, so that the time grows with the texts only.
        if self._n_new > max(LARGE, len(self._keys)):
            self.add_up()

    def add_up(self) -> Tuple[Array, Array]:
        """RETURNS (Tuple[Array, Array]): The keys, sorted, and how often each came."""
        new, n_new = numpy.unique(
            numpy.concatenate([self._keys[:0], *self._new]), return_counts=True
        )
        merged, places = numpy.unique(numpy.concatenate([self._keys, new]), return_inverse=True)
        counts = numpy.zeros(len(merged), dtype="int64")
        numpy.add.at(counts, places, numpy.concatenate([self._counts, n_new]))
        self._keys, self._counts, self._new, self._n_new = merged, counts, [], 0
        return merged, counts


def _is_complete(model: DocScorer) -> bool:
    """Whether no n-gram of the texts that were counted was left out."""
    return model.attrs["min_count"] == 1 and len(model.attrs["keys"]) < model.attrs["max_ngrams"]


def _find_known(model: DocScorer, docs: List[Doc]) -> Tuple[Bags, int]:
    """The n-grams of each document that have a weight, each once; and how many have none."""
    keys, owners = _distinct_ngrams(model, docs)
    bags = look_up(model, keys, numpy.bincount(owners, minlength=len(docs)))
    return bags, len(keys) - len(bags[0])


def look_up(model: DocScorer, keys: Array, lengths: Array) -> Bags:
    """model (Model[List[Doc], Floats2d]): An `NgramLinear`.
    keys (Array): N-grams, one document after the other, `(n_ngrams,)`.
    lengths (Array): How many there are in each document, `(n_docs,)`.
    RETURNS (Bags): The numbers of those that have a weight, and how many there are in each.
    """
    places, found = find_keys(model.attrs["keys"], keys)
    owners = numpy.repeat(numpy.arange(len(lengths)), lengths)
    return places[found], numpy.bincount(owners[found], minlength=len(lengths))


def find_ngrams(model: DocScorer, docs: List[Doc], words: Sequence[Array]) -> Tuple[Array, Array]:
    """model (Model[List[Doc], Floats2d]): An `NgramLinear`.
    docs (List[Doc]): Documents.
    words (Sequence[Array]): What is looked at of their tokens, or of some of them, one array each.
    RETURNS (Tuple[Array, Array]): The keys of their n-grams, as often as they are there, and the
        number of the document that each is in, `(n_ngrams,)`.
    """
    keys, n_keys = ngram_keys(words, model.attrs["ngram_size"])
    beginnings, tokens = prefix_keys(docs, words, model.attrs["prefixes"])
    numbers = numpy.arange(len(docs))
    owners = numpy.repeat(numbers, [len(array) for array in words])
    return (
        numpy.concatenate([keys, beginnings]),
        numpy.concatenate([numpy.repeat(numbers, n_keys), owners[tokens]]),
    )


def _distinct_ngrams(model: DocScorer, docs: List[Doc]) -> Tuple[Array, Array]:
    """The different n-grams of each document, and the number of the document that each is in."""
    words: List[Any] = [doc.to_array([model.attrs["attr"]]) for doc in docs]
    return distinct_keys(*find_ngrams(model, docs, words))
