"""The public corpora: in which files they come, and how these are read and split.

NLTK is imported only where it reads one: it takes as long as all else.
"""

from pathlib import Path
from typing import Dict, List, NamedTuple

from assets import load_assets, verify
from splits import split_as_committed

from spacy_lstm.errors import Errors
from spacy_lstm.training.readers.columns import iter_columns
from spacy_lstm.training.readers.records import DataError, Record, make_record
from spacy_lstm.training.splits import SPLITS, Splits


class Public(NamedTuple):
    """A public corpus.

    files (List[str]): Its files in assets/: one for all splits, or one for each of train, dev and
        test.
    lang (str): The code of its language.
    """

    files: List[str]
    lang: str = "en"


PUBLIC = {
    "sentence_polarity": Public(["sentence_polarity.zip"]),
    "movie_reviews": Public(["movie_reviews.zip"]),
    "sst2": Public(["sst2/train.txt", "sst2/dev.txt", "sst2/test.txt"]),
    "wnut17": Public(
        [
            "wnut17/wnut17train.conll",
            "wnut17/emerging.dev.conll",
            "wnut17/emerging.test.annotated",
        ]
    ),
    "wikigold": Public(["wikigold.conll"]),
    "conll2002_esp": Public(["conll2002.zip"], "es"),
    "conll2002_ned": Public(["conll2002.zip"], "nl"),
}
CONLL2002 = ("train", "testa", "testb")  # the names of its train, dev and test
SST2 = {"0": "neg", "1": "pos"}
DOCUMENT = "document"  # the one group that wikigold's splits have


def language_of(corpus: str, lang: str) -> str:
    """Get the language of a corpus.

    corpus (str): The name of the corpus.
    lang (str): The code of the language, or "auto", which is that of a public corpus, and English
        for others.
    RETURNS (str): The code of the language.
    """
    if lang != "auto":
        return lang
    return PUBLIC[corpus].lang if corpus in PUBLIC else "en"


def read_public(name: str, project: Path) -> Splits:
    """Read a public corpus out of its files, once these are verified.

    name (str): The name of the corpus.
    project (Path): The folder of project.yml.
    RETURNS (Splits): The texts by split.
    RAISES (DataError): If a file is missing, or another one than expected.
    """
    from spacy_lstm.training.readers.nltk_corpora import (
        read_categorized_files,
        read_categorized_lines,
    )

    paths = [project / "assets" / file for file in PUBLIC[name].files]
    for asset in load_assets(project):
        if asset.dest in paths:
            verify(asset)
    committed = project / "splits" / f"{name}.json"
    if name == "wnut17":
        return {
            split: list(iter_columns(path, comments=False))
            for split, path in zip(SPLITS, paths, strict=True)
        }
    if name == "sst2":
        return {split: read_sst2(path) for split, path in zip(SPLITS, paths, strict=True)}
    [path] = paths
    if name == "wikigold":
        return split_as_committed({DOCUMENT: read_wikigold(path)}, committed)
    if name == "sentence_polarity":
        pattern = r"rt-polarity\.(neg|pos)"
        return split_as_committed(read_categorized_lines(path, pattern, inside=name), committed)
    if name == "movie_reviews":
        files = read_categorized_files(
            path, r"(neg|pos)/.*\.txt", cat_pattern=r"(neg|pos)/.*", inside=name
        )
        return split_as_committed(files, committed)
    prefix = name.removeprefix("conll2002_")
    return {
        split: read_conll2002(path, f"{prefix}.{part}")
        for split, part in zip(SPLITS, CONLL2002, strict=True)
    }


def read_sst2(path: Path) -> List[Record]:
    """Read sentences of the Stanford Sentiment Treebank, a line each: 0 (negative) or 1 (positive),
    a space, and the sentence.

    path (Path): The file.
    RETURNS (List[Record]): The sentences.
    RAISES (DataError): If a line has no such label, or no sentence.
    """
    records = []
    for i, line in enumerate(path.read_text("utf8").splitlines(), 1):
        label, _, text = line.partition(" ")
        where = f"{path}, line {i}"
        if label not in SST2:
            raise DataError(Errors.L332.format(where=where, got=label, known=" or ".join(SST2)))
        records.append(make_record(text, {SST2[label]: 1.0}, where))
    return records


def read_wikigold(path: Path) -> Dict[int, Record]:
    """Read the articles of wikigold. They are kept whole: a name that is explained in one sentence
    comes again in the next ones, so an article mustn't be both learned and measured.

    path (Path): The file.
    RETURNS (Dict[int, Record]): The articles by their number, from 0 on.
    RAISES (DataError): If the file or a line of it can't be used.
    """
    return dict(enumerate(iter_columns(path, sentences_per_doc=0, comments=False)))


def read_conll2002(path: Path, fileid: str) -> List[Record]:
    """Read the sentences of a file of CoNLL-2002, with NLTK's access to its archive.

    path (Path): The archive.
    fileid (str): The file in it.
    RETURNS (List[Record]): The sentences.
    RAISES (DataError): If the file or a line of it can't be used.
    """
    from spacy_lstm.training.readers.nltk_annotated import read_annotated
    from spacy_lstm.training.readers.nltk_open import open_path

    opened = open_path(path, fileids=[fileid], kind="chunked", cat_pattern=None, encoding="utf8")
    with opened as (reader, root, fileids):
        return read_annotated(reader, root, fileids).records
