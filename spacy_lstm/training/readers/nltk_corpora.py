"""Texts from corpora in the formats of NLTK, read by NLTK's own corpus readers.

Paths are always given: nothing is searched for in NLTK's folders, and nothing is fetched.
"""

from pathlib import Path
from typing import Dict

from nltk.corpus.reader import (
    CategorizedPlaintextCorpusReader,
    CategorizedSentencesCorpusReader,
)
from nltk.data import FileSystemPathPointer, PathPointer, ZipFilePathPointer

from .nltk_access import nltk_may_read
from .records import Record, make_record, not_utf8


def read_categorized_lines(
    root: Path, fileids: str, *, inside: str = "", encoding: str = "utf8"
) -> Dict[str, Dict[int, Record]]:
    """Read a corpus with a file for each category and a text on each line, as `sentence_polarity`
    is.

    root (Path): The folder of the corpus, or the .zip archive that holds it.
    fileids (str): A regular expression for the files, whose first group is the category.
    inside (str): The folder inside of the archive.
    encoding (str): The encoding of the files.
    RETURNS (Dict[str, Dict[int, Record]]): By category, the texts by number of the line, from 0 on.
    RAISES (DataError): If a line is empty, or can't be decoded.
    """
    records: Dict[str, Dict[int, Record]] = {}
    with nltk_may_read(root) as place:
        reader = CategorizedSentencesCorpusReader(
            _pointer(place, inside), fileids, cat_pattern=fileids, encoding=encoding
        )
        for fileid in reader.fileids():
            [label] = reader.categories(fileids=[fileid])
            texts = records.setdefault(label, {})
            # Not splitlines: it also breaks at characters that stand inside of a text.
            lines = _raw(reader, root, fileid).removesuffix("\n").split("\n")
            for number, line in enumerate(lines, start=1):
                where = f"{root / inside / fileid}, line {number}"
                texts[len(texts)] = make_record(line, {label: 1.0}, where)
    return records


def read_categorized_files(
    root: Path, fileids: str, *, cat_pattern: str, inside: str = "", encoding: str = "utf8"
) -> Dict[str, Dict[str, Record]]:
    """Read a corpus with a folder for each category and a text in each file, as `movie_reviews` is.
    Whitespace becomes single spaces.

    root (Path): The folder of the corpus, or the .zip archive that holds it.
    fileids (str): A regular expression for the files.
    cat_pattern (str): A regular expression for the files, whose first group is the category.
    inside (str): The folder inside of the archive.
    encoding (str): The encoding of the files.
    RETURNS (Dict[str, Dict[str, Record]]): By category, the texts by name of the file.
    RAISES (DataError): If a file is empty, or can't be decoded.
    """
    with nltk_may_read(root) as place:
        reader = CategorizedPlaintextCorpusReader(
            _pointer(place, inside), fileids, cat_pattern=cat_pattern, encoding=encoding
        )
        return {
            label: {
                fileid: make_record(
                    " ".join(_raw(reader, root, fileid).split()),
                    {label: 1.0},
                    str(root / inside / fileid),
                )
                for fileid in reader.fileids(categories=[label])
            }
            for label in reader.categories()
        }


def _pointer(root: Path, inside: str = "") -> PathPointer:
    # Made here rather than by the reader, which takes any ".zip" within a path for an archive.
    if root.is_file():
        return ZipFilePathPointer(str(root), f"{inside}/")
    return FileSystemPathPointer(str(root / inside))


def _raw(reader: CategorizedSentencesCorpusReader, root: Path, fileid: str) -> str:
    try:
        return reader.raw(fileids=[fileid])
    except UnicodeDecodeError as err:
        raise not_utf8(err, root / fileid) from err
