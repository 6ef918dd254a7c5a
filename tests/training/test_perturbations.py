"""Changes of words: what they touch, what they leave, and that the annotation stays in place."""

import re
from collections import Counter

import numpy
import pytest
import spacy
from spacy.tokens import Doc, Span, SpanGroup

from spacy_lstm.training.perturbations import (
    ATTACKS,
    KEYS_BESIDE,
    casing,
    letters,
    swaps,
    typos,
    with_words,
)

TEXT = "Yesterday Anna Karenina's brother really visited beautiful Rio de Janeiro , by train ."
ODD = [
    "",
    " ",
    "\n\n  \t",
    "ok",
    "  two  spaces\n here ",
    "مرحبا بالعالم الجميل",
    "می\u200cخواهم بنویسم",
    "שָׁלוֹם לְכֻלָּם",
    "今日は とても良い天気ですね",
    "Cafe\u0301 zoe\u0308logie re\u0301sume\u0301",
    "Straße İstanbul ŉabc ǆungla ﬁnde",
    "👩\u200d🚀👩\u200d🚀 1234567 abc1234 https://example.com/page",
]


@pytest.fixture(scope="module")
def nlp():
    return spacy.blank("en")


def rng(seed=0):
    return numpy.random.default_rng(seed)


def words_of(nlp, text=TEXT):
    return Doc(nlp.vocab, words=text.split())


def is_one_typo(old, new):
    """Whether a word is another with one mistake inside."""
    a, b = letters(old), letters(new)
    if len(a) == len(b):
        at = [i for i, (x, y) in enumerate(zip(a, b, strict=True)) if x != y]
        if len(at) == 1:
            return b[at[0]].lower() in KEYS_BESIDE[a[at[0]].lower()]
        return (
            len(at) == 2 and at[1] == at[0] + 1 and [b[i] for i in at] == [a[i] for i in at[::-1]]
        )
    longer, shorter = (a, b) if len(a) > len(b) else (b, a)
    return any(longer[:i] + longer[i + 1 :] == shorter for i in range(len(longer)))


def test_keyboard():
    assert set(KEYS_BESIDE["g"]) == set("fhtyvb")
    assert set(KEYS_BESIDE["q"]) == set("wa")
    assert set(KEYS_BESIDE["m"]) == set("njk")
    for key, keys in KEYS_BESIDE.items():
        assert all(key in KEYS_BESIDE[other] for other in keys)


def test_letters_keep_their_marks():
    assert letters("e\u0301te\u0301") == ["e\u0301", "t", "e\u0301"]
    assert letters("می\u200cخ") == ["م", "ی\u200c", "خ"]
    assert letters("") == []


def test_typos_are_single_mistakes_inside_words(nlp):
    doc = words_of(nlp)
    kinds = Counter()
    for seed in range(200):
        new, order = typos(doc, rng(seed), rate=1.0)
        assert order == list(range(len(doc)))
        for old, word in zip(doc, new, strict=True):
            if len(old) < 4 or not old.text.isalpha():
                assert word == old.text
            else:
                assert word != old.text
                assert (word[0], word[-1]) == (old.text[0], old.text[-1])
                assert is_one_typo(old.text, word), (old, word)
                kinds[len(word) - len(old), Counter(word) == Counter(old.text)] += 1
    # Left out, inserted, transposed (not in Anna), replaced: each about a quarter.
    assert set(kinds) == {(-1, False), (1, False), (0, True), (0, False)}
    assert min(kinds.values()) > 0.18 * kinds.total()


def test_a_mistype_keeps_the_case(nlp):
    doc = Doc(nlp.vocab, words=["ABCDEFGH"])
    assert all(typos(doc, rng(seed), rate=1.0).words[0].isupper() for seed in range(50))


@pytest.mark.parametrize("name", list(ATTACKS))
def test_same_seed_same_words(nlp, name):
    doc = words_of(nlp, " ".join([TEXT] * 5))
    first, again, other = (ATTACKS[name](doc, rng(seed), 0.3) for seed in (1, 1, 2))
    assert first == again
    assert (first != other) == (name in ("typos", "swaps"))


@pytest.mark.parametrize("rate", [0.05, 0.1, 0.5, 1.0])
def test_rate_of_words(nlp, rate):
    doc = Doc(nlp.vocab, words=["different"] * 15)
    n = [
        sum(word != "different" for word in typos(doc, rng(seed), rate=rate).words)
        for seed in range(600)
    ]
    assert set(n) <= {int(15 * rate), int(15 * rate) + 1}
    assert numpy.mean(n) == pytest.approx(15 * rate, abs=0.07)
    doc = Doc(nlp.vocab, words=[f"w{i}" for i in range(40)])
    moved = [
        sum(i != j for i, j in enumerate(swaps(doc, rng(seed), rate=rate).order))
        for seed in range(300)
    ]
    # 19 or 20 pairs, as the first begins at the first word or the second
    assert numpy.mean(moved) == pytest.approx(2 * 19.5 * rate, abs=0.2)


@pytest.mark.parametrize("rate", [0.0, -0.1, 1.01, float("nan")])
def test_rates_that_are_none(nlp, rate):
    for change in (typos, swaps):
        with pytest.raises(ValueError, match=r"^\[L703\]"):
            change(words_of(nlp), rng(), rate=rate)


def annotated(nlp):
    doc = words_of(nlp)
    doc.cats = {"GOOD": 1.0, "BAD": 0.0}
    doc.set_ents([Span(doc, 1, 3, "PERSON", span_id="q1"), Span(doc, 7, 10, "PLACE")])
    spans = [Span(doc, 0, 6, "A"), Span(doc, 3, 7, "B")]
    doc.spans["sc"] = SpanGroup(doc, name="sc", attrs={"scores": [0.5, 0.25]}, spans=spans)
    return doc


def test_swaps_stay_within_spans_and_sentences(nlp):
    doc = annotated(nlp)
    edges = {0, 1, 3, 6, 7, 10, 11, 13}
    both = set()
    for seed in range(100):
        new, order = swaps(doc, rng(seed), rate=1.0)
        assert new == [doc[i].text for i in order]
        for i, j in enumerate(order):
            assert abs(i - j) <= 1
            assert j == i or max(i, j) not in edges, (i, j)
        both.add(tuple(order))
        assert order[10] == 10  # the comma
        assert order[13] == 13
    assert any(order[1:3] == (2, 1) for order in both)
    starts = Doc(nlp.vocab, words=["a", "b", "c", "d"], sent_starts=[True, False, True, False])
    assert {tuple(swaps(starts, rng(s), rate=1.0).order) for s in range(20)} == {
        (1, 0, 3, 2),
        (0, 1, 3, 2),
    }


def test_equal_words_and_unknown_entities_stay(nlp):
    same = Doc(nlp.vocab, words=["very", "very"])
    assert swaps(same, rng(0), rate=1.0).order == [0, 1]
    doc = Doc(nlp.vocab, words=["a", "b"])
    doc.set_ents([], missing=[doc[0:1]], default="outside")
    assert all(swaps(doc, rng(s), rate=1.0).order == [0, 1] for s in range(9))


def test_pieces_of_words_are_not_swapped(nlp):
    doc = nlp.make_doc("I don't like (the) well-known film's end.")
    texts = {with_words(doc, swaps(doc, rng(s), rate=1.0).words).text for s in range(20)}
    # Whole words are "I", "like", "the" and "end", and no two of them are neighbours.
    assert texts == {doc.text}
    doc = nlp.make_doc("can't stop (very late)")
    texts = {with_words(doc, swaps(doc, rng(s), rate=1.0).words).text for s in range(20)}
    assert texts == {"can't stop (late very)"}
    chinese = Doc(nlp.vocab, words=["我", "喜欢", "电影"], spaces=[False] * 3)
    assert all(swaps(chinese, rng(s), rate=1.0).order == [0, 1, 2] for s in range(9))


def test_casing(nlp):
    doc = nlp.make_doc("Don't shout at McDonald (or élan's) 今日 ǆungla Straße!")
    texts = {
        case: with_words(doc, casing(doc, case=case).words).text
        for case in ("lower", "upper", "title")
    }
    assert texts == {
        "lower": "don't shout at mcdonald (or élan's) 今日 ǆungla straße!",
        "upper": "DON'T SHOUT AT MCDONALD (OR ÉLAN'S) 今日 ǄUNGLA STRASSE!",
        "title": "Don't Shout At McDonald (Or Élan's) 今日 ǅungla Straße!",
    }


@pytest.mark.parametrize("name", list(ATTACKS))
def test_annotation_stays_in_place(nlp, name):
    doc = annotated(nlp)
    for seed in range(20):
        new, order = ATTACKS[name](doc, rng(seed), 1.0)
        copy = with_words(doc, new)
        assert [t.text for t in copy] == new
        assert new != [t.text for t in doc]
        assert copy.cats == doc.cats
        ents = [(e.start, e.end, e.label_, e.id_) for e in copy.ents]
        assert ents == [(1, 3, "PERSON", "q1"), (7, 10, "PLACE", "")]
        assert [t.ent_iob for t in copy] == [t.ent_iob for t in doc]
        assert [(s.start, s.end, s.label_) for s in copy.spans["sc"]] == [(0, 6, "A"), (3, 7, "B")]
        assert copy.spans["sc"].attrs == {"scores": [0.5, 0.25]}
        # An entity has the words it had.
        assert sorted(order[1:3]) == [1, 2]
        assert sorted(order[7:10]) == [7, 8, 9]


def test_what_is_not_known_stays_unknown(nlp):
    doc = words_of(nlp)
    plain = with_words(doc, [t.text for t in doc])
    assert not plain.has_annotation("ENT_IOB")
    assert not plain.has_annotation("SENT_START")
    assert (plain.has_unknown_spaces, plain.cats, len(plain.spans)) == (True, {}, 0)
    doc = nlp.make_doc("one two three")
    doc.set_ents([Span(doc, 0, 1, "N")], missing=[doc[1:2]], default="outside")
    copy = with_words(doc, ["1", "2", "3"])
    assert [t.ent_iob_ for t in copy] == ["B", "", "O"]
    assert (copy.text, copy.has_unknown_spaces) == ("1 2 3", False)


@pytest.mark.parametrize("text", ODD)
@pytest.mark.parametrize("name", list(ATTACKS))
def test_any_text(nlp, name, text):
    doc = nlp.make_doc(text)
    for seed in range(20):
        new, order = ATTACKS[name](doc, rng(seed), 1.0)
        assert sorted(order) == list(range(len(doc)))
        assert all(new)
        for word in set(new) - {token.text for token in doc}:  # a mark stays on its letter
            assert not re.match(r"[\u0300-\u036f\u05b0-\u05c7\u200c\u200d]", word)
        for token, word in zip(doc, new, strict=True):
            assert not token.is_space or word == token.text
        assert len(with_words(doc, new)) == len(doc)


def test_scripts_without_keys_are_mistyped_too(nlp):
    word = "בראשית"
    doc = Doc(nlp.vocab, words=[word])
    new = {typos(doc, rng(seed), rate=1.0).words[0] for seed in range(50)}
    assert word not in new
    assert {len(other) for other in new} == {5, 6, 7}
    assert all(is_one_typo(word, other) for other in new)
    doc = Doc(nlp.vocab, words=["abc1234", "1234567", "a-b-c-d", "abc", "e\u0301te\u0301"])
    assert typos(doc, rng(), rate=1.0).words == [t.text for t in doc]
