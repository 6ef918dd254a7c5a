"""What a stream finds, against what the same pipeline finds in the text as one document.

    python -m spacy project run preprocess project --vars.corpus bundled
    python benchmarks/streams.py

The pipeline of project/configs/shared.cfg is trained on the bundled corpus, and reads the dev and
test texts joined to one. Then the memory of a stream of many tokens is measured. The tables go to
benchmarks/results/streams.md.
"""

import itertools
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Dict, Iterator, List, Tuple

import typer
from cells import RESULTS, markdown, one_thread
from peers import our_config, train_pipeline
from spacy.language import Language
from spacy.tokens import Doc, DocBin
from speed_machine import peak_over_now

import spacy_lstm
from spacy_lstm.streaming import Categories, Entity

ROOT = Path(__file__).resolve().parent.parent
LOOKAHEADS = (0, 8, 32, 128, 512)
Key = Tuple[int, int, str]


def difference(nlp: Language, doc: Doc, lookahead: int) -> Dict[str, float]:
    """nlp (Language): The pipeline.
    doc (Doc): What it finds in the whole.
    lookahead (int): How far a stream looks ahead.
    RETURNS (Dict[str, float]): F1 of the entities of the stream, against those of the whole; the
        mean and the greatest difference of the confidences of those that are in both; and the
        greatest difference of a category.
    """
    whole: Dict[Key, float] = {
        (ent.start_char, ent.end_char, ent.label_): ent._.confidence for ent in doc.ents
    }
    found: Dict[Key, Any] = {}
    cats: Dict[str, float] = {}
    for event in spacy_lstm.stream(nlp, [doc.text], lookahead=lookahead):
        if isinstance(event, Entity):
            found[event.start_char, event.end_char, event.label] = event.confidence
        elif isinstance(event, Categories):
            cats = event.cats
    both = whole.keys() & found.keys()
    gaps = [abs(whole[key] - found[key]) for key in both]
    return {
        "f": 2 * len(both) / (len(whole) + len(found)),
        "mean": sum(gaps) / len(gaps),
        "max": max(gaps),
        "cats": max(abs(doc.cats[label] - value) for label, value in cats.items()),
    }


def table(doc: Doc, results: Dict[int, Dict[str, float]]) -> str:
    """doc (Doc): The whole.
    results (Dict[int, Dict[str, float]]): The differences by look-ahead.
    RETURNS (str): A table in Markdown.
    """
    header = [
        "look-ahead, tokens",
        f"F1 against the {len(doc.ents)} entities of the whole",
        "mean difference of confidence",
        "greatest",
        "greatest difference of a category",
    ]
    rows = [
        [str(n), f"{r['f']:.4f}", f"{r['mean']:.5f}", f"{r['max']:.4f}", f"{r['cats']:.5f}"]
        for n, r in results.items()
    ]
    return markdown(header, rows)


def memory(nlp: Language, text: str, n_tokens: List[int]) -> str:
    """nlp (Language): The pipeline.
    text (str): A text, which is repeated.
    n_tokens (List[int]): How many tokens are streamed, ascending.
    RETURNS (str): A table in Markdown of the peak of memory above what the process had before.
    """
    words = text.split(" ")

    def chunks(n: int) -> Iterator[str]:
        # A word more in each round is new to the vocabulary.
        for i, word in enumerate(itertools.islice(itertools.cycle(words), n)):
            yield f"{word} " if i % 100 else f"{word}{i} "

    def read(n: int) -> None:
        for _ in spacy_lstm.stream(nlp, chunks(n)):
            pass

    read(2_000)
    rows = [[f"{n:,}", f"{max(0.0, peak_over_now(partial(read, n))):.1f}"] for n in n_tokens]
    return markdown(["words streamed", "peak, MiB"], rows)


def main(
    steps: Annotated[int, typer.Option(help="Steps of training; 0 for those of the config.")] = 0,
    most: Annotated[int, typer.Option(help="The longest stream, in words.")] = 200_000,
) -> None:
    """Measure how a stream differs from the whole document, and its memory."""
    one_thread()
    folder = ROOT / "project" / "corpora" / "bundled"
    config = our_config("shared")
    if steps:
        config["training"]["max_steps"] = steps
    nlp = train_pipeline(config, folder, 0)
    bins = [DocBin().from_disk(folder / f"{split}.spacy") for split in ("dev", "test")]
    text = " ".join(doc.text for docs in bins for doc in docs.get_docs(nlp.vocab))
    doc = nlp(text)
    results = {n: difference(nlp, doc, n) for n in LOOKAHEADS}
    parts = [
        f"One document of {len(doc):,} tokens, the texts of dev and test of the bundled corpus:",
        table(doc, results),
        "Memory of the stream:",
        memory(nlp, text, [most // 100, most // 10, most]),
    ]
    done = "\n\n".join(parts)
    (RESULTS / "streams.md").write_text(done + "\n", encoding="utf8")
    print(done)


if __name__ == "__main__":
    typer.run(main)
