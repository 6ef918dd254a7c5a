"""Settings of every function that spacy-lstm registers: what they are is read off the signatures,
and what they are set to is anything, above all the limits of what makes sense."""

import inspect
import math
import random
from typing import Any, Callable, Dict, Iterator, List, Tuple, get_type_hints

from thinc.api import Config

from ..ner_pipelines import ner_model
from ..pipelines import NGRAMS, listener, textcat_model
from .text_pipelines import BEST, FEATURES, LINEAR, chars

#: What any setting may be set to. Sizes of a table or a layer are never huge here: a config that
#: asks for more memory than there is isn't wrong.
ANY: List[Any] = [
    None,
    True,
    False,
    0,
    1,
    -1,
    1.5,
    math.nan,
    math.inf,
    "",
    "x",
    "1",
    "null",
    [],
    {},
]
ANY += [[1, 2], ["x"], {"x": 1}, {"@architectures": "spacy_lstm.Unknown.v1"}, {"@schedules": "x"}]
ANY += [{"@schedules": "constant.v1", "rate": 0.1}]
SMALL = [-(2**63), -1, 0, 1, 2, 3, 4, 5, 8, 24]
LARGE = [*SMALL, 2**31, 2**40, 2**63, 10**30]
FLOATS = [-math.inf, -1.0, -1e-300, 0.0, 1e-320, 1e-12, 0.1, 0.5, 1 - 1e-16, 1.0, 2.0, 1e30, 1e308]
FLOATS += [math.inf, math.nan]
SCHEDULES: List[Any] = [
    [],
    [0.1],
    [math.nan],
    {"@schedules": "constant.v1", "rate": 0.0},
    {"@schedules": "compounding.v1", "start": 1, "stop": 10, "compound": 1.5},
    {"@schedules": "spacy_lstm.warmup_decay.v1", "base_rate": 1, "warmup_steps": 2, "decay": 0.1},
]
#: Integers that say no size of an array.
COUNTS = (
    "ngram_size",
    "min_count",
    "max_ngrams",
    "max_tokens",
    "max_docs",
    "limit",
    "seed",
    "max_skipped_steps",
    "min_label_count",
    "warmup_steps",
    "total_steps",
)

#: What settings may be set to that are no plain numbers.
OPTIONS: Dict[str, List[Any]] = {
    "activation": ["tanh", "relu", "sigmoid", "TANH"],
    "adversarial": [
        {"epsilon": 1.0, "method": "embeddings"},
        {"epsilon": 1e-300, "method": "encoding"},
        {"epsilon": 1e308, "method": "embeddings"},
        {"epsilon": math.nan, "method": "encoding"},
        {"epsilon": "x", "method": "encoding"},
        {"epsilon": 1.0, "method": 1},
        {"epsilon": 1.0, "method": []},
        {"epsilon": 1.0},
    ],
    "attr": ["ORTH", "LOWER", "SHAPE", "SUFFIX", "ENT_TYPE", "lower"],
    "averages_decay": [0.0, 0.99],
    "cat_pattern": ["(.*)", "(", "x", "(?P<a>x)|y", "(.)*$"],
    "class_weights": [
        "balanced",
        {"A": 1.0},
        {"A": 1e308, "B": 1e-308},
        {"A": math.inf},
        {"A": math.nan},
        {"A": "x"},
        {"A": True},
        {"X": 2.0},
        {1: 2.0},
    ],
    "corpus": ["brown", "no such corpus", "./no_such_folder", "x.zip", "a/b\x00c", "."],
    "encoder": ["cnn", "lstm", "transformer"],
    "encoding": ["utf8", "latin-1", "no-such", "utf-16", "base64", "idna", "\x00"],
    "fileids": [[], ["x"], ".*", "(", [""], ["../x"], "pos.*", [None]],
    "incorrect_spans_key": ["wrong", "x", "lstm_ner"],
    "kind": ["auto", "files", "lines", "chunked", "treebank", "tweet", "toktok", "wordpunct"],
    "labels": [["A", "B"], [], ["A"], ["A", "A"], [""], [1], ["A", "B", "\x00", " "], "AB"],
    "mode": ["marginals", "viterbi", "posterior"],
    "path": ["auto", "\x00"],
    "pooling": ["max", "last", [], ["max", "mean", "attention", "last"], ["max", "max"], [[]]],
    "positive_label": ["A", "B", "X"],
    "precision": ["float32", "bfloat16", "auto", "float16"],
    "reset": ["sentence", "document"],
    "scheme": ["BILUO", "BIO", "IOB"],
    "scorer": [{"@scorers": "spacy_lstm.ner_scorer.v1"}],
    "spans_key": ["lstm_ner", "sc", " ", "wrong"],
    "split": ["train", "dev", "test", "x"],
    "upstream": ["tok2vec", "*", "nowhere", ""],
}


def settings_of(function: Callable) -> Dict[str, Any]:
    """function (Callable): A registered function.
    RETURNS (Dict[str, Any]): The names of its settings, and their types.
    """
    target = function.__init__ if inspect.isclass(function) else function  # type: ignore[misc]
    hints = get_type_hints(target)
    names = [name for name in inspect.signature(function).parameters if name not in ("nlp", "name")]
    return {name: hints.get(name, Any) for name in names}


def random_value(rng: random.Random, name: str, hint: Any) -> Any:
    """rng (random.Random): The source of chance.
    name (str): The name of a setting.
    hint (Any): Its type.
    RETURNS (Any): A value, mostly one of the type.
    """
    if rng.random() < 0.12:
        return rng.choice(ANY)
    kind = str(hint)
    pools: List[List[Any]] = []
    if name in OPTIONS:
        pools.append(OPTIONS[name])
    if "int" in kind:
        pools.append(LARGE if name in COUNTS else SMALL)
    if "float" in kind:
        pools.append(FLOATS)
    if "Generator" in kind or "Iterable" in kind:
        pools.append(SCHEDULES)
    if "bool" in kind:
        pools.append([True, False])
    return rng.choice(rng.choice(pools or [ANY]))


#: Configs of components, by the name of the factory.
COMPONENTS: List[Tuple[str, Dict[str, Any]]] = [
    ("lstm_textcat", {"model": textcat_model(BEST, linear_model=LINEAR)}),
    ("lstm_textcat", {"model": textcat_model(chars("cnn"), pooling=["last", "attention"])}),
    ("lstm_textcat", {"model": textcat_model(listener())}),
    ("lstm_textcat_multilabel", {"model": textcat_model(BEST, linear_model=NGRAMS)}),
    ("lstm_textcat_multilabel", {"model": textcat_model(linear_model=None, hidden_width=5)}),
    ("lstm_ner", {"model": ner_model(chars("lstm"), linear_model=FEATURES)}),
    ("lstm_ner", {"model": ner_model(BEST, hidden_width=5)}),
    ("lstm_ner", {"model": ner_model(listener(), linear_model=FEATURES)}),
    ("lstm_encoder", {"model": BEST}),
]

#: Blocks of all else.
BLOCKS: List[Dict[str, Any]] = [
    {"@layers": "spacy_lstm.LSTM.v1", "nO": 4, "nI": 3},
    {"@layers": "spacy_lstm.CRF.v1", "nO": 5},
    {"@optimizers": "spacy_lstm.Adam.v1"},
    {"@schedules": "spacy_lstm.warmup_then.v1", "warmup_steps": 2, "schedule": [0.1, 0.2]},
    {
        "@schedules": "spacy_lstm.warmup_decay.v1",
        "base_rate": 0.1,
        "warmup_steps": 3,
        "decay": 0.1,
    },
    {
        "@schedules": "spacy_lstm.warmup_cosine.v1",
        "base_rate": 0.1,
        "warmup_steps": 3,
        "total_steps": 9,
    },
    {"@batchers": "spacy_lstm.batch_by_tokens_and_docs.v1", "max_tokens": 9, "max_docs": 3},
    {"@loggers": "spacy_lstm.ProgressLogger.v1"},
    {"@readers": "spacy_lstm.NLTKCorpus.v1", "corpus": "FOLDER"},
    {"@tokenizers": "spacy_lstm.NLTKTokenizer.v1"},
]


def blocks_in(block: Dict[str, Any]) -> Iterator[Dict[str, Any]]:
    """block (Dict[str, Any]): A block of a config.
    YIELDS (Dict[str, Any]): It, and all blocks in it.
    """
    yield block
    for value in block.values():
        if isinstance(value, dict):
            yield from blocks_in(value)


def copied(block: Dict[str, Any]) -> Dict[str, Any]:
    """block (Dict[str, Any]): A block of a config.
    RETURNS (Dict[str, Any]): A copy of it and all that is in it.
    """
    return dict(Config(block).copy())
