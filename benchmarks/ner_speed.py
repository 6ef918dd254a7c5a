"""Section 1, speed: text → `doc.ents`, ours by turns with spaCy's `ner`; and where the time goes.

Ours is the model of `nlp.add_pipe("lstm_ner")`.

All are trained on the same small number of steps, so that they find entities about as often as
there are some: how often is in the table. Tokenizers have seen the texts before, in all of them.
"""

import sys
from functools import partial
from pathlib import Path
from typing import Any, Dict, List
from zlib import crc32

import ner_stages
import spacy
from accuracy.sections import section
from alternate import Spread, alternate, spread_of, times
from cells import markdown
from ner_trained import (
    SPANISH,
    Corpus,
    Settings,
    our_fast_ner,
    read_corpus,
    stock_ner,
    trained,
    unmarked,
)
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.training import Example
from speed_nlp import nlp_without_blis

from spacy_lstm.pipeline.ner_calibrate import calibrate_pipeline

STEPS = 200
N_LABELS = 9  # so there are 37 tags

VITERBI, MARGINALS, POSTERIOR = "ours, viterbi", "ours, marginals", "ours, posterior"
MODES = {VITERBI: "viterbi", MARGINALS: "marginals", POSTERIOR: "posterior"}
STOCK, STOCK_FAST = "spaCy's ner -o efficiency", "spaCy's ner -o efficiency, without BLIS"


def measure(settings: Settings) -> Dict[str, Any]:
    """settings (Settings): How to measure.
    RETURNS (Dict[str, Any]): All that is measured of speed.
    """
    short = settings._replace(steps=min(STEPS, settings.steps or STEPS))
    corpus = read_corpus(SPANISH)
    texts = [doc.text for doc in corpus["test"]]
    seed = settings.seeds[0]
    our_path = trained(our_fast_ner(SPANISH), corpus, seed, short)
    relabeled = with_many_labels(corpus)
    many_path = trained(our_fast_ner(SPANISH), relabeled, seed, short)
    stock_path = trained(stock_ner(SPANISH), corpus, seed, short)
    ours = our_pipelines(our_path, corpus["dev"])
    stock = {
        STOCK: spacy.load(stock_path),
        STOCK_FAST: nlp_without_blis(spacy.load(stock_path)),
    }
    many = our_pipelines(many_path, relabeled["dev"])
    n_words = sum(len(doc) for doc in map(ours[MARGINALS].make_doc, texts))
    return {
        "source": f"{len(texts)} sentences of {SPANISH} (test), one after the other",
        "steps": short.steps,
        "gold": 100 * sum(len(doc.ents) for doc in corpus["test"]) / n_words,
        "found": {name: 100 * run(nlp, texts) / n_words for name, nlp in {**ours, **stock}.items()},
        "words": _words(ours, stock, texts, n_words, settings.pairs),
        "stages": {
            name: ner_stages.measure(nlp, texts, settings.pairs)
            for name, nlp in {**_with_tags(ours), **_with_tags(many)}.items()
        },
    }


def our_pipelines(path: Path, dev: List[Doc]) -> Dict[str, Language]:
    """path (Path): The folder of a pipeline.
    dev (List[Doc]): Annotated docs, by which the threshold of the mode "posterior" is chosen.
    RETURNS (Dict[str, Language]): The pipeline in each mode, as shipped and with the precision
        that suits the processor.
    """
    found = {}
    for name, mode in MODES.items():
        for suffix in ("", ", precision auto"):
            nlp = spacy.load(path, config={"components.ner.mode": mode})
            ner: Any = nlp.get_pipe("ner")
            for node in ner.model.walk():
                # The precision is saved with the weights, which are read after the config.
                if suffix and "precision" in node.attrs:
                    node.attrs["precision"] = "auto"
            if mode == "posterior":
                calibrate_pipeline(nlp, [Example(unmarked(doc), doc) for doc in dev])
            found[name + suffix] = nlp
    return found


def with_many_labels(corpus: Corpus) -> Corpus:
    """corpus (Corpus): A corpus, which stays as it is.
    RETURNS (Corpus): The corpus with nine labels, chosen by the text of an entity: so they are as
        good as random, and can still be learnt.
    """
    return {split: list(map(_relabeled, docs)) for split, docs in corpus.items()}


def _relabeled(doc: Doc) -> Doc:
    changed = doc.copy()
    changed.set_ents(
        [
            Span(changed, ent.start, ent.end, f"L{crc32(ent.text.encode()) % N_LABELS}")
            for ent in doc.ents
        ]
    )
    return changed


def _with_tags(pipelines: Dict[str, Language]) -> Dict[str, Language]:
    found = {}
    for name, nlp in pipelines.items():
        ner: Any = nlp.get_pipe("ner")
        found[f"{name}, {ner.scheme.n_tags} tags"] = nlp
    return found


def _words(
    ours: Dict[str, Language],
    stock: Dict[str, Language],
    texts: List[str],
    n_words: int,
    pairs: int,
) -> List[Dict[str, Any]]:
    rows = []
    for name, nlp in ours.items():
        for peer, other in stock.items():
            print("words/s", name, peer, sep=" | ", file=sys.stderr, flush=True)
            found = alternate(
                partial(run, nlp, texts), partial(run, other, texts), pairs=pairs, most=120.0
            )
            rows.append(
                {
                    "ours": name,
                    "peer": peer,
                    "ratio": found.ratio,
                    "words_per_second": n_words / spread_of(found.ours).median,
                    "peer_words_per_second": n_words / spread_of(found.peer).median,
                }
            )
    return rows


def run(nlp: Language, texts: List[str]) -> int:
    """Find the entities of texts, in batches as large as the pipeline's config says.

    nlp (Language): The pipeline.
    texts (List[str]): The texts.
    RETURNS (int): How many there are.
    """
    return sum(len(doc.ents) for doc in nlp.pipe(texts))


def tables(data: Dict[str, Any]) -> str:
    """data (Dict[str, Any]): What was measured.
    RETURNS (str): Tables in Markdown.
    """
    words = [
        [
            row["ours"],
            row["peer"],
            times(Spread(*row["ratio"])),
            f"{row['words_per_second']:,.0f}",
            f"{row['peer_words_per_second']:,.0f}",
        ]
        for row in data["words"]
    ]
    speeds = markdown(["ours", "peer", "ours is faster", "our words/s", "its words/s"], words)
    found = [[name, f"{rate:.1f}"] for name, rate in data["found"].items()]
    names = (*ner_stages.STAGES, ner_stages.WHOLE)
    stages = [
        [
            pipeline,
            *(f"{found[name]:.2f}" for name in names),
            f"{ner_stages.share_of_crf(found):.0f} %",
        ]
        for pipeline, found in data["stages"].items()
    ]
    return "\n\n".join(
        [
            section(
                "speed_words", "\n\n".join([f"From text to `doc.ents`, {data['source']}:", speeds])
            ),
            f"Entities that they find in 100 words, after {data['steps']} steps of training "
            f"(there are {data['gold']:.1f}):",
            markdown(["pipeline", "entities"], found),
            "Where the time goes, microseconds a word, and the share of the CRF:",
            markdown(["pipeline", *names, "share of the CRF"], stages),
        ]
    )
