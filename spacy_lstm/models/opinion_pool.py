"""A network and a linear model that learn apart, and whose scores are averaged."""

from typing import Any, Callable, List, Tuple

from spacy.tokens import Doc
from thinc.api import Model

from ..errors import Errors
from ..errors.checks import is_number


def check_network_share(share: float) -> None:
    """share (float): The weight of the network's scores.
    RAISES (ValueError): If it isn't a number between 0 and 1.
    """
    if not is_number(share) or not 0.0 < share < 1.0:
        raise ValueError(Errors.L108.format(value=share))


def opinion_pool(network: Model, linear: Model, share: float) -> Model:
    """Average the scores of two models (a logarithmic opinion pool: Heskes 1998; of conditional
    random fields: Smith, Cohn & Osborne 2005).

    network (Model[List[Doc], Scores]): A model. Scores are anything that can be multiplied with a
        number and added up, and so are their gradients.
    linear (Model[List[Doc], Scores]): Another, with scores of the same shape.
    share (float): The weight of the network's scores: more than 0, and less than 1.
    RETURNS (Model[List[Doc], Scores]): The weighted mean. `learners` are the two of them.
    """
    return Model(
        "weighted_mean",
        forward,
        init=init,
        layers=[network, linear],
        dims={"nO": None},
        attrs={"network_share": share},
    )


def learners(model: Model) -> List[Model]:
    """model (Model): A model.
    RETURNS (List[Model]): What of it learns from errors of its own: of an opinion pool the network
        and the linear model, else all of it.
    """
    return list(model.layers) if model._func is forward else [model]


def forward(
    model: Model, docs: List[Doc], is_train: bool
) -> Tuple[Any, Callable[[Any], List[Doc]]]:
    share = model.attrs["network_share"]
    network, linear = model.layers
    Y: Any
    Z: Any
    (Y, bp_network), (Z, bp_linear) = network(docs, is_train), linear(docs, is_train)

    def backprop(d_scores: Any) -> List[Doc]:
        bp_linear(d_scores * (1.0 - share))
        return bp_network(d_scores * share)

    return Y * share + Z * (1.0 - share), backprop


def init(model: Model, X: Any = None, Y: Any = None) -> None:
    for layer in model.layers:
        layer.initialize(X, Y)
    if model.has_dim("nO") is None:
        model.set_dim("nO", model.layers[0].get_dim("nO"))
