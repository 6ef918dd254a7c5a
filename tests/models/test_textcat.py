import copy

import numpy
import pytest
import spacy
from spacy.ml.models.textcat import build_bow_text_classifier_v3
from spacy.ml.models.tok2vec import MultiHashEmbed, build_Tok2Vec_model
from spacy.tokens import Doc
from thinc.api import Linear, chain, fix_random_seed

from spacy_lstm.models.encoder import BiLSTMEncoder
from spacy_lstm.models.ngram_linear import NgramLinear, learn_ngrams
from spacy_lstm.models.opinion_pool import learners
from spacy_lstm.models.textcat import NEW_LABEL_BIAS, TextCat, resize_output

NLP = spacy.blank("en")
TEXTS = ["a great film", "", "so it goes , again and again", " \n ", "no"]


def docs(texts=TEXTS):
    return [NLP.make_doc(text) for text in texts]


def tok2vec(**settings):
    embed = MultiHashEmbed(8, ["NORM", "SHAPE"], [100, 20], include_static_vectors=False)
    return build_Tok2Vec_model(embed, BiLSTMEncoder(12, **settings))


def ngrams(**settings):
    settings = {"no_output_layer": True, "ngram_size": 2, "length": 64, **settings}
    return build_bow_text_classifier_v3(exclusive_classes=True, **settings)


def known_ngrams():
    return NgramLinear(ngram_size=2)


LINEAR_MODELS = [ngrams, known_ngrams]


def make(nO=3, *, linear=known_ngrams, encoder=None, **settings):
    fix_random_seed(0)
    model = TextCat(
        tok2vec(**(encoder or {})), linear_model=linear() if linear else None, **settings
    )
    learn_ngrams(model, docs())
    model.initialize(X=docs(), Y=numpy.zeros((len(TEXTS), nO), dtype="float32"))
    rng = numpy.random.default_rng(1)
    for node in model.walk():
        for name in node.param_names:
            param = node.get_param(name)
            node.set_param(name, param + rng.normal(size=param.shape, scale=0.1).astype("float32"))
    return model


def test_refs_and_dims():
    model = make(pooling=["max", "last"], hidden_width=5)
    assert model.get_dim("nO") == 3
    assert model.get_ref("tok2vec").get_dim("nO") == 12
    assert model.get_ref("output_layer").get_dim("nI") == 5
    assert model.get_ref("linear_model").get_dim("nO") == 3
    assert {"embed", "encode"} <= set(model.get_ref("tok2vec").ref_names)


def weights_of(model):
    return [
        (node.name, name, node.get_param(name))
        for node in model.walk()
        for name in node.param_names
    ]


@pytest.mark.parametrize("linear", LINEAR_MODELS)
@pytest.mark.parametrize("share", [0.1, 0.4, 0.75])
def test_scores_are_the_weighted_mean_of_both(linear, share):
    model = make(linear=linear, network_share=share)
    alone = make(linear=None)
    network, beside = learners(model)
    assert len(weights_of(alone)) >= 10
    for (*_, ours), (*_, theirs) in zip(weights_of(network), weights_of(alone), strict=True):
        theirs[:] = ours
    biases = model.get_ref("linear_model").get_ref("output_layer").get_param("b")
    is_blank = [not text.strip() for text in TEXTS]
    filled = [doc for doc, blank in zip(docs(), is_blank, strict=True) if not blank]
    parts = numpy.tile(biases, (len(TEXTS), 1))
    parts[~numpy.array(is_blank)] = model.get_ref("linear_model").predict(filled)
    numpy.testing.assert_allclose(beside.predict(docs()), parts, atol=1e-6)
    expected = share * alone.predict(docs()) + (1 - share) * parts
    numpy.testing.assert_allclose(model.predict(docs()), expected, atol=1e-5)
    assert numpy.abs(parts - alone.predict(docs())).max() > 0.1


def test_learners():
    model = make()
    network, beside = learners(model)
    linear = model.get_ref("linear_model")
    assert linear in list(beside.walk())
    assert linear not in list(network.walk())
    assert model.get_ref("tok2vec") in list(network.walk())
    assert len(weights_of(network)) + len(weights_of(beside)) == len(weights_of(model))
    alone = make(linear=None)
    assert learners(alone) == [alone]


@pytest.mark.parametrize("pooling", ["max", "mean", "attention", "last"])
def test_same_alone_and_in_a_batch(pooling):
    model = make(pooling=pooling)
    together = model.predict(docs())
    for doc, scores in zip(docs(), together, strict=True):
        numpy.testing.assert_allclose(model.predict([doc])[0], scores, atol=1e-5)


def numeric_slope(model, weights, node, name, direction, step=2e-3):
    param = node.get_param(name)

    def loss(t):
        node.set_param(name, (param + t * direction).astype("float32"))
        return float((model.predict(docs()).astype("float64") * weights).sum())

    slope = (loss(step) - loss(-step)) / (2 * step)
    node.set_param(name, param)
    return slope


@pytest.mark.parametrize(
    "settings",
    [
        {"pooling": "mean"},
        {"pooling": ["attention", "last"], "network_share": 0.8},
        {"pooling": "mean", "linear": ngrams},
    ],
)
def test_gradient_of_every_parameter(settings):
    """Along a random direction of each, since spaCy's embeddings know float32 only."""
    model = make(**settings)
    rng = numpy.random.default_rng(2)
    scores, backprop = model(docs(), is_train=True)
    weights = rng.normal(size=scores.shape).astype("float32")
    backprop(weights.copy())
    n = 0
    for node in model.walk():
        for name in node.param_names:
            direction = rng.normal(size=node.get_param(name).shape).astype("float32")
            direction /= numpy.linalg.norm(direction)
            expected = numeric_slope(model, weights, node, name, direction)
            slope = float((node.get_grad(name) * direction).sum())
            assert slope == pytest.approx(expected, rel=0.05, abs=5e-3), (node.name, name)
            n += 1
    assert n >= 13


def test_last_of_one_direction_takes_the_last_token():
    model = make(linear=None, pooling="last", encoder={"bidirectional": False})
    [doc] = docs(["so it goes"])
    states = model.get_ref("tok2vec").predict([doc])[0]
    output = model.get_ref("output_layer")
    numpy.testing.assert_allclose(
        model.predict([doc]), output.predict(states[-1:]), rtol=1e-5, atol=1e-6
    )


@pytest.mark.parametrize("linear", [None, *LINEAR_MODELS])
def test_resizing_keeps_the_old_scores(linear):
    model = make(linear=linear)
    before = model.predict(docs())
    resize_output(model, 5)
    after = model.predict(docs())
    numpy.testing.assert_array_equal(after[:, :3], before)
    numpy.testing.assert_allclose(after[:, 3:], NEW_LABEL_BIAS)
    assert model.get_dim("nO") == 5
    assert all(node.get_dim("nO") == 5 for node in learners(model))
    assert not linear or model.get_ref("linear_model").get_dim("nO") == 5
    again = make(5, linear=linear).from_bytes(model.to_bytes())
    numpy.testing.assert_array_equal(again.predict(docs()), after)


def test_resizing_works_on_a_copy():
    model = make()
    copied = copy.deepcopy(model)
    resize_output(copied, 4)
    assert model.predict(docs()).shape == (5, 3)
    assert copied.predict(docs()).shape == (5, 4)


def test_only_empty_documents():
    model = make()
    empty = [Doc(NLP.vocab), NLP.make_doc("  ")]
    scores, backprop = model(empty, is_train=True)
    numpy.testing.assert_allclose(scores[0], scores[1])
    backprop(numpy.ones_like(scores))
    network, linear = (
        node.get_grad("b")
        for node in (
            model.get_ref("output_layer"),
            model.get_ref("linear_model").get_ref("output_layer"),
        )
    )
    share = model.attrs["network_share"]
    numpy.testing.assert_allclose(network, 2 * share, rtol=1e-6)
    numpy.testing.assert_allclose(linear, 2 * (1 - share), rtol=1e-6)


@pytest.mark.parametrize(
    ("code", "settings"),
    [
        ("L005", {"pooling": "sum"}),
        ("L002", {"hidden_width": 0}),
        ("L002.*nO", {"nO": 0}),
        ("L101", {"linear_model": lambda: ngrams(no_output_layer=False)}),
        ("L103", {"linear_model": lambda: chain(tok2vec(), Linear(3))}),
        *(("L108", {"linear_model": ngrams, "network_share": share}) for share in (0, 1, -0.5, 2)),
    ],
)
def test_refuses_what_cannot_work(code, settings):
    settings = {key: value() if callable(value) else value for key, value in settings.items()}
    with pytest.raises(ValueError, match=code):
        TextCat(tok2vec(), **settings)


def test_encoder_is_named_after_its_directions():
    assert BiLSTMEncoder(4).name == "bilstm_encoder"
    assert BiLSTMEncoder(4, bidirectional=False).name == "lstm_encoder"
    assert BiLSTMEncoder(4, nI=7).get_dim("nI") == 7


def test_multiplies_without_blis():
    model = make(pooling=["attention", "max"], hidden_width=5)
    resize_output(model, 4)
    nodes = [
        node for node in model.walk() if node.name in ("linear", "relu", "maxout", "layernorm")
    ]
    assert len(nodes) == 4
    assert not any(node.ops.use_blis for node in nodes)
