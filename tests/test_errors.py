"""Each code stands for one message, and each message can be got."""

import re
from collections import Counter
from pathlib import Path

from spacy_lstm.errors import Errors, Warnings

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = (ROOT / "spacy_lstm", ROOT / "project" / "scripts")


def codes_of(collection):
    bases = collection.__mro__[1:-1]
    return [name for base in bases for name in vars(base) if re.fullmatch(r"LW?\d+", name)]


def test_each_code_is_there_once_and_is_used():
    paths = [path for folder in FOLDERS for path in folder.rglob("*.py")]
    code = "\n".join(path.read_text(encoding="utf8") for path in paths)
    for collection in (Errors, Warnings):
        codes = Counter(codes_of(collection))
        assert set(codes.values()) == {1}
        used = set(re.findall(rf"\b{collection.__name__}\.(LW?\d+)\b", code))
        assert used == set(codes)
