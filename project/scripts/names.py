"""The names that a pipeline found in a text, for the terminal."""

from typing import List, Tuple

from spacy.tokens import Doc, Span

Row = Tuple[str, str, str, str]


def confidence_of(ent: Span) -> float | None:
    """Get how sure a pipeline is of a name.

    ent (Span): The name.
    RETURNS (float | None): A probability; None where the pipeline doesn't give any.
    """
    return ent._.confidence if Span.has_extension("confidence") else None


def name_lines(doc: Doc, truth: Doc | None = None) -> List[str]:
    """Write the names of a text as lines: their words, label and confidence.

    doc (Doc): The text, as a pipeline has annotated it.
    truth (Doc | None): The right annotation of the same text, to compare it with.
    RETURNS (List[str]): A line for each name, in their order; one that was missed is among them.
    """
    found = {_key(ent): ent for ent in doc.ents}
    right = {_key(ent): ent for ent in truth.ents} if truth is not None else {}
    rows: List[Row] = []
    for key in sorted({**found, **right}):
        ent = found.get(key) or right[key]
        verdict = ""
        if truth is not None:
            verdict = "missed" if key not in found else "right" if key in right else "wrong"
        confidence = confidence_of(ent) if key in found else None
        percent = "" if confidence is None else f"{100 * confidence:5.1f} %"
        rows.append((" ".join(ent.text.split()), ent.label_, percent, verdict))
    widths = [max((len(row[i]) for row in rows), default=0) for i in range(4)]
    return [
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True) if width)
        for row in rows
    ]


def _key(ent: Span) -> Tuple[int, int, str]:
    # Characters, not tokens: the annotation may come from another tokenizer.
    return ent.start_char, ent.end_char, ent.label_
