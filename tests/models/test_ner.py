"""The entity recognizer architecture."""

import numpy
import pytest
import spacy
from spacy.ml.models.tok2vec import MultiHashEmbed, build_Tok2Vec_model
from thinc.api import fix_random_seed

from spacy_lstm.layers.crf_losses import crf_loss
from spacy_lstm.layers.fast_ops import FastOps
from spacy_lstm.models.encoder import BiLSTMEncoder
from spacy_lstm.models.ner import CRFTagger, CRFTagger_v1, resize_output
from spacy_lstm.models.opinion_pool import learners
from spacy_lstm.models.textcat import NEW_LABEL_BIAS
from spacy_lstm.models.word_features import WordFeatures

NLP = spacy.blank("en")
TEXTS = ["Anna lives in Rio", "", "so it goes , again and again", " \n ", "no"]
N_TOKENS = 4 + 7 + 1 + 1


def docs(texts=TEXTS):
    return [NLP.make_doc(text) for text in texts]


def make(nO=9, *, architecture=CRFTagger, **settings):
    fix_random_seed(0)
    embed = MultiHashEmbed(8, ["NORM", "SHAPE"], [100, 20], include_static_vectors=False)
    model = architecture(build_Tok2Vec_model(embed, BiLSTMEncoder(12)), **settings)
    resize_output(model, nO)
    model.initialize(X=docs())
    rng = numpy.random.default_rng(1)
    for node in model.walk():
        for name in node.param_names:
            param = node.get_param(name)
            node.set_param(name, param + rng.normal(size=param.shape, scale=0.1).astype("float32"))
    return model


def test_refs_dims_and_ops():
    model = make(hidden_width=5)
    assert model.get_dim("nO") == 9
    assert model.get_ref("tok2vec").get_dim("nO") == 12
    assert model.get_ref("output_layer").get_dim("nI") == 5
    assert model.get_ref("output_layer").get_dim("nO") == 9
    assert model.get_ref("crf").get_dim("nO") == 9
    assert {type(node.ops) for node in model.walk()} == {FastOps}


@pytest.mark.parametrize("scheme", ["BILUO", "BIO"])
def test_scores_are_dense_layers_of_the_vectors(scheme):
    model = make(scheme=scheme)
    scores = model.predict(docs())
    output = model.get_ref("output_layer")
    vectors = numpy.concatenate(model.get_ref("tok2vec").predict(docs()))
    expected = vectors @ output.get_param("W").T + output.get_param("b")
    numpy.testing.assert_allclose(scores.emissions, expected, rtol=1e-5, atol=1e-6)
    assert scores.emissions.shape == (N_TOKENS, 9)
    assert scores.lengths.tolist() == [4, 0, 7, 1, 1]
    assert scores.scheme == scheme
    numpy.testing.assert_array_equal(
        scores.transitions, model.get_ref("crf").get_param("transitions")
    )


@pytest.mark.parametrize("texts", [[""], ["", ""]])
def test_batches_without_tokens(texts):
    model = make()
    scores = model.predict(docs(texts))
    assert scores.emissions.shape == (0, 9)
    assert scores.lengths.tolist() == [0] * len(texts)
    losses, gradients = crf_loss(scores, numpy.ones((0, 9), dtype=bool))
    assert losses.tolist() == [0.0] * len(texts)
    assert gradients.emissions.shape == (0, 9)


MODELS = {
    "network": {"hidden_width": 6},
    "sum": {"linear_model": 50, "architecture": CRFTagger_v1},
    "pool": {"linear_model": 50},
}


def make_kind(kind, **settings):
    settings = {**MODELS[kind], **settings}
    if "linear_model" in settings:
        settings["linear_model"] = WordFeatures(length=settings["linear_model"])
    return make(**settings)


@pytest.mark.parametrize("kind", MODELS)
def test_every_parameter_gets_its_numeric_gradient(kind):
    model = make_kind(kind)
    allowed = numpy.zeros((N_TOKENS, 9), dtype=bool)
    rng = numpy.random.default_rng(2)
    allowed[:, 0] = True
    allowed[numpy.arange(N_TOKENS), rng.choice([0, 4, 8], N_TOKENS)] = True

    def loss():
        return float(crf_loss(model.predict(docs()), allowed)[0].sum())

    scores, backprop = model.begin_update(docs())
    _, gradients = crf_loss(scores, allowed)
    backprop(gradients)
    for node in model.walk():
        for name in node.param_names:
            gradient = node.get_grad(name)
            assert numpy.abs(gradient).max() > 0, (node.name, name)
            param = node.get_param(name)
            # Along the gradient itself, where float32 is precise enough.
            direction = gradient / numpy.linalg.norm(gradient)
            values = []
            for step in (0.003, -0.003):
                node.set_param(name, param + step * direction)
                values.append(loss())
            node.set_param(name, param)
            slope = (values[0] - values[1]) / 0.006
            assert slope == pytest.approx(numpy.linalg.norm(gradient), rel=0.02), (node.name, name)


@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize("scheme", ["BILUO", "BIO"])
def test_resize_keeps_old_scores(scheme, kind):
    model = make_kind(kind, scheme=scheme)
    before = model.predict(docs())
    assert resize_output(model, 13) is model
    after = model.predict(docs())
    numpy.testing.assert_array_equal(after.emissions[:, :9], before.emissions)
    numpy.testing.assert_array_equal(after.transitions[:9, :9], before.transitions)
    assert {node.get_dim("nO") for node in model.walk() if node.name == "crf"} == {13}
    assert model.get_dim("nO") == model.get_ref("output_layer").get_dim("nO") == 13
    # However a new tag is reached, it costs as much.
    for to_new in (after.transitions[:, 9:], after.start[9:]):
        reached = after.emissions[:, None, 9:] + to_new
        numpy.testing.assert_allclose(reached, numpy.full_like(reached, NEW_LABEL_BIAS), rtol=1e-5)
    again = make_kind(kind, nO=13, scheme=scheme).from_bytes(model.to_bytes())
    numpy.testing.assert_array_equal(again.predict(docs()).emissions, after.emissions)


def test_number_of_tags_from_the_config():
    assert make(nO=5).get_dim("nO") == 5
    embed = MultiHashEmbed(8, ["NORM"], [100], include_static_vectors=False)
    tok2vec = build_Tok2Vec_model(embed, BiLSTMEncoder(12))
    model = CRFTagger(tok2vec, nO=5)
    model.initialize(X=docs())
    assert model.predict(docs()).n_tags == 5
    with pytest.raises(ValueError, match="L607"):
        CRFTagger(tok2vec, nO=7)


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"hidden_width": 0}, "L002"),
        ({"scheme": "IOB"}, "L601"),
        *(
            ({"linear_model": WordFeatures(length=50), "network_share": share}, "L108")
            for share in (0, 1, -0.5, "0.3", None)
        ),
    ],
)
def test_refuses_impossible_settings(settings, code):
    with pytest.raises(ValueError, match=code):
        make(**settings)


def test_a_linear_model_adds_its_scores():
    model = make_kind("sum")
    linear = model.get_ref("linear_model")
    output = model.get_ref("output_layer")
    vectors = numpy.concatenate(model.get_ref("tok2vec").predict(docs()))
    expected = vectors @ output.get_param("W").T + output.get_param("b")
    added = numpy.concatenate(linear.predict(docs()))
    assert numpy.abs(added).min() > 0.0
    scores = model.predict(docs())
    numpy.testing.assert_allclose(scores.emissions, expected + added, rtol=1e-5, atol=1e-5)
    old = scores.emissions.copy()
    resize_output(model, 13)
    assert model.get_ref("linear_model").get_dim("nO") == 13
    numpy.testing.assert_allclose(model.predict(docs()).emissions[:, :9], old, atol=1e-5)
    scores, backprop = model(docs(), is_train=True)
    allowed = numpy.zeros((N_TOKENS, 13), dtype=bool)
    allowed[:, 0] = True
    _, gradients = crf_loss(scores, allowed)
    backprop(gradients)
    for node in model.walk():
        for name in node.param_names:
            assert node.has_grad(name), (node.name, name)


def test_an_opinion_pool_averages_two_chains():
    model = make_kind("pool")
    network, linear = learners(model)
    scores, ours, theirs = (part.predict(docs()) for part in (model, network, linear))
    for name in ("emissions", "transitions", "start", "end"):
        a, b = getattr(ours, name), getattr(theirs, name)
        assert numpy.abs(a - b).max() > 0.0
        numpy.testing.assert_allclose(getattr(scores, name), 0.3 * a + 0.7 * b, atol=1e-6)
    [alone] = learners(make_kind("sum"))
    assert alone.name == "lstm_ner"


def test_a_share_has_the_same_meaning_in_both_versions():
    old = make_kind("pool", architecture=CRFTagger_v1, network_share=0.3)
    scores, expected = old.predict(docs()), make_kind("pool").predict(docs())
    numpy.testing.assert_array_equal(scores.emissions, expected.emissions)
    numpy.testing.assert_array_equal(scores.transitions, expected.transitions)


def test_refuses_another_linear_model():
    with pytest.raises(ValueError, match="L635"):
        make(linear_model=MultiHashEmbed(8, ["NORM"], [9], include_static_vectors=False))
