"""Trees that a rule makes of parts of speech, for want of a treebank that may be had by everyone.

They say nothing about how well a parser does on language. They are a task on which two encoders can
be put side by side: each arc follows from the parts of speech, which the parser has to find out
from the words, and some arcs are long.
"""

from typing import List, Sequence, Tuple

import spacy
from spacy.tokens import Doc
from speed_data import tagged_sentences

Tree = Tuple[List[int], List[str]]


def rule_tree(tags: Sequence[str]) -> Tree:
    """Make the tree of a sentence. A noun or a verb governs the tokens between the one before it
    and itself. The first verb is the root (or the first noun, or the first token), and governs the
    verbs and the nouns before it; other nouns are governed by the nearest verb before them, and
    tokens after the last noun or verb by that. No two arcs cross.

    tags (Sequence[str]): The parts of speech, of which the first letter counts: "N" and "V" are
        nouns and verbs. At least one.
    RETURNS (Tree): For each token its head (the root's is itself), and the label of the arc.
    """
    nuclei = [i for i, tag in enumerate(tags) if tag[0] in "NV"] or [0]
    verbs = [i for i in nuclei if tags[i][0] == "V"]
    root = verbs[0] if verbs else nuclei[0]
    heads, labels = [], []
    for i, tag in enumerate(tags):
        if i == root:
            heads.append(i)
            labels.append("ROOT")
        elif i in nuclei:
            before = [verb for verb in verbs if verb < i] if tag[0] == "N" else []
            heads.append(before[-1] if before else root)
            labels.append("noun" if tag[0] == "N" else "verb")
        else:
            after = [nucleus for nucleus in nuclei if nucleus > i]
            heads.append(after[0] if after else nuclei[-1])
            labels.append("inner" if after else "tail")
    return heads, labels


def tagged_docs(fileid: str, limit: int) -> List[Doc]:
    """fileid (str): A file of conll2002.
    limit (int): How many sentences.
    RETURNS (List[Doc]): Its first sentences, with parts of speech and with trees by rule.
    """
    vocab = spacy.blank("es").vocab
    docs = []
    for sentence in tagged_sentences(fileid)[:limit]:
        words, tags = map(list, zip(*sentence, strict=True))
        heads, labels = rule_tree(tags)
        docs.append(Doc(vocab, words=words, tags=tags, heads=heads, deps=labels))
    return docs
