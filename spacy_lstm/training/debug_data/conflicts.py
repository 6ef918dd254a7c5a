"""The same text, annotated in several ways."""

from collections import defaultdict
from typing import Callable, Dict, Hashable, Iterable, List, NamedTuple, Optional

from spacy.training import Example

from ...pipeline.targets import snippet
from .copies import key_of
from .findings import Finding, check, number_of

#: What an annotation says of a text: by subject, a value. What it leaves open isn't there.
Facts = Dict[str, Hashable]


class Conflict(NamedTuple):
    """A text that is annotated in several ways.

    example (Example): One of its copies.
    subjects (List[str]): What they contradict each other in.
    """

    example: Example
    subjects: List[str]


def find_conflicts(
    examples: Iterable[Example],
    facts_of: Callable[[Example], Optional[Facts]],
    *,
    default: Hashable = None,
) -> List[Conflict]:
    """Find texts with copies that contradict each other.

    examples (Iterable[Example]): The texts.
    facts_of (Callable[[Example], Optional[Facts]]): Reads what an annotation says; None where it
        isn't whole.
    default (Hashable): What it means that an annotation doesn't mention a subject, if not that it
        is unknown.
    RETURNS (List[Conflict]): The texts, each of them once.
    """
    copies: Dict[str, List[Example]] = defaultdict(list)
    for eg in examples:
        copies[key_of(eg)].append(eg)
    conflicts = []
    for group in copies.values():
        read = map(facts_of, group if len(group) > 1 else ())
        facts = [known for known in read if known is not None]
        subjects = [
            subject
            for subject in sorted({subject for known in facts for subject in known})
            if len({known.get(subject, default) for known in facts} - {None}) > 1
        ]
        if subjects:
            conflicts.append(Conflict(group[0], subjects))
    return conflicts


def judge_conflicts(conflicts: List[Conflict], what: str) -> Finding:
    """conflicts (List[Conflict]): What `find_conflicts` gives.
    what (str): What is annotated.
    RETURNS (Finding): The judgement.
    """
    n = len(conflicts)
    return check(
        "conflicts",
        n,
        f"{number_of(n, 'text')} with copies that have other {what}",
        f"No text has copies with other {what}",
        advice="One of them must be wrong, if it is really the same text. Correct it.",
        examples=(
            f"{snippet(conflict.example.reference)!r}: {', '.join(conflict.subjects)}"
            for conflict in conflicts
        ),
    )
