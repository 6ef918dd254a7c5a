"""The words: how many of dev training has seen, how many have vectors, how tokens agree."""

from collections import Counter
from typing import Counter as CounterType
from typing import List, Sequence, Tuple

from spacy.training import Example
from spacy.vectors import Mode
from thinc.api import Model

from .corpora import Corpora
from .findings import Finding, Level, Section, check, listed, percent, spread

#: The share of the tokens of dev that may be new.
MOST_UNSEEN = 0.3
#: The share of the tokens of train that may have no vector.
MOST_WITHOUT_VECTORS = 0.2
#: The name of spaCy's layer that reads word vectors.
STATIC_VECTORS = "static_vectors"


def look_at_vocabulary(corpora: Corpora) -> Section:
    """Look at words, and at the vectors that they have.

    corpora (Corpora): The texts.
    RETURNS (Section): What was found.
    """
    train, dev = count_words(corpora.train), count_words(corpora.dev)
    n_train = sum(train.values())
    text = f"{n_train:,} words in train, {len(train):,} different ones (in lower case)"
    findings = [Finding(Level.info, "words", text)]
    if dev:
        findings.append(_find_unseen(train, dev))
    findings.append(_find_misaligned(corpora))
    findings += _judge_vectors(corpora)
    return Section("Vocabulary and vectors", findings)


def count_words(examples: Sequence[Example]) -> CounterType[str]:
    """examples (Sequence[Example]): Texts.
    RETURNS (Counter[str]): How often each word is there, by its `norm_`.
    """
    return Counter(token.norm_ for eg in examples for token in eg.predicted if not token.is_space)


def _find_unseen(train: CounterType[str], dev: CounterType[str]) -> Finding:
    unseen = Counter({word: n for word, n in dev.items() if word not in train})
    share = sum(unseen.values()) / sum(dev.values())
    kinds = percent(len(unseen) / len(dev))
    text = f"{percent(share)} of the words in dev are not in train ({kinds} of the different ones)"
    advice = (
        "A model knows of such words only how they are written. More texts, word vectors "
        "(`init-config --vectors`) or spacy_lstm.CharEmbed.v1 help."
    )
    if share <= MOST_UNSEEN:
        return Finding(Level.info, "unseen-words", text)
    return Finding(Level.warn, "unseen-words", text, advice, _most_common(unseen))


def _find_misaligned(corpora: Corpora) -> Finding:
    numbers = {
        split: sum(map(_misaligned_tokens, examples)) for split, examples in corpora.splits.items()
    }
    return check(
        "misaligned-tokens",
        sum(numbers.values()),
        f"{spread(numbers, 'token')} begin or end elsewhere than those of the annotation",
        "The tokenizer makes the tokens of the annotation",
        advice="What is annotated on them may be lost. Use the tokenizer of the annotation.",
    )


def _misaligned_tokens(example: Example) -> int:
    doc, reference = example.predicted, example.reference
    if [token.text for token in doc] == [token.text for token in reference]:
        return 0
    lengths = example.alignment.x2y.lengths
    return sum(not token.is_space and lengths[token.i] != 1 for token in doc)


def _judge_vectors(corpora: Corpora) -> List[Finding]:
    if not len(corpora.nlp.vocab.vectors):
        return [Finding(Level.info, "vectors", "No word vectors")]
    layers = [
        layer.name
        for _, pipe in corpora.nlp.pipeline
        if isinstance(model := getattr(pipe, "model", None), Model)
        for layer in model.walk()
    ]
    return [
        _find_without_vectors(corpora),
        check(
            "unused-vectors",
            STATIC_VECTORS not in layers,
            "No component reads the word vectors",
            "The word vectors are read",
            advice="Set `include_static_vectors = true` in the embedding layer.",
        ),
    ]


def _find_without_vectors(corpora: Corpora) -> Finding:
    vocab, name = corpora.nlp.vocab, "vectors"
    width = vocab.vectors_length
    if vocab.vectors.mode == Mode.floret:
        text = f"{len(vocab.vectors):,} floret vectors of width {width}: every word has one"
        return Finding(Level.info, name, text)
    words = Counter(
        token.text for eg in corpora.train for token in eg.predicted if not token.is_space
    )
    missing = Counter({word: n for word, n in words.items() if not vocab.has_vector(word)})
    share = sum(missing.values()) / max(sum(words.values()), 1)
    known = f"{vocab.vectors.n_keys:,} words have vectors of width {width}"
    text = f"{known}; {percent(share)} of the words in train have none"
    level = Level.warn if share > MOST_WITHOUT_VECTORS else Level.info
    return Finding(level, name, text, examples=_most_common(missing))


def _most_common(words: CounterType[str], n: int = 10) -> Tuple[str, ...]:
    return tuple(f"{listed([word])} ({times:,})" for word, times in words.most_common(n))
