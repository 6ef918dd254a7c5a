"""Adversarial training: each batch is learnt from twice, as it is and with its vectors moved a
little to where the model does worst (Goodfellow et al. 2015; of texts: Miyato, Dai & Goodfellow
2017).

The vectors of a text, all of them together, are moved by `epsilon * g / ||g||`, where `g` is the
gradient of the loss with respect to them. What counts is the mean of both losses, so that the
gradients are as large as without it, and rates and norms keep their meaning. As in the paper, `g`
is taken as given: no gradient goes through it.

A model can make a change of a fixed size matter less by vectors that grow. The paper normalizes its
embeddings for that reason. Here it is for the layer that is perturbed to do so: the embeddings of
`spacy.MultiHashEmbed.v2` end in layer normalization, and `spacy_lstm.BiLSTMEncoder.v1` does where
`layer_norm` is set; else its values lie between -1 and 1. Those of `spacy_lstm.CharEmbed.v1` are
not normalized.
"""

import math
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

import numpy
from spacy.tokens import Doc
from thinc.api import Model, Ops
from thinc.types import Floats2d

from ..errors import Errors
from ..layers.seam import Seam
from ..types import Tok2VecModel

#: What is perturbed: "embeddings" the vectors of the tokens before they are encoded, "encoding"
#: what the whole tok2vec gives, which is all that a head sees of a shared encoder.
METHODS = ("embeddings", "encoding")

#: From a model's scores to the loss and its gradient.
LossFunction = Callable[[Any], Tuple[float, Any]]


class Adversarial(NamedTuple):
    """The setting of a component.

    epsilon (float): How far the vectors of a text are moved: the Euclidean norm of all their
        changes together, more than 0.
    method (str): One of `METHODS`.
    """

    epsilon: float
    method: str


def read_setting(name: str, value: Optional[Dict[str, Any]]) -> Optional[Adversarial]:
    """Read the setting as a config has it.

    name (str): The name of the component, for messages.
    value (Optional[Dict[str, Any]]): `epsilon` and `method`, or None.
    RETURNS (Optional[Adversarial]): The same.
    RAISES (ValueError): If anything is missing, unknown or out of its range.
    """
    if value is None:
        return None
    if not isinstance(value, dict) or set(value) != set(Adversarial._fields):
        raise ValueError(Errors.L662.format(name=name, value=value, method=METHODS[0]))
    setting = Adversarial(**value)
    is_number = isinstance(setting.epsilon, (int, float)) and not isinstance(setting.epsilon, bool)
    if not is_number or not 0.0 < setting.epsilon < math.inf:
        raise ValueError(Errors.L663.format(name=name, value=setting.epsilon))
    if setting.method not in METHODS:
        options = ", ".join(map(repr, METHODS))
        raise ValueError(Errors.L664.format(name=name, value=setting.method, options=options))
    return setting


def perturbed_layer(name: str, model: Model, method: str) -> Tok2VecModel:
    """Find the layer whose output is perturbed.

    name (str): The name of the component, for messages.
    model (Model): Its model.
    method (str): One of `METHODS`.
    RETURNS (Model[List[Doc], List[Floats2d]]): A layer of the model.
    RAISES (ValueError): If it has none.
    """
    if not model.has_ref("tok2vec"):
        raise ValueError(Errors.L666.format(name=name, model=model.name))
    tok2vec = model.get_ref("tok2vec")
    if method == "encoding":
        return tok2vec
    if not (tok2vec.has_ref("embed") and tok2vec.has_ref("encode")):
        raise ValueError(Errors.L665.format(name=name, layer=tok2vec.name))
    return tok2vec.get_ref("embed")


def worst_perturbation(
    ops: Ops, gradient: Floats2d, lengths: Sequence[int], epsilon: float
) -> Floats2d:
    """Find the small change of each text's vectors that makes its loss greatest, as far as the
    gradient tells.

    ops (Ops): Where the gradient lies.
    gradient (Floats2d): Of the loss with respect to the vectors, all texts one after the other,
        `(n_tokens, width)`. A factor doesn't matter.
    lengths (Sequence[int]): The number of tokens of each text.
    epsilon (float): The Euclidean norm of the change of a text.
    RETURNS (Floats2d): The change, `(n_tokens, width)`. None at all for a text whose gradient is 0,
        as nothing is known of it, or isn't finite.
    """
    xp: Any = ops.xp
    text = xp.asarray(numpy.repeat(numpy.arange(len(lengths)), lengths))
    # In float64: the squares of small gradients are less than float32 can hold.
    squares = xp.square(gradient, dtype="float64").sum(axis=1)
    norms = xp.sqrt(xp.bincount(text, weights=squares, minlength=len(lengths)))
    is_usable = (norms > 0.0) & xp.isfinite(norms)
    factors = epsilon / xp.where(is_usable, norms, 1.0)
    direction: Any = xp.where(is_usable[text][:, None], gradient, 0.0)
    return (direction * factors[text][:, None]).astype(gradient.dtype)


def learn(model: Model, texts: List[Doc], get_loss: LossFunction) -> float:
    """Run a model forward and back.

    model (Model[List[Doc], OutT]): The model. Its gradients are added up.
    texts (List[Doc]): The batch.
    get_loss (Callable[[OutT], Tuple[float, OutT]]): The loss of the scores, and its gradient.
    RETURNS (float): The loss.
    """
    scores, backprop = model.begin_update(texts)
    loss, d_scores = get_loss(scores)
    backprop(d_scores)
    return loss


def learn_adversarially(
    name: str,
    model: Model,
    layer: Tok2VecModel,
    texts: List[Doc],
    get_loss: LossFunction,
    epsilon: float,
) -> float:
    """Run a model forward and back twice, the second time with perturbed vectors. All gradients are
    those of the mean of both losses. The layer that is perturbed, and those before it, run once.
    Branches of the model that don't read it, such as n-grams, see the texts as they are.

    name (str): The name of the component, for messages.
    model (Model[List[Doc], OutT]): The model. Its gradients are added up.
    layer (Model[List[Doc], List[Floats2d]]): The layer of it whose output is perturbed.
    texts (List[Doc]): The batch.
    get_loss (Callable[[OutT], Tuple[float, OutT]]): The loss of the scores, and its gradient.
    epsilon (float): How far the output is moved.
    RETURNS (float): The loss without the perturbation.
    RAISES (ValueError): If the model doesn't run the layer.
    """

    def half(scores: Any) -> Tuple[float, Any]:
        loss, d_scores = get_loss(scores)
        return loss, d_scores * 0.5

    with Seam(layer) as seam:
        loss = learn(model, texts, half)
        gradient = seam.gradients[0] if seam.gradients else None
        if gradient is None:
            raise ValueError(Errors.L667.format(name=name, layer=layer.name))
        seam.perturbation = worst_perturbation(layer.ops, gradient, seam.lengths, epsilon)
        learn(model, texts, half)
    return loss
