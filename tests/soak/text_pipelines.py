"""Small trained pipelines of every kind, for texts."""

from functools import cache
from typing import Any, Callable, Dict

from spacy.language import Language
from spacy.training import Example

from spacy_lstm.pipeline.nltk_tokenizer import NLTKTokenizer

from ..ner_pipelines import TEXTS, annotated, ner_model
from ..pipelines import EMBED, ENCODE, NGRAMS, POSITIVE, TOK2VEC, blank, listener, textcat_model

DISTINCT = {"@architectures": "spacy_lstm.DistinctEmbed.v1", "embed": EMBED}
BEST = {**TOK2VEC, "embed": DISTINCT}
LINEAR = {"@architectures": "spacy_lstm.NgramLinear.v1", "ngram_size": 2}
FEATURES = {"@architectures": "spacy_lstm.WordFeatures.v1", "length": 1000}


def chars(encoder: str) -> Dict[str, Any]:
    """encoder (str): "cnn" or "lstm".
    RETURNS (Dict[str, Any]): A tok2vec of words and their characters.
    """
    embed = {
        "@architectures": "spacy_lstm.CharEmbed.v1",
        "width": 8,
        "char_width": 4,
        "rows": 200,
        "encoder": encoder,
        "embed": {"@architectures": "spacy_lstm.WordDropout.v1", "embed": DISTINCT, "rate": 0.1},
    }
    return {**TOK2VEC, "embed": embed}


def _add_textcat(nlp: Language, factory: str = "lstm_textcat", **model: Any) -> None:
    nlp.add_pipe(factory, name="textcat", config={"model": textcat_model(**model)})


def _add_ner(nlp: Language, model: Dict[str, Any], **settings: Any) -> None:
    nlp.add_pipe("lstm_ner", name="ner", config={"model": ner_model(**model), **settings})


def _textcat(nlp: Language) -> None:
    pooling = ["max", "mean", "attention", "last"]
    _add_textcat(nlp, tok2vec=BEST, pooling=pooling, linear_model=LINEAR)


def _multilabel(nlp: Language) -> None:
    tok2vec = chars("cnn")
    _add_textcat(nlp, "lstm_textcat_multilabel", tok2vec=tok2vec, pooling="attention")


def _network_alone(nlp: Language) -> None:
    encode = {**ENCODE, "bidirectional": False, "peepholes": True, "layer_norm": True}
    tok2vec = {**TOK2VEC, "encode": encode}
    _add_textcat(nlp, tok2vec=tok2vec, pooling="last", linear_model=None, hidden_width=6)


def _marginals(nlp: Language) -> None:
    model = {"tok2vec": chars("lstm"), "linear_model": FEATURES, "network_share": 0.3}
    _add_ner(nlp, model, candidates=True, candidate_threshold=0.05)


def _viterbi(nlp: Language) -> None:
    nlp.add_pipe("sentencizer")
    model = {"tok2vec": BEST, "scheme": "BIO", "hidden_width": 6}
    _add_ner(nlp, model, mode="viterbi", reset="sentence")


def _posterior(nlp: Language) -> None:
    model = {"tok2vec": BEST, "linear_model": FEATURES}
    _add_ner(nlp, model, mode="posterior", threshold=0.2)


def _shared(nlp: Language) -> None:
    nlp.add_pipe("lstm_encoder", name="tok2vec", config={"model": BEST})
    _add_textcat(nlp, tok2vec=listener(), linear_model=NGRAMS)
    _add_ner(nlp, {"tok2vec": listener()})


def _nltk(kind: str) -> Callable[[Language], None]:
    def build(nlp: Language) -> None:
        nlp.tokenizer = NLTKTokenizer(nlp.vocab, kind=kind)
        _shared(nlp)

    return build


BUILDERS: Dict[str, Callable[[Language], None]] = {
    "textcat": _textcat,
    "multilabel": _multilabel,
    "network_alone": _network_alone,
    "marginals": _marginals,
    "viterbi": _viterbi,
    "posterior": _posterior,
    "shared": _shared,
    **{f"nltk_{kind}": _nltk(kind) for kind in ("treebank", "tweet", "toktok", "wordpunct")},
}


@cache
def trained(name: str) -> Language:
    """name (str): One of `BUILDERS`.
    RETURNS (Language): The pipeline, which has learnt a little.
    """
    nlp = blank()
    BUILDERS[name](nlp)
    data = []
    for (text, entities), other in zip(TEXTS, POSITIVE, strict=False):
        doc = annotated(nlp, text, entities)
        doc.cats = {"A": 1.0, "B": 0.0}
        data.append(Example(nlp.make_doc(text), doc))
        data.append(Example.from_dict(nlp.make_doc(other), {"cats": {"A": 0.0, "B": 1.0}}))
    optimizer = nlp.initialize(lambda: data)
    optimizer.learn_rate = 0.02
    for _ in range(15):
        nlp.update(data, sgd=optimizer)
    return nlp
