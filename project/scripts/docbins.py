"""Read spaCy's binary training data back."""

import zlib
from collections import Counter
from math import isclose
from pathlib import Path
from typing import Dict, List

from spacy.tokens import Doc, DocBin
from spacy.vocab import Vocab

from spacy_lstm.errors import Errors
from spacy_lstm.training.readers.records import DataError


def read_docs(path: Path, vocab: Vocab) -> List[Doc]:
    """Read the docs of a file.

    path (Path): The file.
    vocab (Vocab): The vocabulary that the docs share.
    RETURNS (List[Doc]): The docs.
    RAISES (DataError): If the file is missing, isn't such a file, or holds no docs.
    """
    if not path.exists():
        raise DataError(Errors.L301.format(path=path, cwd=Path.cwd()))
    try:
        docs = list(DocBin().from_disk(path).get_docs(vocab))
    except OSError as err:
        raise DataError(Errors.L324.format(path=path, reason=err.strerror)) from err
    # What the layers of the format raise on other content: compression, msgpack, DocBin.
    except (zlib.error, ValueError, KeyError, TypeError) as err:
        raise DataError(Errors.L325.format(path=path, reason=err)) from err
    if not docs:
        raise DataError(Errors.L303.format(path=path))
    return docs


def count_labels(docs: List[Doc]) -> Dict[str, int]:
    """Count the texts to which each label applies.

    docs (List[Doc]): The docs.
    RETURNS (Dict[str, int]): The numbers by label.
    """
    return Counter(label for doc in docs for label, value in doc.cats.items() if value > 0)


def are_exclusive(docs: List[Doc]) -> bool:
    """Find out whether exactly one category applies to each text.

    docs (List[Doc]): The docs.
    RETURNS (bool): Whether the values of each text add up to 1.
    """
    return all(isclose(sum(doc.cats.values()), 1.0, abs_tol=1e-6) for doc in docs)
