"""Words that are too common to tell anything, from spaCy or from NLTK's lists."""

from pathlib import Path
from typing import Set
from zipfile import BadZipFile

from nltk.corpus.reader import WordListCorpusReader
from nltk.data import FileSystemPathPointer, PathPointer, ZipFilePathPointer
from spacy.language import Language

from spacy_lstm.errors import Errors
from spacy_lstm.training.readers.nltk_access import nltk_may_read
from spacy_lstm.training.readers.records import DataError, not_utf8

INSIDE = "stopwords/"  # the folder inside of NLTK's archive


def load_stop_words(source: str, nlp: Language) -> Set[str]:
    """Get the stop words of a language.

    source (str): "none", "spacy", or the path of NLTK's stopwords.zip, or of a folder with a file
        for each language, as is in it.
    nlp (Language): A pipeline with the tokenizer of the language.
    RETURNS (Set[str]): The words in small letters, and the tokens that they are parted in.
    RAISES (DataError): If the place can't be read, or has no list of the language.
    """
    if source == "none":
        return set()
    words = nlp.Defaults.stop_words if source == "spacy" else _read_list(Path(source), nlp)
    # The lists have "don't", and the tokenizer of English makes "do" and "n't" of it.
    return {word.lower() for word in words} | {
        token.lower_ for word in words for token in nlp.make_doc(word)
    }


def _read_list(root: Path, nlp: Language) -> Set[str]:
    # NLTK's files are called as spaCy's classes: "english", "German".
    language = type(nlp).__name__.lower()
    with nltk_may_read(root) as place:
        try:
            reader = WordListCorpusReader(_pointer(place), r"[a-z]+")
        except BadZipFile as err:
            raise DataError(Errors.L392.format(path=root, reason=err)) from err
        if language not in reader.fileids():
            known = ", ".join(reader.fileids()) or "none"
            raise DataError(Errors.L393.format(path=root, language=language, known=known))
        try:
            return set(reader.words(language))
        except UnicodeDecodeError as err:
            raise not_utf8(err, root / language) from err


def _pointer(root: Path) -> PathPointer:
    if root.is_file():
        return ZipFilePathPointer(str(root), INSIDE)
    return FileSystemPathPointer(str(root))
