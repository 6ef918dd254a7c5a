"""What reads, explains and hardens a pipeline gives on a GPU what it gives on a processor."""

import numpy
import pytest
from spacy.training import Example
from thinc.api import require_cpu, require_gpu, to_numpy

from spacy_lstm.explain import explain, gates
from spacy_lstm.pipeline.ner_calibrate import calibrate_pipeline
from spacy_lstm.streaming import stream
from spacy_lstm.training.recipes import Recipe
from spacy_lstm.training.robustness import attack_pipeline

from ..adversarial_heads import FACTORIES, forget, make
from ..ner_pipelines import TEXTS
from .test_recipes import config_of, loaded, make_examples, outputs
from .test_recipes import trained as trained_nlp

TEXT = "Anna met Ben Moss in Rio de Janeiro . a great film"


@pytest.fixture(scope="module", params=["apart", "shared"])
def trained(request):
    """RETURNS: The config of a pipeline that was trained on the processor, and what is in it."""
    require_cpu()
    names = ["textcat", "ner"] if request.param == "shared" else ["ner"]
    config = config_of(names, Recipe.accuracy)
    if request.param == "apart":
        config["components"].update(config_of(["textcat"], Recipe.accuracy)["components"])
        config["nlp"]["pipeline"] = ["textcat", "ner"]
    return config, trained_nlp(config, steps=25).to_bytes()


def on_both(trained, compute):
    """RETURNS: What is computed on the processor, and on the GPU."""
    config, content = trained
    results = []
    for require in (require_cpu, require_gpu):
        require()
        results.append(compute(loaded(config, content)))
    return results


@pytest.mark.parametrize("component", ["textcat", "ner"])
@pytest.mark.parametrize("method", ["integrated_gradients", "gradient_x_input", "occlusion"])
def test_explain(trained, component, method):
    expected, got = on_both(trained, lambda nlp: explain(nlp, TEXT, component, method=method))
    assert got.label == expected.label
    assert got.score == pytest.approx(expected.score, abs=1e-3)
    assert got.scores.tolist() == pytest.approx(expected.scores.tolist(), abs=5e-3)


def test_gates(trained):
    expected, got = on_both(trained, lambda nlp: gates(nlp, TEXT, "textcat"))
    numpy.testing.assert_allclose(got.vectors, expected.vectors, atol=1e-4)
    for part, other in zip(got.parts, expected.parts, strict=True):
        numpy.testing.assert_allclose(part.cell, other.cell, atol=1e-4)


def test_stream(trained):
    def events(nlp):
        chunks = [" ".join(text for text, _ in TEXTS), " Anna saw New York."]
        return list(stream(nlp, chunks, lookahead=8, step=4))

    expected, got = on_both(trained, events)
    assert len(expected) > 3
    assert [type(event) for event in got] == [type(event) for event in expected]
    for event, other in zip(got, expected, strict=True):
        for key, value in other._asdict().items():
            assert getattr(event, key) == (
                pytest.approx(value, abs=1e-3) if isinstance(value, (float, dict)) else value
            )


def test_calibrate_and_attack(trained):
    def settings(nlp):
        [fitted] = calibrate_pipeline(nlp, make_examples(nlp))
        reports = attack_pipeline(nlp, [eg.reference for eg in make_examples(nlp)])
        scores = [next(iter(o.scores.values())) for report in reports for o in report.outcomes]
        return [fitted.after.temperature, fitted.after.threshold, *scores]

    expected, got = on_both(trained, settings)
    assert got == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize("method", ["embeddings", "encoding"])
@pytest.mark.parametrize("factory", FACTORIES)
def test_adversarial_training(factory, method):
    setting = {"epsilon": 0.7, "method": method}
    pipe, data = make(factory, adversarial=setting)
    content = pipe.to_bytes()
    gradients = []
    for require in (require_cpu, require_gpu):
        require()
        again, _ = make(factory, adversarial=setting)
        again.from_bytes(content)
        forget(again.model)
        again.update(data, sgd=None)
        nodes = [(node, name) for node in again.model.walk() for name in node.grad_names]
        gradients.append([to_numpy(node.get_grad(name)) for node, name in nodes])
    assert len(gradients[0]) > 8
    for got, expected in zip(gradients[1], gradients[0], strict=True):
        numpy.testing.assert_allclose(got, expected, atol=1e-3 * max(1, abs(expected).max()))


def test_rehearse(trained):
    def loss(nlp):
        for name in ("textcat", "ner"):
            if "tok2vec" in nlp.pipe_names:
                nlp.replace_listeners("tok2vec", name, ["model.tok2vec"])
        optimizer = nlp.resume_training()
        examples = [Example(doc.copy(), doc) for doc in outputs(nlp)]
        nlp.update(examples, sgd=optimizer, drop=0.0)
        return nlp.rehearse(make_examples(nlp), sgd=optimizer)

    expected, got = on_both(trained, loss)
    assert all(expected[name] > 0.0 for name in ("textcat", "ner")), expected
    assert got == pytest.approx(expected, rel=0.05, abs=1e-3)
