"""What is changed in the recipe `accuracy` to see what each ingredient is worth: edit it with the
recipe. A path that isn't there, or has the value already, is an error."""

from typing import Any, Dict, NamedTuple


class At(NamedTuple):
    """The settings of another section, in place of a value.

    path (str): The path of the section, with dots.
    """

    path: str


#: New values, or sections to take the place, by the path of a setting.
Variation = Dict[str, Any]

TEXTCAT_MODEL = "components.textcat.model"
TEXTCAT_ODDS = f"{TEXTCAT_MODEL}.tok2vec.embed"  # log-odds, around word dropout
TEXTCAT_EMBED = f"{TEXTCAT_ODDS}.embed"  # word dropout, around distinct words
TEXTCAT_HASHES = f"{TEXTCAT_EMBED}.embed.embed"
NER_MODEL = "components.ner.model"
NER_EMBED = f"{NER_MODEL}.tok2vec.embed"  # characters, around word dropout, around distinct words
NER_HASHES = f"{NER_EMBED}.embed.embed.embed"


def _of_the_encoder(model: str) -> Dict[str, Variation]:
    """What the encoder has settings for, but this recipe doesn't use."""
    encode = f"{model}.tok2vec.encode"
    return {
        "one direction": {f"{encode}.bidirectional": False},
        "layer norm": {f"{encode}.layer_norm": True},
        "variational dropout": {f"{encode}.variational": True},
        "recurrent dropout 0.2": {f"{encode}.recurrent_dropout": 0.2},
        "two layers": {f"{encode}.depth": 2},
        "two layers, residual": {f"{encode}.depth": 2, f"{encode}.residual": True},
    }


#: By component and name, one ingredient less, a plainer one, or one that the recipe leaves out.
ABLATIONS: Dict[str, Dict[str, Variation]] = {
    "textcat": {
        "without the linear part": {f"{TEXTCAT_MODEL}.linear_model": None},
        "without log-odds": {TEXTCAT_ODDS: At(TEXTCAT_EMBED)},
        "without subword attributes": {
            f"{TEXTCAT_HASHES}.attrs": ["NORM"],
            f"{TEXTCAT_HASHES}.rows": [20000],
        },
        "without word dropout": {TEXTCAT_EMBED: At(f"{TEXTCAT_EMBED}.embed")},
        "linear part without beginnings of words": {f"{TEXTCAT_MODEL}.linear_model.prefixes": []},
        "linear part of single words": {f"{TEXTCAT_MODEL}.linear_model.ngram_size": 1},
        "pooling by the maximum alone": {f"{TEXTCAT_MODEL}.pooling": ["max"]},
        "pooling by the mean alone": {f"{TEXTCAT_MODEL}.pooling": ["mean"]},
        **_of_the_encoder(TEXTCAT_MODEL),
        "dropout 0.2": {"training.dropout": 0.2},
        "without averaged weights": {"training.optimizer.use_averages": False},
    },
    "ner": {
        "without the linear part": {f"{NER_MODEL}.linear_model": None},
        "scores added up, learnt together": {
            f"{NER_MODEL}.@architectures": "spacy_lstm.CRFTagger.v1",
            f"{NER_MODEL}.network_share": None,
        },
        "without characters": {NER_EMBED: At(f"{NER_EMBED}.embed")},
        "without word dropout": {f"{NER_EMBED}.embed": At(f"{NER_EMBED}.embed.embed")},
        "without subword attributes": {
            f"{NER_HASHES}.attrs": ["NORM"],
            f"{NER_HASHES}.rows": [30000],
        },
        "small tables": {f"{NER_HASHES}.rows": [5000, 1000, 2500, 1000]},
        "characters by a BiLSTM": {f"{NER_EMBED}.encoder": "lstm"},
        **_of_the_encoder(NER_MODEL),
        "the most probable tags": {
            "components.ner.mode": "marginals",
            "components.ner.threshold": 0.0,
        },
        "learn_rate 0.001 all the time": {"training.optimizer.learn_rate": 0.001},
        "without averaged weights": {"training.optimizer.use_averages": False},
    },
}

#: What is before the name of a row of `ADVERSARIAL` without the linear model.
ALONE = "BiLSTM alone, "

#: By name, the `adversarial` of the component. An epsilon that the recipe has is a row of it.
ADVERSARIAL: Dict[str, Any] = {
    "none": None,
    "embeddings, ε = 1": {"epsilon": 1.0, "method": "embeddings"},
    "encoding, ε = 1": {"epsilon": 1.0, "method": "encoding"},
}
