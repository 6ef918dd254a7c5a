"""Find texts that are almost the same."""

import re
from typing import Dict, List, NamedTuple, Sequence

import numpy as np

# Any letters and digits, of any script, with what stands within them: "don't", "10.50".
WORD = re.compile(r"\w+(?:['’.,]\w+)*")


class Pair(NamedTuple):
    """Two texts that are almost the same.

    first (int): The number of the one that comes first.
    second (int): The number of the other.
    share (float): How many of all their different words they share, up to 1.
    """

    first: int
    second: int
    share: float


def words_of(text: str) -> List[str]:
    """Get the words of a text, in small letters. A text without any is a word of its own, so that
    copies of it are found.

    text (str): The text.
    RETURNS (List[str]): The words.
    """
    return WORD.findall(text.casefold()) or [text.strip()]


def near_duplicates(texts: Sequence[str], least: float) -> List[Pair]:
    """Find all pairs of texts that share many of their words, whatever their order: the Jaccard
    similarity of their sets of words. It is exact, and takes time by how often words recur, not by
    the square of the number of texts.

    texts (Sequence[str]): The texts.
    least (float): The least share to report, greater than 0.
    RETURNS (List[Pair]): The pairs, by number.
    """
    ids: Dict[str, int] = {}
    rows = [sorted({ids.setdefault(w, len(ids)) for w in words_of(text)}) for text in texts]
    sizes = np.array([len(row) for row in rows])
    numbers: List[List[int]] = [[] for _ in ids]
    for i, row in enumerate(rows):
        for word in row:
            numbers[word].append(i)
    postings = [np.array(found) for found in numbers]
    pairs = []
    for i, row in enumerate(rows):
        shared = np.bincount(np.concatenate([postings[word] for word in row]), minlength=len(rows))
        share = shared / (sizes[i] + sizes - shared)
        # Only those that come later: each pair once, and no text with itself.
        for j in i + 1 + np.flatnonzero(share[i + 1 :] >= least):
            pairs.append(Pair(i, int(j), float(share[j])))
    return pairs
