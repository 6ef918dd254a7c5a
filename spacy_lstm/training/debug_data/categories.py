"""Categories: `lstm_textcat` and `lstm_textcat_multilabel`."""

from collections import Counter
from numbers import Real
from typing import Counter as CounterType
from typing import List, NamedTuple, Sequence

from spacy.training import Example

from ...pipeline.targets import exclusive_targets, multilabel_targets
from ...pipeline.textcat import LSTMTextCategorizer
from ...pipeline.textcat_multilabel import LSTMMultiLabelTextCategorizer
from .conflicts import Facts, find_conflicts, judge_conflicts
from .corpora import Corpora
from .findings import Finding, Level, Section, check, listed, number_of, spread
from .labels import LabelCounts, judge_labels

#: How much a category applies that counts as one that does.
APPLIES = 0.5
#: How many times as frequent as the rarest of exclusive categories the most frequent one may be.
MOST_IMBALANCE = 10


def look_at_categories(corpora: Corpora, name: str, pipe: LSTMTextCategorizer) -> Section:
    """Look at the categories that a component learns.

    corpora (Corpora): The texts.
    name (str): The name of the component.
    pipe (LSTMTextCategorizer): The component.
    RETURNS (Section): What was found.
    """
    exclusive = not isinstance(pipe, LSTMMultiLabelTextCategorizer)
    labels = pipe.labels or sorted({label for eg in corpora.train for label in eg.reference.cats})
    counts = LabelCounts(labels, _count(corpora.train), _count(corpora.dev), ("text", "texts"))
    findings = [
        *judge_labels(counts, other_level=Level.warn),
        *_judge_values(corpora, name, labels, exclusive=exclusive),
        *([_judge_balance(counts, pipe)] if exclusive else _judge_choice(corpora, counts)),
        judge_conflicts(find_conflicts([*corpora.train, *corpora.dev], _facts), "categories"),
    ]
    kind = "exclusive" if exclusive else "any number of them"
    return Section(f"Categories: {name} ({kind})", findings, counts.table())


def _count(examples: Sequence[Example]) -> CounterType[str]:
    return Counter(label for eg in examples for label in _applying(eg))


def _applying(example: Example) -> List[str]:
    """The categories of a text, without those whose values are no numbers."""
    cats = example.reference.cats.items()
    return [label for label, value in cats if isinstance(value, Real) and value >= APPLIES]


def _facts(example: Example) -> Facts:
    applying = set(_applying(example))
    return {label: label in applying for label in example.reference.cats}


class Values(NamedTuple):
    """The categories of a split, as the component reads them.

    mistakes (List[str]): What is impossible.
    n_silent (int): How many texts have no known category.
    n_partly (int): How many have some that are known, and some that aren't.
    """

    mistakes: List[str]
    n_silent: int
    n_partly: int


def _read(name: str, labels: Sequence[str], examples: Sequence[Example], exclusive: bool) -> Values:
    mistakes = []
    n_silent = n_partly = 0
    for eg in examples:
        try:
            if exclusive:
                _, known = exclusive_targets(name, [eg], labels)
            else:
                _, known = multilabel_targets([eg], labels)
        except ValueError as err:
            mistakes.append(str(err))
            continue
        n_silent += not known.any()
        n_partly += bool(known.any() and not known.all())
    return Values(mistakes, n_silent, n_partly)


def _judge_values(
    corpora: Corpora, name: str, labels: Sequence[str], *, exclusive: bool
) -> List[Finding]:
    values = {
        split: _read(name, labels, examples, exclusive)
        for split, examples in corpora.splits.items()
    }
    mistakes = [message for read in values.values() for message in read.mistakes]
    n_mistakes = {split: len(read.mistakes) for split, read in values.items()}
    n_silent = {split: read.n_silent for split, read in values.items()}
    n_partly = {split: read.n_partly for split, read in values.items()}
    findings = [
        check(
            "mistakes",
            len(mistakes),
            f"{spread(n_mistakes, 'text')} with impossible values",
            "The values of all categories are possible",
            level=Level.fail,
            advice="The first of them that is read ends the training with an error.",
            examples=mistakes,
        ),
        check(
            "silent",
            sum(n_silent.values()),
            f"{spread(n_silent, 'text')} without any known category",
            "All texts have known categories",
            advice="They are passed over, for a category that isn't mentioned is unknown.",
        ),
    ]
    if any(n_partly.values()):
        text = f"{spread(n_partly, 'text')} with some categories that are unknown"
        findings.append(Finding(Level.info, "partly", text))
    return findings


def _judge_balance(counts: LabelCounts, pipe: LSTMTextCategorizer) -> Finding:
    name = "imbalance"
    numbers = {label: counts.train[label] for label in counts.labels if counts.train[label]}
    if len(numbers) < 2:
        text = f"{number_of(len(numbers), 'category', 'categories')} in train to choose from"
        advice = "A component for exclusive categories needs two at least."
        return Finding(Level.fail, name, text, advice)
    least, *_, most = sorted(numbers, key=lambda label: numbers[label])
    ratio = numbers[most] / numbers[least]
    text = f"'{most}' has {ratio:.1f} times as many texts in train as '{least}'"
    if ratio <= MOST_IMBALANCE or pipe.class_weights is not None:
        return Finding(Level.good, name, text)
    advice = (
        f"More than {MOST_IMBALANCE} times are too many to learn the rare one well. With "
        '`class_weights = "balanced"` it counts as much.'
    )
    return Finding(Level.warn, name, text, advice)


def _judge_choice(corpora: Corpora, counts: LabelCounts) -> List[Finding]:
    """Look whether each category, and any number of them, may apply to a text and may not."""
    n = sum(len(_applying(eg)) != 1 for eg in corpora.train)
    always = sorted(label for label, times in counts.train.items() if times == len(corpora.train))
    return [
        check(
            "exclusive",
            not n,
            "Just one category applies to each text in train",
            f"{number_of(n, 'text')} in train with several categories or none",
            advice="If categories exclude each other, lstm_textcat is the component for them.",
        ),
        check(
            "everywhere",
            len(always),
            f"Categories that apply to each text in train: {listed(always)}",
            "No category applies to each text in train",
            advice="What they are can't be learnt without texts to which they don't apply.",
        ),
    ]
