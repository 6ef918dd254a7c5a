"""The decisions of preprocessing, each a setting of the project."""

from dataclasses import asdict, dataclass
from typing import Any, Dict, Tuple

from sentences import SENTENCES

from spacy_lstm.errors import Errors
from spacy_lstm.training.cleaning import parse_steps
from spacy_lstm.training.readers.formats import FORMATS
from spacy_lstm.training.readers.records import DataError
from spacy_lstm.training.splits import CATEGORIES, SHARE, check_shares

DUPLICATES = ("keep", "report", "drop")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How a corpus is read, cleaned and split.

    format (str): The format of the user's file: one of `FORMATS`.
    text_column (str): The column of the text, in tables.
    label_column (str): The column of the label, in tables.
    label_separator (str): What stands between several labels in one cell; "" if a cell is a label.
    token_column (int | None): The column of the words in files of columns, from 0 on; or None, to
        find it.
    tag_column (int | None): The column of the tags there; None finds it.
    sentences_per_doc (int): How many sentences make a text there; 0 for those between -DOCSTART-.
    comments (bool | None): Whether lines that begin with # are comments there; None only takes
        those that look like it.
    categories (str): How many apply to each text: one of `CATEGORIES`, or "auto", which is what the
        project's own corpora have, and for a user's corpus "one", or "none" if it only has names.
    lang (str): The code of the language, which decides on the tokenizer.
    clean (str): The steps of cleaning, see `spacy_lstm.training.cleaning.clean`; or "none".
    duplicates (str): What to do about texts that are almost the same: one of `DUPLICATES`.
    near (float): From which share of common words on two texts are almost the same.
    sentences (str): How sentences are found: one of `SENTENCES`.
    seed (int): The seed of the random split.
    dev (float): The share of dev in a random split.
    test (float): The share of test in a random split.
    stream_above (float): A single file that has more MB than this is never held in memory.
    limit (int | None): Take only so many texts of each label and split.
    RAISES (DataError): If a value isn't one of those that are possible.
    """

    format: str = "auto"
    text_column: str = "text"
    label_column: str = "label"
    label_separator: str = ""
    token_column: int | None = None
    tag_column: int | None = None
    sentences_per_doc: int = 1
    comments: bool | None = None
    categories: str = "auto"
    lang: str = "en"
    clean: str = "html nfc spaces"
    duplicates: str = "report"
    near: float = 0.8
    sentences: str = "none"
    seed: int = 0
    dev: float = SHARE
    test: float = SHARE
    stream_above: float = 50.0
    limit: int | None = None

    def __post_init__(self) -> None:
        choices: Dict[str, Tuple[str, ...]] = {
            "format": FORMATS,
            "categories": ("auto", *CATEGORIES),
            "duplicates": DUPLICATES,
            "sentences": SENTENCES,
        }
        for name, options in choices.items():
            value = getattr(self, name)
            if value not in options:
                message = Errors.L405.format(name=name, value=value, options=", ".join(options))
                raise DataError(message)
        if not 0 < self.near <= 1:
            expected = "a number greater than 0, and at most 1"
            raise DataError(Errors.L405.format(name="near", value=self.near, options=expected))
        check_shares(self.dev, self.test)
        parse_steps(self.clean)

    def as_dict(self) -> Dict[str, Any]:
        """RETURNS (Dict[str, Any]): The values by name."""
        return asdict(self)
