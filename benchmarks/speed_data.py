"""What the speed is measured on: lengths of documents, texts, and annotated docs.

Lengths and texts are those of the public corpora, where `make assets` has put them or
$SPACY_LSTM_ASSETS names a folder with them. Else, and for mixed lengths, they are drawn
from a lognormal distribution with a fixed seed, and texts are those of the bundled corpus.
"""

import os
from functools import lru_cache
from pathlib import Path
from typing import Dict, List, NamedTuple, Tuple

import numpy
import spacy
from nltk.corpus.reader import ConllCorpusReader
from spacy.tokens import Doc

from spacy_lstm.training.docs import make_doc
from spacy_lstm.training.readers.nltk_access import nltk_may_read
from spacy_lstm.training.readers.nltk_corpora import (
    pointer_to,
    read_categorized_files,
    read_categorized_lines,
)
from spacy_lstm.training.readers.records import Record
from spacy_lstm.training.readers.xml_texts import read_xml
from spacy_lstm.training.splits import SPLITS
from spacy_lstm.types import Array

ROOT = Path(__file__).resolve().parent.parent
TaggedSentences = List[List[Tuple[str, str]]]


class Lengths(NamedTuple):
    """The lengths of the documents of a batch.

    tokens (List[int]): The number of tokens of each.
    source (str): Where they are from.
    """

    tokens: List[int]
    source: str


def asset(name: str) -> Path | None:
    """name (str): The name of a file.
    RETURNS (Path | None): Where it is, if it is there.
    """
    folders = [ROOT / "project" / "assets"]
    if os.environ.get("SPACY_LSTM_ASSETS"):
        folders.append(Path(os.environ["SPACY_LSTM_ASSETS"]))
    return next((folder / name for folder in folders if (folder / name).exists()), None)


def batch_lengths(kind: str) -> Lengths:
    """kind (str): One of the keys of `KINDS`.
    RETURNS (Lengths): The lengths of a batch, the same each time.
    """
    return KINDS[kind]()


def _sentences() -> Lengths:
    if asset("sentence_polarity.zip"):
        counts = [len(text.split()) for text in public_texts()]
        return Lengths(_sample(counts, 256), "256 sentences of sentence_polarity")
    return Lengths(_lognormal(256, median=19, sigma=0.5), "256, lognormal, median 19, sigma 0.5")


def _newswire() -> Lengths:
    if asset("conll2002.zip"):
        counts = [len(sentence) for sentence in tagged_sentences("esp.testb")]
        return Lengths(_sample(counts, 256), "256 newswire sentences of conll2002 (esp.testb)")
    return Lengths(_lognormal(256, median=32, sigma=0.5), "256, lognormal, median 32, sigma 0.5")


def _web_text() -> Lengths:
    # Sentences, paragraphs and a page: none of the public corpora is that mixed.
    return Lengths(_lognormal(256, median=24, sigma=0.8), "256, lognormal, median 24, sigma 0.8")


def _reviews() -> Lengths:
    path = asset("movie_reviews.zip")
    if path:
        by_label = read_categorized_files(
            path,
            r"(neg|pos)/cv[0-9]{2}0.*\.txt",
            cat_pattern=r"(neg|pos)/.*",
            inside="movie_reviews",
        )
        counts = [len(r.text.split()) for files in by_label.values() for r in files.values()]
        return Lengths(_sample(counts, 16), "16 reviews of movie_reviews")
    return Lengths(_lognormal(16, median=700, sigma=0.45), "16, lognormal, median 700, sigma 0.45")


def _mixed_and_long() -> Lengths:
    mixed = _web_text()
    return Lengths([*mixed.tokens, 2000, 2000, 2000], f"{mixed.source}, and three of 2000")


def _uniform() -> Lengths:
    return Lengths([32] * 256, "256 of 32 tokens")


KINDS = {
    "short": _sentences,
    "newswire": _newswire,
    "mixed": _web_text,
    "long": _reviews,
    "mixed and a few long": _mixed_and_long,
    "uniform": _uniform,
}


def _sample(counts: List[int], n: int) -> List[int]:
    return numpy.random.default_rng(0).choice(counts, n, replace=False).tolist()


def _lognormal(n: int, *, median: float, sigma: float) -> List[int]:
    drawn = numpy.random.default_rng(0).lognormal(numpy.log(median), sigma, n)
    return numpy.maximum(drawn.round(), 1).astype(int).tolist()


def vectors(lengths: List[int], width: int) -> List[Array]:
    """lengths (List[int]): The number of tokens of each document.
    width (int): The width.
    RETURNS (List[Array]): Random vectors, views on one array as an embedding leaves them.
    """
    flat = numpy.random.default_rng(0).standard_normal((sum(lengths), width), dtype="float32")
    return numpy.split(flat, numpy.cumsum(lengths)[:-1])


@lru_cache
def public_texts() -> List[str]:
    """RETURNS (List[str]): The texts of sentence_polarity, which must be there."""
    path = asset("sentence_polarity.zip")
    assert path is not None, "asked for only where it is there"
    by_label = read_categorized_lines(path, r"rt-polarity\.(neg|pos)", inside=path.stem)
    return [record.text for lines in by_label.values() for record in lines.values()]


def texts(n: int) -> Tuple[List[str], str]:
    """n (int): How many at most.
    RETURNS (Tuple[List[str], str]): Texts to run pipelines on, and where they are from.
    """
    if asset("sentence_polarity.zip"):
        found, source = public_texts(), "sentence_polarity"
    else:
        found = [record.text for records in bundled().values() for record in records]
        source = "the bundled corpus"
    order = numpy.random.default_rng(0).permutation(len(found))[:n]
    return [found[i] for i in order], f"{len(order)} texts of {source}"


@lru_cache
def bundled() -> Dict[str, List[Record]]:
    """RETURNS (Dict[str, List[Record]]): The bundled corpus, with the sentiment and the names."""
    folder = ROOT / "corpus" / "bundled"
    return {s: read_xml(folder / s, tag="text", attribute="sentiment") for s in SPLITS}


def bundled_docs(split: str) -> List[Doc]:
    """split (str): "train", "dev" or "test".
    RETURNS (List[Doc]): The bundled corpus, with categories, names, and the names as spans.
    """
    nlp = spacy.blank("en")
    labels = sorted({label for record in bundled()["train"] for label in record.cats})
    docs = [make_doc(nlp, record, labels) for record in bundled()[split]]
    for doc in docs:
        doc.spans["sc"] = list(doc.ents)
    return docs


def tagged_sentences(fileid: str) -> TaggedSentences:
    """fileid (str): A file of conll2002, which must be there.
    RETURNS (TaggedSentences): Words with their parts of speech.
    """
    path = asset("conll2002.zip")
    assert path is not None, "asked for only where it is there"
    with nltk_may_read(path) as place:
        reader = ConllCorpusReader(
            pointer_to(place, path.stem), [fileid], ("words", "pos", "chunk"), encoding="utf8"
        )
        return [list(sentence) for sentence in reader.tagged_sents()]
