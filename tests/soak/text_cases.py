"""Texts that may be anything a str may be, but for what spaCy's tokenizer itself refuses: lone
surrogates, and texts of more than `nlp.max_length` characters."""

import random
from typing import Callable, Dict, List

#: Alphabets by what is hard about them.
ALPHABETS: Dict[str, str] = {
    "letters": "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "digits": "0123456789٠١٢३४५²½Ⅷ",
    "punctuation": "!?.,;:-–—_'\"`´“”’()[]{}<>/\\|&#@$%^*+=~…",
    "spaces": " \t\n\r\x0b\x0c\x85\xa0\u1680\u2000\u2003\u2009\u2028\u2029\u202f\u205f\u3000",
    "controls": "".join(map(chr, [*range(32), *range(127, 160)])),
    "bidi": "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061cאבגدهו",
    "zero_width": "\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u180e\ufe0e\ufe0f",
    "combining": "".join(map(chr, [*range(0x300, 0x330), *range(0x20D0, 0x20E0), 0x489, 0xE31])),
    "scripts": "éßøñçşğıİǅﬁÅΩжщљאקدस्तेதமிழ์ไทยខ្មែរ한글かなカナ漢字ልሳንᏣᎳᎩ",
    "emoji": "😀👍🏽👩\u200d👩\u200d👧🇩🇪🏴\U000e0067\U000e0062\U000e007f🧑🏿❤\ufe0f",
    "noncharacters": "\ufffe\uffff\U0001fffe\U0010ffff\ufffd\ufdd0\ue000\U000f0000\U00100000",
}

#: Wholes that tokenizers have rules for.
WORDS_IN_A_ROW = """
Anna Berlin New York film great awful don't can't U.S.A. e.g. 10km/h $5.00 C++ :-) <3
http://a.b/c?d=e&f=%20 www.x.org a@b.co #tag @user &amp; &#9; &bogus; ``x'' ''y`` -- ...
(555) 123-4567 1,000,000.00 3rd 'tis O'Neil a-b-c-d x|y null None NaN \\N ${x} [L001] {0}
"""
WORDS = WORDS_IN_A_ROW.split()


def any_character(rng: random.Random) -> str:
    """rng (random.Random): The source of chance.
    RETURNS (str): A code point of any of the 17 planes, but for surrogates.
    """
    point = rng.randrange(17) << 16 | rng.randrange(0x10000)
    return chr(point) if not 0xD800 <= point <= 0xDFFF else "\ue000"


def _piece(rng: random.Random) -> str:
    kind = rng.random()
    if kind < 0.35:
        return rng.choice(WORDS)
    if kind < 0.5:
        return "".join(any_character(rng) for _ in range(rng.randrange(1, 8)))
    alphabet = ALPHABETS[rng.choice(sorted(ALPHABETS))]
    if kind < 0.6:
        return rng.choice(alphabet) * rng.randrange(1, 40)  # a run
    return "".join(rng.choice(alphabet) for _ in range(rng.randrange(1, 12)))


def random_text(rng: random.Random) -> str:
    """rng (random.Random): The source of chance.
    RETURNS (str): A text of 0 to some hundred characters.
    """
    kind = rng.random()
    if kind < 0.03:
        return ""
    if kind < 0.08:
        return "".join(rng.choice(ALPHABETS["spaces"]) for _ in range(rng.randrange(1, 9)))
    joint = rng.choice((" ", " ", "", "\n", "  "))
    return joint.join(_piece(rng) for _ in range(rng.randrange(1, 16)))


LARGE: List[Callable[[random.Random], str]] = [
    lambda rng: rng.choice("aé漢😀\u0301\u200b\x00") * 999_999,
    lambda rng: " " * 999_999,
    lambda rng: "\u0301a" * 400_000,
    lambda rng: "".join(rng.choices(ALPHABETS["letters"], k=999_999)),
]


def large_text(rng: random.Random) -> str:
    """rng (random.Random): The source of chance.
    RETURNS (str): A text of about a million characters in one token.
    """
    return rng.choice(LARGE)(rng)
