"""Where the tokens of a tokenizer that rewrites its text stand in that text.

Both are compared without their whitespace, because tokenizers change that at will: the text is
then one string, and the tokens, joined, are another, which is the same but for some pieces. What
a tokenizer may make of which piece is known (`Rewrites`), and so every way to read the second
string as the first is followed at the same time, piece by piece. Few ways live for long, as each
must agree with all the text up to the next piece. The edges of the tokens are then carried over.

Where nothing that is known explains the difference, the nearest of the next tokens that is found
again is the place to go on from, and the text up to there is split at whitespace. So no text is
lost and nothing is raised, whatever the tokens are. The time is linear in the length of the text.
"""

import re
from bisect import bisect_left, bisect_right
from itertools import accumulate, islice, pairwise, takewhile
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

Span = Tuple[int, int]

# How many ways to read the tokens are followed at the same time.
MOST_WAYS = 16
# Text is compared in strides of so many characters, so that to begin again costs no more than that.
STRIDE = 64
# Where no way is left: how many of the next tokens are looked for, and how many characters of each.
NEXT_TOKENS = 16
KEY = 8
NOT_SPACE = re.compile(r"\S+")


class Rewrites(NamedTuple):
    """What a tokenizer may make of a text before it splits it.

    pattern (re.Pattern): Finds the pieces of the text that it may rewrite.
    options (Callable[[str], Sequence[str]]): What it may write for such a piece, without
        whitespace. That it leaves the piece alone goes without saying.
    """

    pattern: "re.Pattern[str]"
    options: Callable[[str], Sequence[str]]


class Piece(NamedTuple):
    """A piece of the text that may have been rewritten: its place in the text without whitespace,
    and what may stand for it in the tokens."""

    start: int
    end: int
    options: Sequence[str]


class Change(NamedTuple):
    """A piece of the text that has been rewritten: its place in the text and in the joined tokens,
    both without whitespace."""

    start: int
    end: int
    token_start: int
    token_end: int


# The last change of a way and what was before it, or None where nothing has changed yet.
Way = Optional[Tuple[Any, Change]]


def align(text: str, tokens: Sequence[str], rewrites: Optional[Rewrites] = None) -> List[Span]:
    """Find tokens in their text, though some may have been rewritten. What the tokenizer has left
    out becomes tokens of its own, unless it is in the middle of one.

    text (str): The text.
    tokens (Sequence[str]): The tokens, in the order of the text.
    rewrites (Optional[Rewrites]): What the tokenizer may have rewritten. None: nothing.
    RETURNS (List[Span]): The start and the end of each token, in characters. They ascend, and every
        character that isn't whitespace is in exactly one of them.
    """
    words = [word for token in tokens if (word := token.strip())]
    spans = _find_all(text, words)
    return _find_rewritten(text, words, rewrites) if spans is None else spans


def words_and_spaces(text: str, spans: Sequence[Span]) -> Tuple[List[str], List[bool]]:
    """Treat whitespace as spaCy does: one space after a token belongs to it, and what is left up to
    the next token, or stands before the first one, is a token itself.

    text (str): The text.
    spans (Sequence[Span]): The tokens that `align` found.
    RETURNS (Tuple[List[str], List[bool]]): What `Doc` is made of. Joined, they are the text.
    """
    words: List[str] = []
    spaces: List[bool] = []
    at = 0
    for start, end in [*spans, (len(text), len(text))]:
        if words and at < start and text[at] == " ":
            spaces[-1] = True
            at += 1
        words.extend(word for word in (text[at:start], text[start:end]) if word)
        spaces.extend([False] * (len(words) - len(spaces)))
        at = end
    return words, spaces


def _find_all(text: str, words: Sequence[str]) -> Optional[List[Span]]:
    # What nearly every text needs, and much faster: nothing was rewritten.
    spans = []
    end = 0
    for word in words:
        start = text.find(word, end)
        if start < 0 or (start > end and not text[end:start].isspace()):
            return None
        end = start + len(word)
        spans.append((start, end))
    return spans if not text[end:].strip() else None


def _find_rewritten(text: str, words: Sequence[str], rewrites: Optional[Rewrites]) -> List[Span]:
    places = [i for i, char in enumerate(text) if not char.isspace()]
    solid = "".join(text.split())
    solid_words = ["".join(word.split()) for word in words]
    edges = [0, *accumulate(map(len, solid_words))]
    pieces = [Piece(i, i, ()) for i in range(0, len(solid), STRIDE)]
    if rewrites is not None:
        for match in rewrites.pattern.finditer(text):
            start, end = bisect_left(places, match.start()), bisect_left(places, match.end())
            pieces.append(Piece(start, end, rewrites.options(match.group())))
    pieces.sort(key=lambda piece: piece.start)
    changes = _follow(solid, solid_words, edges, pieces)
    cuts = _carry_over(solid, solid_words, edges, changes)
    spans = []
    for first, last in pairwise(sorted({0, len(solid)} | cuts.keys())):
        start, end = places[first], places[last - 1] + 1
        index = cuts.get(first)
        # Some tokens have whitespace inside, as phone numbers do. No other is wider than a word.
        if end - start == last - first or (index is not None and len(words[index].split()) > 1):
            spans.append((start, end))
        else:
            spans.extend(match.span() for match in NOT_SPACE.finditer(text, start, end))
    return spans


def _follow(
    solid: str, words: Sequence[str], edges: Sequence[int], pieces: Sequence[Piece]
) -> List[Change]:
    """Find out which pieces were rewritten, and where something else was.

    solid (str): The text without whitespace.
    words (Sequence[str]): The tokens without whitespace.
    edges (Sequence[int]): Where each of them begins when they are joined, and where the last ends.
    pieces (Sequence[Piece]): What may have been rewritten, in the order of the text.
    RETURNS (List[Change]): What has been rewritten, in that order.
    """
    written = "".join(words)
    ways: Dict[int, Way] = {0: None}
    at = 0
    last = Piece(len(solid), len(solid), ())
    for piece in [*pieces, last]:
        while at <= piece.start:
            moved = _pass(solid, written, at, ways, piece)
            if piece is last:
                moved = {place: way for place, way in moved.items() if place == len(written)}
            if moved:
                at, ways = piece.end, moved
                break
            start, token_start, way = _furthest(solid, written, at, ways, piece)
            at, token_end = _find_next(solid, words, edges, start, token_start)
            ways = {token_end: (way, Change(start, at, token_start, token_end))}
    changes = []
    (way,) = ways.values()
    while way is not None:
        way, change = way
        changes.append(change)
    return changes[::-1]


def _pass(solid: str, written: str, at: int, ways: Dict[int, Way], piece: Piece) -> Dict[int, Way]:
    """Follow every way to the end of a piece.

    solid (str): The text without whitespace.
    written (str): The joined tokens.
    at (int): Where we are in the text.
    ways (Dict[int, Way]): The ways that lead there, by their place in the joined tokens.
    piece (Piece): The next piece.
    RETURNS (Dict[int, Way]): The ways that lead to its end; none, if no way does.
    """
    before, source = solid[at : piece.start], solid[piece.start : piece.end]
    moved: Dict[int, Way] = {}
    for place, way in ways.items():
        if not written.startswith(before, place):
            continue
        place += len(before)
        if written.startswith(source, place):
            moved.setdefault(place + len(source), way)
        for option in piece.options:
            if written.startswith(option, place):
                end = place + len(option)
                moved.setdefault(end, (way, Change(piece.start, piece.end, place, end)))
    return dict(islice(moved.items(), MOST_WAYS))


def _furthest(
    solid: str, written: str, at: int, ways: Dict[int, Way], piece: Piece
) -> Tuple[int, int, Way]:
    # All ways end before the end of the piece. Which one has most in common with the text?
    ahead = solid[at : min(piece.end, piece.start + STRIDE)]

    def shared(place: int) -> int:
        pairs = zip(ahead, written[place : place + len(ahead)], strict=False)
        return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))

    n, place = max((shared(place), place) for place in ways)
    return at + n, place + n, ways[place]


def _find_next(solid: str, words: Sequence[str], edges: Sequence[int], at: int, place: int) -> Span:
    """Find the nearest place in the text where one of the next tokens begins.

    solid (str): The text without whitespace.
    words (Sequence[str]): The tokens without whitespace.
    edges (Sequence[int]): Where each of them begins when they are joined, and where the last ends.
    at (int): The place in the text from which on nothing is known.
    place (int): The place in the joined tokens.
    RETURNS (Span): The place of the token in the text, and in the joined tokens; the ends of both,
        if there is none.
    """
    first = bisect_left(edges, place)
    end = first + NEXT_TOKENS
    nearby = list(zip(edges[first:end], words[first:end], strict=False))
    reach = STRIDE
    while True:
        found = [
            (start, edge)
            for edge, word in nearby
            if (start := solid.find(word[:KEY], at, at + reach)) >= 0
        ]
        if found:
            return min(found, key=sum)
        if at + reach >= len(solid):
            return len(solid), edges[-1]
        reach *= 2  # what is passed over pays for the search, so that the whole stays linear


def _carry_over(
    solid: str, words: Sequence[str], edges: Sequence[int], changes: Sequence[Change]
) -> Dict[int, Optional[int]]:
    """Carry the edges of the tokens over to the text.

    solid (str): The text without whitespace.
    words (Sequence[str]): The tokens without whitespace.
    edges (Sequence[int]): Where each of them begins when they are joined, and where the last ends.
    changes (Sequence[Change]): What has been rewritten, in the order of the text.
    RETURNS (Dict[int, Optional[int]]): Where the text is to be cut, and the number of the token
        that begins there, if it is one.
    """
    written = "".join(words)
    cuts: Dict[int, Optional[int]] = {}
    done = shift = 0
    for start, end, token_start, token_end in changes:
        upto = bisect_right(edges, token_start, done)
        cuts.update((edges[i] + shift, i) for i in range(done, upto))
        done = bisect_left(edges, token_end, upto)
        inner = [edge - token_start for edge in edges[upto:done]]
        if inner and _is_shortened(solid[start:end], written[token_start:token_end]):
            # Where "!!!" became three tokens, "!!!!!" becomes five.
            every = len(inner) == token_end - token_start - 1
            cuts.update(
                dict.fromkeys(range(start + 1, end) if every else (start + n for n in inner))
            )
        elif inner and edges[upto - 1] == token_start:
            cuts[start] = None  # several tokens, of which nobody knows where one ends
        if token_start == token_end == edges[upto - 1]:
            cuts[start] = None  # left out between two tokens: a token of its own
            cuts[end] = upto - 1
        shift = end - token_end
    cuts.update((edges[i] + shift, i) for i in range(done, len(words)))
    return cuts


def _is_shortened(source: str, short: str) -> bool:
    return len(short) < len(source) and set(source) == set(short) and len(set(short)) == 1
