"""The thinc layer of the linear-chain CRF (Lafferty, McCallum & Pereira 2001): it holds the scores
of transitions, and gives all scores together to the passes."""

from typing import Any, Callable, List, Optional, Tuple, cast

import numpy
from thinc.api import Model
from thinc.types import Floats2d

from ..errors import Errors
from .crf_types import ChainGradients, ChainScores
from .joined import join, split
from .tag_scheme import PREFIXES, check_scheme, is_width, legal

__all__ = ["CRF", "ChainGradients", "ChainScores", "resize_crf"]

PARAMS = ("transitions", "start", "end")

CRFLayer = Model[List[Floats2d], ChainScores]


def CRF(nO: Optional[int] = None, *, scheme: str = "BILUO") -> CRFLayer:
    """Put the scores of tags of a batch together with those of transitions, starts and ends, which
    are this layer's params: `transitions`, `(n_tags, n_tags)`, from the row's tag to the column's;
    `start` and `end`, `(n_tags,)`. They start at 0. What the scheme does not allow is never read,
    and gets no gradient.

    nO (Optional[int]): The number of tags: the width of the input, from which it is inferred where
        it is None.
    scheme (str): The tag scheme: "BILUO" or "BIO".
    RETURNS (Model[List[Floats2d], ChainScores]): From one array a document, `(n_tokens, n_tags)`,
        to the scores of all. `backprop` takes `ChainGradients`.
    RAISES (ValueError): If the scheme is unknown, or has no such number of tags.
    """
    check_scheme(scheme)
    if nO is not None:
        _check_width(scheme, nO)
    return Model(
        "crf",
        forward,
        init=init,
        dims={"nO": nO, "nI": nO},
        params=dict.fromkeys(PARAMS),
        attrs={"scheme": scheme},
    )


def _check_width(scheme: str, n_tags: int) -> None:
    if not isinstance(n_tags, int) or not is_width(scheme, n_tags):
        per_label = len(PREFIXES[scheme])
        raise ValueError(Errors.L607.format(scheme=scheme, per_label=per_label, n_tags=n_tags))


def forward(
    model: CRFLayer, Xs: List[Floats2d], is_train: bool
) -> Tuple[ChainScores, Callable[[ChainGradients], List[Floats2d]]]:
    n_tags, scheme = model.get_dim("nO"), model.attrs["scheme"]
    lengths = numpy.array([X.shape[0] for X in Xs], dtype="int64")
    emissions = join(model.ops, Xs) if len(Xs) else model.ops.alloc2f(0, n_tags)
    if emissions.shape[1] != n_tags:
        raise ValueError(Errors.L608.format(expected=n_tags, got=emissions.shape[1]))
    transitions, start, end = (cast(Any, model.get_param(name)) for name in PARAMS)
    scores = ChainScores(emissions, lengths, transitions, start, end, scheme)

    def backprop(gradients: ChainGradients) -> List[Floats2d]:
        for name, rules in zip(PARAMS, legal(scheme, n_tags), strict=True):
            gradient: Any = getattr(gradients, name)
            model.inc_grad(name, gradient * model.ops.xp.asarray(rules))
        return split(gradients.emissions, lengths.tolist())

    return scores, backprop


def init(
    model: CRFLayer, X: Optional[List[Floats2d]] = None, Y: Optional[ChainScores] = None
) -> None:
    if X and model.has_dim("nO") is None:
        _set_width(model, X[0].shape[1])
    n_tags = model.get_dim("nO")
    model.set_param("transitions", model.ops.alloc2f(n_tags, n_tags))
    model.set_param("start", model.ops.alloc1f(n_tags))
    model.set_param("end", model.ops.alloc1f(n_tags))


def _set_width(model: CRFLayer, n_tags: int) -> None:
    _check_width(model.attrs["scheme"], n_tags)
    for dim in ("nO", "nI"):
        model.set_dim(dim, n_tags, force=True)


def resize_crf(model: CRFLayer, new_nO: int, fill: float = 0.0) -> CRFLayer:
    """Make a CRF with more tags, after those that there are. What was learned stays. It is another
    layer, since optimizers keep the moments of a layer's params in their old shape: put it in the
    place of the old one with `replace_model_node`.

    model (Model[List[Floats2d], ChainScores]): The CRF, which stays as it is.
    new_nO (int): The number of tags, at least as many as now.
    fill (float): The score of a start with a new tag, and of a transition to one. All else that is
        new is 0.
    RETURNS (Model[List[Floats2d], ChainScores]): The new layer, or the old one where the
        width stays.
    RAISES (ValueError): If the scheme has no such number of tags, or it is less than now.
    """
    n_tags = model.maybe_get_dim("nO")
    if n_tags == new_nO:
        return model
    if n_tags is not None and new_nO < n_tags:
        raise ValueError(Errors.L609.format(n_tags=n_tags, wanted=new_nO))
    resized = CRF(new_nO, scheme=model.attrs["scheme"])
    resized.ops = model.ops
    for name in PARAMS:
        if model.has_param(name):
            old: Any = model.get_param(name)
            new = model.ops.xp.zeros((new_nO,) * old.ndim, dtype=old.dtype)
            if name != "end":
                new[..., n_tags:] = fill
            new[tuple(slice(n_tags) for _ in range(old.ndim))] = old
            resized.set_param(name, new)
    return resized
