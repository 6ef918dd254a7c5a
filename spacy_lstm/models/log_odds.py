"""What the training texts tell of the words of a text: how much each speaks for each label."""

from typing import Any, Callable, Iterable, List, Mapping, Optional, Sequence, Tuple, cast

import numpy
from spacy.tokens import Doc
from thinc.api import Model

from ..errors import Errors
from ..errors.checks import check_integer, check_layer, check_positive
from ..layers.joined import join, split
from ..types import Array, Sequences, Tok2VecModel
from .affixes import prefix_table
from .label_counts import LabelCounter, LabelCounts
from .ngram_linear import ATTRS
from .ngrams import distinct_keys, ending_ngrams

NAME = "spacy_lstm.LogOddsEmbed.v1"
#: The logarithm of a count is about as large as the log-odds with this factor.
SCALE = 0.3

#: Some texts, how much each label applies to them, and whether that is known, both
#: `(n_texts, n_labels)`.
Labelled = Tuple[List[Doc], Array, Array]


def LogOddsEmbed(
    embed: Tok2VecModel,
    *,
    attr: str = "LOWER",
    ngram_size: int = 2,
    prefixes: Sequence[int] = (4, 6),
    smoothing: float = 2.0,
    n_folds: int = 10,
    min_count: int = 1,
    max_ngrams: int = 500000,
) -> Tok2VecModel:
    """Embed tokens with any embedding, and put beside its vectors how much each word speaks for
    each label: the log-odds of the label in the training texts that have the word, the n-grams that
    end with it, and its beginnings (the log-count ratios of Wang & Manning 2012, which they weigh
    the inputs of a linear model with; target encoding: Micci-Barreca 2001). An encoder then needn't
    learn from a few thousand texts what each word says, but only what becomes of it in context.

    In training, these are counted without the texts of the same fold (cross-fitting), so that the
    encoder learns how far they can be trusted in texts that weren't counted. The fold of a text
    hangs on its words alone; an augmenter that changes them in training, and not where texts are
    counted, makes them seem more trustworthy than they are.

    `lstm_textcat` and `lstm_textcat_multilabel` count their training texts at initialization
    (`learn_log_odds`). A label that is added later has no log-odds.

    Fits the `embed` slot of `spacy.Tok2Vec.v2`, of a component of its own: an encoder that several
    share knows no labels.

    embed (Model[List[Doc], List[Floats2d]]): The embedding of words.
    attr (str): What of a word is looked at: "ORTH", "LOWER", "NORM", "SHAPE", "PREFIX" or "SUFFIX".
    ngram_size (int): The size of the largest n-grams: 1 takes words, 2 pairs of neighbours too.
    prefixes (Sequence[int]): How long the beginnings of words are, in characters.
    smoothing (float): How many texts with the usual share of each label are added to those that
        have a word, so that little is made of few.
    n_folds (int): The number of folds.
    min_count (int): In how many training texts a word, n-gram or beginning must be, at least.
    max_ngrams (int): How many of these there may be. Those in the fewest texts are left out.
    RETURNS (Model[List[Doc], List[Floats2d]]): `(n_tokens, width + n_kinds * (n_labels + 1))` for
        each document, views on one flat array: the vectors of the embedding, and for each kind
        (words, n-grams of each size, beginnings of each length) the log-odds of the labels, which
        are 0 where nothing is known, and 0.3 times the logarithm of 1 + the number of texts.
    RAISES (ValueError): If a setting is out of its range, or the attribute none of these. At
        initialization also if no training texts were counted.
    """
    check_layer("`embed`", embed)
    if attr not in ATTRS:
        raise ValueError(Errors.L107.format(layer=NAME, attr=attr, options=", ".join(ATTRS)))
    sizes = {"ngram_size": ngram_size, "min_count": min_count, "max_ngrams": max_ngrams}
    for name, value in sizes.items():
        check_integer(name, value)
    check_integer("n_folds", n_folds, least=2)
    for length in prefixes:
        check_integer("prefixes", length)
    check_positive("smoothing", smoothing)
    return Model(
        "log_odds_embed",
        forward,
        init=init,
        layers=[embed],
        dims={"nO": None},
        attrs={
            **sizes,
            "attr": attr,
            "prefixes": sorted(set(prefixes)),
            "smoothing": smoothing,
            "n_folds": n_folds,
            "n_texts": 0,
            "priors": numpy.zeros(0, dtype="float32"),
            **LabelCounts.nothing()._asdict(),
        },
    )


def forward(
    model: Tok2VecModel, docs: List[Doc], is_train: bool
) -> Tuple[Sequences, Callable[[Sequences], List[Doc]]]:
    lengths = [len(doc) for doc in docs]
    if not sum(lengths):
        return [model.ops.alloc2f(0, model.get_dim("nO")) for _ in docs], _nothing
    Ys, bp_embed = model.layers[0](docs, is_train)
    vectors: Any = join(model.ops, Ys)
    width = vectors.shape[1]
    odds: Any = model.ops.asarray(cast(Any, log_odds(model, docs, is_train)))
    flat: Any = model.ops.xp.concatenate([vectors, odds], axis=1)

    def backprop(dYs: Sequences) -> List[Doc]:
        d_flat: Any = join(model.ops, dYs)
        return bp_embed(split(model.ops.xp.ascontiguousarray(d_flat[:, :width]), lengths))

    return split(flat, lengths), backprop


def _nothing(dYs: Sequences) -> List[Doc]:
    return []


def init(model: Tok2VecModel, X: Optional[List[Doc]] = None, Y: Optional[Sequences] = None) -> None:
    if not model.attrs["n_texts"]:
        raise ValueError(Errors.L109)
    embed = model.layers[0]
    embed.initialize(X, Y)
    model.set_dim("nO", embed.get_dim("nO") + n_features(model.attrs), force=True)


def learn_log_odds(model: Model, batches: Callable[[], Iterable[Labelled]]) -> None:
    """Count the training texts of each label, for every `LogOddsEmbed` in a model. Its weights must
    be initialized anew after it.

    model (Model): The model. Changed in place.
    batches (Callable[[], Iterable[Labelled]]): Gives all training texts, some at a time, with their
        labels. They are read once, or not at all where there is no such layer.
    """
    nodes = [node for node in model.walk() if node._func is forward]
    if not nodes:
        return
    counters: List[LabelCounter] = []
    n_texts, n_known, n_with = 0, numpy.zeros(0), numpy.zeros(0)
    for docs, truths, known in batches():
        if not counters:
            n_labels = truths.shape[1]
            counters = [LabelCounter(node.attrs["n_folds"], n_labels) for node in nodes]
            n_known, n_with = numpy.zeros(n_labels), numpy.zeros(n_labels)
        n_texts += len(docs)
        n_known += known.sum(axis=0)
        n_with += (truths * known).sum(axis=0)
        for node, counter in zip(nodes, counters, strict=True):
            words = _words(node, docs)
            counter.add(*_distinct(node, docs, words), _folds(node, words), truths, known)
    if not counters:
        return
    for node, counter in zip(nodes, counters, strict=True):
        counts = counter.finish(node.attrs["min_count"], node.attrs["max_ngrams"])
        node.attrs.update(counts._asdict())
        node.attrs["priors"] = ((n_with + 1.0) / (n_known + 2.0)).astype("float32")
        node.attrs["n_texts"] = n_texts


def log_odds(model: Tok2VecModel, docs: List[Doc], is_train: bool) -> Array:
    """model (Model[List[Doc], List[Floats2d]]): A `LogOddsEmbed`.
    docs (List[Doc]): Documents.
    is_train (bool): Whether the texts of the fold of each document aren't to be counted.
    RETURNS (Array): What is put beside the vectors of the tokens of all documents,
        `(n_tokens, n_kinds * (n_labels + 1))`.
    """
    attrs = model.attrs
    words = _words(model, docs)
    keys = _token_keys(model, docs, words)
    table = label_counts(attrs)
    n_labels = len(attrs["priors"])
    is_partial = table.has_unknown(n_labels)
    n_columns = 1 + n_labels * (2 if is_partial else 1)
    flat = keys.reshape(-1)
    if is_train:
        folds = numpy.repeat(_folds(model, words), [len(array) for array in words])
        owners = numpy.repeat(folds, keys.shape[1])
        counts = table.look_up_outside(flat, owners, attrs["n_folds"], n_columns)
    else:
        counts = table.look_up(flat, n_columns)
    n_texts, n_with = counts[:, :1], counts[:, 1 : 1 + n_labels]
    n_known = n_texts - counts[:, 1 + n_labels :] if is_partial else n_texts
    priors, smoothing = attrs["priors"], numpy.float32(attrs["smoothing"])
    n_without = numpy.maximum(n_known - n_with, 0.0)
    odds = numpy.log((n_with + smoothing * priors) / (n_without + smoothing * (1.0 - priors)))
    odds -= numpy.log(priors / (1.0 - priors))
    features = numpy.concatenate([odds, numpy.float32(SCALE) * numpy.log1p(n_texts)], axis=1)
    return features.reshape(len(keys), keys.shape[1] * (n_labels + 1))


def n_features(attrs: Mapping[str, Any]) -> int:
    """attrs (Mapping[str, Any]): The attributes of a `LogOddsEmbed`.
    RETURNS (int): How many values it puts beside the vector of a token.
    """
    n_kinds: int = attrs["ngram_size"] + len(attrs["prefixes"])
    return n_kinds * (len(attrs["priors"]) + 1)


def label_counts(attrs: Mapping[str, Any]) -> LabelCounts:
    """attrs (Mapping[str, Any]): The attributes of a `LogOddsEmbed`.
    RETURNS (LabelCounts): What is counted.
    """
    return LabelCounts(**{name: attrs[name] for name in LabelCounts._fields})


def _words(model: Tok2VecModel, docs: List[Doc]) -> List[Array]:
    return [numpy.asarray(doc.to_array([model.attrs["attr"]]), dtype="uint64") for doc in docs]


def _token_keys(model: Tok2VecModel, docs: List[Doc], words: List[Array]) -> Array:
    """What is looked up of each token, `(n_tokens, n_kinds)`: 0 for nothing."""
    sizes = range(1, model.attrs["ngram_size"] + 1)
    columns = [ending_ngrams(words, n)[:, None] for n in sizes]
    return numpy.concatenate([*columns, prefix_table(docs, words, model.attrs["prefixes"])], axis=1)


def _distinct(model: Tok2VecModel, docs: List[Doc], words: List[Array]) -> Tuple[Array, Array]:
    """The different keys of each document, and the number of the document that each is in."""
    keys = _token_keys(model, docs, words)
    owners = numpy.repeat(numpy.arange(len(docs)), [len(array) for array in words])
    flat, texts = keys.reshape(-1), numpy.repeat(owners, keys.shape[1])
    return distinct_keys(flat[flat != 0], texts[flat != 0])


def _folds(model: Tok2VecModel, words: List[Array]) -> Array:
    """The fold of each document: the same for texts of the same words."""
    n_folds = numpy.uint64(model.attrs["n_folds"])
    sums = numpy.array([array.sum(dtype="uint64") for array in words], dtype="uint64")
    return (sums % n_folds).astype("int64")
