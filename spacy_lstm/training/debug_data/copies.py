"""Texts that are there more than once, and texts of dev that are in train."""

from typing import Dict, List, Sequence

from spacy.training import Example

from ...pipeline.targets import snippet
from ..near_duplicates import near_duplicates, words_of
from .corpora import DEV, TRAIN, Corpora
from .findings import Finding, Section, check, number_of

#: How many words a text must have for near copies of it to mean anything.
LEAST_WORDS = 5
#: Texts by what they have in common with their copies.
Groups = Dict[str, List[Example]]


def look_at_copies(corpora: Corpora, near: float) -> Section:
    """Look for texts that are in train more than once, and for texts of dev that are in train.

    corpora (Corpora): The texts.
    near (float): From which share of common words on two texts are near copies; 0 doesn't look
        for them.
    RETURNS (Section): What was found.
    """
    texts = {split: _by_key(examples) for split, examples in corpora.splits.items()}
    train, dev = texts[TRAIN], texts[DEV]
    copied = sorted((group for group in train.values() if len(group) > 1), key=len, reverse=True)
    n_copies = sum(len(group) - 1 for group in copied)
    leaks = sorted((key for key in dev if key in train), key=len, reverse=True)
    n_leaks = sum(len(dev[key]) for key in leaks)
    findings = [
        check(
            "leaks",
            n_leaks,
            f"{number_of(n_leaks, 'text')} of dev also in train",
            "No text of dev is in train",
            advice="Scores on dev will be too good. Remove them from train.",
            examples=(_name(dev[key]) for key in leaks),
        ),
        check(
            "copies",
            n_copies,
            f"{number_of(n_copies, 'text')} of train more than once there",
            "No text is in train twice",
            advice="Each of them counts several times. Remove copies that mean nothing.",
            examples=(f"{_name(group)} ({len(group)} times)" for group in copied),
        ),
    ]
    if near:
        findings += _find_near_copies(train, dev, near)
    return Section("Copies and leaks", findings)


def _find_near_copies(train: Groups, dev: Groups, near: float) -> List[Finding]:
    order = [*train, *(key for key in dev if key not in train)]
    keys = [key for key in order if len(words_of(key)) >= LEAST_WORDS]
    n_train = sum(key in train for key in keys)
    leaks: Dict[int, int] = {}
    within: Dict[int, int] = {}
    for first, second, _ in near_duplicates(keys, near):
        if second < n_train:
            within.setdefault(second, first)
        elif first < n_train:
            leaks.setdefault(second, first)
    groups = {**dev, **train}

    def pairs(found: Dict[int, int]) -> List[str]:
        return [f"{_name(groups[keys[b]])} ~ {_name(groups[keys[a]])}" for b, a in found.items()]

    share = f"at least {100 * near:g} % of their words in common"
    return [
        check(
            "near-leaks",
            len(leaks),
            f"{number_of(len(leaks), 'text')} of dev almost the same as one in train ({share})",
            f"No text of dev is almost the same as one in train ({share})",
            advice="Scores on dev will be too good, if these are copies. Remove them from train.",
            examples=pairs(leaks),
        ),
        check(
            "near-copies",
            len(within),
            f"{number_of(len(within), 'text')} of train almost the same as another there",
            "No text of train is almost the same as another there",
            advice="Templates and quotations count several times.",
            examples=pairs(within),
        ),
    ]


def key_of(example: Example) -> str:
    """example (Example): A text.
    RETURNS (str): What it has in common with copies that differ in case and spaces alone.
    """
    return " ".join(example.reference.text.split()).casefold()


def _by_key(examples: Sequence[Example]) -> Groups:
    groups: Groups = {}
    for eg in examples:
        if key := key_of(eg):
            groups.setdefault(key, []).append(eg)
    return groups


def _name(group: Sequence[Example]) -> str:
    return repr(snippet(group[0].reference))
