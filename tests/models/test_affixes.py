"""Hashes of the beginnings and ends of words."""

import numpy
import spacy
from spacy.tokens import Doc

from spacy_lstm.models.affixes import affix_hashes, prefix_keys
from spacy_lstm.models.chars import read_chars

WORDS = ["bore", "bored", "boredom", "a", "", "Äpfel", "abore", "x" * 300, "x" * 299 + "y"]


def hashes(words=WORDS, longest=4):
    return affix_hashes(*read_chars(words), longest)


def test_equal_exactly_where_the_letters_are():
    begins, ends = hashes()
    for found, affix in ((begins, lambda w, n: w[:n]), (ends, lambda w, n: w[-n:])):
        texts = {(affix(word, n), n) for word in WORDS for n in range(1, 5) if len(word) >= n}
        keys = {}
        for word, row in zip(WORDS, found, strict=True):
            for n, key in enumerate(row.tolist(), start=1):
                assert (key == 0) == (len(word) < n)
                if key:
                    assert keys.setdefault((affix(word, n), n), key) == key
        assert len(set(keys.values())) == len(texts)


def test_the_same_among_other_words():
    together = hashes()
    for i, word in enumerate(WORDS):
        for all_of_them, alone in zip(together, hashes([word]), strict=True):
            numpy.testing.assert_array_equal(all_of_them[i], alone[0])


def keys_of(texts, lengths, vocab=None):
    docs = [Doc(vocab or spacy.blank("en").vocab, words=text.split()) for text in texts]
    return prefix_keys(docs, [doc.to_array("LOWER") for doc in docs], lengths)


def test_beginnings_and_their_tokens():
    keys, tokens = keys_of(["boring films bored", "", "Bore me"], [4, 6])
    assert tokens.tolist() == [0, 0, 1, 2, 3]  # "films" has no six letters, and "me" no four
    four, six, films, bored, bore = keys.tolist()
    assert bored == bore != four
    assert len({four, six, films, bored}) == 4
    longer, _ = keys_of(["boringly"], [6, 10**9])
    assert longer.tolist() == [six]


def test_no_words_or_no_lengths():
    for texts, lengths in (
        ([], [4]),
        ([""], [4]),
        (["boring"], []),
        (["a"], [4]),
        (["a b"], [10**9]),
    ):
        keys, tokens = keys_of(texts, lengths)
        assert len(keys) == len(tokens) == 0
        assert keys.dtype == "uint64"


def test_texts_of_several_vocabularies():
    docs = [Doc(spacy.blank("en").vocab, words=[word]) for word in ("boring", "boredom")]
    keys, tokens = prefix_keys(docs, [doc.to_array("LOWER") for doc in docs], [3])
    assert keys[0] == keys[1]
    assert tokens.tolist() == [0, 1]
