import pickle
import warnings

import numpy
import pytest
import spacy
from spacy.training import Example

from ..pipelines import (
    CNN,
    EMBED,
    ENCODE,
    NEGATIVE,
    POSITIVE,
    TAGS,
    TOK2VEC,
    accuracy,
    blank,
    cats,
    examples,
    listener,
    shared_pipeline,
    textcat_model,
    train,
)

TEXTS = ["a great film", "", " ", "I loved it so much that I would see it again", "bad"]


def rich_examples(nlp):
    """Texts with tags, entities and categories."""
    data = []
    for text in POSITIVE + NEGATIVE:
        doc = nlp.make_doc(text)
        tags = [TAGS[len(token) % 3] for token in doc]
        start = len(text.rsplit(" ", 1)[0]) + 1
        data.append(
            Example.from_dict(
                doc,
                {
                    "tags": tags,
                    "entities": [(start, len(text), "LAST")],
                    "cats": {"POS": float(text in POSITIVE), "NEG": float(text in NEGATIVE)},
                },
            )
        )
    return data


def stock_pipeline():
    """spaCy's own heads on our encoder."""
    nlp = blank()
    nlp.add_pipe("lstm_encoder", name="tok2vec", config={"model": TOK2VEC})
    tagger = {"@architectures": "spacy.Tagger.v2", "tok2vec": listener()}
    nlp.add_pipe("tagger", config={"model": tagger})
    ner = {
        "@architectures": "spacy.TransitionBasedParser.v2",
        "state_type": "ner",
        "extra_state_tokens": False,
        "hidden_width": 16,
        "maxout_pieces": 1,
        "use_upper": True,
        "tok2vec": listener(),
    }
    nlp.add_pipe("ner", config={"model": ner})
    textcat = {
        "@architectures": "spacy.TextCatReduce.v1",
        "exclusive_classes": True,
        "use_reduce_mean": True,
        "use_reduce_first": False,
        "use_reduce_last": False,
        "use_reduce_max": False,
        "tok2vec": listener(),
    }
    nlp.add_pipe("textcat", config={"model": textcat})
    return nlp


def test_default_model_learns():
    nlp = blank()
    nlp.add_pipe("lstm_encoder", name="tok2vec")
    model = textcat_model(listener(width=128))
    nlp.add_pipe("lstm_textcat", name="textcat", config={"model": model})
    train(nlp, steps=25)
    assert accuracy(nlp) == 1.0
    assert nlp("a great film")[:1].doc.tensor.shape == (3, 128)


def test_vectors_are_the_same_alone_and_in_a_batch():
    nlp = shared_pipeline()
    train(nlp, steps=3)
    encoder = nlp.get_pipe("tok2vec")
    docs = [nlp.make_doc(text) for text in TEXTS]
    together = encoder.predict(docs)
    for doc, vectors in zip(docs, together, strict=True):
        assert vectors.shape == (len(doc), 24)
        numpy.testing.assert_allclose(encoder.predict([doc])[0], vectors, atol=1e-6)
    only_empty = encoder.predict([nlp.make_doc(""), nlp.make_doc("")])
    assert [vectors.shape for vectors in only_empty] == [(0, 24), (0, 24)]


def test_spacys_own_heads_train_on_it(tmp_path):
    nlp = stock_pipeline()
    data = rich_examples(nlp)
    train(nlp, data, steps=50)
    scores = nlp.evaluate(data)
    assert scores["tag_acc"] > 0.95
    assert scores["ents_f"] > 0.95
    assert scores["cats_micro_f"] == 1.0
    nlp.to_disk(tmp_path)
    again = spacy.load(tmp_path)
    doc, same = nlp(POSITIVE[0]), again(POSITIVE[0])
    assert doc.to_json() == same.to_json()


def test_every_head_reaches_the_encoder():
    nlp = stock_pipeline()
    data = rich_examples(nlp)
    train(nlp, data, steps=2)  # some heads begin with zeros, which let no gradient through
    encode = nlp.get_pipe("tok2vec").model.get_ref("encode")
    names = ["tagger", "ner", "textcat"]

    def gradient(heads):
        for name in encode.param_names:
            if encode.has_grad(name):
                encode.set_grad(name, encode.get_grad(name) * 0)
        with nlp.select_pipes(enable=["tok2vec", *heads]):
            nlp._link_components()
            losses = nlp.update(data, sgd=False)
        nlp._link_components()
        assert losses["tok2vec"] > 0
        return encode.get_grad("W0_backward").copy()

    separate = [gradient([name]) for name in names]
    assert all(numpy.abs(g).max() > 0 for g in separate)
    # ner explores at random, so only the deterministic ones are compared with their sum.
    both = gradient(["tagger", "textcat"])
    numpy.testing.assert_allclose(both, separate[0] + separate[2], atol=1e-4)


def test_a_batch_is_forgotten_when_it_was_learnt():
    nlp = shared_pipeline()
    train(nlp, steps=1)
    for node in nlp.get_pipe("tok2vec").listeners:
        assert node._outputs is None
        assert node._backprop is None
    assert cats(pickle.loads(pickle.dumps(nlp))) == cats(nlp)


def test_fits_any_vectors():
    nlp = blank()
    tok2vec = {**TOK2VEC, "embed": CNN, "encode": {**ENCODE, "depth": 2}}
    nlp.add_pipe("lstm_textcat", name="textcat", config={"model": textcat_model(tok2vec)})
    train(nlp, steps=25)
    assert accuracy(nlp) == 1.0


# Two encoders


def two_encoders(order, upstreams, factory="lstm_encoder"):
    """Encoders `a` and `b`, and heads `x` and `y` that listen to the given upstreams."""
    nlp = blank()
    for name in order:
        if name in "ab":
            kind = factory if name == "a" else "lstm_encoder"
            nlp.add_pipe(kind, name=name, config={"model": TOK2VEC})
        else:
            model = textcat_model(listener(upstreams[name]))
            nlp.add_pipe("lstm_textcat", name=name, config={"model": model})
    return nlp


WRONG = [
    ("LW01", "abx", {"x": "a"}, "lstm_encoder"),
    ("LW01", "abx", {"x": "a"}, "tok2vec"),
    ("LW02", "abx", {"x": "*"}, "lstm_encoder"),
    ("LW01", "abxy", {"x": "b", "y": "a"}, "lstm_encoder"),
]


@pytest.mark.parametrize(("code", "order", "upstreams", "factory"), WRONG)
def test_warns_of_the_wrong_order(code, order, upstreams, factory):
    with pytest.warns(UserWarning, match=code):
        nlp = two_encoders(order, upstreams, factory)
    with pytest.warns(UserWarning, match=code):
        nlp.initialize(lambda: examples(nlp))
    config, data = nlp.config, nlp.to_bytes()
    with pytest.warns(UserWarning, match=code) as caught:
        spacy.util.load_model_from_config(config).from_bytes(data)
    wrong = [str(w.message) for w in caught]
    assert all("'a'" in message and "'b'" in message for message in wrong)


@pytest.mark.parametrize(
    ("order", "upstreams"),
    [("axby", {"x": "a", "y": "b"}), ("abx", {"x": "b"}), ("axb", {"x": "*"})],
)
def test_is_silent_about_the_right_order(order, upstreams):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nlp = two_encoders(order, upstreams)
        nlp.initialize(lambda: examples(nlp))
        spacy.util.load_model_from_config(nlp.config).from_bytes(nlp.to_bytes())


def test_the_warning_tells_what_helps():
    with pytest.warns(UserWarning, match="LW01") as caught:
        nlp = two_encoders("abx", {"x": "a"})
    assert 'nlp.replace_listeners("a", "x", ["model.tok2vec"])' in str(caught[0].message)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nlp.replace_listeners("a", "x", ["model.tok2vec"])
        nlp._link_components()


def test_works_in_several_processes():
    nlp = shared_pipeline()
    train(nlp, steps=3)
    texts = TEXTS * 5
    alone = [doc.cats for doc in nlp.pipe(texts)]
    spread = [doc.cats for doc in nlp.pipe(texts, n_process=2, batch_size=5)]
    for a, b in zip(alone, spread, strict=True):
        assert b == pytest.approx(a, abs=1e-5)


def test_embed_and_encode_are_named():
    nlp = shared_pipeline()
    model = nlp.get_pipe("tok2vec").model
    assert model.get_ref("embed").name.startswith("extract_features")
    assert model.get_ref("encode").name == "bilstm_encoder"
    assert EMBED["width"] != ENCODE["width"]


def test_the_precision_of_a_saved_pipeline_can_be_set_when_it_is_loaded(tmp_path):
    nlp = spacy.blank("en")
    nlp.add_pipe("lstm_encoder", name="tok2vec")
    nlp.initialize()
    nlp.to_disk(tmp_path)
    setting = "components.tok2vec.model.encode.precision"
    again = spacy.load(tmp_path, config={setting: "bfloat16"})
    encode = again.get_pipe("tok2vec").model.get_ref("encode")
    assert encode.attrs["precision"] == "bfloat16"
    assert spacy.load(tmp_path).get_pipe("tok2vec").model.get_ref("encode").attrs["precision"] == (
        "float32"
    )


def test_refuses_a_listener_that_expects_another_width():
    nlp = blank()
    nlp.add_pipe("lstm_encoder", name="tok2vec", config={"model": TOK2VEC})
    message = r"L215.*'textcat' listens to 'tok2vec'.*width 32.*width 24.*\${components.tok2vec"
    with pytest.raises(ValueError, match=message):
        nlp.add_pipe(
            "lstm_textcat", name="textcat", config={"model": textcat_model(listener(width=32))}
        )
