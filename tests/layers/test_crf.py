import numpy
import pytest
from thinc.api import Config, Model, registry

from spacy_lstm.layers.crf import CRF, resize_crf
from spacy_lstm.layers.crf_losses import crf_loss
from spacy_lstm.layers.crf_types import ChainGradients
from spacy_lstm.layers.joined import split

from ..crf_reference import SCHEMES, scheme_of
from ..gradients import numeric_gradient, to_float64

LENGTHS = [3, 0, 1, 2]
LEGAL = {"transitions": "transitions", "start": "starts", "end": "ends"}


def inputs(n_tags, dtype="float32"):
    flat = numpy.random.default_rng(3).normal(size=(sum(LENGTHS), n_tags)).astype(dtype)
    return flat, split(flat, LENGTHS)


def filled(model):
    rng = numpy.random.default_rng(4)
    for name in model.param_names:
        param = model.get_param(name)
        model.set_param(name, rng.normal(size=param.shape).astype(param.dtype))
    return model


def params(model):
    return {name: model.get_param(name) for name in ("transitions", "start", "end")}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_it_gives_its_params_and_joins_without_a_copy(scheme):
    n_tags = len(scheme_of(2, scheme))
    flat, Xs = inputs(n_tags)
    model = CRF(scheme=scheme)
    model.initialize(X=Xs)
    assert model.get_dim("nO") == model.get_dim("nI") == n_tags
    scores = model.predict(Xs)
    assert numpy.shares_memory(scores.emissions, flat)
    assert scores.lengths.tolist() == LENGTHS
    assert scores.scheme == scheme
    assert scores.n_labels == 2
    for name, param in params(model).items():
        assert getattr(scores, name) is param
        assert not param.any()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_gradients_through_the_layer(scheme):
    tags = scheme_of(2, scheme)
    _, Xs = inputs(len(tags), "float64")
    model = CRF(len(tags), scheme=scheme)
    model.initialize()
    filled(to_float64(model))
    allowed = numpy.random.default_rng(5).random((sum(LENGTHS), len(tags))) < 0.6
    allowed[:, 0] = True

    def loss():
        return crf_loss(model.predict(Xs), allowed)[0].sum()

    scores, backprop = model(Xs, is_train=True)
    d_Xs = backprop(crf_loss(scores, allowed)[1])
    for X, d_X in zip(Xs, d_Xs, strict=True):
        numpy.testing.assert_allclose(d_X, numeric_gradient(loss, X), rtol=1e-6, atol=1e-8)
    for name, param in params(model).items():
        expected = numeric_gradient(loss, param)
        numpy.testing.assert_allclose(model.get_grad(name), expected, rtol=1e-6, atol=1e-8)
        assert not model.get_grad(name)[~getattr(tags, LEGAL[name])].any()


def test_what_is_illegal_gets_no_gradient_whatever_comes():
    tags = scheme_of(2, "BILUO")
    _, Xs = inputs(len(tags))
    model = CRF(len(tags))
    model.initialize()
    scores, backprop = model(Xs, is_train=True)
    ones = [numpy.ones_like(p) for p in (scores.emissions, *params(model).values())]
    backprop(ChainGradients(*ones))
    backprop(ChainGradients(*ones))
    numpy.testing.assert_array_equal(model.get_grad("transitions"), 2.0 * tags.transitions)
    numpy.testing.assert_array_equal(model.get_grad("start"), 2.0 * tags.starts)
    numpy.testing.assert_array_equal(model.get_grad("end"), 2.0 * tags.ends)


def test_nothing_to_tag():
    model = CRF(5)
    model.initialize()
    for Xs in ([], [numpy.zeros((0, 5), dtype="float32")] * 2):
        scores, backprop = model(Xs, is_train=True)
        losses, gradients = crf_loss(scores, numpy.zeros((0, 5), dtype=bool))
        assert losses.tolist() == [0.0] * len(Xs)
        assert [d_X.shape for d_X in backprop(gradients)] == [(0, 5)] * len(Xs)


def test_config_and_bytes():
    config = Config().from_str('[model]\n@layers = "spacy_lstm.CRF.v1"\nnO = 9\nscheme = "BILUO"')
    model = registry.resolve(config)["model"]
    assert isinstance(model, Model)
    model.initialize()
    filled(model)
    again = registry.resolve(config)["model"]
    again.initialize()
    again.from_bytes(model.to_bytes())
    for name, param in params(model).items():
        numpy.testing.assert_array_equal(params(again)[name], param)
        assert param.any()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_resize_keeps_what_was_learned(scheme):
    small, large = (len(scheme_of(n, scheme)) for n in (1, 3))
    model = CRF(small, scheme=scheme)
    model.initialize()
    filled(model)
    resized = resize_crf(model, large)
    assert resized.id != model.id
    assert resized.get_dim("nI") == resized.get_dim("nO") == large
    assert resized.attrs["scheme"] == scheme
    for name, param in params(resized).items():
        old = tuple(slice(small) for _ in range(param.ndim))
        numpy.testing.assert_array_equal(param[old], model.get_param(name))
        assert param.shape == (large,) * param.ndim
        param[old] = 0.0
        assert not param.any()
    assert resize_crf(model, small) is model
    assert resize_crf(CRF(scheme=scheme), large).get_dim("nO") == large


def test_errors():
    with pytest.raises(ValueError, match=r"L601.*IOB"):
        CRF(scheme="IOB")
    with pytest.raises(ValueError, match=r"L607.*width 8"):
        CRF(8)
    model = CRF(9)
    model.initialize()
    with pytest.raises(ValueError, match=r"L608.*9 tags.*width 5"):
        model.predict([numpy.zeros((2, 5), dtype="float32")])
    with pytest.raises(ValueError, match=r"L609.*9 tags.*to 5"):
        resize_crf(model, 5)
    with pytest.raises(ValueError, match=r"L607.*width 10"):
        resize_crf(model, 10)
