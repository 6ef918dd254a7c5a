"""The loss of entities: what the annotations say is there, and what they say isn't."""

from dataclasses import replace
from typing import Any, Callable, Dict, List, NamedTuple, Sequence, Tuple

import numpy
from spacy.tokens import Doc
from thinc.api import get_array_module

from ..layers.crf import ChainGradients, ChainScores
from ..layers.crf_losses import crf_loss
from ..layers.crf_span_loss import span_loss
from ..layers.tag_scheme import OUTSIDE, TagScheme
from ..types import Array
from .ner_gold import Gold, gold_tags
from .ner_pieces import Pieces
from .ner_tokens import Entity, read_tokens

# Where the scores of the first so many tags are.
OF_TAGS: Dict[str, Callable[[int], Any]] = {
    "emissions": lambda n: (slice(None), slice(n)),
    "transitions": lambda n: (slice(n), slice(n)),
    "start": slice,
    "end": slice,
}


class Truth(NamedTuple):
    """The truth of a batch, for a CRF.

    allowed (Array): True where a tag agrees with it, `(n_tokens, n_tags)`.
    wrong (List[Entity]): What is known not to be an entity of that label, by the tokens of the
        batch.
    """

    allowed: Array
    wrong: List[Entity]


def make_truth(name: str, docs: Sequence[Doc], golds: Sequence[Gold], scheme: TagScheme) -> Truth:
    """Put the truths of texts together.

    name (str): The name of the component, for messages.
    docs (Sequence[Doc]): The texts.
    golds (Sequence[Gold]): Their truths.
    scheme (TagScheme): The tags.
    RETURNS (Truth): That of the batch.
    RAISES (ValueError): If an entity has a label that the scheme doesn't have.
    """
    tokens = read_tokens(docs)
    allowed = gold_tags(name, docs, golds, tokens, scheme)
    labels = set(scheme.labels)
    wrong = [
        (offset + start, offset + end, label)
        for gold, offset in zip(golds, tokens.offsets.tolist(), strict=False)
        for start, end, label in gold.wrong
        # The model can't predict a label that it doesn't have, so there is nothing to unlearn.
        if label in labels
    ]
    return Truth(allowed, wrong)


def chain_loss(
    scores: ChainScores, truth: Truth, labels: Sequence[str]
) -> Tuple[float, ChainGradients]:
    """Compute the loss of a batch: of each text `-log p(what is known)`, summed over all taggings
    that agree with it, and `-log(1 - p(span))` for each span that isn't an entity.

    scores (ChainScores): The model's scores.
    truth (Truth): The truth.
    labels (Sequence[str]): The labels, in the order of their tags.
    RETURNS (Tuple[float, ChainGradients]): The loss, summed over texts and spans, and its gradient.
    """
    losses: Any
    losses, gradients = crf_loss(scores, truth.allowed)
    loss = float(losses.sum())
    if truth.wrong:
        spans = Pieces(scores.lengths, labels).locate(truth.wrong)
        losses, more = span_loss(scores, spans)
        loss += float(losses.sum())
        gradients = gradients + more
    return loss, gradients


def rehearsal_loss(student: ChainScores, teacher: ChainScores) -> Tuple[float, ChainGradients]:
    """Compute how far a model is from what another one believes: the Kullback-Leibler divergence of
    their taggings, of all texts together. Labels that the teacher doesn't have are left alone: the
    student's taggings without them are compared.

    student (ChainScores): The scores of the model that learns.
    teacher (ChainScores): Those of the other, with the first of its tags, or all.
    RETURNS (Tuple[float, ChainGradients]): The divergence, summed over texts, and its gradient with
        respect to the student's scores.
    """
    old = teacher.n_tags
    parts = {name: getattr(student, name)[where(old)] for name, where in OF_TAGS.items()}
    known = replace(student, **parts)
    # Both are compared with the tagging that has no entity. It cancels out: what is left are the
    # two partitions, and of the gradients what the student expects less what the teacher does.
    nothing = numpy.zeros(teacher.emissions.shape, dtype=bool)
    nothing[:, OUTSIDE] = True
    allowed: Any = get_array_module(teacher.emissions).asarray(nothing)
    losses: Any
    teacher_losses: Any
    losses, expected = crf_loss(known, allowed)
    teacher_losses, wanted = crf_loss(teacher, allowed)
    loss = float(losses.sum()) - float(teacher_losses.sum())
    gradients = {}
    for name, where in OF_TAGS.items():
        array: Any = getattr(student, name)
        target: Any = getattr(wanted, name)
        loss += float((target * (getattr(teacher, name) - getattr(known, name))).sum())
        gradients[name] = get_array_module(array).zeros_like(array)
        gradients[name][where(old)] = getattr(expected, name) - target
    return loss, ChainGradients(**gradients)
