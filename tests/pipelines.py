"""Small pipelines and examples that many tests need."""

from typing import Any, Dict, List, Optional

import spacy
from spacy.language import Language
from spacy.training import Example
from thinc.api import Config, fix_random_seed

TEXTCATS = ["lstm_textcat", "lstm_textcat_multilabel"]
POSITIVE = [
    "a great film",
    "I loved it so much",
    "wonderful acting",
    "what a joy it was",
    "simply superb",
    "they were brilliant",
    "a warm and funny story",
    "the best of the year",
    "charming from start to end",
    "I would see it again",
]
NEGATIVE = [
    "an awful film",
    "I hated it so much",
    "dreadful acting",
    "what a bore it was",
    "simply bad",
    "they were terrible",
    "a cold and stupid story",
    "the worst of the year",
    "tedious from start to end",
    "I want my money back",
]
TAGS = ["DET", "ADJ", "NOUN"]

EMBED = {
    "@architectures": "spacy.MultiHashEmbed.v2",
    "width": 16,
    "attrs": ["NORM", "SHAPE"],
    "rows": [300, 50],
    "include_static_vectors": False,
}
ENCODE = {"@architectures": "spacy_lstm.BiLSTMEncoder.v1", "width": 24, "depth": 1, "dropout": 0.0}
TOK2VEC = {"@architectures": "spacy.Tok2Vec.v2", "embed": EMBED, "encode": ENCODE}
CNN = {
    "@architectures": "spacy.HashEmbedCNN.v2",
    "width": 24,
    "depth": 1,
    "embed_size": 200,
    "window_size": 1,
    "maxout_pieces": 2,
    "subword_features": False,
    "pretrained_vectors": None,
}
NGRAMS = {
    "@architectures": "spacy.TextCatBOW.v3",
    "exclusive_classes": True,
    "ngram_size": 2,
    "length": 1024,
    "no_output_layer": True,
}


def listener(upstream: str = "tok2vec", width: int = 24) -> Dict[str, Any]:
    return {"@architectures": "spacy.Tok2VecListener.v1", "width": width, "upstream": upstream}


def textcat_model(tok2vec: Optional[Dict[str, Any]] = None, **settings: Any) -> Dict[str, Any]:
    return {
        "@architectures": "spacy_lstm.TextCat.v1",
        "tok2vec": tok2vec or TOK2VEC,
        "pooling": "max",
        "linear_model": NGRAMS,
        **settings,
    }


def blank(seed: int = 0) -> Language:
    fix_random_seed(seed)
    return spacy.blank("en")


def textcat_pipeline(factory: str = "lstm_textcat", *, seed: int = 0, **settings: Any) -> Language:
    nlp = blank(seed)
    config = {"model": textcat_model(), **settings}
    nlp.add_pipe(factory, name="textcat", config=config)
    return nlp


def shared_pipeline(factory: str = "lstm_textcat", *, seed: int = 0) -> Language:
    nlp = blank(seed)
    nlp.add_pipe("lstm_encoder", name="tok2vec", config={"model": TOK2VEC})
    nlp.add_pipe(factory, name="textcat", config={"model": textcat_model(listener())})
    return nlp


def example(nlp: Language, text: str, cats: Dict[str, float], **more: Any) -> Example:
    return Example.from_dict(nlp.make_doc(text), {"cats": cats, **more})


def examples(nlp: Language) -> List[Example]:
    """20 texts, each with exclusive categories."""
    return [
        *(example(nlp, text, {"POS": 1.0, "NEG": 0.0}) for text in POSITIVE),
        *(example(nlp, text, {"POS": 0.0, "NEG": 1.0}) for text in NEGATIVE),
    ]


def train(
    nlp: Language, data: Optional[List[Example]] = None, *, steps: int = 20, **settings: Any
) -> Dict[str, float]:
    """Initialize and update. RETURNS: The losses of the last step."""
    data = examples(nlp) if data is None else data
    optimizer = nlp.initialize(lambda: data)
    optimizer.learn_rate = 0.01
    losses: Dict[str, float] = {}
    for _ in range(steps):
        losses = nlp.update(data, sgd=optimizer, **settings)
    return losses


def cats(nlp: Language, text: str = "a great but tedious story") -> Dict[str, float]:
    return dict(nlp(text).cats)


def accuracy(nlp: Language) -> float:
    return nlp.evaluate(examples(nlp))["cats_micro_f"]


def size_of_batches(config: Config) -> str:
    """RETURNS: The name of the setting, in a training config, of the number of texts in a batch."""
    return "max_docs" if "max_docs" in config["training"]["batcher"] else "size"
