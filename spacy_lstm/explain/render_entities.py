"""Pictures of entities: the surer a pipeline is of one, the stronger its colour."""

from typing import TYPE_CHECKING, Iterator, List, Tuple

from spacy.tokens import Doc, Span

from ..pipeline.ner_spans import confidence
from .palette import safe
from .render_tokens import Mark, marks_as_svg, marks_as_text

if TYPE_CHECKING:
    from rich.text import Text

TITLE = "The surer, the stronger the colour"

#: The rules of the picture.
CSS = (
    ".spacy-lstm.entities .entity{background:rgb(var(--for)/var(--a));padding:.2em .3em;"
    "border-radius:.25em;outline:1px solid rgb(var(--for));"
    "-webkit-box-decoration-break:clone;box-decoration-break:clone}"
    ".spacy-lstm.entities .label{font-size:.75em;font-weight:600;margin-left:.4em;"
    "white-space:nowrap}"
)


def describe_entity(entity: Span) -> Tuple[str, float]:
    """entity (Span): An entity.
    RETURNS (Tuple[str, float]): Its label, with its probability where it has one; and how strong
        its colour is, from 0 to 1.
    """
    sure = confidence(entity)
    if sure is None:
        return entity.label_, 1.0
    return f"{entity.label_} {sure:.2f}", sure


def entities_as_html(doc: Doc, direction: str) -> str:
    """doc (Doc): A text with entities.
    direction (str): "ltr" or "rtl".
    RETURNS (str): Its picture in HTML.
    """
    parts: List[str] = []
    end = 0
    for entity in doc.ents:
        label, share = describe_entity(entity)
        parts.append(safe(doc.text[end : entity.start_char]))
        parts.append(
            f'<span class="entity" style="--a:{share:.3f}">{safe(entity.text)}'
            f'<span class="label">{safe(label)}</span></span>'
        )
        end = entity.end_char
    parts.append(safe(doc.text[end:]))
    return (
        f'<figure class="spacy-lstm tokens entities"><figcaption>{TITLE}</figcaption>'
        f'<div class="text" dir="{direction}">{"".join(parts)}</div></figure>'
    )


def entities_as_svg(doc: Doc, direction: str) -> str:
    """doc (Doc): A text with entities.
    direction (str): "ltr" or "rtl".
    RETURNS (str): Its picture in SVG.
    """
    return marks_as_svg(list(_marks(doc)), TITLE, direction)


def entities_as_text(doc: Doc) -> "Text":
    """doc (Doc): A text with entities.
    RETURNS (Text): The text for a terminal, with `rich`.
    """
    return marks_as_text(_marks(doc))


def _marks(doc: Doc) -> Iterator[Mark]:
    """The tokens, and after the last one of each entity its label."""
    entities = {token.i: entity for entity in doc.ents for token in entity}
    for token in doc:
        if token.i not in entities:
            yield Mark(token.text, token.whitespace_, "", 0.0, False)
            continue
        entity = entities[token.i]
        label, share = describe_entity(entity)
        is_last = token.i == entity.end - 1
        space = "" if is_last else token.whitespace_
        yield Mark(token.text, space, label, share, False)
        if is_last:
            yield Mark(f"[{label}]", token.whitespace_, label, 0.0, True)
