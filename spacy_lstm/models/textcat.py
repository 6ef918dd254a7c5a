"""The text categorizer architecture: documents in, one raw score a category out."""

from typing import List, Optional, Union, cast

from spacy.util import replace_model_node
from thinc.api import Dropout, Linear, Model, Relu, chain
from thinc.layers.resizable import resize_linear_weighted

from ..errors import Errors
from ..errors.checks import check_integer, check_layer
from ..layers.fast_ops import use_fast_ops
from ..layers.joined import join_ragged
from ..layers.pooling import pooling as build_pooling
from ..types import DocScorer, Tok2VecModel
from .blank import blank_docs_skipped, blank_vectors_dropped
from .ngrams import batch_ngrams
from .opinion_pool import check_network_share, opinion_pool

#: The bias of a label that is added to a trained model: low enough that no old score changes in
#: float32, and not so low that it couldn't be learnt.
NEW_LABEL_BIAS = -20.0


def TextCat(
    tok2vec: Tok2VecModel,
    *,
    pooling: Union[str, List[str]] = "max",
    hidden_width: Optional[int] = None,
    linear_model: Optional[DocScorer] = None,
    network_share: float = 0.1,
    nO: Optional[int] = None,
) -> DocScorer:
    """Score the categories of a text: tok2vec → pooling → hidden layer → dropout → dense, and,
    where there is one, a linear model of n-grams beside it.

    The scores are logits. `lstm_textcat` and `lstm_textcat_multilabel` make probabilities of them.
    A text without tokens, or only of whitespace, gets the score of the biases alone.

    Of the scores of network and linear model the result is a weighted mean (a logarithmic opinion
    pool: Heskes 1998). In `lstm_textcat` and `lstm_textcat_multilabel`, each of them learns from
    its own errors (`learners`): one that learnt from the errors of the mean would leave to the
    other what that one is good at, which is soon nearly all, as the linear model learns faster.

    tok2vec (Model[List[Doc], List[Floats2d]]): The vectors of the tokens: `spacy.Tok2Vec.v2` with
        `spacy_lstm.BiLSTMEncoder.v1` as its encoder, a listener, or any other.
    pooling (Union[str, List[str]]): How the tokens' vectors become one: "max", "mean", "attention"
        or "last" (the final state of each direction), or several of them, concatenated.
    hidden_width (Optional[int]): The width of a hidden layer (ReLU), if there is to be one.
    linear_model (Optional[Model[List[Doc], Floats2d]]): A linear model with raw scores, such as
        `spacy_lstm.NgramLinear.v1`, or `spacy.TextCatBOW.v3` with `no_output_layer = true`.
    network_share (float): The weight of the network's scores, beside a linear model: more than 0,
        and less than 1.
    nO (Optional[int]): The number of labels. Inferred from the labels where it is left out.
    RETURNS (Model[List[Doc], Floats2d]): From documents to logits, `(n_docs, n_labels)`.
    RAISES (ValueError): If a pooling is unknown, the share out of its range, or the linear model
        has an activation at its end, or no ref `output_layer` to a layer with weights `W` and
        biases `b`.
    """
    check_layer("`tok2vec`", tok2vec)
    if nO is not None:
        check_integer("nO", nO)
    width = tok2vec.maybe_get_dim("nO")
    output: Model = Linear(nO)
    layers: List[Model] = [
        blank_vectors_dropped(tok2vec),
        join_ragged(),
        build_pooling(pooling, width, ends_apart=not _reads_forward_only(tok2vec)),
    ]
    if hidden_width is not None:
        check_integer("hidden_width", hidden_width)
        layers.append(Relu(hidden_width))
    model: DocScorer = chain(*layers, Dropout(), output)
    if linear_model is not None:
        check_layer("`linear_model`", linear_model)
        _check_linear_model(linear_model)
        check_network_share(network_share)
        linear = blank_docs_skipped(batch_ngrams(linear_model))
        model = opinion_pool(model, linear, network_share)
        model.set_ref("linear_model", linear_model)
    model.name = "lstm_textcat"
    if nO is not None and model.has_dim("nO") is None:
        model.set_dim("nO", nO)
    model.set_ref("tok2vec", tok2vec)
    model.set_ref("output_layer", output)
    model.attrs["resize_output"] = resize_output
    return use_fast_ops(model)


def _reads_forward_only(tok2vec: Tok2VecModel) -> bool:
    """Whether the vectors come from a one-directional LSTM, whose last state is all at the last
    token."""
    if not tok2vec.has_ref("encode"):
        return False
    return tok2vec.get_ref("encode").attrs.get("directions") == ["forward"]


def _check_linear_model(linear_model: DocScorer) -> None:
    for node in linear_model.walk():
        if node.name in ("softmax_activation", "logistic", "softmax"):
            raise ValueError(Errors.L101.format(name=linear_model.name, layer=node.name))
    if not linear_model.has_ref("output_layer"):
        raise ValueError(Errors.L103.format(name=linear_model.name))


def resize_output(model: DocScorer, new_nO: int, bias: float = NEW_LABEL_BIAS) -> DocScorer:
    """Make room for more labels. The scores of the old ones stay as they are.

    model (Model[List[Doc], Floats2d]): A model made by `TextCat`. Changed in place.
    new_nO (int): The number of labels, not less than now.
    bias (float): The score of the new labels.
    RETURNS (Model[List[Doc], Floats2d]): The model.
    """
    old_nO = model.maybe_get_dim("nO")
    _resize_layer(model, model.get_ref("output_layer"), new_nO, bias)
    if model.has_ref("linear_model"):
        linear_model = cast(DocScorer, model.get_ref("linear_model"))
        _resize_layer(model, linear_model.get_ref("output_layer"), new_nO, bias)
    for node in model.walk():
        if node.has_dim("nO") and old_nO is not None and _holds_output(model, node):
            node.set_dim("nO", new_nO, force=True)
    return model


def _resize_layer(model: DocScorer, layer: Model, new_nO: int, bias: float) -> None:
    resized = resize_linear_weighted(layer, new_nO, fill_defaults={"W": 0.0, "b": bias})
    if resized is not layer:
        replace_model_node(model, layer, resized)


def _holds_output(model: DocScorer, node: Model) -> bool:
    outputs = [model.get_ref("output_layer")]
    if model.has_ref("linear_model"):
        outputs.append(model.get_ref("linear_model").get_ref("output_layer"))
    return any(inner in outputs for inner in node.walk()) and node not in outputs
