"""What is predicted, and by which scores it is measured."""

from typing import Dict, NamedTuple


class Task(NamedTuple):
    """What is predicted.

    component (str): The name of the component, for `spacy lstm init-config` and for spaCy.
    exclusive (bool): Of categories: whether exactly one applies to each text.
    scores (Dict[str, str]): The scores to report, by key, and their names. By the first one,
        settings are chosen on dev and models compared.
    """

    component: str
    exclusive: bool
    scores: Dict[str, str]

    @property
    def main(self) -> str:
        """RETURNS (str): The key of the first score."""
        return next(iter(self.scores))


# With one guess a text, the micro-averaged F over all labels (cats_micro_f) is the accuracy.
TEXTCAT = Task("textcat", True, {"accuracy": "accuracy", "macro_f": "macro F"})
MULTILABEL = Task(
    "textcat_multilabel",
    False,
    {
        "macro_auc": "macro AUC",
        "micro_f": "micro F at 0.5",
        "macro_f": "macro F at 0.5",
        "micro_f_chosen": "micro F, chosen",
        "macro_f_chosen": "macro F, chosen",
    },
)
NER = Task("ner", False, {"f": "F1", "p": "precision", "r": "recall"})
