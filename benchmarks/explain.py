"""How faithful explanations are: completeness, and deletion and insertion curves against chance.

    make assets
    python -m spacy project run preprocess project --vars.corpus sst2
    python -m spacy project run preprocess project --vars.corpus wnut17
    python benchmarks/explain.py

Each pipeline is trained as the shipped config says, for five epochs, in a process of its own with
one thread, and explained on the first 200 test texts of two tokens or more (for names: in which it
finds some). The method's settings are the defaults. What is done is kept in
benchmarks/results/explain.json, and not done again.
"""

import json
import time
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, Callable, Dict, Iterator, List, Tuple, get_args

import numpy
import typer
from cells import (
    RESULTS,
    Results,
    Scores,
    keep_scores,
    markdown,
    one_thread,
    read_results,
    run_cell,
)
from peers import our_config, train_pipeline
from spacy.language import Language
from spacy.tokens import Doc, DocBin
from thinc.api import Config

from spacy_lstm.explain import Attribution, explain, measure_faithfulness
from spacy_lstm.explain.result import Method

CORPORA = Path(__file__).resolve().parent.parent / "project" / "corpora"
N_EPOCHS = 5

#: By name, the corpus and the config.
ROWS: Dict[str, Tuple[str, Callable[[], Config]]] = {
    "SST-2, textcat.cfg": ("sst2", lambda: our_config("textcat")),
    "SST-2, its BiLSTM alone": ("sst2", lambda: _bilstm_alone(our_config("textcat"))),
    "WNUT-17, ner.cfg": ("wnut17", lambda: our_config("ner")),
}
METHODS: List[Method] = [method for method in get_args(Method) if method != "attention"]


def _bilstm_alone(config: Config) -> Config:
    config["components"]["textcat"]["model"]["linear_model"] = None
    return config


def measure(corpus: Path, config: Config, n_texts: int) -> Scores:
    """Train a pipeline, and explain what it predicts.

    corpus (Path): The folder of train, dev and test.spacy.
    config (Config): The config.
    n_texts (int): How many test texts are explained.
    RETURNS (Scores): By method, what its explanations are worth.
    """
    config["training"]["max_epochs"] = N_EPOCHS
    nlp = train_pipeline(config, corpus, 0)
    docs = list(islice(_texts(nlp, corpus), n_texts))
    return {method: measure_method(nlp, docs, method) for method in METHODS}


def _texts(nlp: Language, corpus: Path) -> Iterator[Doc]:
    """The test texts in which there is something to explain."""
    finds_entities = "doc.ents" in nlp.get_pipe_meta(nlp.pipe_names[-1]).assigns
    for gold in DocBin().from_disk(corpus / "test.spacy").get_docs(nlp.vocab):
        spaces = [bool(token.whitespace_) for token in gold]
        doc = Doc(nlp.vocab, words=[token.text for token in gold], spaces=spaces)
        if len(doc) > 1 and (not finds_entities or nlp(doc.copy()).ents):
            yield doc


def measure_method(nlp: Language, docs: List[Doc], method: Method) -> Scores:
    """nlp (Language): The pipeline.
    docs (List[Doc]): Texts.
    method (Method): How they are explained.
    RETURNS (Scores): How many texts there are; the share of them whose deletion, and whose
        insertion curve is better than chance, and by how much on average; seconds for one; and
        where there is a baseline, the mean and the largest completeness gap.
    """
    start = time.perf_counter()
    found: List[Attribution] = [explain(nlp, doc, method=method) for doc in docs]
    seconds = (time.perf_counter() - start) / len(docs)
    curves = [measure_faithfulness(nlp, attribution) for attribution in found]
    gains: Any = numpy.array([(curve.deletion_gain, curve.insertion_gain) for curve in curves])
    gaps = [a.relative_gap for a in found if a.relative_gap is not None]
    scores: Scores = {
        "n_texts": len(docs),
        "deletion_beats_random": float((gains[:, 0] > 0).mean()),
        "insertion_beats_random": float((gains[:, 1] > 0).mean()),
        "deletion_gain": float(gains[:, 0].mean()),
        "insertion_gain": float(gains[:, 1].mean()),
        "seconds": seconds,
    }
    if gaps:
        scores.update(mean_gap=float(numpy.mean(gaps)), largest_gap=max(gaps))
    return scores


def table(results: Results) -> str:
    """results (Results): By pipeline, seed and method, what was measured.
    RETURNS (str): A table in Markdown.
    """
    rows = []
    for row, seeds in results.items():
        for method, scores in seeds["0"].items():
            gap = scores.get("largest_gap")
            cells = [row, method, str(scores["n_texts"])]
            cells += [
                f"{100 * scores[f'{curve}_beats_random']:.1f} % ({scores[f'{curve}_gain']:+.3f})"
                for curve in ("deletion", "insertion")
            ]
            cells += ["" if gap is None else f"{100 * gap:.2f} %", f"{scores['seconds']:.3f}"]
            rows.append(cells)
    header = ["pipeline", "method", "texts", "deletion beats random", "insertion beats random"]
    header += ["largest gap", "seconds a text"]
    return (
        markdown(header, rows) + "\n\nIn brackets: how much the area under the curve of the "
        "prediction's probability is better than the mean of 20 random orders. Gap: how far the "
        "scores of the tokens are from adding up to the difference between text and baseline, as a "
        "share of it, or of 0.05 if that is more."
    )


def main(
    n_texts: Annotated[int, typer.Option(help="How many test texts are explained.")] = 200,
    cell: Annotated[str, typer.Option(hidden=True)] = "",
) -> None:
    """Measure how faithful explanations are."""
    if cell:
        one_thread()
        corpus, make_config = ROWS[cell]
        print(json.dumps(measure(CORPORA / corpus, make_config(), n_texts)))
        return
    path = RESULTS / "explain.json"
    for row, (corpus, _) in ROWS.items():
        if not (CORPORA / corpus / "test.spacy").exists():
            command = f"python -m spacy project run preprocess project --vars.corpus {corpus}"
            raise typer.BadParameter(f"{corpus} isn't there. Make it with: {command}")
        if row not in read_results(path):
            scores = run_cell(__file__, "--cell", row, "--n-texts", str(n_texts))
            keep_scores(path, row, "0", scores)
    done = table(read_results(path))
    path.with_suffix(".md").write_text(done + "\n", encoding="utf8")
    print(done)


if __name__ == "__main__":
    typer.run(main)
