"""Statistics of a preprocessed corpus, out of what was counted in its splits."""

from collections import Counter
from math import exp, inf, lgamma
from typing import AbstractSet, Any, Dict, List, Sequence, Tuple

import numpy as np
from corpus_counts import Counts, all_labels, all_types
from telling_words import telling_words

HELD_OUT = ("dev", "test")
SHARES = tuple(percent / 100 for percent in range(10, 101, 10))
MOST_BINS = 40


def describe_corpus(
    counts: Dict[str, Counts],
    *,
    top: int = 10,
    min_count: int = 5,
    stop_words: AbstractSet[str] = frozenset(),
) -> Dict[str, Any]:
    """Make the statistics of a corpus. Words are in small letters, without punctuation.

    counts (Dict[str, Counts]): What is in train, dev and test.
    top (int): How many words to list.
    min_count (int): The least number of training texts that a telling word must be in.
    stop_words (AbstractSet[str]): Words not to list. They are counted.
    RETURNS (Dict[str, Any]): The statistics, as `statistics.json` has them. Shares are from 0 to 1.
    """
    edges = length_edges({split: c.lengths for split, c in counts.items()})
    telling = telling_words(
        counts["train"].label_words, top=top, min_count=min_count, stop_words=stop_words
    )
    exclusive = is_exclusive(counts)
    return {
        "splits": {split: describe_split(c, edges) for split, c in counts.items()},
        "length_edges": edges,
        "exclusive": exclusive,
        "labels": describe_labels(counts),
        "pairs": {} if exclusive else describe_pairs(counts["train"]),
        "entities": describe_entities(counts),
        "coverage": {s: coverage(counts["train"], counts[s], [1.0])[0] for s in HELD_OUT},
        "coverage_by_size": describe_coverage(counts),
        "frequent_words": frequent_words(counts, top, stop_words),
        "telling_words": {
            label: [item._asdict() for item in telling.get(label, [])]
            for label in all_labels(counts)
        },
    }


def is_exclusive(counts: Dict[str, Counts]) -> bool | None:
    """Find out whether exactly one category applies to each text.

    counts (Dict[str, Counts]): What is in each split.
    RETURNS (bool | None): Whether it is so; None where no text has categories.
    """
    found = [split.exclusive for split in counts.values() if split.categorized]
    return all(found) if found else None


def describe_split(counts: Counts, edges: Sequence[int]) -> Dict[str, Any]:
    """Describe the texts of a split.

    counts (Counts): What is in it.
    edges (Sequence[int]): The edges of the bins of lengths.
    RETURNS (Dict[str, Any]): Its statistics. The sentences are None where not all texts have them
        marked, the labels of a text where none has categories.
    """
    lengths = np.array(sorted(counts.lengths))
    n = np.array([counts.lengths[length] for length in lengths])
    categorized = counts.categorized
    return {
        "documents": counts.documents,
        "tokens": counts.tokens,
        "sentences": None if counts.unmarked else counts.sentences,
        "tokens_per_document": {
            "min": int(lengths[0]),
            "median": quantile(counts.lengths, 0.5),
            "mean": counts.tokens / counts.documents,
            "p95": quantile(counts.lengths, 0.95),
            "max": int(lengths[-1]),
        },
        # What is longer than the last edge counts for the last bin.
        "histogram": np.histogram(np.minimum(lengths, edges[-1]), bins=edges, weights=n)[0]
        .astype(int)
        .tolist(),
        "words": counts.words.N(),
        "different_words": counts.words.B(),
        "words_that_occur_once": len(counts.words.hapaxes()),
        "categorized": categorized,
        "without_label": counts.without_label,
        "labels_per_document": sum(counts.labels.values()) / categorized if categorized else None,
    }


def quantile(counts: Dict[int, int], share: float) -> int:
    """Find the least value that so many are not greater than: one that occurs, not a mean of two.

    counts (Dict[int, int]): By value, how often it occurs.
    share (float): Which share of all, greater than 0 and up to 1.
    RETURNS (int): The value.
    """
    values = sorted(counts)
    weights = [counts[value] for value in values]
    return int(np.quantile(values, share, weights=weights, method="inverted_cdf"))


def length_edges(lengths: Dict[str, Counter[int]]) -> List[int]:
    """Choose bins of equal width for the lengths of texts. A few texts that are much longer than
    the others don't stretch them.

    lengths (Dict[str, Counter[int]]): By split and number of tokens, the number of texts.
    RETURNS (List[int]): The edges.
    """
    longest = max(max(by_length) for by_length in lengths.values())
    upper = min(longest, max(2 * quantile(by_length, 0.95) for by_length in lengths.values()))
    width = max(1, -(-(upper + 1) // MOST_BINS))
    return list(range(0, upper + 1 + width, width))


def describe_labels(counts: Dict[str, Counts]) -> Dict[str, Any]:
    """Describe how often labels apply.

    counts (Dict[str, Counts]): What is in each split.
    RETURNS (Dict[str, Any]): By label and split, the number of texts and their share of those with
        categories.
    """
    return {
        label: {
            split: {
                "documents": c.labels[label],
                "share": c.labels[label] / max(1, c.categorized),
            }
            for split, c in counts.items()
        }
        for label in all_labels(counts)
    }


def describe_pairs(counts: Counts) -> Dict[str, Dict[str, int]]:
    """Describe which labels apply together.

    counts (Counts): What is in a split.
    RETURNS (Dict[str, Dict[str, int]]): By label and other label, the number of texts that have
        both, where there are any.
    """
    pairs: Dict[str, Dict[str, int]] = {}
    for (a, b), n in sorted(counts.pairs.items()):
        pairs.setdefault(a, {})[b] = n
        pairs.setdefault(b, {})[a] = n
    return pairs


def describe_entities(counts: Dict[str, Counts]) -> Dict[str, Any]:
    """Describe the names of entities.

    counts (Dict[str, Counts]): What is in each split.
    RETURNS (Dict[str, Any]): By type and split, how many names there are, how many different ones,
        how many tokens they have in the mean, and for dev and test, which share of them is not in
        train with the same type: of all, and of the different ones.
    """
    return {
        kind: {split: _describe_names(counts, split, kind) for split in counts}
        for kind in all_types(counts)
    }


def _describe_names(counts: Dict[str, Counts], split: str, kind: str) -> Dict[str, Any]:
    names = counts[split].names.get(kind, {})
    n = sum(names.values())
    described = {
        "names": n,
        "different_names": len(names),
        "mean_tokens": counts[split].name_tokens[kind] / n if n else None,
    }
    if split in HELD_OUT:
        known = counts["train"].names.get(kind, {})
        unseen = [times for name, times in names.items() if name not in known]
        described["unseen"] = sum(unseen) / n if n else None
        described["different_unseen"] = len(unseen) / len(names) if n else None
    return described


def describe_coverage(counts: Dict[str, Counts]) -> List[Dict[str, Any]]:
    """Describe how much of dev and test is known from a part of the training texts.

    counts (Dict[str, Counts]): What is in each split.
    RETURNS (List[Dict[str, Any]]): For each tenth of the training texts, the coverage.
    """
    by_split = {split: coverage(counts["train"], counts[split], SHARES) for split in HELD_OUT}
    return [
        {"share": share, **{split: by_split[split][i] for split in HELD_OUT}}
        for i, share in enumerate(SHARES)
    ]


def coverage(train: Counts, other: Counts, shares: Sequence[float]) -> List[Dict[str, float]]:
    """Compute which part of the words of a split is known from a part of the training texts. It is
    the exact mean over all ways to choose so many of them, so that it depends neither on their
    order nor on a seed: Hurlbert (1971): The Nonconcept of Species Diversity. Ecology 52(4).

    train (Counts): What is in the training texts.
    other (Counts): What is in the other split.
    shares (Sequence[float]): The shares of the training texts.
    RETURNS (List[Dict[str, float]]): For each of them, the share of the words ("words", where a
        word counts as often as it occurs), and that of the different ones ("different_words").
    """
    words: Counter[int] = Counter()
    different: Counter[int] = Counter()
    for word, times in other.words.items():
        n = train.texts[word]
        words[n] += times
        different[n] += 1
    found = []
    for share in shares:
        size = round(share * train.documents)
        known = {n: _is_drawn(n, size, train.documents) for n in words}
        found.append({"words": _mean(words, known), "different_words": _mean(different, known)})
    return found


def _is_drawn(n: int, size: int, total: int) -> float:
    # One minus the chance that none of n texts is among those drawn, which is hypergeometric.
    return 1.0 - exp(_log_choose(total - n, size) - _log_choose(total, size))


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) if k <= n else -inf


def _mean(weights: Dict[int, int], values: Dict[int, float]) -> float:
    total = sum(weights.values())
    return sum(n * values[key] for key, n in weights.items()) / max(1, total)


def frequent_words(
    counts: Dict[str, Counts], top: int, stop_words: AbstractSet[str]
) -> List[Dict[str, Any]]:
    """List the most frequent words of the training texts.

    counts (Dict[str, Counts]): What is in each split.
    top (int): How many.
    stop_words (AbstractSet[str]): Words not to list.
    RETURNS (List[Dict[str, Any]]): The words, and how often they occur in each split.
    """
    words: List[Tuple[str, int]] = [
        item for item in counts["train"].words.items() if item[0] not in stop_words
    ]
    most = sorted(words, key=lambda item: (-item[1], item[0]))[:top]
    return [{"word": word, **{s: c.words[word] for s, c in counts.items()}} for word, _ in most]
