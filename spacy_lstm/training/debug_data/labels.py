"""Labels: which a component learns, how often they are there, and which can't be learnt."""

from typing import Container, List, NamedTuple, Sequence, Tuple
from typing import Counter as CounterType

from spacy.cli.debug_data import NEW_LABEL_THRESHOLD

from .findings import Finding, Level, Table, check, listed, number_of, percent


class LabelCounts(NamedTuple):
    """How often labels are there.

    labels (Sequence[str]): Those of the component.
    train (Counter[str]): How often each is in train.
    dev (Counter[str]): How often each is in dev.
    nouns (Tuple[str, str]): What is counted: one, and several.
    """

    labels: Sequence[str]
    train: CounterType[str]
    dev: CounterType[str]
    nouns: Tuple[str, str]

    def table(self) -> Table:
        """RETURNS (Table): The numbers, the most frequent label of train first."""
        found = {*self.labels, *self.train, *self.dev}
        rows = sorted(found, key=lambda label: (-self.train[label], label))
        totals = [max(sum(counts.values()), 1) for counts in (self.train, self.dev)]
        plural = self.nouns[1]
        return Table(
            ("label", f"{plural} in train", "share", f"{plural} in dev", "share in dev"),
            [
                (
                    label,
                    self.train[label],
                    percent(self.train[label] / totals[0]),
                    self.dev[label],
                    percent(self.dev[label] / totals[1]),
                )
                for label in rows
            ],
        )


def judge_labels(
    counts: LabelCounts, *, other_level: Level, rare: Container[str] = ()
) -> List[Finding]:
    """Look for labels that can't be learnt, or not well.

    counts (LabelCounts): How often they are there.
    other_level (Level): How bad labels in train are that the component doesn't have.
    rare (Container[str]): Those of them that it leaves out by its settings.
    RETURNS (List[Finding]): What was found.
    """
    (noun, nouns), own = counts.nouns, set(counts.labels)
    only_dev = sorted(label for label in counts.dev if not counts.train[label])
    absent = sorted(label for label in own if not counts.train[label])
    others = sorted(label for label in counts.train if label not in own and label not in rare)
    unmeasured = sorted(label for label in own if counts.train[label] and not counts.dev[label])
    few = [
        (label, n)
        for label, n in counts.train.most_common()
        if label in own and 0 < n <= NEW_LABEL_THRESHOLD
    ]
    return [
        Finding(Level.info, "labels", f"{number_of(len(own), 'label')}"),
        check(
            "only-in-dev",
            len(only_dev),
            f"Labels in dev that train has no {noun} of: {listed(only_dev)}",
            f"Train has {nouns} of all labels in dev",
            advice="Nobody can learn them, so each of them in dev counts as a mistake.",
        ),
        check(
            "absent",
            len(absent),
            f"Labels of the component without any {noun} in train: {listed(absent)}",
            "All labels of the component are in train",
            # With none of them, there is nothing at all to learn.
            level=Level.fail if len(absent) == len(own) else Level.warn,
            advice="They can't be learnt. Leave them out of `labels`, or add texts.",
        ),
        check(
            "other-labels",
            len(others),
            f"Labels in train that the component doesn't have: {listed(others)}",
            "The component has all labels of train",
            level=other_level,
            advice="Add them to `labels` in `[initialize.components]`, or correct the annotation.",
        ),
        check(
            "not-in-dev",
            len(unmeasured),
            f"Labels that dev has no {noun} of: {listed(unmeasured)}",
            "All labels that can be learnt are in dev",
            advice="How well they are learnt isn't measured.",
        ),
        check(
            "few-examples",
            len(few),
            f"Low number of {nouns}: " + ", ".join(f"'{label}' ({n})" for label, n in few),
            f"More than {NEW_LABEL_THRESHOLD} {nouns} of each label in train",
            advice=f"More than {NEW_LABEL_THRESHOLD} of each label are recommended.",
        ),
    ]
