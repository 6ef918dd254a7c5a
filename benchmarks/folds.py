"""The bundled corpus in the parts of its cross-validation."""

from pathlib import Path
from typing import Dict, List, Tuple

import srsly
from spacy.tokens import Doc

from spacy_lstm.errors import Errors
from spacy_lstm.training.docs import blank, make_doc
from spacy_lstm.training.readers.records import DataError, Record, make_record
from spacy_lstm.training.readers.xml_texts import parse_xml

CORPUS = Path(__file__).resolve().parent.parent / "corpus"
N_FOLDS = 5

Docs = Dict[str, List[Doc]]


def read_records(folder: Path, attribute: str) -> Dict[str, Record]:
    """Read all texts of the corpus, whatever their split.

    folder (Path): The folder of the corpus.
    attribute (str): The attribute with the labels.
    RETURNS (Dict[str, Record]): The texts by id.
    """
    records = {}
    for path in sorted(folder.glob("*/*.xml")):
        for element in parse_xml(path, "text").elements:
            labels = element.attributes[attribute].split()
            key, where = element.attributes["id"], f"{path}, line {element.line}"
            records[key] = make_record(element.text, dict.fromkeys(labels, 1.0), where)
    return records


def parts_of_fold(parts: List[List[str]], fold: int) -> Dict[str, List[str]]:
    """Say which texts serve what.

    parts (List[List[str]]): The ids by part.
    fold (int): The number of the fold.
    RETURNS (Dict[str, List[str]]): The ids by split: test is this part, dev the next one, and train
        all others.
    """
    test, dev = fold, (fold + 1) % len(parts)
    rest = [i for i in range(len(parts)) if i not in (test, dev)]
    train = [key for i in rest for key in parts[i]]
    return {"train": train, "dev": parts[dev], "test": parts[test]}


def docs_of_fold(fold: int, attribute: str, *, corpus: Path = CORPUS) -> Tuple[Docs, List[str]]:
    """Make the docs of a fold.

    fold (int): Its number.
    attribute (str): The attribute with the labels: "sentiment" or "topics".
    corpus (Path): The folder of folds.json and of bundled/.
    RETURNS (Tuple[Docs, List[str]]): The annotated docs by split, and the labels, sorted.
    RAISES (DataError): If folds.json names a text that isn't there.
    """
    nlp = blank("en")
    records = read_records(corpus / "bundled", attribute)
    labels = sorted({label for record in records.values() for label in record.cats})
    path = corpus / "folds.json"
    docs: Docs = {}
    for split, keys in parts_of_fold(srsly.read_json(path), fold).items():
        for key in keys:
            if key not in records:
                raise DataError(Errors.L319.format(path=path, key=key, label=split))
        docs[split] = [make_doc(nlp, records[key], labels) for key in keys]
    return docs, labels
