"""Every recipe computes on a GPU what it computes on a processor, and learns there."""

import pytest
import spacy
from spacy.training import Example
from spacy.util import load_model_from_config
from thinc.api import Config, fix_random_seed, require_cpu, require_gpu

from spacy_lstm.training.recipes import Recipe
from spacy_lstm.training.recipes.build import make_config

from ..ner_pipelines import TEXTS, annotated
from ..pipelines import NEGATIVE, POSITIVE

PIPELINES = [
    ["textcat"],
    ["textcat_multilabel"],
    ["ner"],
    ["textcat", "ner"],
]
#: What is drawn by chance differs between a GPU and a processor.
BY_CHANCE = ("dropout", "rate", "recurrent_dropout")


def without_chance(settings):
    return {
        key: 0.0
        if key in BY_CHANCE and isinstance(value, float)
        else without_chance(value)
        if isinstance(value, dict)
        else value
        for key, value in settings.items()
    }


def config_of(names, recipe):
    config = Config().from_str(make_config(pipeline=names, optimize=recipe, gpu=True))
    components = {name: without_chance(of) for name, of in config["components"].items()}
    return Config({**config, "components": components, "system": {"seed": 0}})


def make_examples(nlp):
    labels = {**dict.fromkeys(POSITIVE, "POS"), **dict.fromkeys(NEGATIVE, "NEG")}
    docs = [nlp.make_doc(text) for text in labels]
    for doc in docs:
        doc.cats = {label: float(label == labels[doc.text]) for label in ("POS", "NEG")}
    docs += [annotated(nlp, text, entities) for text, entities in TEXTS]
    for doc in docs[len(labels) :]:
        doc.cats = {"POS": 1.0, "NEG": 0.0}
    return [Example(nlp.make_doc(doc.text), doc) for doc in docs]


def trained(config, *, steps):
    """RETURNS: A pipeline that was trained with dropout."""
    fix_random_seed(0)
    nlp = load_model_from_config(config)
    examples = make_examples(nlp)
    optimizer = nlp.initialize(lambda: examples)
    optimizer.learn_rate = 0.01
    for _ in range(steps):
        nlp.update(examples, sgd=optimizer, drop=0.1)
    return nlp


def loaded(config, content):
    fix_random_seed(0)
    return load_model_from_config(config).from_bytes(content)


def outputs(nlp):
    """RETURNS: Some texts, annotated."""
    return list(nlp.pipe([*POSITIVE[:4], *(text for text, _ in TEXTS), "New York", ""]))


def assert_alike(docs, others, atol=1e-4):
    for doc, other in zip(docs, others, strict=True):
        assert [(e.start, e.end, e.label_) for e in doc.ents] == [
            (e.start, e.end, e.label_) for e in other.ents
        ]
        assert doc.cats == pytest.approx(other.cats, abs=atol)


def step(nlp):
    """RETURNS: The losses of three steps, by component."""
    optimizer = nlp.resume_training()
    optimizer.learn_rate = 0.001
    examples = make_examples(nlp)
    return [dict(nlp.update(examples, sgd=optimizer, drop=0.0)) for _ in range(3)]


@pytest.mark.parametrize("recipe", list(Recipe), ids=lambda recipe: recipe.value)
@pytest.mark.parametrize("names", PIPELINES, ids="+".join)
def test_computes_and_learns_what_a_processor_does(names, recipe):
    config = config_of(names, recipe)
    fix_random_seed(0)
    nlp = load_model_from_config(config)
    nlp.initialize(lambda: make_examples(nlp))
    content = nlp.to_bytes()
    expected = outputs(nlp)
    losses = step(nlp)
    trained = outputs(nlp)

    require_gpu()
    on_gpu = loaded(config, content)
    assert all(
        "cupy" in type(node.ops).__name__.lower()
        for _, pipe in on_gpu.pipeline
        if hasattr(pipe, "model")
        for node in pipe.model.walk()
    )
    assert_alike(expected, outputs(on_gpu))
    for ours, theirs in zip(step(on_gpu), losses, strict=True):
        assert ours == pytest.approx(theirs, rel=5e-3)
    predicted = outputs(on_gpu)
    assert_alike(trained, predicted, atol=2e-3)
    saved = on_gpu.to_bytes()

    require_cpu()
    assert_alike(predicted, outputs(loaded(config, saved)))


@pytest.mark.parametrize("recipe", list(Recipe), ids=lambda recipe: recipe.value)
def test_trains_with_all_that_is_drawn_by_chance(recipe, tmp_path):
    require_gpu()
    config = Config().from_str(make_config(pipeline=["textcat", "ner"], optimize=recipe))
    nlp = trained(config, steps=60)
    scores = nlp.evaluate(make_examples(nlp))
    assert scores["cats_micro_f"] > 0.9
    assert scores["ents_f"] > 0.9
    nlp.to_disk(tmp_path / "model")
    again = spacy.load(tmp_path / "model")
    assert_alike(outputs(nlp), outputs(again), atol=1e-6)
