"""Which component is explained, and the texts that it sees."""

from typing import Any, Dict, List, NamedTuple, Optional, Sequence

from spacy.language import Language
from spacy.tokens import Doc

from ..errors import Errors

#: What components write that can be explained.
PLACES = ("doc.cats", "doc.ents")


class Head(NamedTuple):
    """A component that can be explained.

    name (str): Its name.
    place (str): What it writes: one of `PLACES`.
    pipe (Any): The component.
    """

    name: str
    place: str
    pipe: Any

    @property
    def labels(self) -> List[str]:
        """RETURNS (List[str]): Its labels."""
        return list(self.pipe.labels)


def find_heads(nlp: Language) -> Dict[str, Head]:
    """nlp (Language): The pipeline.
    RETURNS (Dict[str, Head]): The components that write categories or entities, by their names.
    """
    heads = {}
    for name, pipe in nlp.pipeline:
        assigns = nlp.get_pipe_meta(name).assigns
        place = next((place for place in PLACES if place in assigns), None)
        if place is not None and getattr(pipe, "labels", None):
            heads[name] = Head(name, place, pipe)
    return heads


def find_head(nlp: Language, component: Optional[str]) -> Head:
    """nlp (Language): The pipeline.
    component (Optional[str]): The name of one of its components; None for the only one.
    RETURNS (Head): The component that writes categories or entities.
    RAISES (ValueError): If there is none, or none of this name, or if there are several and none is
        named.
    """
    heads = find_heads(nlp)
    if not heads:
        components = ", ".join(nlp.pipe_names) or "none"
        raise ValueError(Errors.L852.format(components=components))
    options = ", ".join(map(repr, heads))
    if component is None:
        first, *others = heads
        if others:
            raise ValueError(Errors.L853.format(options=options, first=first))
        return heads[first]
    if component not in heads:
        raise ValueError(Errors.L854.format(name=component, options=options))
    return heads[component]


def fresh_doc(doc: Doc, words: Sequence[str], spaces: Sequence[bool], kept: Sequence[int]) -> Doc:
    """Make a document as it was before any component saw it: words, and the beginnings of sentences
    where they are known.

    doc (Doc): The document that it is made of.
    words (Sequence[str]): The words.
    spaces (Sequence[bool]): Whether a space follows each.
    kept (Sequence[int]): Which token of `doc` each word is, or stands for.
    RETURNS (Doc): The new document.
    """
    starts: Any = None
    if doc.has_annotation("SENT_START"):
        starts = [doc[i].is_sent_start for i in kept]
    return Doc(doc.vocab, words=list(words), spaces=list(spaces), sent_starts=starts)


def copy_fresh(doc: Doc) -> Doc:
    """doc (Doc): A document.
    RETURNS (Doc): The same as a fresh document.
    """
    spaces = [bool(token.whitespace_) for token in doc]
    return fresh_doc(doc, [token.text for token in doc], spaces, range(len(doc)))


def run_until(nlp: Language, docs: Sequence[Doc], name: str, *, through: bool) -> List[Doc]:
    """Run the components of a pipeline up to one of them.

    nlp (Language): The pipeline.
    docs (Sequence[Doc]): Documents, which are changed in place.
    name (str): The component to stop at.
    through (bool): Whether to run that, too.
    RETURNS (List[Doc]): The documents.
    """
    later = nlp.pipe_names[nlp.pipe_names.index(name) + through :]
    return list(nlp.pipe(docs, disable=later))
