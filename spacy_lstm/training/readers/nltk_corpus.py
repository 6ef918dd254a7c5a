"""NLTK's corpora in a config: `@readers = "spacy_lstm.NLTKCorpus.v1"`."""

import random
import re
from pathlib import Path
from typing import TYPE_CHECKING, Callable, Iterable, Iterator, List, Literal, Optional, Union

from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example

from ...errors import Errors
from ..docs import make_doc
from ..splits import SPLITS, split_at_random
from .records import DataError, Record

if TYPE_CHECKING:
    from .nltk_annotated import Annotated

KINDS = ("auto", "files", "lines", "chunked")
Augmenter = Callable[[Language, Example], Iterable[Example]]


class NLTKCorpus:
    """Iterate over the examples of a corpus of NLTK, as `spacy.Corpus.v1` does over those of a
    file. Where the corpus has categories, each doc has all of them, with 1 for those that apply and
    0 for the others; where it has chunks, such as names, they are `doc.ents`, and its words are
    kept. Nothing is read before the first call, and nothing is ever downloaded.

    The texts that were chosen, but no docs, are kept in memory from the first call on, because to
    read them takes longer than to tokenize them. They take one to four times the size of their
    files where they are texts, the less the longer they are, and four to seven times where they
    are words. While they are chosen, all texts of the files are in memory.

    corpus (Union[str, Path]): The name of a corpus in `nltk.data.path`, or the path of a folder or
        .zip archive, which has a "/" in it or ends with ".zip": `./mine` is the folder "mine".
    split (Optional[str]): "train", "dev" or "test": 80, 10 and 10 % of the texts, at random, each
        category on its own. None for all texts, or for the parts that the corpus itself has, which
        are named in `fileids`.
    fileids (Union[str, List[str], None]): The files to read, as NLTK names them: a list, or a
        regular expression that matches whole names. None for all.
    limit (int): Take at most so many of the texts, chosen at random, because the first ones often
        are all of the same category. 0 for all.
    shuffle (bool): Give the texts in another order each time.
    seed (int): Seed of the split, the limit and the order. The same seed gives splits that have no
        text in common.
    kind (str): How a path is read: "files", a text in each file; "lines", a text on each line;
        "chunked", a word and its tag on each line; or "auto", which finds out.
    cat_pattern (Optional[str]): For a path, a regular expression for the names of the files, whose
        first group is the category. None for the folder, or, where there are no folders, for the
        part of the name before or after the dot, whichever differs.
    encoding (Optional[str]): For a path, the encoding of the files; None is UTF-8.
    augmenter (Optional[Augmenter]): Makes further examples out of each.
    RAISES (DataError): If a setting can't be used; when it is called, if the corpus can't be read.
    """

    def __init__(
        self,
        corpus: Union[str, Path],
        *,
        split: Optional[Literal["train", "dev", "test"]] = None,
        fileids: Union[str, List[str], None] = None,
        limit: int = 0,
        shuffle: bool = False,
        seed: int = 0,
        kind: Literal["auto", "files", "lines", "chunked"] = "auto",
        cat_pattern: Optional[str] = None,
        encoding: Optional[str] = None,
        augmenter: Optional[Augmenter] = None,
    ) -> None:
        if split not in (None, *SPLITS):
            raise _not_one_of("split", f"one of {', '.join(SPLITS)}, or null", split)
        if kind not in KINDS:
            raise _not_one_of("kind", f"one of {', '.join(KINDS)}", kind)
        if not isinstance(limit, int) or limit < 0:
            raise _not_one_of("limit", "0, for all texts, or greater", limit)
        if encoding is not None and not _is_encoding(encoding):
            raise _not_one_of("encoding", "an encoding that Python has", encoding)
        if augmenter is not None and not callable(augmenter):
            raise _not_one_of("augmenter", "one of the @augmenters, or null", augmenter)
        self.corpus = corpus
        self.split = split
        self.fileids = fileids
        self.limit = limit
        self.shuffle = shuffle
        self.seed = seed
        self.kind = kind
        self.cat_pattern = cat_pattern
        self.encoding = encoding
        self.augmenter = augmenter
        self.epoch = 0
        self._chosen: Optional[Annotated] = None

    def __call__(self, nlp: Language) -> Iterator[Example]:
        """Go through the texts once.

        nlp (Language): The pipeline, for its tokenizer and its vocabulary.
        YIELDS (Example): A text, with and without its annotation.
        RAISES (DataError): If the corpus can't be read.
        """
        if self._chosen is None:
            self._chosen = self._choose(self._read())
        records, labels = self._chosen
        if self.shuffle:
            records = list(records)
            random.Random(f"{self.seed} epoch {self.epoch}").shuffle(records)
            self.epoch += 1
        for record in records:
            example = _make_example(nlp, record, labels)
            yield from [example] if self.augmenter is None else self.augmenter(nlp, example)

    def _read(self) -> "Annotated":
        # Imported when it is needed: NLTK takes a second, and `spacy init fill-config` makes this
        # object without ever reading a text.
        from . import nltk_open
        from .nltk_annotated import read_annotated

        name = str(self.corpus)
        is_path = isinstance(self.corpus, Path) or re.search(r"[/\\]|\.zip$", name) is not None
        if not is_path and nltk_open.is_defined(name):
            self._check_unset()
            opened = nltk_open.open_named(name, fileids=self.fileids)
        else:
            opened = nltk_open.open_path(
                Path(name) if is_path else nltk_open.find_corpus(name),
                fileids=self.fileids,
                kind=self.kind,
                cat_pattern=self.cat_pattern,
                encoding=self.encoding or "utf8",
            )
        with opened as (reader, root, fileids):
            return read_annotated(reader, root, fileids)

    def _check_unset(self) -> None:
        unset = {"kind": "auto", "cat_pattern": None, "encoding": None}
        for setting, value in unset.items():
            if getattr(self, setting) != value:
                raise DataError(Errors.L363.format(setting=setting, name=self.corpus))

    def _choose(self, read: "Annotated") -> "Annotated":
        records = read.records
        if self.split is not None:
            kind = "any" if read.labels else "none"
            splits = split_at_random(records, self.seed, self.corpus, categories=kind)
            records = splits[self.split]
        if 0 < self.limit < len(records):
            numbers = random.Random(f"{self.seed} limit").sample(range(len(records)), self.limit)
            records = [records[number] for number in sorted(numbers)]
        if not records:
            raise DataError(Errors.L303.format(path=self.corpus))
        return read._replace(records=records)


def _make_example(nlp: Language, record: Record, labels: List[str]) -> Example:
    reference = make_doc(nlp, record, labels)
    # As spaCy's Corpus: where the source has words, they are what the pipeline is trained on.
    if not reference.has_unknown_spaces:
        return Example(nlp.make_doc(reference.text), reference)
    spaces = [bool(token.whitespace_) for token in reference]
    words = [token.text for token in reference]
    return Example(Doc(nlp.vocab, words=words, spaces=spaces), reference)


def _is_encoding(name: str) -> bool:
    try:
        "".encode(name)  # there are codecs that are none of texts
    except (LookupError, ValueError):
        return False
    return True


def _not_one_of(name: str, options: str, value: object) -> DataError:
    return DataError(Errors.L369.format(name=name, options=options, value=value))
