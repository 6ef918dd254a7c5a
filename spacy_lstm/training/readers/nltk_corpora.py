"""Texts from corpora in the formats of NLTK, read by NLTK's own corpus readers.

Paths are always given: nothing is searched for in NLTK's folders, and nothing is fetched.
"""

from pathlib import Path
from typing import Dict, Iterator, Tuple

from nltk.corpus.reader import (
    CategorizedPlaintextCorpusReader,
    CategorizedSentencesCorpusReader,
    CorpusReader,
)
from nltk.data import FileSystemPathPointer, PathPointer, ZipFilePathPointer

from ...errors import Errors
from .nltk_access import nltk_may_read
from .records import DataError, Record, make_record, not_utf8


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
            pointer_to(place, inside), fileids, cat_pattern=fileids, encoding=encoding
        )
        for fileid in reader.fileids():
            [label] = reader.categories(fileids=[fileid])
            texts = records.setdefault(label, {})
            for where, line in lines_of(reader, root / inside, fileid):
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
            pointer_to(place, inside), fileids, cat_pattern=cat_pattern, encoding=encoding
        )
        return {
            label: {
                fileid: whole_file(reader, root / inside, fileid, {label: 1.0})
                for fileid in reader.fileids(categories=[label])
            }
            for label in reader.categories()
        }


def lines_of(reader: CorpusReader, root: Path, fileid: str) -> Iterator[Tuple[str, str]]:
    """Read the lines of a file.

    reader (CorpusReader): NLTK's reader of the corpus.
    root (Path): Where the corpus stands, for messages.
    fileid (str): The file.
    YIELDS (Tuple[str, str]): The place of a line, and the line.
    RAISES (DataError): If the file can't be decoded.
    """
    # Not splitlines: it also breaks at characters that stand inside of a text.
    lines = raw_text(reader, root, fileid).removesuffix("\n").split("\n")
    file = root / fileid
    for number, line in enumerate(lines, start=1):
        yield f"{file}, line {number}", line


def whole_file(reader: CorpusReader, root: Path, fileid: str, cats: Dict[str, float]) -> Record:
    """Read a file that is a text. Whitespace becomes single spaces.

    reader (CorpusReader): NLTK's reader of the corpus.
    root (Path): Where the corpus stands, for messages.
    fileid (str): The file.
    cats (Dict[str, float]): Its categories.
    RETURNS (Record): The text.
    RAISES (DataError): If the file is empty, or can't be decoded.
    """
    text = " ".join(raw_text(reader, root, fileid).split())
    return make_record(text, cats, str(root / fileid))


def raw_text(reader: CorpusReader, root: Path, fileid: str) -> str:
    """Read what is in a file.

    reader (CorpusReader): NLTK's reader of the corpus.
    root (Path): Where the corpus stands, for messages.
    fileid (str): The file.
    RETURNS (str): Its characters.
    RAISES (DataError): If the file can't be decoded.
    """
    try:
        return reader.raw(fileids=[fileid])
    except UnicodeDecodeError as err:
        raise not_decoded(err, root / fileid) from err


def not_decoded(err: UnicodeDecodeError, path: Path) -> DataError:
    """Say why a file can't be decoded, whatever its encoding.

    err (UnicodeDecodeError): The error.
    path (Path): The file, for the message.
    RETURNS (DataError): The error to raise.
    """
    if err.encoding.replace("-", "") == "utf8":
        return not_utf8(err, path)
    reason = f"the byte {err.object[err.start]:#04x} isn't {err.encoding}"
    return DataError(Errors.L324.format(path=path, reason=reason))


def pointer_to(root: Path, inside: str = "") -> PathPointer:
    """Point NLTK to a folder, or into an archive.

    root (Path): The folder or the archive.
    inside (str): The folder inside of it.
    RETURNS (PathPointer): The pointer that NLTK's readers take.
    """
    # Made here rather than by the reader, which takes any ".zip" within a path for an archive.
    if root.is_file():
        return ZipFilePathPointer(str(root), f"{inside}/" if inside else "")
    return FileSystemPathPointer(str(root / inside))
