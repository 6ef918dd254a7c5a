"""Records from NLTK's corpus readers: the categorized ones, and those with chunks.

What is a text depends on the corpus: a file (movie_reviews, reuters, brown), a line
(sentence_polarity, pros_cons, qc, product_reviews_1) or a sentence (conll2000, conll2002,
treebank_chunk); in ieer it is an article. Where the corpus comes as words, they are kept.
"""

import re
from pathlib import Path
from typing import Dict, Iterator, List, NamedTuple, Sequence, Tuple

from nltk.corpus.reader import (
    CategorizedCorpusReader,
    CategorizedSentencesCorpusReader,
    ChunkedCorpusReader,
    ConllChunkCorpusReader,
    CorpusReader,
    IEERCorpusReader,
    PlaintextCorpusReader,
    ProsConsCorpusReader,
    ReviewsCorpusReader,
    StringCategoryCorpusReader,
)
from nltk.tree import Tree

from ...errors import Errors
from .nltk_columns import ColumnsCorpusReader, read_columns, record_of_words
from .nltk_corpora import lines_of, not_decoded, whole_file
from .records import DataError, Record, make_record

CHUNKED = (ColumnsCorpusReader, ConllChunkCorpusReader, ChunkedCorpusReader, IEERCorpusReader)
CATEGORIZED = (CategorizedCorpusReader, StringCategoryCorpusReader, ReviewsCorpusReader)


class Annotated(NamedTuple):
    """What was read from a corpus.

    records (List[Record]): The texts.
    labels (List[str]): All categories of the whole corpus, whatever was read of it: sorted.
    """

    records: List[Record]
    labels: List[str]


def is_annotated(reader: CorpusReader) -> bool:
    """Find out whether a corpus has categories or chunks that can be read here.

    reader (CorpusReader): NLTK's reader of the corpus.
    RETURNS (bool): Whether it has.
    """
    return isinstance(reader, (*CHUNKED, *CATEGORIZED))


def read_annotated(reader: CorpusReader, root: Path, fileids: Sequence[str]) -> Annotated:
    """Read the texts of some files.

    reader (CorpusReader): NLTK's reader of the corpus.
    root (Path): Where the corpus stands, for messages.
    fileids (Sequence[str]): The files.
    RETURNS (Annotated): The texts, in the order of the files, and the categories.
    RAISES (DataError): If a text is empty, can't be decoded, or its annotation is malformed.
    """
    records: List[Record] = []
    for fileid in fileids:
        try:
            records.extend(_records(reader, root, fileid))
        except DataError:
            raise
        except UnicodeDecodeError as err:
            raise not_decoded(err, root / fileid) from err
        # What NLTK raises where a file isn't as it should be, without its place.
        except ValueError as err:
            where = f"{root / fileid}, after {len(records):,} texts"
            raise DataError(Errors.L368.format(where=where, reason=err)) from err
    return Annotated(records, _labels(reader))


def _labels(reader: CorpusReader) -> List[str]:
    if isinstance(reader, CategorizedCorpusReader):
        return list(reader.categories())
    if isinstance(reader, StringCategoryCorpusReader):
        return sorted({label for label, *_ in reader.tuples()})
    return ["negative", "positive"] if isinstance(reader, ReviewsCorpusReader) else []


def _records(reader: CorpusReader, root: Path, fileid: str) -> Iterator[Record]:
    if isinstance(reader, CHUNKED):
        return _chunked(reader, root, fileid)
    if isinstance(reader, StringCategoryCorpusReader):
        return _labelled_lines(reader, root, fileid)
    if isinstance(reader, ReviewsCorpusReader):
        return _reviewed_lines(reader, root, fileid)
    cats = dict.fromkeys(reader.categories(fileids=[fileid]), 1.0)
    return _categorized(reader, root, fileid, cats)


def _categorized(
    reader: CorpusReader, root: Path, fileid: str, cats: Dict[str, float]
) -> Iterator[Record]:
    if isinstance(reader, CategorizedSentencesCorpusReader):
        for where, line in lines_of(reader, root, fileid):
            if line.strip():  # who named a corpus of NLTK's can't be asked to correct it
                yield make_record(line, cats, where)
    elif isinstance(reader, ProsConsCorpusReader):
        for where, line in lines_of(reader, root, fileid):
            # As NLTK, which passes over lines without the tags.
            if found := re.match(r"\s*<(?:Pros|Cons)>(.*)</(?:Pros|Cons)>", line):
                yield make_record(found.group(1), cats, where)
    elif isinstance(reader, PlaintextCorpusReader):
        yield whole_file(reader, root, fileid, cats)
    else:
        # Tagged or parsed: it comes as words, and there is no text but these.
        sents = [list(sent) for sent in reader.sents(fileids=[fileid])]
        yield record_of_words(sents, str(root / fileid), cats=cats)


def _labelled_lines(reader: CorpusReader, root: Path, fileid: str) -> Iterator[Record]:
    for number, (label, *text) in enumerate(reader.tuples(fileids=[fileid]), start=1):
        where = f"{root / fileid}, line {number}"
        yield make_record(text[0] if text else "", {label: 1.0}, where)


def _reviewed_lines(reader: CorpusReader, root: Path, fileid: str) -> Iterator[Record]:
    """The sentences of reviews: "picture[+2],size[-1]##The picture is great, but it is huge." It is
    positive where something is praised in it, and negative where something is found fault with:
    one of them, both or none."""
    for where, line in lines_of(reader, root, fileid):
        features, marked, text = line.partition("##")
        if marked and text.strip():  # a title is no sentence, and some sentences are empty
            signs = set(re.findall(r"\[([+-])\d\]", features))
            cats = {"negative": float("-" in signs), "positive": float("+" in signs)}
            yield make_record(text, cats, where)


def _chunked(reader: CorpusReader, root: Path, fileid: str) -> Iterator[Record]:
    if isinstance(reader, ColumnsCorpusReader):
        yield from read_columns(reader, root, fileid)
        return
    if isinstance(reader, IEERCorpusReader):
        trees = [doc.text for doc in reader.parsed_docs(fileids=[fileid])]
        unit = "article"
    else:
        trees, unit = reader.chunked_sents(fileids=[fileid]), "sentence"
    for number, tree in enumerate(trees, start=1):
        words, spans = _flat(tree)
        if words:  # where a file begins with -DOCSTART-, NLTK gives a sentence without words
            where = f"{root / fileid}, {unit} {number}"
            yield record_of_words([words], where, spans=spans)


def _flat(tree: Tree) -> Tuple[List[str], List[Tuple[int, int, str]]]:
    words: List[str] = []
    spans: List[Tuple[int, int, str]] = []
    for child in tree:
        inside = child.leaves() if isinstance(child, Tree) else [child]
        leaves = [leaf[0] if isinstance(leaf, tuple) else leaf for leaf in inside]
        # The marks of paragraphs in ieer, "<P>", stand among the words.
        leaves = [leaf for leaf in leaves if not re.fullmatch(r"<[^<>]+>", leaf)]
        if isinstance(child, Tree) and leaves:
            spans.append((len(words), len(words) + len(leaves), child.label()))
        words += leaves
    return words, spans
