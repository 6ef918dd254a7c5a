"""What entities are called: whether dev has new names, and whether names are annotated alike."""

from collections import Counter, defaultdict
from typing import Counter as CounterType
from typing import Dict, List, Sequence

import numpy
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc, Span
from spacy.vocab import Vocab

from .entity_spans import Names
from .findings import MOST_EXAMPLES, Finding, Level, percent

#: The share of the entities' names that may stand elsewhere without being annotated.
MOST_UNMARKED = 0.05
#: How often a name must be annotated, and how long it must be, to be looked for elsewhere.
LEAST_MARKED = 2
LEAST_CHARACTERS = 3


def surface(span: Span) -> str:
    """span (Span): An entity.
    RETURNS (str): What it is called, in lower case.
    """
    return " ".join(span.text.split()).casefold()


def compare_names(train: Sequence[Span], dev: Sequence[Span]) -> List[Finding]:
    """Look at how long names are, whether one has several labels, and how many in dev are new.

    train (Sequence[Span]): The entities of train.
    dev (Sequence[Span]): Those of dev.
    RETURNS (List[Finding]): What was found.
    """
    if not train:
        return []
    findings = []
    lengths = numpy.array([len(ent) for ent in train])
    text = f"95 % of the entities in train have at most {numpy.percentile(lengths, 95):g} tokens, "
    findings.append(Finding(Level.info, "lengths", f"{text}the longest has {lengths.max()}"))
    labels: Dict[str, CounterType[str]] = defaultdict(Counter)
    for ent in train:
        labels[surface(ent)][ent.label_] += 1
    if dev:
        n_new = sum(surface(ent) not in labels for ent in dev)
        text = f"{percent(n_new / len(dev))} of the entities in dev have names that aren't in train"
        findings.append(Finding(Level.info, "new-names", text))
    several = {name: counts for name, counts in labels.items() if len(counts) > 1}
    n_several = sum(sum(counts.values()) for counts in several.values())
    text = (
        f"{percent(n_several / len(train))} of the entities in train have names with several labels"
    )
    order = sorted(several, key=lambda name: (-sum(several[name].values()), name))
    examples = [
        f"'{name}': " + ", ".join(f"{label} {n}" for label, n in several[name].most_common())
        for name in order[:MOST_EXAMPLES]
    ]
    findings.append(Finding(Level.info, "several-labels", text, examples=tuple(examples)))
    return findings


def find_unmarked(vocab: Vocab, train: Names) -> Finding:
    """Look for names that are annotated in some places, and in others not.

    vocab (Vocab): The vocabulary of the texts.
    train (Names): The entities.
    RETURNS (Finding): What was found.
    """
    marked = Counter(ent.text for ent in train.spans)
    matcher = PhraseMatcher(vocab)
    for ent in {ent.text: ent for ent in train.spans}.values():
        if marked[ent.text] >= LEAST_MARKED and len(ent.text) >= LEAST_CHARACTERS:
            matcher.add(ent.text, [Doc(vocab, words=[token.text for token in ent])])
    unmarked: CounterType[str] = Counter()
    for eg, gold in zip(train.examples, train.golds, strict=True):
        for span in matcher(eg.predicted, as_spans=True):
            # Not within an entity, nor where it is unknown whether there is one.
            if gold.outside[span.start : span.end].all():
                unmarked[span.text] += 1
    n = sum(unmarked.values())
    share = n / max(len(train.spans), 1)
    text = (
        f"{n:,} times a name that is annotated at least twice in train stands there without "
        f"annotation ({percent(share)} of all entities)"
    )
    examples = [f"'{name}': {n} of {n + marked[name]}" for name, n in unmarked.most_common()]
    level = Level.warn if share > MOST_UNMARKED else Level.info if n else Level.good
    advice = "These may be other words that look alike, or entities that were overlooked."
    return Finding(level, "unmarked", text, advice if n else "", tuple(examples[:MOST_EXAMPLES]))
