"""Find texts that are almost the same."""

import re
from collections import Counter, defaultdict
from heapq import nsmallest
from math import ceil
from typing import Dict, List, NamedTuple, Sequence

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
    similarity of their sets of words.

    It is exact. Two texts that share enough have a word in common among the rarest few of each, so
    only texts with such a word are compared ("prefix filtering", Chaudhuri et al. 2006; Bayardo et
    al. 2007). Time and memory grow about as the number of texts does, if few are alike.

    texts (Sequence[str]): The texts.
    least (float): The least share to report, greater than 0.
    RETURNS (List[Pair]): The pairs, by number.
    """
    sets = [set(words_of(text)) for text in texts]
    counts = Counter(word for words in sets for word in words)
    # Rare words first; the alphabet decides between equally rare ones, so that all texts agree.
    ranks = {word: i for i, word in enumerate(sorted(counts, key=lambda w: (counts[w], w)))}
    rows = [frozenset(ranks[word] for word in words) for words in sets]
    found: List[Pair] = []
    with_word: Dict[int, List[int]] = defaultdict(list)
    for j, row in enumerate(rows):
        needed = ceil(least * len(row) - 1e-9)
        rarest = nsmallest(len(row) - needed + 1, row)
        for i in {i for word in rarest for i in with_word[word]}:
            if least * max(len(row), len(rows[i])) <= min(len(row), len(rows[i])) + 1e-9:
                shared = len(row & rows[i])
                share = shared / (len(row) + len(rows[i]) - shared)
                if share >= least:
                    found.append(Pair(i, j, share))
        for word in rarest:
            with_word[word].append(j)
    return sorted(found)
