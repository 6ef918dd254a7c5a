"""What is looked at: texts, and the pipeline that is to learn from them."""

from typing import Dict, List, NamedTuple

from spacy.language import Language
from spacy.training import Example

#: The splits, by the names of their settings in `[training]`.
TRAIN, DEV = "train", "dev"


class Corpora(NamedTuple):
    """Texts, and the pipeline that is to learn from them.

    nlp (Language): The pipeline, initialized if that was possible.
    train (List[Example]): The texts that it learns from.
    dev (List[Example]): Those that it is measured on.
    unready (str): Why the pipeline can't be initialized, or nothing if it was.
    is_new (bool): Whether all its components begin without knowledge.
    """

    nlp: Language
    train: List[Example]
    dev: List[Example]
    unready: str = ""
    is_new: bool = True

    @property
    def splits(self) -> Dict[str, List[Example]]:
        """RETURNS (Dict[str, List[Example]]): The texts, by split."""
        return {TRAIN: self.train, DEV: self.dev}
