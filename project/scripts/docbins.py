"""Write spaCy's binary training data, and read them back.

A split is a file, or for a large corpus a folder of files, which spaCy's `Corpus` reads one after
the other.
"""

import zlib
from collections import Counter
from math import isclose
from pathlib import Path
from typing import Any, Dict, Iterable, Iterator, List, Set, cast

from spacy.attrs import ENT_TYPE, ORTH
from spacy.language import Language
from spacy.tokens import Doc, DocBin
from spacy.vocab import Vocab

from spacy_lstm.errors import Errors
from spacy_lstm.training.readers.records import DataError

SUFFIX = ".spacy"
# Words, spaces, sentences and names are all that training needs of docs, beside their categories.
ATTRS = ("ORTH", "SPACY", "ENT_IOB", "ENT_TYPE", "SENT_START")


class Pack(DocBin):
    """spaCy's `DocBin` for docs that have words, spaces, sentences, names and categories and share
    a vocabulary, at several times its speed: it asks each token for ten strings, and this one the
    vocabulary for each new one.

    docs (Iterable[Doc]): The docs. They aren't kept.
    """

    def __init__(self, docs: Iterable[Doc] = ()) -> None:
        super().__init__(attrs=ATTRS, store_user_data=False)
        self.known: Set[int] = {0}  # the ids of `strings`, and that of no string
        for doc in docs:
            self.add(doc)

    def add(self, doc: Doc) -> None:
        """Add a doc.

        doc (Doc): The doc.
        """
        tokens: Any = doc.to_array(cast(Any, self.attrs))
        spaces: Any = doc.to_array("SPACY")
        self.tokens.append(tokens)
        self.spaces.append(spaces.reshape(-1, 1).astype(bool))
        self.flags.append({"has_unknown_spaces": doc.has_unknown_spaces})
        self.cats.append(doc.cats)
        self.span_groups.append(b"")
        columns = [self.attrs.index(attr) for attr in (ORTH, ENT_TYPE)]
        new: Set[int] = set(tokens[:, columns].ravel().tolist()) - self.known
        self.strings.update(doc.vocab.strings[key] for key in new)
        self.known |= new


def iter_docs(path: Path, vocab: Vocab | None = None) -> Iterator[Doc]:
    """Read the docs of a split, one file at a time.

    path (Path): The file, or the folder of files.
    vocab (Vocab | None): The vocabulary that the docs share; or None, if each file may have one of
        its own, so that memory doesn't grow with the number of files.
    YIELDS (Doc): The docs.
    RAISES (DataError): If a file is missing, isn't such a file, or there are no docs.
    """
    if not path.exists():
        raise DataError(Errors.L301.format(path=path, cwd=Path.cwd()))
    files = sorted(path.glob(f"*{SUFFIX}")) if path.is_dir() else [path]
    empty = True
    for file in files:
        try:
            for doc in DocBin().from_disk(file).get_docs(Vocab() if vocab is None else vocab):
                empty = False
                yield doc
        except OSError as err:
            raise DataError(Errors.L324.format(path=file, reason=err.strerror)) from err
        # What the layers of the format raise on other content: compression, msgpack, DocBin.
        except (zlib.error, ValueError, KeyError, TypeError) as err:
            raise DataError(Errors.L325.format(path=file, reason=err)) from err
    if empty:
        raise DataError(Errors.L303.format(path=path))


def read_docs(path: Path, vocab: Vocab) -> List[Doc]:
    """Read all docs of a split.

    path (Path): The file, or the folder of files.
    vocab (Vocab): The vocabulary that the docs share.
    RETURNS (List[Doc]): The docs.
    RAISES (DataError): If a file is missing, isn't such a file, or there are no docs.
    """
    return list(iter_docs(path, vocab))


def unannotated(nlp: Language, doc: Doc) -> Doc:
    """Make a doc of the same text without annotation. As in training, words that the source of a
    text has are kept.

    nlp (Language): The pipeline, for its tokenizer.
    doc (Doc): The doc.
    RETURNS (Doc): The doc to annotate.
    """
    if not doc.has_unknown_spaces:
        return nlp.make_doc(doc.text)
    spaces = [bool(token.whitespace_) for token in doc]
    return Doc(nlp.vocab, words=[token.text for token in doc], spaces=spaces)


def count_labels(docs: Iterable[Doc]) -> Dict[str, int]:
    """Count the texts to which each label applies.

    docs (Iterable[Doc]): The docs.
    RETURNS (Dict[str, int]): The numbers by label.
    """
    return Counter(label for doc in docs for label, value in doc.cats.items() if value > 0)


def is_exclusive(doc: Doc) -> bool:
    """Find out whether exactly one category applies to a text.

    doc (Doc): The doc.
    RETURNS (bool): Whether the values add up to 1.
    """
    return isclose(sum(doc.cats.values()), 1.0, abs_tol=1e-6)
