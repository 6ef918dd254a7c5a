"""Entity recognizers beside other components, and in spaCy's commands."""

from pathlib import Path

import pytest
import spacy
import srsly
from spacy.cli.evaluate import evaluate
from spacy.cli.find_threshold import find_threshold
from spacy.tokens import Doc, DocBin
from spacy.training import Example
from spacy.training.initialize import init_nlp
from spacy.util import load_config
from thinc.api import Adam

from ..commands import spacy_command
from ..ner_pipelines import (
    GOLD,
    TEXTS,
    entities,
    found,
    ner_example,
    ner_examples,
    ner_model,
    ner_pipeline,
    scores,
    shared_ner_pipeline,
    train_ner,
)
from ..pipelines import CNN, blank, listener, textcat_model

CONFIG = Path(__file__).resolve().parents[2] / "project" / "configs" / "ner.cfg"
TEXT = TEXTS[7][0]


@pytest.fixture
def data(tmp_path):
    path = tmp_path / "data.spacy"
    DocBin(docs=[eg.reference for eg in ner_examples(spacy.blank("en"))]).to_disk(path)
    return path


def test_replace_listeners_keeps_predictions():
    nlp = shared_ner_pipeline()
    train_ner(nlp, steps=15)
    before = scores(nlp(TEXT))
    nlp.replace_listeners("tok2vec", "ner", ["model.tok2vec"])
    nlp.remove_pipe("tok2vec")
    assert scores(nlp(TEXT)) == pytest.approx(before, abs=1e-6)
    again = spacy.util.load_model_from_config(nlp.config).from_bytes(nlp.to_bytes())
    # A copied model computes by other operations than a new one, until it is loaded again.
    assert scores(again(TEXT)) == pytest.approx(scores(nlp(TEXT)), abs=1e-6)
    assert again.get_pipe("ner").add_label("ORG") == 1


def test_head_on_spacys_cnn_and_sourced():
    nlp = blank()
    nlp.add_pipe("tok2vec", config={"model": CNN})
    nlp.add_pipe("lstm_ner", name="ner", config={"model": ner_model(listener())})
    train_ner(nlp, steps=40)
    assert found(nlp) == GOLD
    nlp.get_pipe("ner").cfg["temperature"] = 2.0
    target = blank()
    target.add_pipe("tok2vec", source=nlp)
    target.add_pipe("ner", source=nlp)
    assert scores(target(TEXT)) == scores(nlp(TEXT))


def test_two_heads_on_one_encoder():
    nlp = shared_ner_pipeline()
    model = textcat_model(listener(), linear_model=None)
    nlp.add_pipe("lstm_textcat", name="textcat", config={"model": model}, before="ner")
    data = ner_examples(nlp)
    for i, eg in enumerate(data):
        eg.reference.cats = {"EVEN": float(i % 2 == 0), "ODD": float(i % 2)}
    losses = train_ner(nlp, data, steps=40)
    assert set(losses) == {"tok2vec", "textcat", "ner"}
    assert found(nlp) == GOLD
    scored = nlp.evaluate(data)
    assert scored["ents_f"] == scored["cats_micro_f"] == 1.0


def test_a_head_that_knows_nothing_of_a_batch_does_not_stop_the_others():
    """The last listener sends the gradients of all on."""
    nlp = shared_ner_pipeline()
    model = textcat_model(listener(), linear_model=None)
    nlp.add_pipe("lstm_textcat", name="textcat", config={"model": model}, before="ner")
    data = ner_examples(nlp)
    for i, eg in enumerate(data):
        eg.reference.cats = {"EVEN": float(i % 2 == 0), "ODD": float(i % 2)}
    train_ner(nlp, data, steps=2)
    docs = [nlp.make_doc(text) for text, _ in TEXTS]
    only_cats = [Example(doc, doc.copy()) for doc in docs]
    for eg, other in zip(only_cats, data, strict=True):
        eg.reference.cats = other.reference.cats
    encoder = nlp.get_pipe("tok2vec").model.get_ref("encode")
    before = encoder.get_param("W0_forward").copy()
    nlp.update(only_cats, sgd=Adam(0.01))
    assert (encoder.get_param("W0_forward") != before).any()


def test_frozen_and_annotating():
    nlp = shared_ner_pipeline()
    train_ner(nlp, steps=5)
    encoder = nlp.get_pipe("tok2vec").model
    before = encoder.to_bytes()
    optimizer = nlp.resume_training()
    data = ner_examples(nlp)
    losses = [
        nlp.update(data, sgd=optimizer, exclude=["tok2vec"], annotates=["tok2vec"])["ner"]
        for _ in range(10)
    ]
    assert encoder.to_bytes() == before
    assert losses[-1] < losses[0]
    assert nlp.update(data, sgd=optimizer, annotates=["ner"])["ner"] > 0


def test_rules_before_it_are_kept():
    nlp = ner_pipeline()
    train_ner(nlp)
    ruler = nlp.add_pipe("entity_ruler", before="ner")
    ruler.add_patterns([{"label": "TRAIN", "pattern": "train"}])
    doc = nlp("the train to Berlin is late")
    assert entities(doc) == [(1, 2, "TRAIN"), (3, 4, "PLACE")]
    assert doc.ents[0]._.confidence is None
    assert doc.ents[1]._.confidence > 0.5


def test_works_in_several_processes():
    nlp = ner_pipeline(candidates=True)
    train_ner(nlp, steps=12)
    texts = [text for text, _ in TEXTS] * 3
    alone = list(nlp.pipe(texts))
    spread = list(nlp.pipe(texts, n_process=2, batch_size=8))
    assert [entities(doc) for doc in spread] == [entities(doc) for doc in alone]
    for a, b in zip(alone, spread, strict=True):
        assert scores(b) == pytest.approx(scores(a), abs=1e-5)
        assert [ent._.confidence for ent in b.ents] == [
            pytest.approx(ent._.confidence, abs=1e-5) for ent in a.ents
        ]


def test_the_same_alone_and_in_a_batch():
    nlp = ner_pipeline(candidates=True)
    train_ner(nlp, steps=8)
    texts = ["", *(text for text, _ in TEXTS), " "]
    for text, doc in zip(texts, nlp.pipe(texts), strict=True):
        alone = nlp(text)
        assert entities(alone) == entities(doc)
        assert scores(alone) == pytest.approx(scores(doc), abs=1e-5)


def test_predict_takes_any_iterable_and_changes_nothing():
    nlp = ner_pipeline()
    train_ner(nlp)
    docs = [nlp.make_doc(text) for text, _ in TEXTS]
    predictions = nlp.get_pipe("ner").predict(doc for doc in docs)
    assert [prediction.entities for prediction in predictions] == GOLD
    assert not any(doc.ents or doc.spans or doc.has_annotation("ENT_IOB") for doc in docs)


def test_warns_once_of_entities_that_are_no_tokens():
    nlp = ner_pipeline()
    train_ner(nlp, steps=0)
    eg = ner_example(nlp, TEXTS[1][0], TEXTS[1][1])
    merged = Example(Doc(nlp.vocab, ["Ben", "Mosssaw", "New", "York"]), eg.reference)
    with pytest.warns(UserWarning, match=r"LW621.*1 of 2.*'ner'"):
        nlp.update([merged])
    nlp.update([merged])  # a second warning would be an error here


# spaCy's commands


def saved(nlp, tmp_path):
    train_ner(nlp)
    nlp.to_disk(tmp_path / "model")
    return tmp_path / "model"


def test_evaluate(data, tmp_path):
    model = saved(shared_ner_pipeline(), tmp_path)
    scored = evaluate(str(model), data, tmp_path / "scores.json", silent=True)
    assert scored["ents_f"] == 1.0
    written = srsly.read_json(tmp_path / "scores.json")
    assert 0 <= written["ents_ece_low"] <= written["ents_ece_high"] <= 1
    assert 0 <= written["ents_ece"] < 0.2


def test_find_threshold(data, tmp_path):
    model = saved(ner_pipeline(), tmp_path)
    best, score, all_scores = find_threshold(
        str(model),
        data,
        pipe_name="ner",
        threshold_key="threshold",
        scores_key="ents_f",
        n_trials=5,
        silent=True,
    )
    assert 0 <= best < 1
    assert score == 1.0
    assert all_scores[1.0] < 1.0


@pytest.mark.parametrize("make", [ner_pipeline, shared_ner_pipeline])
def test_debug_model(make, data, tmp_path):
    nlp = make()
    nlp.config.to_disk(tmp_path / "config.cfg")
    paths = ["--paths.train", data, "--paths.dev", data]
    command = ["debug", "model", tmp_path / "config.cfg", "ner", "-P0", "-P3", *paths]
    result = spacy_command(*command)
    assert result.returncode == 0, result.stdout + result.stderr


def test_init_labels_and_train_from_them(data, tmp_path):
    paths = ["--paths.train", data, "--paths.dev", data]
    result = spacy_command("init", "labels", CONFIG, tmp_path / "labels", *paths)
    assert result.returncode == 0, result.stdout + result.stderr
    path = tmp_path / "labels" / "ner.json"
    assert srsly.read_json(path) == ["PERSON", "PLACE"]
    config = load_config(CONFIG, interpolate=False)
    config["paths"].update(train=str(data), dev=str(data))
    config["initialize"]["components"]["ner"] = {
        "labels": {"@readers": "spacy.read_labels.v1", "path": str(path)},
        "min_label_count": 2,
    }
    assert init_nlp(config).get_pipe("ner").labels == ("PERSON", "PLACE")


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # spaCy's
def test_package_names_us_as_a_requirement(tmp_path):
    model = saved(ner_pipeline(), tmp_path)
    result = spacy_command("package", model, tmp_path, "--name", "names", "--build", "none")
    assert result.returncode == 0, result.stdout + result.stderr
    (meta,) = tmp_path.glob("en_names-*/meta.json")
    requirements = srsly.read_json(meta)["requirements"]
    assert any(line.replace("_", "-").startswith("spacy-lstm>=0.1") for line in requirements)
