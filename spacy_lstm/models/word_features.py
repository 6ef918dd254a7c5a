"""A linear model of features of words and of their neighbours, for tags."""

from typing import Any, Callable, List, NamedTuple, Optional, Tuple

import numpy
from spacy.attrs import NORM, ORTH, SHAPE
from spacy.tokens import Doc
from thinc.api import Model

from ..errors.checks import check_integer
from ..layers.distinct import find_distinct
from ..layers.fast_ops import use_fast_ops, use_fast_ops_again
from ..layers.joined import join, split
from ..types import Array, Sequences, Tok2VecModel
from .affixes import affix_hashes, mix_twice
from .chars import BEGIN, read_chars

#: The longest beginning and the longest end of a word that are features.
LONGEST_AFFIX = 4
#: How many words on either side are looked at.
WINDOW = 2
#: What stands where a text has no word any more.
OUTSIDE = numpy.uint64(BEGIN)


class Feature(NamedTuple):
    """A feature of a token.

    column (int): Which attribute of a word, of those that `word_attributes` gives.
    places (Tuple[int, ...]): Of which words, counted from the token: the feature is the attributes
        of all of them together.
    """

    column: int
    places: Tuple[int, ...]


NORMS, SHAPES = 0, 1
AFFIXES = range(2, 2 + 2 * LONGEST_AFFIX)
#: Those that are usual for a CRF of features (Lafferty et al. 2001; Ratnaparkhi 1996).
FEATURES = (
    *(Feature(column, (0,)) for column in (NORMS, SHAPES, *AFFIXES)),
    *(Feature(column, (i,)) for i in (-2, -1, 1, 2) for column in (NORMS, SHAPES)),
    *(Feature(column, (i, i + 1)) for i in (-1, 0) for column in (NORMS, SHAPES)),
)


def WordFeatures(nO: Optional[int] = None, *, length: int = 131072) -> Tok2VecModel:
    """Score the tags of each token by a linear model, as a CRF of features has it (Lafferty,
    McCallum & Pereira 2001; the features are about those of Ratnaparkhi 1996): the word, its shape,
    its beginnings and ends of up to four characters, the two words on either side and their shapes,
    and pairs of neighbours. All are hashed into one table (Weinberger et al. 2009).

    A BiLSTM learns what is like what, and this what is what: together they know more names, and
    where there is little to learn from, it learns sooner. In training, spaCy's `drop` drops
    features of each token apart, so that no single one is all that is known of a name.

    nO (Optional[int]): The number of tags. Inferred from the labels where it is left out.
    length (int): The rows of the table.
    RETURNS (Model[List[Doc], List[Floats2d]]): From documents to scores, `(n_tokens, nO)` for each,
        views on one flat array. They are 0 before training.
    RAISES (ValueError): If the table has no rows.
    """
    check_integer("length", length)
    if nO is not None:
        check_integer("nO", nO)
    model: Tok2VecModel = Model(
        "word_features",
        forward,
        init=init,
        params={"W": None},
        dims={"nO": nO},
        attrs={"length": length, "dropout_rate": 0.0},
    )
    return use_fast_ops(model)


def forward(
    model: Tok2VecModel, docs: List[Doc], is_train: bool
) -> Tuple[Sequences, Callable[[Sequences], List[Doc]]]:
    use_fast_ops_again(model)
    lengths = [len(doc) for doc in docs]
    W: Any = model.get_param("W")
    found: Any = feature_rows(docs, model.attrs["length"])
    rows: Any = model.ops.asarray(found)
    mask = _feature_mask(model, rows) if is_train and model.attrs["dropout_rate"] else None
    scores: Any = model.ops.gather_add(W, rows) if mask is None else _weighted(W, rows, mask)

    def backprop(d_scores: Sequences) -> List[Doc]:
        if not len(rows):
            return []
        dY: Any = join(model.ops, d_scores)
        dW: Any = model.ops.xp.zeros_like(W)
        for i, column in enumerate(rows.T):
            d_feature = dY if mask is None else dY * mask[:, i : i + 1]
            model.ops.scatter_add(dW, model.ops.as_contig(column), model.ops.as_contig(d_feature))
        model.inc_grad("W", dW)
        return []

    return split(scores, lengths), backprop


def _feature_mask(model: Tok2VecModel, rows: Any) -> Any:
    return model.ops.get_dropout_mask(rows.shape, model.attrs["dropout_rate"])


def _weighted(W: Any, rows: Any, mask: Any) -> Any:
    scores = W[rows[:, 0]] * mask[:, :1]
    for i in range(1, rows.shape[1]):
        scores += W[rows[:, i]] * mask[:, i : i + 1]
    return scores


def init(model: Tok2VecModel, X: Optional[List[Doc]] = None, Y: Optional[Sequences] = None) -> None:
    if model.has_dim("nO"):
        model.set_param("W", model.ops.alloc2f(model.attrs["length"], model.get_dim("nO")))


def resize_word_features(model: Tok2VecModel, new_nO: int) -> Tok2VecModel:
    """Make room for more tags. The scores of the old ones stay as they are, and those of the new
    ones are 0.

    model (Model[List[Doc], List[Floats2d]]): A model made by `WordFeatures`.
    new_nO (int): The number of tags, not less than now.
    RETURNS (Model[List[Doc], List[Floats2d]]): A new model, or the same where nothing is to do.
    """
    if not model.has_param("W"):
        model.set_dim("nO", new_nO, force=True)
        return model
    nO = model.get_dim("nO")
    if nO == new_nO:
        return model
    resized = WordFeatures(new_nO, length=model.attrs["length"])
    resized.initialize()
    W: Any = resized.get_param("W")
    W[:, :nO] = model.get_param("W")
    return resized


def feature_rows(docs: List[Doc], length: int) -> Array:
    """docs (List[Doc]): Documents.
    length (int): The rows of the table.
    RETURNS (Array): In which row each feature of each token is, `(n_tokens, n_features)`.
    """
    n_tokens = sum(len(doc) for doc in docs)
    rows = numpy.empty((n_tokens, len(FEATURES)), dtype="int32")
    if not n_tokens:
        return rows
    attributes, kinds = word_attributes(docs)
    attributes = numpy.vstack([attributes, numpy.full(attributes.shape[1], OUTSIDE)])
    # Room for the words that aren't there, before, between and after the texts.
    n_docs = len(docs)
    owners = numpy.repeat(numpy.arange(n_docs), [len(doc) for doc in docs])
    places = numpy.arange(n_tokens) + WINDOW * (owners + 1)
    padded = numpy.full(n_tokens + WINDOW * (n_docs + 1), len(attributes) - 1)
    padded[places] = kinds
    near = {place: padded[places + place] for place in range(-WINDOW, WINDOW + 1)}
    for i, feature in enumerate(FEATURES):
        # What hangs on one word is computed once for each distinct one.
        first, *others = feature.places
        values = attributes[:, feature.column]
        keys = mix_twice(numpy.uint64(i + 1) ^ values)
        if not others:
            rows[:, i] = (keys % numpy.uint64(length)).astype("int32")[near[first]]
            continue
        keys = keys[near[first]]
        for place in others:
            keys = mix_twice(keys ^ values[near[place]])
        rows[:, i] = keys % numpy.uint64(length)
    return rows


def word_attributes(docs: List[Doc]) -> Tuple[Array, Array]:
    """docs (List[Doc]): Documents with tokens.
    RETURNS (Tuple[Array, Array]): What each distinct word is, `(n_words, n_attributes)`: its norm,
        its shape, and hashes of its beginnings and ends; 0 where it has no so long one. And which
        word each token is, `(n_tokens,)`.
    """
    flat = numpy.concatenate([doc.to_array([ORTH, NORM, SHAPE]).reshape(-1, 3) for doc in docs])
    distinct = find_distinct(flat.astype("uint64"))
    words = flat[distinct.first].astype("uint64")
    strings = docs[0].vocab.strings
    chars, n_chars = read_chars([strings[orth] for orth in words[:, 0].tolist()])
    attributes = numpy.zeros((len(words), 2 + 2 * LONGEST_AFFIX), dtype="uint64")
    attributes[:, :2] = words[:, 1:]
    attributes[:, 2:] = numpy.hstack(affix_hashes(chars, n_chars, LONGEST_AFFIX))
    return attributes, distinct.kinds
