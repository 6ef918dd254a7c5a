"""The entity recognizer architecture: documents in, the scores of a CRF out."""

from typing import Any, Callable, List, Optional, Tuple

from spacy.tokens import Doc
from spacy.util import replace_model_node
from thinc.api import Dropout, Linear, Model, Relu, chain
from thinc.layers.resizable import resize_linear_weighted

from ..errors import Errors
from ..errors.checks import check_integer, check_layer
from ..layers.crf import CRF, ChainScores, resize_crf
from ..layers.crf import forward as crf_forward
from ..layers.fast_ops import use_fast_ops
from ..layers.joined import join, split, with_joined
from ..types import Sequences, Tok2VecModel
from .opinion_pool import check_network_share, opinion_pool
from .textcat import NEW_LABEL_BIAS
from .word_features import forward as word_features
from .word_features import resize_word_features

#: A model from documents to the scores of all their tags.
Tagger = Model[List[Doc], ChainScores]


def CRFTagger(
    tok2vec: Tok2VecModel,
    *,
    scheme: str = "BILUO",
    hidden_width: Optional[int] = None,
    linear_model: Optional[Tok2VecModel] = None,
    network_share: float = 0.3,
    nO: Optional[int] = None,
) -> Tagger:
    """Score the entities of a text: tok2vec → hidden layer → dropout → dense → conditional random
    field (BiLSTM-CRF: Huang, Xu & Yu 2015; Lample et al. 2016), and, where there is one, a linear
    model with a conditional random field of its own beside it.

    Documents may be empty. A batch goes through as it is.

    Of the scores of network and linear model the result is a weighted mean (a logarithmic opinion
    pool: Smith, Cohn & Osborne 2005). In `lstm_ner`, each of them learns from its own errors
    (`learners`): one that learnt from the errors of the mean would leave to the other what that one
    is good at, and the linear model learns faster.

    tok2vec (Model[List[Doc], List[Floats2d]]): The vectors of the tokens: `spacy.Tok2Vec.v2` with
        `spacy_lstm.BiLSTMEncoder.v1` as its encoder, a listener, or any other.
    scheme (str): The tags of a label: "BILUO" (begin, in, last, unit), or "BIO". With BIO there are
        half as many, and whitespace is never in an entity.
    hidden_width (Optional[int]): The width of a hidden layer (ReLU), if there is to be one.
    linear_model (Optional[Model[List[Doc], List[Floats2d]]]): A linear model beside the network:
        `spacy_lstm.WordFeatures.v1`.
    network_share (float): The weight of the network's scores, beside a linear model: more than 0,
        and less than 1.
    nO (Optional[int]): The number of tags: 1, and 4 for each label with BILUO or 2 with BIO.
        Inferred from the labels where it is left out.
    RETURNS (Model[List[Doc], ChainScores]): From documents to the scores of all tags and
        transitions. `backprop` takes `ChainGradients`.
    RAISES (ValueError): If the scheme is unknown, or has no such number of tags, or the hidden
        layer no width, or the linear model is another, or the share out of its range.
    """
    if linear_model is not None:
        check_network_share(network_share)
    return CRFTagger_v1(
        tok2vec,
        scheme=scheme,
        hidden_width=hidden_width,
        linear_model=linear_model,
        network_share=network_share,
        nO=nO,
    )


def CRFTagger_v1(
    tok2vec: Tok2VecModel,
    *,
    scheme: str = "BILUO",
    hidden_width: Optional[int] = None,
    linear_model: Optional[Tok2VecModel] = None,
    network_share: Optional[float] = None,
    nO: Optional[int] = None,
) -> Tagger:
    """Score the entities of a text as `CRFTagger` does, which is `spacy_lstm.CRFTagger.v2`. This is
    v1, for pipelines that were saved with it: without a `network_share`, scores of tags of network
    and linear model are added up, go through one conditional random field, and both learn from the
    errors of the sum.

    tok2vec (Model[List[Doc], List[Floats2d]]): As in `CRFTagger`, and so are the others.
    scheme (str): The tags of a label.
    hidden_width (Optional[int]): The width of a hidden layer, if there is to be one.
    linear_model (Optional[Model[List[Doc], List[Floats2d]]]): A linear model beside the network.
    network_share (Optional[float]): The weight of the network's scores in the mean of both. None
        adds the scores up.
    nO (Optional[int]): The number of tags.
    RETURNS (Model[List[Doc], ChainScores]): From documents to the scores of all tags and
        transitions.
    RAISES (ValueError): As in `CRFTagger`.
    """
    check_layer("`tok2vec`", tok2vec)
    if linear_model is not None:
        check_layer("`linear_model`", linear_model)
    output: Model = Linear(nO)
    crf = CRF(nO, scheme=scheme)
    dense: List[Model] = [Dropout(), output]
    if hidden_width is not None:
        check_integer("hidden_width", hidden_width)
        dense.insert(0, Relu(hidden_width))
    head: Model = with_joined(chain(*dense))
    model: Tagger
    if linear_model is None:
        model = chain(tok2vec, head, crf)
    elif linear_model._func is not word_features:
        raise ValueError(Errors.L635.format(model=linear_model.name))
    elif network_share is None:
        model = chain(_summed(chain(tok2vec, head), linear_model), crf)
    else:
        check_network_share(network_share)
        linear = chain(linear_model, CRF(nO, scheme=scheme))
        model = opinion_pool(chain(tok2vec, head, crf), linear, network_share)
    if linear_model is not None:
        model.set_ref("linear_model", linear_model)
    model.name = "lstm_ner"
    model.set_ref("tok2vec", tok2vec)
    model.set_ref("output_layer", output)
    model.set_ref("crf", crf)
    model.attrs["resize_output"] = resize_output
    return use_fast_ops(model)


def resize_output(model: Tagger, new_nO: int, bias: float = NEW_LABEL_BIAS) -> Tagger:
    """Make room for more tags, before or after the model has its weights. The scores of the old
    ones stay as they are.

    model (Model[List[Doc], ChainScores]): A model made by `CRFTagger`. Changed in place.
    new_nO (int): The number of tags, not less than now.
    bias (float): The score of the new tags.
    RETURNS (Model[List[Doc], ChainScores]): The model.
    """
    output = model.get_ref("output_layer")
    new_output = resize_linear_weighted(output, new_nO, fill_defaults={"W": 0.0, "b": bias})
    resized: List[Tuple[Model, Model]] = [(output, new_output)]
    for crf in model.walk():
        if crf._func is crf_forward:
            # Words have no bias in the linear model, so that its chain holds the new tags down.
            fill = 0.0 if crf is model.get_ref("crf") else bias
            resized.append((crf, resize_crf(crf, new_nO, fill)))
    if model.has_ref("linear_model"):
        linear = model.get_ref("linear_model")
        resized.append((linear, resize_word_features(linear, new_nO)))
    for old, new in resized:
        if new is not old:
            replace_model_node(model, old, new)
    layers = [new for _, new in resized]
    for node in model.walk():
        has_width = node.has_dim("nO") is not False
        if has_width and node not in layers and _holds_any(node, layers):
            node.set_dim("nO", new_nO, force=True)
    return model


def _summed(first: Tok2VecModel, second: Tok2VecModel) -> Tok2VecModel:
    """The sum of two models. thinc's `add` takes lists for something to join."""
    return Model("summed", _forward_sum, init=_init_sum, layers=[first, second], dims={"nO": None})


def _forward_sum(
    model: Tok2VecModel, docs: List[Doc], is_train: bool
) -> Tuple[Sequences, Callable[[Sequences], List[Doc]]]:
    (Ys, bp_first), (Zs, bp_second) = (layer(docs, is_train) for layer in model.layers)

    def backprop(dYs: Sequences) -> List[Doc]:
        bp_second(dYs)
        return bp_first(dYs)

    total: Any = join(model.ops, Ys) + join(model.ops, Zs)
    return split(total, [len(doc) for doc in docs]), backprop


def _init_sum(
    model: Tok2VecModel, X: Optional[List[Doc]] = None, Y: Optional[Sequences] = None
) -> None:
    for layer in model.layers:
        layer.initialize(X, Y)


def _holds_any(node: Model, layers: List[Model]) -> bool:
    return any(inner in layers for inner in node.walk())
