"""Change the words of a doc as people and other software do, and keep its annotation.

A word becomes another word, or two change places: the tokens stay as many, so that what is
annotated stays in its place.
"""

import unicodedata
from typing import Callable, Dict, List, Literal, NamedTuple, Sequence, Tuple, Union

import numpy
from spacy.tokens import Doc, Span, SpanGroup

from ..errors import Errors

#: Shorter words are left as they are: nobody can tell what they were.
LEAST_LETTERS = 4
# Each row of a keyboard is shifted by half a key, so a key touches two in the row below.
ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")

Case = Literal["lower", "upper", "title"]


class Perturbed(NamedTuple):
    """The words of a doc after a change.

    words (List[str]): The words, as many as before.
    order (List[int]): Which of the old tokens each one is.
    """

    words: List[str]
    order: List[int]


def typos(doc: Doc, rng: numpy.random.Generator, *, rate: float) -> Perturbed:
    """Mistype words, each in one place: two neighbouring letters change places, one is left out,
    one comes in, or one becomes its neighbour on an English keyboard. The first and the last letter
    stay, and so do words of less than four letters, in which people make and notice such
    mistakes least (Pruthi et al., 2019, https://aclanthology.org/P19-1561; after Rawlinson, 1976).

    doc (Doc): The doc.
    rng (numpy.random.Generator): Where the chance comes from.
    rate (float): The share of those words that can be mistyped.
    RETURNS (Perturbed): The words.
    RAISES (ValueError): If the rate isn't more than 0 and at most 1.
    """
    words = [token.text for token in doc]
    split = {i: letters(word) for i, word in enumerate(words)}
    able = [i for i, parts in split.items() if _can_be_mistyped(parts)]
    for i in _chosen(able, rng, rate):
        words[i] = "".join(_mistyped(split[i], rng))
    return Perturbed(words, list(range(len(words))))


def swaps(doc: Doc, rng: numpy.random.Generator, *, rate: float) -> Perturbed:
    """Let neighbouring words change places: within a sentence, and never across the edge of an
    entity or another annotated span, so that all spans stay where they are. What a tokenizer has
    split (do|n't) stays in place, and so do all words of a script without spaces.

    doc (Doc): The doc.
    rng (numpy.random.Generator): Where the chance comes from.
    rate (float): The share of the pairs that can change places, of which none overlap.
    RETURNS (Perturbed): The words.
    RAISES (ValueError): If the rate isn't more than 0 and at most 1.
    """
    spans = _spans_at(doc)
    pairs: List[int] = []
    # Pairs may begin at even or odd places: either is as good, and the first word isn't in all.
    after = int(rng.integers(2)) - 1
    for i in range(len(doc) - 1):
        begins = doc[i + 1].is_sent_start
        joined = not begins and spans[i] == spans[i + 1] and doc[i].text != doc[i + 1].text
        if i > after and joined and _is_whole(doc, i) and _is_whole(doc, i + 1):
            pairs.append(i)
            after = i + 1
    order = list(range(len(doc)))
    for i in _chosen(pairs, rng, rate):
        order[i], order[i + 1] = i + 1, i
    return Perturbed([doc[i].text for i in order], order)


def casing(doc: Doc, *, case: Case) -> Perturbed:
    """Write all words of a doc in one case. Scripts without case stay as they are.

    doc (Doc): The doc.
    case (Case): "lower", "upper", or "title": each word with a capital, as in headlines.
    RETURNS (Perturbed): The words.
    """
    words = []
    for i, token in enumerate(doc):
        word = token.text
        if case != "title":
            word = word.lower() if case == "lower" else word.upper()
        # What a tokenizer has split off (n't, 's) is no word that could begin with a capital.
        elif i == 0 or doc[i - 1].whitespace_ or not _is_word(doc[i - 1].text):
            word = word[:1].title() + word[1:]
        words.append(word)
    return Perturbed(words, list(range(len(words))))


#: A change of a doc, given a generator and a rate.
Attack = Callable[[Doc, numpy.random.Generator, float], Perturbed]

#: All attacks by their names, as the command has them.
ATTACKS: Dict[str, Attack] = {
    "typos": lambda doc, rng, rate: typos(doc, rng, rate=rate),
    "swaps": lambda doc, rng, rate: swaps(doc, rng, rate=rate),
    "lower": lambda doc, rng, rate: casing(doc, case="lower"),
    "upper": lambda doc, rng, rate: casing(doc, case="upper"),
    "title": lambda doc, rng, rate: casing(doc, case="title"),
}

#: Those in which chance has a part; the others always change a text in the same way.
RANDOM = frozenset({"typos", "swaps"})


def with_words(doc: Doc, words: Sequence[str]) -> Doc:
    """Copy a doc with other words, and what is annotated of its categories, entities, spans and
    sentences. What belongs to a word, as its tag, isn't copied: the words are others.

    doc (Doc): The doc.
    words (Sequence[str]): The words, one for each of its tokens.
    RETURNS (Doc): The copy.
    """
    spaces = [bool(token.whitespace_) for token in doc]
    flags: List[Union[bool, int, None]] | None = None
    if doc.has_annotation("SENT_START"):
        flags = [token.is_sent_start for token in doc]
    copy = Doc(doc.vocab, words=list(words), spaces=spaces, sent_starts=flags)
    copy.has_unknown_spaces = doc.has_unknown_spaces
    copy.cats = dict(doc.cats)
    if doc.has_annotation("ENT_IOB"):
        missing = [copy[i : i + 1] for i, token in enumerate(doc) if token.ent_iob == 0]
        copy.set_ents([_moved(copy, ent) for ent in doc.ents], missing=missing, default="outside")
    for key, group in doc.spans.items():
        spans = [_moved(copy, span) for span in group]
        copy.spans[key] = SpanGroup(copy, name=group.name, attrs=dict(group.attrs), spans=spans)
    return copy


def letters(word: str) -> List[str]:
    """Split a word into what people see as letters: with each go the marks that combine with it.

    word (str): The word.
    RETURNS (List[str]): Its letters.
    """
    parts: List[str] = []
    for char in word:
        # Joiners keep the shape of their neighbours in Persian and Indic scripts.
        if parts and (unicodedata.category(char)[0] == "M" or char in "\u200c\u200d"):
            parts[-1] += char
        else:
            parts.append(char)
    return parts


def _moved(doc: Doc, span: Span) -> Span:
    return Span(doc, span.start, span.end, span.label, kb_id=span.kb_id, span_id=span.id)


def _chosen(able: Sequence[int], rng: numpy.random.Generator, rate: float) -> List[int]:
    """A share of places. Where that isn't a whole number, chance decides between the two beside
    it, so that it is right on average in short texts too.
    """
    if not 0 < rate <= 1:
        raise ValueError(Errors.L703.format(rate=rate))
    n = int(rate * len(able) + rng.random())
    return sorted(int(i) for i in rng.choice(able, size=n, replace=False)) if n else []


def _is_word(text: str) -> bool:
    return any(char.isalnum() for char in text)


def _is_whole(doc: Doc, i: int) -> bool:
    """Whether a token is a word, and not a piece of one: no other word touches it."""
    before = i == 0 or doc[i - 1].whitespace_ or not _is_word(doc[i - 1].text)
    after = i == len(doc) - 1 or doc[i].whitespace_ or not _is_word(doc[i + 1].text)
    return bool(_is_word(doc[i].text) and before and after)


def _spans_at(doc: Doc) -> List[Tuple[int, ...]]:
    """The numbers of the annotated spans that hold each token."""
    inside: List[Tuple[int, ...]] = [() for _ in doc]
    spans = [*doc.ents, *(span for group in doc.spans.values() for span in group)]
    for number, span in enumerate(spans):
        for i in range(span.start, span.end):
            inside[i] += (number,)
    # Of entities that aren't known, no one can tell where their edges are.
    known = doc.has_annotation("ENT_IOB")
    return [
        (*numbers, -1 - i) if known and doc[i].ent_iob == 0 else numbers
        for i, numbers in enumerate(inside)
    ]


def _can_be_mistyped(parts: Sequence[str]) -> bool:
    return len(parts) >= LEAST_LETTERS and all(part[0].isalpha() for part in parts)


def _mistyped(parts: Sequence[str], rng: numpy.random.Generator) -> List[str]:
    inner = range(1, len(parts) - 1)
    pairs = [i for i in inner[:-1] if parts[i] != parts[i + 1]]
    keys = [i for i in inner if _beside(parts[i])]
    kinds = ["omit", "insert"] + ["transpose"] * bool(pairs) + ["replace"] * bool(keys)
    kind = kinds[int(rng.integers(len(kinds)))]
    places = {"transpose": pairs, "replace": keys}.get(kind, inner)
    i = int(places[int(rng.integers(len(places)))])
    new = list(parts)
    if kind == "transpose":
        new[i : i + 2] = [parts[i + 1], parts[i]]
    elif kind == "omit":
        del new[i]
    elif kind == "replace":
        new[i] = _key_beside(parts[i], rng)
    else:  # a key beside it is hit as well; where the keyboard isn't known, it is hit twice
        new.insert(i, _key_beside(parts[i], rng) if _beside(parts[i]) else parts[i])
    return new


def _key_beside(letter: str, rng: numpy.random.Generator) -> str:
    keys = _beside(letter)
    key = keys[int(rng.integers(len(keys)))]
    return key.upper() if letter.isupper() else key


def _beside(letter: str) -> str:
    return KEYS_BESIDE.get(letter.lower(), "")


def _keyboard() -> Dict[str, str]:
    at = {(y, x): key for y, row in enumerate(ROWS) for x, key in enumerate(row)}
    steps = ((0, -1), (0, 1), (-1, 0), (-1, 1), (1, -1), (1, 0))
    return {
        key: "".join(at[y + dy, x + dx] for dy, dx in steps if (y + dy, x + dx) in at)
        for (y, x), key in at.items()
    }


KEYS_BESIDE = _keyboard()
