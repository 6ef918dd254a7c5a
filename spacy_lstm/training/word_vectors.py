"""Word vectors that are learnt from the training texts alone, by floret."""

import tempfile
from pathlib import Path
from typing import Any, Iterable, List

from spacy.language import Language
from spacy.tokens import Doc
from spacy.training.initialize import convert_vectors

from ..errors import Errors
from ..errors.checks import check_integer
from .readers.records import DataError

#: How they are learnt: by skip-grams, of words as sums of their n-grams of 3 to 5 letters, each at
#: two places of the table. One thread makes them repeatable.
SETTINGS = {
    "model": "skipgram",
    "mode": "floret",
    "hashCount": 2,
    "minn": 3,
    "maxn": 5,
    "minCount": 1,
    "lr": 0.05,
    "thread": 1,
    "verbose": 0,
}


def train_vectors(
    nlp: Language, docs: Iterable[Doc], *, width: int = 100, rows: int = 20000, epochs: int = 20
) -> None:
    """Learn word vectors from texts, and put them into a pipeline, whose folder `[initialize]
    vectors` and `spacy lstm init-config --vectors` take: fastText's (Bojanowski et al. 2017) in a
    table of fixed size (floret). Every word has one, also those that no text has.

    nlp (Language): The pipeline. Its vectors are replaced.
    docs (Iterable[Doc]): The texts, of which only the words are looked at.
    width (int): The width of a vector.
    rows (int): The rows of the table.
    epochs (int): How often the texts are read.
    RAISES (ValueError): If a setting isn't an integer of at least 1.
    RAISES (DataError): If floret isn't installed, or there are no words.
    """
    for name, value in {"width": width, "rows": rows, "epochs": epochs}.items():
        check_integer(name, value)
    try:
        import floret
    except ImportError as err:
        raise DataError(Errors.L394.format(reason=err)) from err
    with tempfile.TemporaryDirectory() as folder:
        texts, table = Path(folder) / "texts.txt", Path(folder) / "table.floret"
        n_words = 0
        with texts.open("w", encoding="utf8") as file:
            for doc in docs:
                words: List[str] = [word for token in doc for word in token.lower_.split()]
                n_words += len(words)
                file.write(" ".join(words) + "\n")
        if not n_words:
            raise DataError(Errors.L395)
        learnt: Any = floret.train_unsupervised(
            str(texts), dim=width, bucket=rows, epoch=epochs, **SETTINGS
        )
        learnt.save_floret_vectors(str(table))
        convert_vectors(nlp, table, truncate=0, prune=-1, mode="floret", attr="LOWER")
