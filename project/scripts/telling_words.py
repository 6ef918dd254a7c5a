"""The words that tell most about a label: they are in its texts more than in the others."""

from math import log, sqrt
from typing import AbstractSet, Dict, List, NamedTuple

from corpus_counts import WordsByLabel


class TellingWord(NamedTuple):
    """A word that is more frequent in the texts of a label than in the others.

    word (str): The word.
    z (float): How sure that is: the log-odds ratio, divided by its standard deviation.
    texts (int): How many texts with the label have it.
    others (int): How many texts without the label have it.
    """

    word: str
    z: float
    texts: int
    others: int


def telling_words(
    counts: WordsByLabel,
    *,
    top: int = 10,
    min_count: int = 5,
    stop_words: AbstractSet[str] = frozenset(),
) -> Dict[str, List[TellingWord]]:
    """Find the most telling words of each label, by the log-odds ratio with an informative
    Dirichlet prior. The prior are the counts of all texts together, so that a rare word needs more
    than luck.

    Monroe, Colaresi and Quinn (2008): Fightin' Words: Lexical Feature Selection and Evaluation for
    Identifying the Content of Political Conflict. Political Analysis 16(4).

    counts (WordsByLabel): In how many texts each word is.
    top (int): How many words of each label.
    min_count (int): The least number of texts that a word must be in.
    stop_words (AbstractSet[str]): Words not to show.
    RETURNS (Dict[str, List[TellingWord]]): By label, the words, most telling first. A label that
        applies to all texts, or to none, has none.
    """
    shown = [w for w, n in counts.total.items() if n >= min_count and w not in stop_words]
    size = sum(counts.total.values())
    telling = {}
    for label in sorted(counts.by_label):
        own = counts.by_label[label]
        own_size = sum(own.values())
        found = []
        for word in shown:
            texts, total = own[word], counts.total[word]
            z = _z_score(texts, own_size, total - texts, size - own_size, total, size)
            if z > 0:
                found.append(TellingWord(word, z, texts, total - texts))
        telling[label] = sorted(found, key=lambda item: (-item.z, item.word))[:top]
    return telling


def _z_score(own: int, own_size: int, other: int, other_size: int, prior: int, size: int) -> float:
    # Where there is no second word, or nothing to compare with, no word tells anything.
    if prior == size or own_size == 0 or other_size == 0:
        return 0.0
    a, b = own + prior, other + prior
    odds = log(a / (own_size + size - a)) - log(b / (other_size + size - b))
    return odds / sqrt(1 / a + 1 / b)
