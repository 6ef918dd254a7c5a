"""The parts of a corpus for cross-validation: the committed ones of the bundled corpus, and those
that the texts themselves decide."""

from hashlib import blake2b
from pathlib import Path
from typing import Dict, Iterable, List, Sequence, Tuple

import srsly
from spacy.tokens import Doc

from spacy_lstm.errors import Errors
from spacy_lstm.training.docs import blank, make_doc
from spacy_lstm.training.readers.records import DataError, Entity, Record, make_record
from spacy_lstm.training.readers.xml_texts import parse_xml

CORPUS = Path(__file__).resolve().parent.parent.parent / "corpus"
SEED = 0
DEV_SHARE = 10  # a tenth of what isn't test is dev

Docs = Dict[str, List[Doc]]


def read_records(folder: Path, attribute: str) -> Dict[str, Record]:
    """Read all texts of the bundled corpus, whatever their split.

    folder (Path): The folder of the corpus.
    attribute (str): The attribute with the categories.
    RETURNS (Dict[str, Record]): The texts by id, with their names.
    """
    records = {}
    for path in sorted(folder.glob("*/*.xml")):
        for element in parse_xml(path, "text").elements:
            labels = element.attributes[attribute].split()
            key, where = element.attributes["id"], f"{path}, line {element.line}"
            ents = [Entity(span.start, span.end, span.tag) for span in element.spans]
            records[key] = make_record(element.text, dict.fromkeys(labels, 1.0), where, ents)
    return records


def parts_of_fold(parts: List[List[str]], fold: int) -> Dict[str, List[str]]:
    """Say which texts of the bundled corpus serve what.

    parts (List[List[str]]): The ids by part.
    fold (int): The number of the fold.
    RETURNS (Dict[str, List[str]]): The ids by split: test is this part, dev the next one, and train
        all others.
    """
    test, dev = fold, (fold + 1) % len(parts)
    rest = [i for i in range(len(parts)) if i not in (test, dev)]
    train = [key for i in rest for key in parts[i]]
    return {"train": train, "dev": parts[dev], "test": parts[test]}


def docs_of_fold(fold: int, attribute: str, *, corpus: Path = CORPUS) -> Docs:
    """Make the docs of a fold of the bundled corpus.

    fold (int): Its number.
    attribute (str): The attribute with the categories: "sentiment" or "topics".
    corpus (Path): The folder of folds.json and of bundled/.
    RETURNS (Docs): The annotated docs by split.
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
    return docs


def label_of(doc: Doc) -> str:
    """doc (Doc): A doc with at most one category that applies.
    RETURNS (str): The category; "" where there is none.
    """
    return max(doc.cats, key=lambda label: doc.cats[label], default="")


def ranked(docs: Iterable[Doc], salt: object) -> Dict[str, List[str]]:
    """Bring the texts of each label in an order that looks random and hangs on them alone: that of
    their checksums (BLAKE2b). Copies are there once, with the label of the first.

    docs (Iterable[Doc]): The docs.
    salt (object): Another one gives another order.
    RETURNS (Dict[str, List[str]]): The texts by label.
    """
    labels: Dict[str, str] = {}
    for doc in docs:
        labels.setdefault(doc.text, label_of(doc))
    texts: Dict[str, List[str]] = {label: [] for label in sorted(set(labels.values()))}
    for text in sorted(labels, key=lambda text: blake2b(f"{salt} {text}".encode()).digest()):
        texts[labels[text]].append(text)
    return texts


def dealt(docs: Sequence[Doc], n: int, salt: object) -> List[int]:
    """Deal docs out to parts of equal size, each with its share of each label. Copies of a text are
    in the same part.

    docs (Sequence[Doc]): The docs.
    n (int): The number of parts.
    salt (object): Another one gives other parts.
    RETURNS (List[int]): The number of the part of each doc.
    """
    texts = [text for of_label in ranked(docs, salt).values() for text in of_label]
    # On from where the last label ended: so the parts also have the same size.
    part = {text: i % n for i, text in enumerate(texts)}
    return [part[doc.text] for doc in docs]


def split_fold(docs: Sequence[Doc], fold: int, n: int) -> Docs:
    """Split a corpus for a fold of its cross-validation.

    docs (Sequence[Doc]): All its docs.
    fold (int): The number of the fold.
    n (int): How many there are.
    RETURNS (Docs): The docs by split: test is this part of `n`, dev a tenth of the others, with its
        share of each label, and train what is left.
    """
    parts = dealt(docs, n, SEED)
    rest = [doc for doc, part in zip(docs, parts, strict=True) if part != fold]
    in_dev = dealt(rest, DEV_SHARE, f"dev {SEED}")
    return {
        "train": [doc for doc, part in zip(rest, in_dev, strict=True) if part],
        "dev": [doc for doc, part in zip(rest, in_dev, strict=True) if not part],
        "test": [doc for doc, part in zip(docs, parts, strict=True) if part == fold],
    }


def first(docs: Sequence[Doc], n: int) -> List[Doc]:
    """Take some docs of which each label has its share. Those of a smaller `n` are among those of a
    larger one.

    docs (Sequence[Doc]): The docs.
    n (int): How many to take.
    RETURNS (List[Doc]): The docs, in their order.
    """
    places: List[Tuple[float, str, str]] = []
    for label, texts in ranked(docs, f"first {SEED}").items():
        places += [((i + 0.5) / len(texts), label, text) for i, text in enumerate(texts)]
    place = {text: i for i, (_, _, text) in enumerate(sorted(places))}
    taken = sorted(range(len(docs)), key=lambda i: place[docs[i].text])[:n]
    return [docs[i] for i in sorted(taken)]
