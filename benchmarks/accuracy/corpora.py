"""The corpora: how they are split, and their docs, which are the same for all models."""

from pathlib import Path
from typing import Dict, NamedTuple, Optional

import spacy
import typer
from spacy.tokens import DocBin

from .folds import Docs, docs_of_fold, first, split_fold
from .tasks import MULTILABEL, NER, TEXTCAT, Task

PREPROCESSED = Path(__file__).resolve().parent.parent.parent / "project" / "corpora"
SPLITS = ("train", "dev", "test")


class Corpus(NamedTuple):
    """A corpus.

    name (str): Its name. A public corpus is that of the project.
    task (Task): What is predicted.
    kwords (int): About how many thousand words there are to learn from.
    folds (int): The folds of its cross-validation; 0 where train, dev and test are given.
    lang (str): The code of its language.
    bundled (Optional[str]): Of the bundled corpus: the attribute with the categories.
    """

    name: str
    task: Task
    kwords: int
    folds: int = 0
    lang: str = "en"
    bundled: Optional[str] = None

    @property
    def trial(self) -> str:
        """RETURNS (str): What a column of the results is: "fold" or "seed"."""
        return "fold" if self.folds else "seed"


CORPORA: Dict[str, Corpus] = {
    corpus.name: corpus
    for corpus in (
        Corpus("sst2", TEXTCAT, 138),
        Corpus("sentence_polarity", TEXTCAT, 193, folds=10),
        Corpus("movie_reviews", TEXTCAT, 1260, folds=10),
        Corpus("bundled_sentiment", TEXTCAT, 25, folds=5, bundled="sentiment"),
        Corpus("bundled_topics", MULTILABEL, 25, folds=5, bundled="topics"),
        Corpus("wnut17", NER, 63),
        Corpus("conll2002_esp", NER, 265, lang="es"),
        Corpus("conll2002_ned", NER, 203, lang="nl"),
        Corpus("wikigold", NER, 25),
        Corpus("bundled_names", NER, 25, folds=5, bundled="sentiment"),
    )
}


def is_there(corpus: Corpus) -> bool:
    """corpus (Corpus): A corpus.
    RETURNS (bool): Whether it is bundled, or the project has preprocessed it.
    """
    return bool(corpus.bundled) or (PREPROCESSED / corpus.name / "test.spacy").exists()


def check_there(corpus: Corpus) -> None:
    """corpus (Corpus): A corpus.
    RAISES (typer.BadParameter): If the project hasn't preprocessed it.
    """
    if not is_there(corpus):
        command = f"python -m spacy project run preprocess project --vars.corpus {corpus.name}"
        raise typer.BadParameter(
            f"{PREPROCESSED / corpus.name} isn't there. Make it with: {command}"
        )


def docs_of(corpus: Corpus, column: int, n_train: Optional[int] = None) -> Docs:
    """Make the docs of a corpus.

    corpus (Corpus): The corpus.
    column (int): The fold; without any meaning for a corpus whose splits are given.
    n_train (Optional[int]): How many docs there are to learn from; None takes all.
    RETURNS (Docs): The annotated docs by split.
    """
    if corpus.bundled:
        docs = docs_of_fold(column, corpus.bundled)
    else:
        vocab = spacy.blank(corpus.lang).vocab
        docs = {
            split: list(
                DocBin().from_disk(PREPROCESSED / corpus.name / f"{split}.spacy").get_docs(vocab)
            )
            for split in SPLITS
        }
        if corpus.folds:
            everything = [doc for split in SPLITS for doc in docs[split]]
            docs = split_fold(everything, column, corpus.folds)
    if n_train is not None:
        docs["train"] = first(docs["train"], n_train)
    return docs
