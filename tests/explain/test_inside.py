"""Gates and states of the LSTM of a pipeline."""

import json

import numpy
import pytest

from spacy_lstm.explain import gates

from ..ner_pipelines import ner_model, train_ner
from ..pipelines import CNN, ENCODE, TOK2VEC, blank, listener, textcat_pipeline, train
from .pipes import NAMES, TEXT, trained


@pytest.mark.parametrize("kind", ["two labels", "bio", "shared ner"])
def test_hidden_states_are_the_vectors_that_the_component_reads(kind):
    nlp = trained(kind)
    result = gates(nlp, NAMES)
    (name, pipe) = nlp.pipeline[0]
    assert result.component == name
    model = pipe.model if name == "tok2vec" else pipe.model.get_ref("tok2vec")
    wanted = model.predict([nlp.make_doc(NAMES)])[0]
    numpy.testing.assert_allclose(result.vectors, wanted, rtol=1e-5, atol=1e-6)
    if name != "tok2vec":  # which normalizes them
        sides = [part.hidden for part in result.parts]
        numpy.testing.assert_array_equal(numpy.hstack(sides), result.vectors)
    assert [(part.layer, part.direction) for part in result.parts] == [
        (0, "forward"),
        (0, "backward"),
    ]
    for part in result.parts:
        for gate in (part.input, part.forget, part.output):
            assert gate.shape == (7, 12)
            assert (gate > 0).all()
            assert (gate < 1).all()
    assert result.tokens == NAMES.split()
    assert "".join(map("".join, zip(result.tokens, result.whitespace, strict=True))) == NAMES
    if name == "tok2vec":
        by_head = gates(nlp, NAMES, "ner")
        assert by_head.component == "tok2vec"
        numpy.testing.assert_array_equal(by_head.vectors, result.vectors)


def test_json():
    result = gates(trained("two labels"), TEXT)
    data = json.loads(json.dumps(result.to_dict()))
    assert data["direction"] == "ltr"
    assert data["parts"][1]["direction"] == "backward"
    assert data["parts"][1]["cell"] == result.parts[1].cell.tolist()
    assert data["vectors"] == result.vectors.tolist()


def test_the_document_is_not_changed_and_may_be_empty():
    nlp = trained("shared ner")
    doc = nlp(NAMES)
    before = doc.to_bytes()
    gates(nlp, doc)
    assert doc.to_bytes() == before
    assert gates(nlp, "").vectors.shape == (0, 24)


def test_which_component():
    nlp = trained("two labels")
    with pytest.raises(ValueError, match=r"L854.*'ner'.*'textcat'"):
        gates(nlp, TEXT, "ner")
    other = blank()
    other.add_pipe("tagger")
    with pytest.raises(ValueError, match=r"L868.*tagger"):
        gates(other, TEXT)
    for name in ("sentencizer", "textcat"):
        other.add_pipe(name)
    with pytest.raises(ValueError, match=r"L864.*'sentencizer'.*no model"):
        gates(other, TEXT, "sentencizer")


def test_several():
    nlp = textcat_pipeline()
    train(nlp, steps=1)
    nlp.add_pipe("ner", source=trained("biluo"))
    with pytest.raises(ValueError, match=r"L853.*'textcat', 'ner'"):
        gates(nlp, TEXT)
    assert gates(nlp, TEXT, "ner").component == "ner"


def test_another_encoder():
    nlp = blank()
    nlp.add_pipe("tok2vec", config={"model": CNN})
    nlp.add_pipe("lstm_ner", name="ner", config={"model": ner_model(listener())})
    train_ner(nlp, steps=1)
    with pytest.raises(ValueError, match=r"L867.*'ner' has no LSTM.*only"):
        gates(nlp, NAMES, "ner")
    with pytest.raises(ValueError, match=r"L868.*tok2vec, ner"):
        gates(nlp, NAMES)


def test_with_layers_and_normalization():
    encode = {**ENCODE, "depth": 2, "layer_norm": True, "residual": True, "bidirectional": False}
    nlp = blank()
    tok2vec = {**TOK2VEC, "encode": encode}
    nlp.add_pipe("lstm_ner", name="ner", config={"model": ner_model(tok2vec)})
    train_ner(nlp, steps=2)
    result = gates(nlp, NAMES)
    assert [(part.layer, part.direction) for part in result.parts] == [
        (0, "forward"),
        (1, "forward"),
    ]
    wanted = nlp.get_pipe("ner").model.get_ref("tok2vec").predict([nlp.make_doc(NAMES)])[0]
    numpy.testing.assert_allclose(result.vectors, wanted, rtol=1e-5, atol=1e-5)
