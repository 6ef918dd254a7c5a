"""How good categories and names are, as spaCy's scorer counts it, whatever model gave them."""

from typing import Any, Dict, List, Sequence

from spacy.scorer import Scorer, get_ner_prf
from spacy.tokens import Doc
from spacy.training import Example

from spacy_lstm.types import Array

from .tasks import NER, Task

THRESHOLDS = [n / 100 for n in range(1, 100)]


def predicted(docs: Sequence[Doc], labels: Sequence[str], rows: Array) -> List[Example]:
    """Put the scores of a model beside the truth.

    docs (Sequence[Doc]): The annotated docs.
    labels (Sequence[str]): The labels, in the order of the scores.
    rows (Array): The scores, `(n_docs, n_labels)`.
    RETURNS (List[Example]): Examples with predicted categories.
    """
    examples = []
    for doc, row in zip(docs, rows.tolist(), strict=True):
        guess = Doc(doc.vocab, words=[token.text for token in doc])
        guess.cats = dict(zip(labels, row, strict=True))
        examples.append(Example(guess, doc))
    return examples


def measure(
    examples: Sequence[Example], *, exclusive: bool, threshold: float = 0.5
) -> Dict[str, float]:
    """Measure predicted categories.

    examples (Sequence[Example]): The examples, whose truth has a value for each label.
    exclusive (bool): Whether exactly one category applies to each text.
    threshold (float): Where several may: from which score on one applies.
    RETURNS (Dict[str, float]): Accuracy and macro F; or macro AUC, micro F and macro F.
    """
    scores = Scorer.score_cats(
        examples,
        "cats",
        labels=sorted(examples[0].reference.cats),
        multi_label=not exclusive,
        threshold=threshold,
    )
    if exclusive:
        # With one guess a text, precision, recall and F over all labels are the accuracy.
        return {"accuracy": scores["cats_micro_f"], "macro_f": scores["cats_macro_f"]}
    return {name: scores[f"cats_{name}"] for name in ("macro_auc", "micro_f", "macro_f")}


def best_threshold(examples: Sequence[Example]) -> float:
    """Choose the threshold with the best macro F; of equals, the one nearest to 0.5.

    examples (Sequence[Example]): Examples that are not those to be reported on.
    RETURNS (float): The threshold.
    """
    macro_f = {
        threshold: measure(examples, exclusive=False, threshold=threshold)["macro_f"]
        for threshold in THRESHOLDS
    }
    return max(THRESHOLDS, key=lambda threshold: (macro_f[threshold], -abs(threshold - 0.5)))


def entity_scores(examples: Sequence[Example]) -> Dict[str, Any]:
    """Measure predicted entities. Where the annotation is unknown, nothing is right or wrong.

    examples (Sequence[Example]): The examples.
    RETURNS (Dict[str, Any]): Precision, recall and F of all, and the F of each label.
    """
    scores = get_ner_prf(examples)
    per_label = {label: round(s["f"], 4) for label, s in sorted(scores["ents_per_type"].items())}
    found: Dict[str, Any] = {name: round(scores[f"ents_{name}"], 4) for name in "prf"}
    return {**found, "labels": per_label}


def scores_of(task: Task, examples: Dict[str, List[Example]]) -> Dict[str, Any]:
    """Measure what a model predicts.

    task (Task): The task.
    examples (Dict[str, List[Example]]): By split, dev and test, the examples with predictions.
    RETURNS (Dict[str, Any]): The scores of dev and test, and what was "chosen" on dev: the
        threshold, where any number of categories applies.
    """
    if task is NER:
        found = {split: entity_scores(of_split) for split, of_split in examples.items()}
        return {**found, "chosen": {}}
    scores: Dict[str, Any] = {
        split: measure(of_split, exclusive=task.exclusive) for split, of_split in examples.items()
    }
    if task.exclusive:
        return {**scores, "chosen": {}}
    threshold = best_threshold(examples["dev"])
    for split, of_split in examples.items():
        at_chosen = measure(of_split, exclusive=False, threshold=threshold)
        scores[split].update({f"{f}_chosen": at_chosen[f] for f in ("micro_f", "macro_f")})
    return {**scores, "chosen": {"threshold": threshold}}
