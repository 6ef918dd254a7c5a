"""Texts that say nothing: those without tokens, and those of whitespace only."""

from typing import Any, Callable, List, Optional, Tuple, cast

import numpy
from spacy.tokens import Doc
from thinc.api import Model
from thinc.types import Floats1d, Floats2d

from ..types import DocScorer, Sequences, Tok2VecModel


def is_blank(doc: Doc) -> bool:
    """doc (Doc): A document.
    RETURNS (bool): Whether it has no token other than whitespace.
    """
    # The first token nearly always decides, and asking for it alone is faster than to iterate.
    return not len(doc) or (doc[0].is_space and all(token.is_space for token in doc))


def blank_vectors_dropped(tok2vec: Tok2VecModel) -> Tok2VecModel:
    """Take the vectors of documents that say nothing away, so that they pool to zeros. The layer
    itself sees the whole batch, as a listener must.

    tok2vec (Model[List[Doc], List[Floats2d]]): Any tok2vec layer.
    RETURNS (Model[List[Doc], List[Floats2d]]): The same, with an array without rows for a blank
        document.
    """
    dims = {"nO": tok2vec.maybe_get_dim("nO")}
    return Model(
        "blank_vectors_dropped", _forward_vectors, init=_init_vectors, layers=[tok2vec], dims=dims
    )


def _forward_vectors(
    model: Tok2VecModel, docs: List[Doc], is_train: bool
) -> Tuple[Sequences, Callable[[Sequences], List[Doc]]]:
    Xs, bp_tok2vec = model.layers[0](docs, is_train)
    blank = [bool(len(X)) and is_blank(doc) for doc, X in zip(docs, Xs, strict=True)]
    if not any(blank):
        return Xs, bp_tok2vec

    def backprop(dYs: Sequences) -> List[Doc]:
        return bp_tok2vec(
            [
                model.ops.alloc2f(*X.shape) if dropped else dY
                for X, dY, dropped in zip(Xs, dYs, blank, strict=True)
            ]
        )

    return [X[:0] if dropped else X for X, dropped in zip(Xs, blank, strict=True)], backprop


def blank_docs_skipped(scorer: DocScorer) -> DocScorer:
    """Keep documents that say nothing away from a linear model: they get the score of its biases.
    (thinc's n-grams of two or more words raise an error on a document without tokens.)

    scorer (Model[List[Doc], Floats2d]): A linear model, whose ref `output_layer` has the biases
        `b`, `(n_labels,)`.
    RETURNS (Model[List[Doc], Floats2d]): The same for any documents.
    """
    dims = {"nO": scorer.maybe_get_dim("nO")}
    return Model("blank_docs_skipped", _forward_docs, init=_init_docs, layers=[scorer], dims=dims)


def _forward_docs(
    model: DocScorer, docs: List[Doc], is_train: bool
) -> Tuple[Floats2d, Callable[[Floats2d], List[Doc]]]:
    scorer = model.layers[0]
    blank = numpy.array([is_blank(doc) for doc in docs], dtype=bool)
    if not blank.any():
        return scorer(docs, is_train)
    output = scorer.get_ref("output_layer")
    scores: Any = model.ops.alloc2f(len(docs), output.get_dim("nO"))
    scores += model.ops.asarray1f(cast(Floats1d, output.get_param("b")))
    filled = numpy.flatnonzero(~blank)
    if len(filled):
        scores[filled], bp_scores = scorer([docs[i] for i in filled], is_train)

    def backprop(d_scores: Any) -> List[Doc]:
        if len(filled):
            bp_scores(d_scores[filled])
        output.inc_grad("b", output.ops.asarray1f(model.ops.to_numpy(d_scores[blank].sum(axis=0))))
        return []

    return scores, backprop


def _init_vectors(
    model: Tok2VecModel, X: Optional[List[Doc]] = None, Y: Optional[Sequences] = None
) -> None:
    tok2vec = model.layers[0]
    tok2vec.initialize(X)
    if model.has_dim("nO") is None and tok2vec.has_dim("nO"):
        model.set_dim("nO", tok2vec.get_dim("nO"))


def _init_docs(
    model: DocScorer, X: Optional[List[Doc]] = None, Y: Optional[Floats2d] = None
) -> None:
    scorer = model.layers[0]
    filled = [doc for doc in X or [] if not is_blank(doc)]
    scorer.initialize(filled or None, Y)
    for layer in (scorer, model):  # spaCy's with_cpu doesn't learn its own width
        if layer.has_dim("nO") is None:
            layer.set_dim("nO", scorer.get_ref("output_layer").get_dim("nO"))
