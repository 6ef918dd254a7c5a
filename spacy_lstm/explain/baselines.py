"""What a text is compared with."""

from typing import Any, Tuple, Union

import numpy
from spacy.tokens import Doc
from thinc.api import to_numpy

from ..errors import Errors
from ..models.log_odds import forward as log_odds
from ..models.log_odds import n_features
from ..models.word_dropout import forward as word_dropout
from ..types import Array, Tok2VecModel

BASELINES = ("zeros", "mean", "unknown")
#: A word that no text has.
UNKNOWN = "\N{REPLACEMENT CHARACTER}"

Baseline = Union[str, Array]


def baseline_vectors(
    baseline: Baseline, embed: Tok2VecModel, doc: Doc, vectors: Array
) -> Tuple[str, Array]:
    """Find the vectors that stand for a text which says nothing.

    baseline (Union[str, Array]): "zeros": vectors of zeros. "mean": the mean of the text's own
        vectors, so that only the differences between its words count. "unknown": the vector of an
        unknown word, which is learnt where `spacy_lstm.WordDropout.v1` embeds, and else that of a
        character that stands for no other; it speaks for no label. Or a vector of one's own,
        `(width,)`.
    embed (Model[List[Doc], List[Floats2d]]): The layer that embeds.
    doc (Doc): The text.
    vectors (Array): Its vectors, `(n_tokens, width)`.
    RETURNS (Tuple[str, Array]): The name of the baseline, and a vector for each token, of the same
        shape.
    RAISES (ValueError): If it is unknown, or a vector of another width.
    """
    n_tokens, width = vectors.shape
    if isinstance(baseline, str):
        if baseline not in BASELINES:
            raise ValueError(_message(baseline, width))
        return baseline, numpy.tile(_vector(baseline, embed, doc, vectors), (n_tokens, 1))
    row = numpy.asarray(baseline, dtype="float32")
    if row.shape != (width,):
        raise ValueError(_message(f"of the shape {row.shape}", width))
    return "given", numpy.tile(row, (n_tokens, 1))


def _vector(name: str, embed: Tok2VecModel, doc: Doc, vectors: Array) -> Array:
    if name == "zeros":
        return numpy.zeros(vectors.shape[1], dtype="float32")
    if name == "mean":
        return vectors.mean(axis=0)
    if embed._func is word_dropout:
        unknown: Any = embed.get_param("unknown")
        return to_numpy(unknown)
    if embed._func is log_odds:
        inside = _vector(name, embed.layers[0], doc, vectors)
        return numpy.concatenate([inside, numpy.zeros(n_features(embed.attrs), dtype="float32")])
    (row,) = to_numpy(embed.predict([Doc(doc.vocab, words=[UNKNOWN])])[0])
    return row


def _message(baseline: str, width: int) -> str:
    options = ", ".join(map(repr, BASELINES))
    return Errors.L866.format(baseline=baseline, options=options, width=width)
