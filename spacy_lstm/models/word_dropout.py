"""Dropout of whole words, to one vector that stands for any unknown word."""

from typing import Any, Callable, List, Optional, Tuple

from spacy.tokens import Doc
from thinc.api import Model

from ..errors.checks import check_layer, check_share
from ..layers.joined import join, split
from ..types import Sequences, Tok2VecModel


def WordDropout(embed: Tok2VecModel, *, rate: float = 0.1) -> Tok2VecModel:
    """Replace the vectors of some tokens in training by one vector, which is learnt, so that a
    model comes to rely on the words around a word, and on its characters, where it never saw the
    word itself (Iyyer et al. 2015; the unknown word of Kiperwasser & Goldberg 2016). Prediction is
    the embedding's own.

    embed (Model[List[Doc], List[Floats2d]]): The embedding of words, such as
        `spacy_lstm.DistinctEmbed.v1`.
    rate (float): How many of the tokens are replaced, at any rate of spaCy's `drop` but 0, which
        switches it off.
    RETURNS (Model[List[Doc], List[Floats2d]]): `(n_tokens, width)` for each document, views on one
        flat array.
    RAISES (ValueError): If the rate isn't from 0 to less than 1.
    """
    check_share("The rate of a word dropout", rate)
    check_layer("`embed`", embed)
    return Model(
        "word_dropout",
        forward,
        init=init,
        layers=[embed],
        params={"unknown": None},
        dims={"nO": embed.maybe_get_dim("nO")},
        attrs={"rate": rate, "dropout_rate": rate},
    )


def forward(
    model: Tok2VecModel, docs: List[Doc], is_train: bool
) -> Tuple[Sequences, Callable[[Sequences], List[Doc]]]:
    Ys, bp_embed = model.layers[0](docs, is_train)
    if not is_train or not model.attrs["dropout_rate"]:
        return Ys, bp_embed
    lengths = [len(Y) for Y in Ys]
    flat: Any = join(model.ops, Ys).copy()
    # From the ops, as all of thinc's dropout is: one seed, one stream.
    mask: Any = model.ops.get_dropout_mask((len(flat),), model.attrs["rate"])
    dropped = mask == 0
    flat[dropped] = model.get_param("unknown")

    def backprop(dYs: Sequences) -> List[Doc]:
        d_flat: Any = join(model.ops, dYs).copy()
        model.inc_grad("unknown", d_flat[dropped].sum(axis=0))
        d_flat[dropped] = 0.0
        bp_embed(split(d_flat, lengths))
        return []

    return split(flat, lengths), backprop


def init(model: Tok2VecModel, X: Optional[List[Doc]] = None, Y: Optional[Sequences] = None) -> None:
    model.layers[0].initialize(X, Y)
    model.set_dim("nO", model.layers[0].get_dim("nO"))
    model.set_param("unknown", model.ops.alloc1f(model.get_dim("nO")))
