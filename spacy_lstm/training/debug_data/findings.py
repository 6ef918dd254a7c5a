"""What is found in training data."""

from enum import Enum
from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Optional, Tuple

#: How many examples of a finding are kept.
MOST_EXAMPLES = 20


class Level(str, Enum):
    """How bad something is, as spaCy tells it: `fail` is an error."""

    info = "info"
    good = "good"
    warn = "warn"
    fail = "fail"


class Finding(NamedTuple):
    """One thing that was looked at.

    level (Level): How bad it is.
    name (str): What was looked at, for programs.
    text (str): What was found.
    advice (str): What to do about it, or what it does to training.
    examples (Tuple[str, ...]): Where it was found.
    """

    level: Level
    name: str
    text: str
    advice: str = ""
    examples: Tuple[str, ...] = ()


class Table(NamedTuple):
    """Numbers.

    header (Tuple[str, ...]): The names of the columns.
    rows (List[Tuple[Any, ...]]): The cells of each row, the first of them its name.
    """

    header: Tuple[str, ...]
    rows: List[Tuple[Any, ...]]


class Section(NamedTuple):
    """What was found about one subject.

    title (str): The subject.
    findings (List[Finding]): What was found.
    table (Optional[Table]): Its numbers.
    """

    title: str
    findings: List[Finding]
    table: Optional[Table] = None


def check(
    name: str,
    n: int,
    bad: str,
    good: str,
    *,
    level: Level = Level.warn,
    advice: str = "",
    examples: Iterable[str] = (),
) -> Finding:
    """Judge what should not be there.

    name (str): What was looked at.
    n (int): How often it is there.
    bad (str): What to say then.
    good (str): What to say if it isn't there.
    level (Level): How bad it is.
    advice (str): What to do about it.
    examples (Iterable[str]): Where it is.
    RETURNS (Finding): The judgement.
    """
    if not n:
        return Finding(Level.good, name, good)
    return Finding(level, name, bad, advice, tuple(examples)[:MOST_EXAMPLES])


def count(sections: Iterable[Section], level: Level) -> int:
    """sections (Iterable[Section]): What was found.
    level (Level): A level.
    RETURNS (int): How many findings are of that level.
    """
    return sum(finding.level is level for section in sections for finding in section.findings)


def as_dict(sections: List[Section]) -> Dict[str, Any]:
    """sections (List[Section]): What was found.
    RETURNS (Dict[str, Any]): The same for JSON.
    """
    return {
        "n_good": count(sections, Level.good),
        "n_warnings": count(sections, Level.warn),
        "n_errors": count(sections, Level.fail),
        "sections": [
            {
                "title": section.title,
                "table": [] if section.table is None else _rows(section.table),
                "findings": [
                    {**finding._asdict(), "level": finding.level.value}
                    for finding in section.findings
                ],
            }
            for section in sections
        ],
    }


def _rows(table: Table) -> List[Dict[str, Any]]:
    return [dict(zip(table.header, row, strict=True)) for row in table.rows]


def percent(share: float) -> str:
    """share (float): A share, from 0 to 1.
    RETURNS (str): The same in percent.
    """
    return f"{100 * share:.1f} %"


def number_of(n: int, noun: str, plural: Optional[str] = None) -> str:
    """n (int): A number.
    noun (str): What is counted.
    plural (Optional[str]): Several of it; by default with an s.
    RETURNS (str): Both together.
    """
    return f"{n:,} {noun if n == 1 else plural or noun + 's'}"


def spread(numbers: Mapping[str, int], noun: str, plural: Optional[str] = None) -> str:
    """numbers (Mapping[str, int]): How much there is, by split.
    noun (str): What is counted.
    plural (Optional[str]): Several of it; by default with an s.
    RETURNS (str): Where there is how much, without splits that have nothing.
    """
    found = [f"{number_of(n, noun, plural)} of {split}" for split, n in numbers.items() if n]
    return " and ".join(found)


def listed(names: Iterable[str]) -> str:
    """names (Iterable[str]): Names.
    RETURNS (str): The same in quotation marks, with commas between them.
    """
    return ", ".join(f"'{name}'" for name in names)
