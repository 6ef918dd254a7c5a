"""Section 4, spaCy's own components on our encoder and on its CNN: same data, same steps.

Both are trained by turns, a batch each, with the settings of `spacy init config`, except for a
higher learning rate, and without vectors; encoders of width 96. The weights
of the last step are scored on the test set.
"""

import random
import statistics
import sys
import time
from functools import partial
from typing import Any, Callable, Dict, List, NamedTuple, Tuple

import spacy.util
import speed_nlp
from alternate import Spread, alternate, spread_of, times
from cells import markdown
from spacy.cli.init_config import init_config
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from speed_data import asset, bundled_docs
from speed_trees import tagged_docs
from thinc.api import Config

WIDTH = 96
BATCH = 32
LEARN_RATE = 0.003  # in so few steps both score higher with it than with spaCy's 0.001
Docs = Tuple[List[Doc], List[Doc]]


class Task(NamedTuple):
    """What a component learns.

    lang (str): The language.
    data (str): What of, for the table.
    docs (Callable[[bool], Docs]): The docs of train and test; all of them or some.
    score (str): The score that is shown.
    """

    lang: str
    data: str
    docs: Callable[[bool], Docs]
    score: str


def _bundled(full: bool) -> Docs:
    return bundled_docs("train"), bundled_docs("test")


def _conll(full: bool) -> Docs:
    limits = (8000, 1500) if full else (1000, 300)
    return tagged_docs("esp.train", limits[0]), tagged_docs("esp.testb", limits[1])


TASKS = {
    "tagger": Task("es", "parts of speech of conll2002 (Spanish)", _conll, "tag_acc"),
    "parser": Task("es", "trees by rule over conll2002, no treebank", _conll, "dep_las"),
    "ner": Task("en", "names of the bundled corpus", _bundled, "ents_f"),
    "spancat": Task("en", "names of the bundled corpus, as spans", _bundled, "spans_sc_f"),
    "textcat": Task("en", "sentiment of the bundled corpus", _bundled, "cats_macro_f"),
}


def make_config(component: str, lang: str, *, ours: bool) -> Config:
    """component (str): One of spaCy's components.
    lang (str): The language.
    ours (bool): On our encoder, or on spaCy's CNN.
    RETURNS (Config): A pipeline of the encoder and the component, which listens to it.
    """
    config = init_config(lang=lang, pipeline=[component], optimize="accuracy", silent=True)
    config["paths"]["vectors"] = None
    config["training"]["optimizer"]["learn_rate"] = LEARN_RATE
    encode: Dict[str, Any] = {
        "@architectures": "spacy.MaxoutWindowEncoder.v2",
        "width": WIDTH,
        "depth": 4,
        "window_size": 1,
        "maxout_pieces": 3,
    }
    if ours:
        encode = {
            "@architectures": "spacy_lstm.BiLSTMEncoder.v1",
            "width": WIDTH,
            "layer_norm": True,
        }
    config["components"]["tok2vec"]["model"] = speed_nlp.tok2vec_settings(encode, distinct=ours)
    if ours:
        config["components"]["tok2vec"]["factory"] = "lstm_encoder"
    return config


def measure(full: bool) -> Dict[str, Any]:
    """full (bool): More steps, more data, three seeds.
    RETURNS (Dict[str, Any]): The rows.
    """
    steps, seeds = (1000, (0, 1, 2)) if full else (100, (0,))
    rows, missing = [], {}
    for component, task in TASKS.items():
        if task.docs is _conll and asset("conll2002.zip") is None:
            missing[component] = (
                "conll2002.zip is neither in project/assets nor in the folder that "
                "$SPACY_LSTM_ASSETS names"
            )
            continue
        print("stock", component, file=sys.stderr, flush=True)
        found = [_train_both(component, task, steps, seed, full) for seed in seeds]
        rows.append(
            {
                "component": component,
                "data": task.data,
                "score": task.score,
                "ours": [run["scores"][0] for run in found],
                "peer": [run["scores"][1] for run in found],
                "step_ratio": found[0]["step_ratio"],
                "speed_ratio": found[0]["speed_ratio"],
                "words_per_second": found[0]["words_per_second"],
            }
        )
    return {"steps": steps, "seeds": len(seeds), "rows": rows, "missing": missing}


def _train_both(component: str, task: Task, steps: int, seed: int, full: bool) -> Dict[str, Any]:
    train, test = task.docs(full)
    both: List[Language] = []
    optimizers = []
    for ours in (True, False):
        spacy.util.fix_random_seed(seed)
        nlp = spacy.util.load_model_from_config(
            make_config(component, task.lang, ours=ours), auto_fill=True
        )
        optimizers.append(nlp.initialize(partial(_examples, nlp, train)))
        both.append(nlp)
    rng = random.Random(seed)
    taken: List[List[float]] = [[], []]
    for _ in range(steps):
        batch = rng.sample(train, BATCH)
        for i, nlp in enumerate(both):
            examples = _examples(nlp, batch)
            start = time.process_time()
            nlp.update(examples, drop=0.1, sgd=optimizers[i])
            taken[i].append(time.process_time() - start)
    ratios = [peer / our for our, peer in zip(*taken, strict=True)]
    texts = [doc.text for doc in test]
    found = alternate(*(partial(_run, nlp, texts) for nlp in both), pairs=9 if full else 3)
    n_words = sum(len(both[0].make_doc(text)) for text in texts)
    return {
        "scores": [nlp.evaluate(_examples(nlp, test))[task.score] for nlp in both],
        # The first steps of both include what is only done once.
        "step_ratio": Spread(statistics.median(ratios), *_middle(ratios[5:])),
        "speed_ratio": found.ratio,
        "words_per_second": [n_words / spread_of(s).median for s in (found.ours, found.peer)],
    }


def _middle(ratios: List[float]) -> Tuple[float, float]:
    # Batches differ: of many steps, the range of the middle nine tenths says more than the ends.
    cuts = statistics.quantiles(ratios, n=20)
    return cuts[0], cuts[-1]


def _examples(nlp: Language, docs: List[Doc]) -> List[Example]:
    return [
        Example(
            Doc(nlp.vocab, words=[t.text for t in doc], spaces=[bool(t.whitespace_) for t in doc]),
            doc.copy(),
        )
        for doc in docs
    ]


def _run(nlp: Language, texts: List[str]) -> None:
    for _ in nlp.pipe(texts, batch_size=256):
        pass


def tables(data: Dict[str, Any]) -> str:
    """data (Dict[str, Any]): What was measured.
    RETURNS (str): A table in Markdown.
    """
    header = ["component", "data", "score", "on ours", "on the CNN", "step, faster"]
    header += ["text → Doc, faster", "words/s on ours", "on the CNN"]
    rows = [
        [
            row["component"],
            row["data"],
            row["score"],
            _score(row["ours"]),
            _score(row["peer"]),
            times(Spread(*row["step_ratio"])),
            times(Spread(*row["speed_ratio"])),
            *(f"{speed:,.0f}" for speed in row["words_per_second"]),
        ]
        for row in data["rows"]
    ]
    notes = [f"- Not measured: {name}. {why}." for name, why in data["missing"].items()]
    intro = (
        f"{data['steps']} steps of {BATCH} docs, {data['seeds']} seed(s), scores on test of the "
        "last weights: enough to compare, not to be good. In brackets, for steps, the middle nine "
        "tenths."
    )
    return "\n\n".join([intro, markdown(header, rows), *(["\n".join(notes)] if notes else [])])


def _score(values: List[float]) -> str:
    mean = 100 * statistics.mean(values)
    return f"{mean:.1f}" + (f" ± {100 * statistics.stdev(values):.1f}" if len(values) > 1 else "")
