"""The embedding of words by their characters, each distinct word of a batch once."""

from typing import Any, Callable, List, Optional, Tuple

import numpy
from spacy.attrs import ORTH
from spacy.tokens import Doc
from thinc.api import (
    HashEmbed,
    Model,
    Relu,
    chain,
    expand_window,
    ragged2list,
    reduce_max,
    with_array,
)
from thinc.types import Ragged

from ..errors import Errors
from ..errors.checks import check_integer, check_layer, check_share
from ..layers.distinct import collect, find_distinct, spread
from ..layers.fast_ops import use_fast_ops, use_fast_ops_again
from ..layers.joined import join, join_ragged, split
from ..layers.lstm import LSTM
from ..layers.parts import in_parts
from ..layers.pooling import reduce_ends
from ..types import Array, Sequences, Tok2VecModel

ENCODERS = ("cnn", "lstm")
#: Where a word begins and ends: beyond the last code point.
BEGIN, END = 0x110000, 0x110001
#: Of the hash of characters: by default, thinc takes another for each model.
SEED = 8
#: Of a longer word, so many characters at either end are read.
LONGEST_HALF = 24


def CharEmbed(
    width: int,
    *,
    embed: Optional[Tok2VecModel] = None,
    encoder: str = "cnn",
    char_width: int = 32,
    window_size: int = 1,
    rows: int = 1000,
    dropout: float = 0.0,
) -> Tok2VecModel:
    """Embed words by their characters, so that a word that training never showed gets a vector by
    how it is written: with a convolution (Ma & Hovy 2016) or a BiLSTM (Lample et al. 2016) over the
    characters of each distinct word. Fits the `embed` slot of `spacy.Tok2Vec.v2`.

    width (int): The width of what is made of the characters.
    embed (Optional[Model[List[Doc], List[Floats2d]]]): Another embedding, such as
        `spacy_lstm.DistinctEmbed.v1`, whose vectors come before those of the characters.
    encoder (str): "cnn", or "lstm", which is slower.
    char_width (int): The width of the embedding of a character.
    window_size (int): How many characters the convolution sees on either side of each.
    rows (int): The rows of the table of characters, which are hashed into it.
    dropout (float): The least rate at which values are dropped in training: the rate is the larger
        of this and spaCy's `drop`, and `drop = 0` switches dropout off.
    RETURNS (Model[List[Doc], List[Floats2d]]): `(n_tokens, width)` for each document, or with
        another embedding as wide as both together; views on one flat array.
    RAISES (ValueError): If the encoder is unknown, a width or size too small, or the dropout out of
        its range.
    """
    if encoder not in ENCODERS:
        raise ValueError(Errors.L106.format(value=encoder, options=", ".join(ENCODERS)))
    sizes = {"width": width, "char_width": char_width, "window_size": window_size, "rows": rows}
    for name, value in sizes.items():
        check_integer(name, value)
    check_share("The dropout of characters", dropout)
    if embed is not None:
        check_layer("`embed`", embed)
    if encoder == "lstm":
        words: Model = chain(
            ragged2list(), LSTM(width, char_width, dropout=None), join_ragged(), reduce_ends()
        )
    else:
        n_in = (2 * window_size + 1) * char_width
        words = chain(expand_window(window_size), with_array(Relu(width, n_in)), reduce_max())
    chars = chain(with_array(HashEmbed(char_width, rows, column=0, seed=SEED)), words)
    model: Tok2VecModel = Model(
        "char_embed",
        forward,
        init=init,
        layers=[chars] if embed is None else [chars, embed],
        dims={"nO": None},
        attrs={"dropout": dropout, "dropout_rate": dropout, "width": width},
    )
    return use_fast_ops(model)


def read_chars(words: List[str]) -> Tuple[Array, Array]:
    """words (List[str]): Words.
    RETURNS (Tuple[Array, Array]): The code points of all words, each word between `BEGIN` and
        `END`, `(n_chars, 1)`, and how many each word has.
    """
    n = LONGEST_HALF
    short = [w if len(w) <= 2 * n else w[:n] + w[-n:] for w in words]
    lengths = numpy.fromiter(map(len, short), dtype="int32", count=len(short)) + 2
    points = numpy.frombuffer("".join(short).encode("utf-32-le", "surrogatepass"), dtype="uint32")
    ends = lengths.cumsum()
    inner = numpy.ones(int(ends[-1]), dtype=bool)
    inner[ends - 1] = False
    inner[ends - lengths] = False
    chars = numpy.empty(len(inner), dtype="uint64")
    chars[inner] = points
    chars[ends - lengths] = BEGIN
    chars[ends - 1] = END
    return chars.reshape(-1, 1), lengths


def forward(
    model: Tok2VecModel, docs: List[Doc], is_train: bool
) -> Tuple[Sequences, Callable[[Sequences], List[Doc]]]:
    use_fast_ops_again(model)
    lengths = [len(doc) for doc in docs]
    if not sum(lengths):
        return [model.ops.alloc2f(0, model.get_dim("nO")) for _ in docs], _nothing
    orths = numpy.concatenate([doc.to_array(ORTH) for doc in docs]).reshape(-1, 1)
    distinct = find_distinct(orths.astype("uint64"))
    strings = docs[0].vocab.strings
    kinds = [strings[orth] for orth in orths[distinct.first, 0].tolist()]
    bp_words: Any = None
    if is_train:
        words, bp_words = model.layers[0](_ragged(model, *read_chars(kinds)), True)
    else:
        words = in_parts(
            lambda part: model.layers[0].predict(_ragged(model, *read_chars(kinds[part]))),
            len(kinds),
        )
    flat: Any = spread(model.ops, words, distinct)
    rate = model.attrs["dropout_rate"]
    rate = max(rate, model.attrs["dropout"]) if rate else 0.0
    mask: Any = model.ops.get_dropout_mask(flat.shape, rate) if is_train and rate else None
    if mask is not None:
        flat *= mask
    bp_embed: Any = None
    n_before = 0
    if len(model.layers) > 1:
        vectors, bp_embed = model.layers[1](docs, is_train)
        before: Any = join(model.ops, vectors)
        n_before = before.shape[1]
        flat = model.ops.xp.hstack([before, flat])

    def backprop(dYs: Sequences) -> List[Doc]:
        d_flat: Any = join(model.ops, dYs)
        if bp_embed is not None:
            bp_embed(split(model.ops.as_contig(d_flat[:, :n_before]), lengths))
        d_chars = model.ops.as_contig(d_flat[:, n_before:])
        bp_words(collect(model.ops, d_chars if mask is None else d_chars * mask, distinct))
        return []

    return split(flat, lengths), backprop


def _ragged(model: Tok2VecModel, chars: Array, lengths: Array) -> Ragged:
    asarray: Any = model.ops.asarray
    return Ragged(asarray(chars), asarray(lengths))


def _nothing(dYs: Sequences) -> List[Doc]:
    return []


def init(model: Tok2VecModel, X: Optional[List[Doc]] = None, Y: Optional[Sequences] = None) -> None:
    chars, lengths = read_chars(["a"])
    model.layers[0].initialize(_ragged(model, chars, lengths))
    width = model.attrs["width"]
    for embed in model.layers[1:]:
        embed.initialize(X, Y)
        width += embed.get_dim("nO")
    model.set_dim("nO", width)
