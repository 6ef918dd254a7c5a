"""Entity recognizers that keep what they believed."""

from dataclasses import replace

import numpy
import pytest

from spacy_lstm.layers.crf import ChainScores
from spacy_lstm.layers.crf_viterbi import k_best
from spacy_lstm.pipeline.ner_loss import rehearsal_loss

from ..ner_pipelines import (
    TEXTS,
    ner_example,
    ner_examples,
    ner_pipeline,
    scores,
    shared_ner_pipeline,
    train_ner,
)

LENGTHS = [3, 0, 1]
PARTS = ("emissions", "transitions", "start", "end")


def random_scores(n_tags, seed):
    rng = numpy.random.default_rng(seed)
    n_tokens = sum(LENGTHS)
    shapes = [(n_tokens, n_tags), (n_tags, n_tags), (n_tags,), (n_tags,)]
    arrays = {name: rng.normal(size=shape) for name, shape in zip(PARTS, shapes, strict=True)}
    return ChainScores(lengths=numpy.array(LENGTHS), scheme="BILUO", **arrays)


def divergence(student, teacher):
    """By all taggings."""
    total = 0.0
    ours, theirs = k_best(student, 10_000), k_best(teacher, 10_000)
    for mine, wanted in zip(ours, theirs, strict=True):
        known = {tuple(path.tolist()): log_p for path, log_p in mine}
        old = {tuple(path.tolist()): log_p for path, log_p in wanted}
        share = numpy.log(sum(numpy.exp(known[path]) for path in old))
        total += sum(numpy.exp(p) * (p - known[path] + share) for path, p in old.items())
    return total


@pytest.mark.parametrize("n_tags", [5, 9])
def test_divergence_and_its_gradient(n_tags):
    student, teacher = random_scores(n_tags, 0), random_scores(5, 1)
    loss, gradients = rehearsal_loss(student, teacher)
    assert loss == pytest.approx(divergence(student, teacher))
    assert loss > 0.1
    for name in PARTS:
        array, gradient = getattr(student, name), getattr(gradients, name)
        assert gradient.shape == array.shape
        for index in numpy.ndindex(array.shape):
            values = []
            for step in (1e-5, -1e-5):
                moved = array.copy()
                moved[index] += step
                values.append(rehearsal_loss(replace(student, **{name: moved}), teacher)[0])
            slope = (values[0] - values[1]) / 2e-5
            assert gradient[index] == pytest.approx(slope, abs=1e-6)


def test_the_same_beliefs_are_no_loss():
    loss, gradients = rehearsal_loss(random_scores(9, 0), random_scores(9, 0))
    assert loss == pytest.approx(0, abs=1e-9)
    assert numpy.abs(gradients.emissions).max() < 1e-9


def test_rehearse_keeps_what_was_learnt():
    nlp = ner_pipeline(candidates=True, candidate_threshold=0.01)
    train_ner(nlp)
    before = [scores(doc) for doc in nlp.pipe(text for text, _ in TEXTS)]
    new = [ner_example(nlp, "Acme opens in May", [(0, 1, "ORG"), (3, 4, "PERSON")])]

    def drift(rehearsed):
        again = ner_pipeline(candidates=True, candidate_threshold=0.01)
        again.from_bytes(nlp.to_bytes())
        optimizer = again.resume_training()
        optimizer.learn_rate = 0.01
        again.get_pipe("ner").add_label("ORG")
        losses = {}
        for _ in range(15):
            again.update(new, sgd=optimizer)
            if rehearsed:
                losses = again.rehearse(ner_examples(again), sgd=optimizer)
        assert not rehearsed or losses["ner"] > 0
        after = [scores(doc) for doc in again.pipe(text for text, _ in TEXTS)]
        return sum(
            abs(old.get(entity, 0) - now.get(entity, 0))
            for old, now in zip(before, after, strict=True)
            for entity in {*old, *now}
        )

    assert drift(rehearsed=True) < drift(rehearsed=False) / 2


def test_rehearse_needs_an_encoder_of_its_own():
    nlp = shared_ner_pipeline()
    train_ner(nlp, steps=3)
    assert nlp.get_pipe("ner").rehearse(ner_examples(nlp)) == {"ner": 0.0}
    nlp.resume_training()
    with pytest.raises(ValueError, match="L209.*replace_listeners"):
        nlp.get_pipe("ner").rehearse(ner_examples(nlp))
    nlp.replace_listeners("tok2vec", "ner", ["model.tok2vec"])
    nlp.resume_training()
    assert nlp.get_pipe("ner").rehearse(ner_examples(nlp))["ner"] == pytest.approx(0, abs=1e-3)
