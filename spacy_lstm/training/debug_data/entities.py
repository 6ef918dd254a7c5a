"""Named entities: `lstm_ner`."""

from typing import List, Optional, Tuple

from spacy.training import Example

from ...pipeline.ner import LSTMEntityRecognizer
from .conflicts import Facts, find_conflicts, judge_conflicts
from .corpora import DEV, TRAIN, Corpora
from .entity_spans import ENTITIES, Names, find_bad_spans, find_unknown, read_names
from .entity_texts import compare_names, find_unmarked, surface
from .findings import Finding, Level, Section, check, listed
from .labels import LabelCounts, judge_labels


def look_at_entities(corpora: Corpora, name: str, pipe: LSTMEntityRecognizer) -> Section:
    """Look at the entities that a component learns.

    corpora (Corpora): The texts.
    name (str): The name of the component.
    pipe (LSTMEntityRecognizer): The component.
    RETURNS (Section): What was found.
    """
    names = {
        split: read_names(examples, pipe.incorrect_spans_key)
        for split, examples in corpora.splits.items()
    }
    train, dev = names[TRAIN], names[DEV]
    labels = pipe.labels or sorted(train.labels)
    counts = LabelCounts(labels, train.labels, dev.labels, ENTITIES)
    conflicts = find_conflicts([*corpora.train, *corpora.dev], _facts, default=())
    findings = [
        *_judge_labels(counts, pipe.cfg["rare_labels"]),
        _find_labels_everywhere(train),
        *find_unknown(names),
        *find_bad_spans(names),
        judge_conflicts(conflicts, "entities"),
        *compare_names(train.spans, dev.spans),
        find_unmarked(corpora.nlp.vocab, train),
    ]
    return Section(f"Named entities: {name}", findings, counts.table())


def _judge_labels(counts: LabelCounts, rare: List[str]) -> List[Finding]:
    findings = judge_labels(counts, other_level=Level.fail, rare=rare)
    if rare:
        text = f"Labels that are too rare for `min_label_count`, and aren't learnt: {listed(rare)}"
        findings.append(Finding(Level.info, "rare-labels", text))
    return findings


def _find_labels_everywhere(train: Names) -> Finding:
    found = [{label for _, _, label in gold.entities} for gold in train.golds]
    everywhere = sorted(set.intersection(*found)) if found else []
    return check(
        "everywhere",
        len(everywhere),
        f"Labels that each text in train has an entity of: {listed(everywhere)}",
        "There are texts in train without each of the labels",
        advice="A model should also see texts in which there is no such entity.",
    )


def _facts(example: Example) -> Optional[Facts]:
    """Which entities a text has, by what they are called; None where some are unknown."""
    doc = example.reference
    if any(token.ent_iob == 0 for token in doc):
        return None
    found: List[Tuple[str, str]] = [(surface(ent), ent.label_) for ent in doc.ents]
    return {
        text: tuple(sorted(label for other, label in found if other == text)) for text, _ in found
    }
