"""Small trained pipelines that tests explain."""

from functools import lru_cache

from ..ner_pipelines import ner_model, ner_pipeline, shared_ner_pipeline, train_ner
from ..pipelines import NGRAMS, blank, shared_pipeline, textcat_model, textcat_pipeline, train

TEXT = "a great but tedious story"
NAMES = "Anna met Ben Moss in New York"
WORDS = {"@architectures": "spacy_lstm.WordFeatures.v1", "length": 512}
OLD_NGRAMS = {
    **{name: value for name, value in NGRAMS.items() if name != "length"},
    "@architectures": "spacy.TextCatBOW.v2",
}


def stock(name):
    nlp = blank()
    nlp.add_pipe(name)
    return nlp


def textcat(factory="lstm_textcat", **settings):
    return textcat_pipeline(factory, model=textcat_model(**settings))


def ner(**settings):
    return ner_pipeline(model=ner_model(**settings))


TEXTCATS = {
    "two labels": lambda: textcat(pooling=["max", "mean", "last"]),
    "no n-grams": lambda: textcat(linear_model=None, hidden_width=8),
    "old n-grams": lambda: textcat(linear_model=OLD_NGRAMS),
    "attention": lambda: textcat(pooling=["max", "attention"]),
    "multilabel": lambda: textcat("lstm_textcat_multilabel"),
    "shared textcat": shared_pipeline,
}
NERS = {
    "biluo": ner,
    "bio": lambda: ner(scheme="BIO", linear_model=WORDS),
    "word features": lambda: ner(linear_model=WORDS, hidden_width=8),
    "pooled word features": lambda: ner(linear_model=WORDS, network_share=0.4),
    "shared ner": shared_ner_pipeline,
}
STOCK = {"stock textcat": lambda: stock("textcat"), "stock ner": lambda: stock("ner")}


@lru_cache
def trained(kind):
    """A pipeline for all tests, which must leave it as it is."""
    nlp = {**TEXTCATS, **NERS, **STOCK}[kind]()
    if kind in NERS or kind == "stock ner":
        train_ner(nlp, steps=20)
    else:
        train(nlp, steps=8)
    return nlp
