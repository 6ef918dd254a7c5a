"""From records to spaCy's docs."""

from typing import List, Sequence, Union

import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span

from ..errors import Errors
from .readers.records import DataError, Entity, Record


def blank(lang: str) -> Language:
    """Make a pipeline with nothing but a tokenizer.

    lang (str): The code of the language.
    RETURNS (Language): The pipeline.
    RAISES (DataError): If spaCy doesn't have it, or a package that it needs is missing.
    """
    try:
        return spacy.blank(lang)
    except ImportError as err:
        raise DataError(Errors.L330.format(lang=lang, reason=err)) from err


def make_doc(nlp: Language, record: Record, labels: Sequence[str]) -> Doc:
    """Tokenize a text, and annotate it with the value of every label, and with its names where
    those are known. A record with words of its own keeps them, and spaCy then trains on these
    (`doc.has_unknown_spaces`).

    nlp (Language): The pipeline with the tokenizer.
    record (Record): The text.
    labels (Sequence[str]): All labels of the corpus.
    RETURNS (Doc): The annotated doc.
    RAISES (DataError): If the text is too long for a pipeline.
    """
    n, most = len(record.text), nlp.max_length
    if n > most:
        raise DataError(Errors.L327.format(where=record.where, n=n, most=most))
    if record.words is None:
        doc = nlp.make_doc(record.text)
    else:
        flags: List[Union[bool, int, None]] | None = None
        if record.sent_starts is not None:
            begins = frozenset(record.sent_starts)
            flags = [i in begins for i in range(len(record.words))]
        doc = Doc(nlp.vocab, words=list(record.words), sent_starts=flags)
    doc.cats = {label: float(record.cats.get(label, 0.0)) for label in labels}
    if record.ents is not None:
        set_names(doc, record.ents)
    return doc


def set_names(doc: Doc, ents: Sequence[Entity]) -> None:
    """Annotate a doc with all its names. A name whose edge is within a token can't be expressed:
    its tokens are left unknown, so that nothing wrong is learned from them.

    doc (Doc): The doc.
    ents (Sequence[Entity]): The names.
    """
    known: List[Span] = []
    unknown: List[Span] = []
    for start, end, label in ents:
        if (span := doc.char_span(start, end, label=label)) is not None:
            known.append(span)
        elif (span := doc.char_span(start, end, alignment_mode="expand")) is not None:
            unknown.append(span)
    doc.set_ents(known, missing=unknown, default="outside")
