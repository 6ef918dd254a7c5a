"""Speed of embedding: spaCy's hash embedding as shipped, with numpy's matrix products in place of
BLIS', and ours, `spacy_lstm.DistinctEmbed.v1` around the same; and what a text categorizer takes in
memory.

    make assets
    python -m spacy project run preprocess project --vars.corpus sentence_polarity
    python benchmarks/embedding.py project/corpora/sentence_polarity/train.spacy

One thread. The three take turns, batch by batch; medians of the processor's time.
"""

import os

os.environ["OMP_NUM_THREADS"] = "1"  # read when numpy and torch are imported

import statistics
import time
import tracemalloc
from pathlib import Path
from typing import Annotated, Any, Callable, Dict, List

import spacy
import torch
import typer
from spacy.ml.models.tok2vec import MultiHashEmbed
from spacy.tokens import Doc, DocBin
from thinc.api import Model, NumpyOps, fix_random_seed, set_dropout_rate

from spacy_lstm.models.embed import DistinctEmbed

ATTRS = ["NORM", "PREFIX", "SUFFIX", "SHAPE"]
ROWS = [5000, 1000, 2500, 2500]


def hash_embed(width: int) -> Model:
    """width (int): The width of the vectors.
    RETURNS (Model[List[Doc], List[Floats2d]]): spaCy's embedding.
    """
    return MultiHashEmbed(width, list(ATTRS), ROWS, include_static_vectors=False)


def hash_embed_without_blis(width: int) -> Model:
    """width (int): The width of the vectors.
    RETURNS (Model[List[Doc], List[Floats2d]]): The same with numpy's matrix products.
    """
    model = hash_embed(width)
    for node in model.walk():
        node.ops = NumpyOps(use_blis=False)
    return model


def distinct_embed(width: int) -> Model:
    """width (int): The width of the vectors.
    RETURNS (Model[List[Doc], List[Floats2d]]): Ours.
    """
    return DistinctEmbed(hash_embed(width))


MAKERS: Dict[str, Callable[[int], Model]] = {
    "spaCy": hash_embed,
    "spaCy without BLIS": hash_embed_without_blis,
    "ours": distinct_embed,
}


def learn(model: Any, docs: List[Doc]) -> None:
    """A step of training, but for the optimizer.

    model (Model[List[Doc], List[Floats2d]]): The model.
    docs (List[Doc]): The batch.
    """
    set_dropout_rate(model, 0.2)
    Ys, backprop = model(docs, is_train=True)
    backprop(Ys)


def predict(model: Any, docs: List[Doc]) -> None:
    """model (Model[List[Doc], List[Floats2d]]): The model.
    docs (List[Doc]): The batch.
    """
    model.predict(docs)


def peak_memory(texts: List[str]) -> float:
    """texts (List[str]): Texts.
    RETURNS (float): What predicting their categories takes at most, in MB.
    """
    nlp = spacy.blank("en")
    pipe: Any = nlp.add_pipe("lstm_textcat")
    for label in ("A", "B"):
        pipe.add_label(label)
    docs = [nlp.make_doc(text) for text in texts[:10]]
    pipe.model.initialize(X=docs, Y=torch.zeros(len(docs), 2).numpy())
    for _ in nlp.pipe(texts):  # the words are known from now on
        pass
    tracemalloc.start()
    for _ in nlp.pipe(texts):
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def main(
    path: Annotated[Path, typer.Argument(help="Texts in spaCy's binary format.")],
    batch_size: Annotated[int, typer.Option(help="Texts a batch.")] = 256,
    rounds: Annotated[int, typer.Option(help="How often each batch is embedded.")] = 5,
) -> None:
    """Measure, and print a table."""
    torch.set_num_threads(1)
    docs = list(DocBin().from_disk(path).get_docs(spacy.blank("en").vocab))
    batches = [docs[i : i + batch_size] for i in range(0, min(len(docs), 2048), batch_size)]
    print(f"{'width':>5}  {'':20} {'inference':>11} {'training':>11}  words/s")
    for width in (64, 96):
        models: Dict[str, Model] = {}
        for name, make in MAKERS.items():
            fix_random_seed(0)
            models[name] = make(width)
            models[name].initialize(X=docs[:10])
        speeds: Dict[Any, List[float]] = {}
        for batch in batches * rounds:
            n_words = sum(map(len, batch))
            for work in (predict, learn):
                for name, model in models.items():
                    start = time.process_time()
                    work(model, batch)
                    speed = n_words / (time.process_time() - start)
                    speeds.setdefault((name, work), []).append(speed)
        for name in models:
            inference, training = (statistics.median(speeds[name, w]) for w in (predict, learn))
            print(f"{width:5}  {name:20} {inference:11,.0f} {training:11,.0f}")
    texts = [doc.text for doc in docs]
    for n in (512, 1024, 2048, 4096, 8192):
        if n <= len(texts):
            print(f"{n} texts through nlp.pipe: at most {peak_memory(texts[:n]):.1f} MB")


if __name__ == "__main__":
    typer.run(main)
