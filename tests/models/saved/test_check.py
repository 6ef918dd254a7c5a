import numpy
import pytest
import srsly
from thinc.api import Model, expand_window

from spacy_lstm.files.parts import Part
from spacy_lstm.models.saved.check import SavedModel
from spacy_lstm.models.saved.shapes import has_shapes, param_shapes

from ... import pipelines
from ...fixtures.saved import build

NGRAMS = {"@architectures": "spacy_lstm.NgramLinear.v1", "max_ngrams": 200}
LOG_ODDS = {"@architectures": "spacy_lstm.LogOddsEmbed.v1", "max_ngrams": 300}
CHARS = {"@architectures": "spacy.CharacterEmbed.v2", "width": 8, "rows": 50, "nM": 4, "nC": 2}
ENCODERS = [
    {**pipelines.ENCODE, "bidirectional": False},
    {**pipelines.ENCODE, "depth": 2, "layer_norm": True},
    {**pipelines.ENCODE, "forget_gate": False, "peepholes": True},
]


def tok2vec(encode, embed=pipelines.EMBED):
    return {"@architectures": "spacy.Tok2Vec.v2", "embed": embed, "encode": encode}


TOK2VECS = [
    *map(tok2vec, ENCODERS),
    tok2vec(pipelines.ENCODE, {**CHARS, "include_static_vectors": False, "feature": "LOWER"}),
    tok2vec(pipelines.ENCODE, {**LOG_ODDS, "embed": pipelines.EMBED}),
    pipelines.CNN,
]


def trained(model):
    nlp = pipelines.textcat_pipeline(model=model)
    pipelines.train(nlp, steps=1)
    return nlp.get_pipe("textcat").model


def rebuilt(model):
    """The model before it has weights."""
    return pipelines.textcat_pipeline(model=model).get_pipe("textcat").model


def saved(data, model, n_outputs=2):
    return SavedModel(Part("model", len(data), content=data), model, "textcat", n_outputs)


@pytest.mark.parametrize("encoder", TOK2VECS)
@pytest.mark.parametrize("pooling", ["last", ["max", "attention"]])
def test_all_layers_have_the_shapes_that_are_expected(encoder, pooling):
    config = pipelines.textcat_model(encoder, pooling=pooling, linear_model=NGRAMS, hidden_width=5)
    model = trained(config)
    for node in model.walk():
        assert has_shapes(node)
        dims = {name: node.maybe_get_dim(name) for name in node.dim_names}
        found = {name: node.get_param(name).shape for name in node.param_names}
        assert param_shapes(node, dims, node.attrs) == found
    data = model.to_bytes()
    target = rebuilt(config)
    target.from_dict(saved(data, target).read(None))
    assert target.to_bytes() == data


def test_what_is_not_initialized_has_no_weights():
    config = pipelines.textcat_model(linear_model=NGRAMS)
    data = rebuilt(config).to_bytes()
    assert saved(data, rebuilt(config)).read(None)["params"]


def edited(edit, config):
    model = trained(config)
    message = srsly.msgpack_loads(model.to_bytes())
    places = {node.name: i for i, node in enumerate(model.walk())}
    edit(message, places)
    return srsly.msgpack_dumps(message)


def number_of_scores(message, places):
    for i in places.values():
        if message["nodes"][i]["dims"].get("nO") == 2:
            message["nodes"][i]["dims"]["nO"] = 3


def input_width(message, places):
    message["nodes"][places["linear"]]["dims"]["nI"] = 7
    message["params"][places["linear"]]["W"] = numpy.zeros((2, 7), dtype="float32")


def known_dimension(message, places):
    message["nodes"][places["hashembed"]]["dims"]["nV"] = 10**12


def one_weight_less(message, places):
    message["params"][places["linear"]]["b"] = None


def not_a_number(message, places):
    W = message["params"][places["linear"]]["W"].copy()
    W[1, 3] = numpy.nan
    message["params"][places["linear"]]["W"] = W


def wrong_type(message, places):
    W = message["params"][places["linear"]]["W"]
    message["params"][places["linear"]]["W"] = W.astype("float64")


def wrong_ref(message, places):
    message["nodes"][0]["refs"]["output_layer"] = 0


def wrong_attribute(message, places):
    message["attrs"][places["ngram_linear"]]["ngram_size"] = srsly.msgpack_dumps(10**9)


def rate_out_of_range(message, places):
    message["attrs"][places["dropout"]]["dropout_rate"] = srsly.msgpack_dumps(2.0)


def function(message, places):
    message["attrs"][0]["resize_output"] = srsly.msgpack_dumps("os.system")


def keys_not_sorted(message, places):
    keys = numpy.array([2, 1], dtype="uint64")
    message["attrs"][places["ngram_linear"]]["keys"] = srsly.msgpack_dumps(keys)


def keys_without_weights(message, places):
    keys = numpy.arange(50, dtype="uint64")
    message["attrs"][places["ngram_linear"]]["keys"] = srsly.msgpack_dumps(keys)


def one_layer_less(message, places):
    message["nodes"].pop()


def other_layer(message, places):
    message["nodes"][places["linear"]]["name"] = "softmax"


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (number_of_scores, r"L806.*the number of scores is 3 .* must be 2 for the labels"),
        (input_width, r"L806.*a width of the layer 'linear' is 7 .* must be 24"),
        (known_dimension, r"L806.*the dimension nV of the layer 'hashembed'"),
        (one_weight_less, r"L806.*the weights b of the layer 'linear' is missing"),
        (not_a_number, r"L807.*W of the layer 'linear'"),
        (wrong_type, r"L806.*is float64 in the file, and must be float32"),
        (wrong_ref, r"L806.*'lstm_textcat' calls `output_layer`"),
        (wrong_attribute, r"L806.*`ngram_size`.*is 1000000000 .* must be 2\."),
        (rate_out_of_range, r"L806.*`dropout_rate`.*is 2\.0 .*a number from 0 to 1"),
        (function, r"L806.*`resize_output`"),
        (keys_not_sorted, r"L806.*`keys`.*sorted"),
        (keys_without_weights, r"L806.*the number of weights of n-grams"),
        (one_layer_less, r"L806.*the number of layers"),
        (other_layer, r"L806.*is 'softmax' in the file, and must be 'linear'"),
    ],
)
def test_says_what_does_not_fit(edit, message):
    assert_refused(edit, message, pipelines.textcat_model(linear_model=NGRAMS))


def assert_refused(edit, message, config):
    target = rebuilt(config)
    before = target.to_bytes()
    with pytest.raises(ValueError, match=message):
        saved(edited(edit, config), target).read(None)
    assert target.to_bytes() == before


def longer(rows):
    return numpy.append(rows, rows[-1:])


def too_large(rows):
    return rows + numpy.asarray(2**15, dtype=rows.dtype)


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("keys", lambda rows: rows[::-1].copy(), "the sorted hashes"),
        ("keys", lambda rows: numpy.arange(500, dtype="uint64"), "500 n-grams.*300"),
        ("keys", lambda rows: rows[:-1], "fit together"),
        ("parts", too_large, "fit together"),
        ("parts", lambda rows: rows[:-1], "fit together"),
        ("starts", longer, "fit together"),
        ("starts", lambda rows: rows[::-1].copy(), "begin"),
        ("starts", lambda rows: rows.astype("int64"), "begin"),
        ("columns", too_large, "the column .* of 2 labels"),
        ("columns", longer, "fit together"),
        ("counts", longer, "fit together"),
        ("counts", lambda rows: -rows, "counts of texts"),
        ("counts", lambda rows: rows * numpy.float32("nan"), "counts of texts"),
        ("priors", lambda rows: rows * 3, "the shares of the labels"),
        ("priors", longer, "the width of the layer 'log_odds_embed' is .* must be"),
    ],
)
def test_says_what_is_wrong_with_counts(name, change, message):
    def edit(saved_model, places):
        attrs = saved_model["attrs"][places["log_odds_embed"]]
        attrs[name] = srsly.msgpack_dumps(change(srsly.msgpack_loads(attrs[name])))

    embed = {**LOG_ODDS, "embed": pipelines.EMBED}
    config = pipelines.textcat_model(tok2vec(pipelines.ENCODE, embed), linear_model=None)
    assert_refused(edit, f"(?s)L806.*{message}", config)


def test_a_layer_from_elsewhere_is_loaded_as_thinc_loads_it():
    def forward(model, X, is_train):
        return X, lambda dY: dY

    def make():
        params = {"any": numpy.ones((2, 3), dtype="float64")}
        return Model("theirs", forward, params=params, attrs={"theirs": 1})

    model = make()
    model.attrs["theirs"] = [2]
    data = model.to_bytes()
    target = make()
    target.from_dict(saved(data, target, None).read(None))
    assert target.attrs["theirs"] == [2]
    assert target.to_bytes() == data


def test_every_layer_of_the_fixtures_is_known():
    nlp = build()
    for _, pipe in nlp.pipeline:
        assert all(has_shapes(node) for node in pipe.model.walk())
    assert has_shapes(expand_window(1))
