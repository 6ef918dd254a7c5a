"""The embedding architecture: equal tokens are embedded once a batch."""

from typing import Any, Callable, Iterable, List, Optional, Set, Tuple, Union

import numpy
from spacy.attrs import NAMES, ORTH, intify_attr
from spacy.ml.staticvectors import forward as static_vectors
from spacy.tokens import Doc
from spacy.vocab import Vocab
from thinc.api import Model
from thinc.layers.chain import forward as chain
from thinc.layers.dropout import forward as dropout
from thinc.layers.hashembed import forward as hash_embed
from thinc.layers.with_array import forward as with_array

from ..errors import Errors
from ..errors.checks import check_layer
from ..layers.distinct import collect, find_distinct, spread
from ..layers.fast_ops import use_fast_ops, use_fast_ops_again
from ..layers.joined import join, split
from ..layers.parts import in_parts
from ..types import Array, Sequences, Tok2VecModel

#: How far the vector of a token may be from the one that it has alone: rounding.
TOLERANCE = 1e-4

# Layers that drop the same columns of all tokens of a batch, if any.
DROPS_COLUMNS = (hash_embed, static_vectors)


def DistinctEmbed(embed: Tok2VecModel) -> Tok2VecModel:
    """Embed tokens with any embedding that depends on their attributes only, each distinct token of
    a batch once. The vectors, and the gradients of the weights, are those of the embedding itself,
    up to rounding, and so is dropout in training: its last step, which drops values of each token
    apart, comes after the vectors are given to the tokens.

    Fits the `embed` slot of `spacy.Tok2Vec.v2`. In running text, about a third of the tokens of
    256 sentences are distinct, and less in longer texts.

    embed (Model[List[Doc], List[Floats2d]]): The embedding: `spacy.MultiHashEmbed.v2`,
        `spacy.CharacterEmbed.v2`, with or without static vectors, or any other that is made of
        spaCy's feature extractor, static vectors and character embedding. Changed in place: its
        layers compute by `FastOps`.
    RETURNS (Model[List[Doc], List[Floats2d]]): The same function: `(n_tokens, width)` for each
        document, views on one flat array. One gradient is not the same: spaCy's character embedding
        loses those of characters that are in several tokens, and here it loses fewer.
    RAISES (ValueError): If the embedding reads nothing of the tokens, or drops values of each token
        in an inner layer. At initialization also if the vector of a token depends on others.
    """
    check_layer("`embed`", embed)
    columns = _columns(embed)
    if not columns:
        reason = "reads no attributes of tokens that are known"
        raise ValueError(Errors.L104.format(name=embed.name, reason=reason))
    last = _last_dropout(embed)
    for node in embed.walk():
        if "dropout_rate" in node.attrs and node is not last and node._func not in DROPS_COLUMNS:
            reason = f"drops values of each token in its inner layer '{node.name}'"
            raise ValueError(Errors.L104.format(name=embed.name, reason=reason))
    model: Tok2VecModel = Model(
        "distinct_embed",
        forward,
        init=init,
        layers=[embed],
        dims={"nO": embed.maybe_get_dim("nO")},
        attrs={"columns": columns},
    )
    if last is not None:
        last.attrs["is_enabled"] = False  # we do it
    return use_fast_ops(model)


def _columns(embed: Tok2VecModel) -> List[int]:
    """The attributes that the embedding reads, as numbers. What the layers are called is part of
    spaCy's saved models."""
    columns: Set[int] = set()
    for node in embed.walk():
        if node.name == "extract_features":
            columns.update(intify_attr(column) for column in node.attrs["columns"])
        elif node.name in ("static_vectors", "charembed"):
            columns.add(ORTH)
    return sorted(columns)


def _last_dropout(node: Model) -> Optional[Model]:
    """The dropout after which nothing is computed any more, if there is one."""
    if node._func is dropout:
        return node
    if node._func is chain:
        last = node.layers[-2] if node.layers[-1].name == "ragged2list" else node.layers[-1]
        return _last_dropout(last)
    return _last_dropout(node.layers[0]) if node._func is with_array else None


class DistinctTokens:
    """Tokens, each different from the others, in the shape of a `Doc`, as far as embeddings look
    at one."""

    def __init__(self, vocab: Vocab, columns: List[int], rows: Array) -> None:
        """vocab (Vocab): The vocabulary.
        columns (List[int]): The attributes.
        rows (Array): Their values, `(n_tokens, n_columns)`, unsigned 64-bit integers.
        """
        self.vocab = vocab
        self._columns = columns
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def part(self, rows: slice) -> "DistinctTokens":
        """rows (slice): Some of the tokens.
        RETURNS (DistinctTokens): These.
        """
        return DistinctTokens(self.vocab, self._columns, self._rows[rows])

    def to_array(self, attrs: Union[int, str, Iterable[Union[int, str]]]) -> Array:
        """attrs (Union[int, str, Iterable[Union[int, str]]]): One attribute, or several.
        RETURNS (Array): As `Doc.to_array` does, `(n_tokens,)` or `(n_tokens, n_attrs)`.
        """
        names: List[Any] = [attrs] if isinstance(attrs, (int, str)) else list(attrs)
        indices = []
        for name in names:
            number = intify_attr(name)
            if number not in self._columns:
                raise AttributeError(self._unknown(str(name)))
            indices.append(self._columns.index(number))
        return self._rows[:, indices[0] if len(indices) == 1 else indices]

    def to_utf8_array(self, nr_char: int = -1) -> Array:
        """nr_char (int): The number of bytes a token.
        RETURNS (Array): As `Doc.to_utf8_array` does.
        """
        strings = self.vocab.strings
        doc: Any = Doc(self.vocab, words=[strings[orth] for orth in self.to_array(ORTH).tolist()])
        return doc.to_utf8_array(nr_char)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(self._unknown(name))

    def _unknown(self, name: str) -> str:
        known = ", ".join(NAMES[column] for column in self._columns)
        return Errors.L105.format(wanted=name, known=known)


def forward(
    model: Tok2VecModel, docs: List[Doc], is_train: bool
) -> Tuple[Sequences, Callable[[Sequences], List[Doc]]]:
    embed = model.layers[0]
    use_fast_ops_again(model)
    lengths = [len(doc) for doc in docs]
    if not sum(lengths):
        return [model.ops.alloc2f(0, model.get_dim("nO")) for _ in docs], _nothing
    columns: Any = _columns_for(model, docs[0].vocab)
    rows = numpy.concatenate([doc.to_array(columns).reshape(-1, len(columns)) for doc in docs])
    distinct = find_distinct(rows)
    tokens: Any = DistinctTokens(docs[0].vocab, columns, rows[distinct.first])
    bp_embed: Any = None
    if is_train:
        [computed], bp_embed = embed([tokens], True)
    else:
        computed = in_parts(lambda part: embed.predict([tokens.part(part)])[0], len(tokens))
    flat: Any = spread(model.ops, computed, distinct)
    mask = _dropout_mask(model, flat.shape) if is_train else None
    if mask is not None:
        flat *= mask

    def backprop(dYs: Sequences) -> List[Doc]:
        d_flat: Any = join(model.ops, dYs)
        if mask is not None:
            d_flat = d_flat * mask
        bp_embed([collect(model.ops, d_flat, distinct)])
        return []

    return split(flat, lengths), backprop


def _nothing(dYs: Sequences) -> List[Doc]:
    return []


def _columns_for(model: Tok2VecModel, vocab: Vocab) -> List[int]:
    # Floret vectors, and those that are pruned by another attribute, may be looked up by it.
    columns: List[int] = model.attrs["columns"]
    attr = getattr(vocab.vectors, "attr", ORTH)
    return columns if ORTH not in columns or attr in columns else [*columns, attr]


def _dropout_mask(model: Tok2VecModel, shape: Tuple[int, int]) -> Any:
    last = _last_dropout(model.layers[0])  # a ref to it would be lost in `Model.copy`
    rate = last.attrs["dropout_rate"] if last is not None else 0.0
    return model.ops.get_dropout_mask(shape, rate) if rate else None


def init(model: Tok2VecModel, X: Optional[List[Doc]] = None, Y: Optional[Sequences] = None) -> None:
    embed = model.layers[0]
    embed.initialize(X, Y)
    if model.has_dim("nO") is None and embed.has_dim("nO"):
        model.set_dim("nO", embed.get_dim("nO"))
    filled = [doc for doc in X or [] if len(doc)]
    if not filled:
        return
    expected: Any = join(model.ops, embed.predict(filled))
    if model.has_dim("nO") is None:
        model.set_dim("nO", expected.shape[1])
    got: Any = join(model.ops, model.predict(filled))
    if not model.ops.xp.allclose(got, expected, rtol=TOLERANCE, atol=TOLERANCE):
        reason = "gives a token other vectors beside other tokens"
        raise ValueError(Errors.L104.format(name=embed.name, reason=reason))
