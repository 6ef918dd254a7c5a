"""Where entities begin and end, and where nobody knows."""

from collections import Counter
from typing import Callable, Dict, Iterable, List, NamedTuple, Optional, Sequence
from typing import Counter as CounterType

from spacy.tokens import Span
from spacy.training import Example

from ...pipeline.ner_gold import Gold, read_gold
from ...pipeline.targets import snippet
from .findings import Finding, Level, check, percent, spread

ENTITIES = ("entity", "entities")


class Names(NamedTuple):
    """The entities of a split, as a component reads them.

    examples (Sequence[Example]): The texts.
    golds (List[Gold]): What is known of each.
    mistakes (List[str]): What contradicts itself.
    """

    examples: Sequence[Example]
    golds: List[Gold]
    mistakes: List[str]

    @property
    def spans(self) -> List[Span]:
        """RETURNS (List[Span]): The entities as they were annotated."""
        return [ent for eg in self.examples for ent in eg.reference.ents]

    @property
    def labels(self) -> CounterType[str]:
        """RETURNS (Counter[str]): How many entities there are of each label, without those that
        don't agree with the tokens.
        """
        return Counter(label for gold in self.golds for _, _, label in gold.entities)

    @property
    def misaligned(self) -> List[Span]:
        """RETURNS (List[Span]): Entities that don't agree with the tokens."""
        return [
            ent
            for eg, gold in zip(self.examples, self.golds, strict=True)
            if gold.n_misaligned
            for ent in eg.reference.ents
            if not eg.get_aligned_spans_y2x([ent])
        ]


def read_names(examples: Sequence[Example], incorrect_spans_key: Optional[str]) -> Names:
    """examples (Sequence[Example]): The texts.
    incorrect_spans_key (Optional[str]): The key of spans that are no entities.
    RETURNS (Names): Their entities.
    """
    golds, mistakes = [], []
    for eg in examples:
        try:
            golds.append(read_gold(eg, incorrect_spans_key=incorrect_spans_key))
        except ValueError as err:
            mistakes.append(str(err))
            golds.append(read_gold(eg))
    return Names(examples, golds, mistakes)


def find_unknown(names: Dict[str, Names]) -> List[Finding]:
    """Look for texts and tokens of which the entities aren't known.

    names (Dict[str, Names]): The entities, by split.
    RETURNS (List[Finding]): What was found.
    """
    n_silent = {split: sum(gold.is_empty for gold in part.golds) for split, part in names.items()}
    findings = [
        check(
            "silent",
            sum(n_silent.values()),
            f"{spread(n_silent, 'text')} without annotation of entities",
            "All texts are annotated",
            advice="They are passed over. For texts without entities, set `doc.ents` to an empty "
            "list.",
        )
    ]
    n_unknown = {split: sum(map(_unknown_tokens, part.golds)) for split, part in names.items()}
    if n := sum(n_unknown.values()):
        share = n / sum(len(gold.outside) for part in names.values() for gold in part.golds)
        text = f"{spread(n_unknown, 'token')} ({percent(share)}) may be part of an entity or not"
        findings.append(Finding(Level.info, "unknown", text))
    return findings


def _unknown_tokens(gold: Gold) -> int:
    known = gold.outside.copy()
    for start, end, _ in gold.entities:
        known[start:end] = True
    return int((~known).sum())


def find_bad_spans(names: Dict[str, Names]) -> List[Finding]:
    """Look for entities that can't be found as they are annotated, or were hardly meant so.

    names (Dict[str, Names]): The entities, by split.
    RETURNS (List[Finding]): What was found.
    """
    mistakes = [message for part in names.values() for message in part.mistakes]
    n_mistakes = {split: len(part.mistakes) for split, part in names.items()}
    misaligned = {split: part.misaligned for split, part in names.items()}
    return [
        check(
            "mistakes",
            len(mistakes),
            f"{spread(n_mistakes, 'text')} with a span that is an entity, and said to be none",
            "No entity is said to be none",
            level=Level.fail,
            advice="The first of them that is read ends the training with an error.",
            examples=mistakes,
        ),
        _judge(
            "misaligned",
            misaligned,
            "not between tokens",
            "All entities begin and end between tokens",
            "They can't be learnt or found: what their tokens are is unknown. Correct their "
            "offsets, or let the tokenizer split there.",
        ),
        _judge(
            "whitespace",
            _having(names, lambda ent: ent[0].is_space or ent[-1].is_space),
            "with whitespace at an edge",
            "No entity has whitespace at an edge",
            "They are learnt without it, so none is found as it is annotated.",
        ),
        _judge(
            "punctuation",
            _having(names, lambda ent: ent[0].is_punct or ent[-1].is_punct),
            "with punctuation at an edge",
            "No entity has punctuation at an edge",
            "Is it part of the name? If not, correct it.",
        ),
        _judge(
            "sentences",
            _having(names, lambda ent: any(token.is_sent_start for token in ent[1:])),
            "going on over the end of a sentence",
            "No entity goes on over the end of a sentence",
            "They aren't found where something in the pipeline sets sentences before.",
        ),
    ]


def _having(names: Dict[str, Names], is_bad: Callable[[Span], bool]) -> Dict[str, List[Span]]:
    return {split: list(filter(is_bad, part.spans)) for split, part in names.items()}


def _judge(name: str, spans: Dict[str, List[Span]], what: str, good: str, advice: str) -> Finding:
    numbers = {split: len(found) for split, found in spans.items()}
    return check(
        name,
        sum(numbers.values()),
        f"{spread(numbers, *ENTITIES)} {what}",
        good,
        advice=advice,
        examples=_shown(ent for found in spans.values() for ent in found),
    )


def _shown(spans: Iterable[Span]) -> Iterable[str]:
    return (f"{ent.text!r} ({ent.label_}) in {snippet(ent.doc)!r}" for ent in spans)
