"""Heads that are trained adversarially, and what they learnt."""

from thinc.api import Optimizer

from .ner_pipelines import TEXTS, ner_example, ner_model
from .pipelines import NGRAMS, TOK2VEC, blank, example, textcat_model

FACTORIES = ["lstm_textcat", "lstm_textcat_multilabel", "lstm_ner"]
EPSILON = 0.7
SHORT_NGRAMS = {**NGRAMS, "length": 64}
WORDS = {"@architectures": "spacy_lstm.WordFeatures.v1", "length": 64}


def setting(method="embeddings", epsilon=EPSILON):
    return {"epsilon": epsilon, "method": method}


def make_examples(nlp):
    """Texts with categories and entities, and one without tokens."""
    data = []
    for i, (text, entities) in enumerate(TEXTS[:4]):
        eg = ner_example(nlp, text, entities)
        eg.reference.cats = {"A": float(i % 2), "B": float(1 - i % 2)}
        data.append(eg)
    data.insert(2, example(nlp, "", {"A": 1.0, "B": 0.0}))
    return data


def make(factory, *, tok2vec=TOK2VEC, linear=True, version="v2", **settings):
    """A pipeline of one component, which was trained for a few steps. RETURNS: It, and its data."""
    nlp = blank()
    if factory == "lstm_ner":
        architecture = f"spacy_lstm.CRFTagger.{version}"
        linear_model = WORDS if linear else None
        model = ner_model(tok2vec, linear_model=linear_model, **{"@architectures": architecture})
    else:
        model = textcat_model(tok2vec, linear_model=SHORT_NGRAMS if linear else None)
    pipe = nlp.add_pipe(factory, name="head", config={"model": model, **settings})
    data = make_examples(nlp)
    nlp.initialize(lambda: data)
    chosen, pipe.adversarial = pipe.adversarial, None
    for _ in range(3):  # away from zeros, which let no gradient through
        pipe.update(data, sgd=Optimizer(0.01, use_averages=False))
    pipe.adversarial = chosen
    return pipe, data


def copies(model):
    grads = {}
    for i, node in enumerate(model.walk()):
        for name in node.grad_names:
            grads[i, name] = node.get_grad(name).astype("float64")
    return grads


def forget(model):
    for node in model.walk():
        for name in node.grad_names:
            node.set_grad(name, node.get_grad(name) * 0)
