"""Count what is in the docs of a split, in one pass."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Dict, Iterable, List, Sequence, Set, Tuple

from docbins import is_exclusive
from nltk.probability import FreqDist
from spacy.tokens import Doc


@dataclass
class WordsByLabel:
    """In how many texts each word is. A text counts once for a word, however often it has it.

    total (Counter[str]): Of all texts with categories.
    by_label (Dict[str, Counter[str]]): Of those to which each label applies.
    """

    total: Counter[str] = field(default_factory=Counter)
    by_label: Dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, words: Iterable[str], labels: Sequence[str]) -> None:
        """Count a text.

        words (Iterable[str]): Its different words.
        labels (Sequence[str]): The labels that apply to it.
        """
        words = list(words)
        self.total.update(words)
        for label in labels:
            self.by_label.setdefault(label, Counter()).update(words)


@dataclass
class Counts:
    """What is in a split. Its size grows with the different words, names and lengths, not with
    the number of docs.

    lengths (Counter[int]): By number of tokens, the number of docs.
    words (FreqDist): By word, how often it occurs.
    texts (FreqDist): By word, the number of docs that it is in.
    label_words (WordsByLabel): By label and word, the number of docs.
    labels (Counter[str]): By label, the number of docs; 0 where it never applies.
    pairs (Counter[Tuple[str, str]]): By two labels in their order, the docs that have both.
    categorized (int): The docs with categories, whether one applies or none.
    without_label (int): Those of them to which none applies.
    exclusive (bool): Whether exactly one applies to each of them.
    names (Dict[str, FreqDist]): By type of entity, the names and how often they occur.
    name_tokens (Counter[str]): By type of entity, the tokens of all its names.
    sentences (int): The sentences of the docs that have them marked.
    unmarked (int): The docs that don't.
    """

    lengths: Counter[int] = field(default_factory=Counter)
    words: FreqDist = field(default_factory=FreqDist)
    texts: FreqDist = field(default_factory=FreqDist)
    label_words: WordsByLabel = field(default_factory=WordsByLabel)
    labels: Counter[str] = field(default_factory=Counter)
    pairs: Counter[Tuple[str, str]] = field(default_factory=Counter)
    categorized: int = 0
    without_label: int = 0
    exclusive: bool = True
    names: Dict[str, FreqDist] = field(default_factory=dict)
    name_tokens: Counter[str] = field(default_factory=Counter)
    sentences: int = 0
    unmarked: int = 0

    @property
    def documents(self) -> int:
        """RETURNS (int): The number of docs."""
        return sum(self.lengths.values())

    @property
    def tokens(self) -> int:
        """RETURNS (int): The number of tokens."""
        return sum(length * n for length, n in self.lengths.items())


def count_docs(docs: Iterable[Doc]) -> Counts:
    """Count what is in docs. They are looked at one by one, and none is kept.

    docs (Iterable[Doc]): The docs. Their vocabulary must be that of a language, because it tells
        what is a word.
    RETURNS (Counts): What is in them.
    """
    counts = Counts()
    for doc in docs:
        counts.lengths[sum(not token.is_space for token in doc)] += 1
        words = words_of(doc)
        counts.words.update(words)
        # In the order of the text, so that the counts don't depend on the hashes of this run.
        different = list(dict.fromkeys(words))
        counts.texts.update(different)
        if doc.cats:
            counts.label_words.add(different, _count_labels(counts, doc))
        _count_names(counts, doc)
        # spaCy says of every doc with less than two tokens that its sentences are marked.
        if doc.has_annotation("SENT_START"):
            counts.sentences += sum(1 for _ in doc.sents)
        else:
            counts.unmarked += 1
    return counts


def words_of(doc: Doc) -> List[str]:
    """Get the words of a doc in small letters: its tokens without whitespace and punctuation.

    doc (Doc): The doc.
    RETURNS (List[str]): The words.
    """
    return [token.lower_ for token in doc if not (token.is_space or token.is_punct)]


def _count_labels(counts: Counts, doc: Doc) -> List[str]:
    labels = sorted(label for label, value in doc.cats.items() if value > 0)
    counts.labels.update(dict.fromkeys(doc.cats, 0))
    counts.labels.update(labels)
    counts.pairs.update((a, b) for i, a in enumerate(labels) for b in labels[i + 1 :])
    counts.categorized += 1
    counts.without_label += not labels
    counts.exclusive = counts.exclusive and is_exclusive(doc)
    return labels


def _count_names(counts: Counts, doc: Doc) -> None:
    for ent in doc.ents:
        # A line break in a name doesn't make it another one.
        name = " ".join(ent.text.split())
        counts.names.setdefault(ent.label_, FreqDist())[name] += 1
        counts.name_tokens[ent.label_] += len(ent)


def all_labels(counts: Dict[str, Counts]) -> List[str]:
    """Get the labels of all splits: those with most texts in train first.

    counts (Dict[str, Counts]): What is in each split.
    RETURNS (List[str]): The labels.
    """
    labels: Set[str] = set().union(*(split.labels for split in counts.values()))
    return sorted(labels, key=lambda label: (-counts["train"].labels[label], label))


def all_types(counts: Dict[str, Counts]) -> List[str]:
    """Get the types of entities of all splits.

    counts (Dict[str, Counts]): What is in each split.
    RETURNS (List[str]): The types, sorted.
    """
    return sorted(set().union(*(split.names for split in counts.values())))
