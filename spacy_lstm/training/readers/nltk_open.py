"""Open a corpus with one of NLTK's readers: by its name, or by its path, whose kind is found."""

import re
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Iterator, List, Optional, Sequence, Tuple, Union

import nltk.corpus
from nltk.corpus.reader import (
    CategorizedPlaintextCorpusReader,
    CategorizedSentencesCorpusReader,
    CorpusReader,
)
from nltk.corpus.reader.util import find_corpus_fileids
from nltk.corpus.util import LazyCorpusLoader
from nltk.data import PathPointer, ZipFilePathPointer

from ...errors import Errors
from .nltk_access import find_package, nltk_may_find, nltk_may_read, not_installed
from .nltk_annotated import is_annotated
from .nltk_columns import ColumnsCorpusReader, looks_like_columns
from .nltk_corpora import lines_of, pointer_to
from .records import DataError

# Files of a folder that are about the corpus and not part of it, where no files are named.
ABOUT = re.compile(
    r"(readme|licen[cs]e|citation|copying|notice|authors|changes)\b.*", re.IGNORECASE
)
PEEK = 50  # lines that tell what kind of file it is
KINDS = {"files": CategorizedPlaintextCorpusReader, "lines": CategorizedSentencesCorpusReader}

Fileids = Union[str, Sequence[str], None]


@contextmanager
def open_named(name: str, *, fileids: Fileids) -> Iterator[Tuple[CorpusReader, Path, List[str]]]:
    """Open a corpus that NLTK defines, wherever it is in NLTK's folders.

    name (str): The name in `nltk.corpus`.
    fileids (Fileids): The files to read: names, or a regular expression; None for all.
    YIELDS (Tuple[CorpusReader, Path, List[str]]): Its reader, where it stands, and the files.
    RAISES (DataError): If it isn't installed or can't be read, has neither categories nor chunks,
        or there are no such files.
    """
    reader = getattr(nltk.corpus, name)
    if isinstance(reader, LazyCorpusLoader):
        with nltk_may_find(f"{reader.subdir}/{reader.__name__}"):
            reader.ensure_loaded()  # which turns it into the reader
    if not is_annotated(reader):
        kind = type(reader).__name__
        raise DataError(Errors.L362.format(name=name, reader=kind))
    root = reader.root
    place = Path(root.zipfile.filename if isinstance(root, ZipFilePathPointer) else root.path)
    with nltk_may_read(place):
        inside = root.entry if isinstance(root, ZipFilePathPointer) else ""
        yield reader, place / inside, select(reader.fileids(), fileids, place)


def is_defined(name: str) -> bool:
    """Find out whether NLTK defines how a corpus is read.

    name (str): The name of the corpus.
    RETURNS (bool): Whether it does.
    """
    return isinstance(getattr(nltk.corpus, name, None), (LazyCorpusLoader, CorpusReader))


def find_corpus(name: str) -> Path:
    """Look for a corpus that NLTK doesn't define, in NLTK's folders.

    name (str): The name of its folder or archive.
    RETURNS (Path): The folder or the archive.
    RAISES (DataError): If there is none.
    """
    place = find_package(f"corpora/{name}")
    if place is None:
        raise not_installed(f"corpora/{name}")
    return place


@contextmanager
def open_path(
    root: Path, *, fileids: Fileids, kind: str, cat_pattern: Optional[str], encoding: str
) -> Iterator[Tuple[CorpusReader, Path, List[str]]]:
    """Open a corpus in a folder or an archive.

    root (Path): The folder or the archive.
    fileids (Fileids): The files to read: names, or a regular expression; None for all.
    kind (str): "files", where each file is a text, "lines", where each line is one, "chunked",
        where each line is a word and its tag, or "auto", which tells them apart: texts stand in
        folders that are their categories, and tags are in the last column.
    cat_pattern (Optional[str]): A regular expression that matches the beginning of the names of the
        files, and whose first group is the category. None for the first folder, or, where there are
        no folders, for what is before or after the dot, whichever differs.
    encoding (str): The encoding of the files.
    YIELDS (Tuple[CorpusReader, Path, List[str]]): Its reader, where it stands, and the files.
    RAISES (DataError): If it can't be read, there are no such files, or the kind can't be told.
    """
    with nltk_may_read(root) as place:
        pointer, inside, names = _list_files(place)
        corpus = [name for name in names if not ABOUT.fullmatch(Path(name).name)]
        chosen = select(corpus if fileids is None else names, fileids, root)
        plain = CorpusReader(pointer, chosen, encoding=encoding)
        if kind == "auto":
            kind = _guess_kind(plain, root / inside, chosen, cat_pattern)
        if kind == "chunked":
            yield ColumnsCorpusReader(pointer, chosen, encoding=encoding), root / inside, chosen
            return
        pattern = cat_pattern or _default_pattern(kind, corpus, chosen, root)
        for name in chosen:
            if _category(pattern, name) is None:
                reason = f"it doesn't match {name!r}, or has no group that is the category"
                raise _bad_pattern("cat_pattern", pattern, reason)
        # The files that aren't read tell categories too. Those that have none are no concern.
        others = sorted(set(corpus) - set(chosen))
        others = [name for name in others if _category(pattern, name) is not None]
        reader_type = KINDS[kind]
        reader = reader_type(pointer, chosen + others, cat_pattern=pattern, encoding=encoding)
        yield reader, root / inside, chosen


def select(names: Sequence[str], fileids: Fileids, root: Path) -> List[str]:
    """Choose files of a corpus.

    names (Sequence[str]): All its files.
    fileids (Fileids): The names to choose, or a regular expression that matches whole names; None
        for all files.
    root (Path): The corpus, for the message.
    RETURNS (List[str]): The names, in the order of the corpus.
    RAISES (DataError): If a file doesn't exist, or none is chosen.
    """
    if not names:
        raise DataError(Errors.L303.format(path=root))
    if fileids is None:
        return list(names)
    if isinstance(fileids, str):
        pattern = _compiled("fileids", fileids)
        chosen = [name for name in names if pattern.fullmatch(name)]
        missing = not chosen
    else:
        wanted = frozenset(fileids)
        chosen = [name for name in names if name in wanted]
        missing = not chosen or len(wanted) > len(set(chosen))
    if missing:
        some = ", ".join(repr(name) for name in names[:5])
        raise DataError(Errors.L365.format(path=root, fileids=fileids, n=len(names), some=some))
    return chosen


def _list_files(place: Path) -> Tuple[PathPointer, str, List[str]]:
    """Get the pointer to the files, the folder of the archive where they are, and their names."""
    pointer = pointer_to(place)
    hidden = r"(.*/)?(\.|__MACOSX/)"
    names = [name for name in find_corpus_fileids(pointer, ".*") if not re.match(hidden, name)]
    tops = {name.partition("/")[::2] for name in names}
    inside = min(tops)[0] if tops else ""
    # NLTK's archives hold one folder with the name of the corpus. One of a folder for each category
    # has several, and a file outside of them has nothing after its "folder".
    if not place.is_file() or any(top != inside or not rest for top, rest in tops):
        return pointer, "", names
    return pointer_to(place, inside), inside, [name.removeprefix(f"{inside}/") for name in names]


def _guess_kind(
    reader: CorpusReader, root: Path, names: Sequence[str], cat_pattern: Optional[str]
) -> str:
    nested = ["/" in name for name in names]
    if all(nested):
        return "files"
    if any(nested):
        [one, *_], [other, *_] = ([n for n in names if ("/" in n) is k] for k in (True, False))
        reason = f"some files stand in folders, as {one!r}, and some don't, as {other!r}"
        raise DataError(Errors.L364.format(path=root, reason=reason))
    if cat_pattern is None:
        lines = [line for _, line in islice(lines_of(reader, root, names[0]), PEEK)]
        if looks_like_columns(lines):
            return "chunked"
    return "lines"


def _default_pattern(kind: str, corpus: Sequence[str], chosen: Sequence[str], root: Path) -> str:
    if kind == "files":
        return r"([^/]+)/"
    # The whole corpus knows best, unless there are files in the folder that are none of its.
    for names in (corpus, chosen):
        stems = {Path(name).stem for name in names}
        suffixes = {Path(name).suffix for name in names}
        if len(suffixes) == 1 and len(stems) == len(names):
            return r"(?:.*/)?([^/]+?)(?:\.[^./]*)?$"
        if len(stems) == 1 and "" not in suffixes:
            return r".*\.([^./]+)$"
    shown = ", ".join(repr(name) for name in chosen[:5])
    reason = f"the names of its files don't tell what is a category, as in {shown}"
    raise DataError(Errors.L364.format(path=root, reason=reason))


def _category(pattern: str, name: str) -> Optional[str]:
    found = _compiled("cat_pattern", pattern).match(name)
    return found.group(1) if found and found.re.groups else None


def _compiled(setting: str, pattern: str) -> "re.Pattern[str]":
    try:
        return re.compile(pattern)
    except re.error as err:
        raise _bad_pattern(setting, pattern, str(err)) from err


def _bad_pattern(setting: str, pattern: str, reason: str) -> DataError:
    group = ", with a group that is the category" if setting == "cat_pattern" else ""
    return DataError(
        Errors.L366.format(setting=setting, pattern=pattern, reason=reason, group=group)
    )
