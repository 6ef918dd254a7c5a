"""From the tags of words to names: IOB1, IOB2, and BILUO with its kin (BIOES, BMEWO)."""

import re
from typing import Iterable, List, NamedTuple, Optional, Sequence, Tuple

from ...errors import Errors
from .records import DataError

# The letters of the other schemes, in those of BILUO.
_BILUO = {"E": "L", "M": "I", "S": "U", "W": "U"}
_TAG = re.compile(r"O|[BIEMSLUW]-\S.*")

DOCSTART = "-DOCSTART-"  # the word of a line between documents


class WordSpan(NamedTuple):
    """A name in a sentence.

    start (int): The word that it begins with.
    end (int): The word after its last.
    label (str): What kind of name it is.
    """

    start: int
    end: int
    label: str


def parse_tag(cell: str) -> Optional[str]:
    """Get the tag out of a cell. Of several, "B-person,B-group", the first one counts.

    cell (str): The cell.
    RETURNS (Optional[str]): The tag, or None if there isn't one.
    """
    if cell == "O":
        return cell
    # Most cells are words, and need no more than a look at one character.
    if cell[1:2] != "-" or not _TAG.fullmatch(cell):
        return None
    if "," not in cell:
        return cell
    first, *others = cell.split(",")
    several = all(map(_TAG.fullmatch, (first, *others)))
    return first if several else cell


def has_ends(letters: Iterable[str]) -> bool:
    """Tell whether tags say where names end, as those of BILUO do.

    letters (Iterable[str]): The first letters of all tags of a file.
    RETURNS (bool): Whether one of them isn't B, I or O.
    """
    return not set(letters) <= set("BIO")


def decode_iob(tags: Sequence[str]) -> List[WordSpan]:
    """Find the names in the tags of a sentence, as conlleval does: IOB1, IOB2 and tags without any
    B- are read the same way, and a name also begins where the label changes, or after O.

    tags (Sequence[str]): The tags.
    RETURNS (List[WordSpan]): The names in their order.
    """
    spans: List[WordSpan] = []
    start, label = 0, ""
    for i, tag in enumerate((*tags, "O")):
        if label and (tag == "O" or tag[0] == "B" or tag[2:] != label):
            spans.append(WordSpan(start, i, label))
            label = ""
        if tag != "O" and not label:
            start, label = i, tag[2:]
    return spans


def decode_biluo(tags: Sequence[str], places: Sequence[str]) -> List[WordSpan]:
    """Find the names in the tags of a sentence, where tags say how a name begins and ends.

    tags (Sequence[str]): The tags.
    places (Sequence[str]): Where each stands: the file and the line.
    RETURNS (List[WordSpan]): The names in their order.
    RAISES (DataError): If a tag can't follow the one before it, or the last name doesn't end.
    """
    spans: List[WordSpan] = []
    start, label = 0, ""
    for i, tag in enumerate(tags):
        letter, name = _BILUO.get(tag[0], tag[0]), tag[2:]
        if label and (letter in "OBU" or name != label):
            reason = f"the {label!r} that begins {i - start} words before it has no end"
            raise DataError(Errors.L386.format(where=places[i], tag=tag, reason=reason))
        if not label and letter in "IL":
            reason = f"no {name!r} begins before it"
            raise DataError(Errors.L386.format(where=places[i], tag=tag, reason=reason))
        if letter == "B":
            start, label = i, name
        elif letter == "U":
            spans.append(WordSpan(i, i + 1, name))
        elif letter == "L":
            spans.append(WordSpan(start, i + 1, label))
            label = ""
    if label:
        reason = "the sentence ends within the name"
        raise DataError(Errors.L386.format(where=places[-1], tag=tags[-1], reason=reason))
    return spans


def join_words(
    words: Sequence[str], spans: Sequence[WordSpan]
) -> Tuple[str, List[Tuple[int, int, str]]]:
    """Join words with one space, and give the names as characters.

    words (Sequence[str]): The words.
    spans (Sequence[WordSpan]): The names.
    RETURNS (Tuple[str, List[Tuple[int, int, str]]]): The text, and start, end and label of each.
    """
    starts = [0]
    for word in words:
        starts.append(starts[-1] + len(word) + 1)
    ents = [(starts[span.start], starts[span.end] - 1, span.label) for span in spans]
    return " ".join(words), ents
