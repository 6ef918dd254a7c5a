"""Sums, probabilities and best paths, against the sum over all taggings."""

from dataclasses import replace

import numpy
import pytest

from spacy_lstm.layers.crf_log import message_after
from spacy_lstm.layers.crf_posterior import log_partition, posterior
from spacy_lstm.layers.crf_types import ChainScores, scale
from spacy_lstm.layers.crf_viterbi import best_path, k_best
from spacy_lstm.layers.tag_scheme import PREFIXES

from ..crf_reference import (
    SCHEMES,
    doc_rows,
    log_partitions,
    marginals,
    paths,
    random_allowed,
    random_scores,
    span_probabilities,
)

#: Lengths by number of labels, so that all taggings can be counted.
LENGTHS = {1: [3, 0, 5, 1, 4, 2], 2: [3, 1, 0, 4, 2], 3: [2, 0, 3, 1, 3]}
CASES = [(scheme, n, limited) for scheme in SCHEMES for n in (1, 2, 3) for limited in (False, True)]
cases = pytest.mark.parametrize(("scheme", "n_labels", "limited"), CASES)


def case(scheme, n_labels, limited, **settings):
    scores = random_scores(LENGTHS[n_labels], n_labels, scheme, seed=n_labels, **settings)
    return scores, random_allowed(scores, seed=n_labels) if limited else None


def close(got, expected, tolerance=1e-9):
    numpy.testing.assert_allclose(got, expected, rtol=tolerance, atol=tolerance)


@cases
def test_partition_and_marginals(scheme, n_labels, limited):
    scores, allowed = case(scheme, n_labels, limited)
    found = posterior(scores, allowed)
    close(log_partition(scores, allowed), log_partitions(scores, allowed))
    close(found.log_partition, log_partitions(scores, allowed))
    close(found.marginals, marginals(scores, allowed))
    assert found.log_partition.dtype == found.marginals.dtype == "float64"


@cases
def test_spans(scheme, n_labels, limited):
    scores, allowed = case(scheme, n_labels, limited)
    expected = span_probabilities(scores, allowed)
    found = posterior(scores, allowed)
    spans = numpy.array(list(expected))
    close(found.span_marginals(spans), list(expected.values()))
    for threshold in (1e-6, 0.02, 0.2):
        candidates, p = found.candidates(threshold)
        wanted = sorted(span for span in expected if expected[span] >= threshold)
        assert [tuple(row) for row in candidates.tolist()] == wanted
        close(p, [expected[span] for span in wanted])


@cases
def test_best_path(scheme, n_labels, limited):
    scores, allowed = case(scheme, n_labels, limited)
    found = best_path(scores, allowed)
    for rows in doc_rows(scores):
        ways = paths(scores, rows, allowed)
        best = max(ways, key=ways.get) if ways else [-1] * (rows.stop - rows.start)
        assert found[rows].tolist() == list(best)


@cases
@pytest.mark.parametrize("k", [1, 3, 500])
def test_k_best(scheme, n_labels, limited, k):
    scores, allowed = case(scheme, n_labels, limited)
    for found, rows in zip(k_best(scores, k, allowed), doc_rows(scores), strict=True):
        ways = paths(scores, rows, allowed)
        ranked = sorted(ways, key=ways.get, reverse=True)[:k]
        assert [tuple(path.tolist()) for path, _ in found] == ranked
        total = log_partitions(scores, allowed)[doc_rows(scores).index(rows)]
        close([log_p for _, log_p in found], [ways[path] - total for path in ranked])
        if ways and k >= len(ways):
            close(sum(numpy.exp(log_p) for _, log_p in found), 1.0)


def test_some_documents_of_the_cases_cannot_be_tagged():
    impossible = [
        numpy.isneginf(log_partitions(*case(scheme, n, limited))).sum()
        for scheme, n, limited in CASES
        if limited
    ]
    assert sum(impossible) >= 2


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_document_is_the_same_alone_and_in_any_order(scheme, dtype):
    lengths = [7, 0, 30, 1, 12, 12, 2]
    scores = random_scores(lengths, 4, scheme, seed=2, dtype=dtype, size=3.0)
    order = [3, 6, 0, 2, 5, 1, 4]
    rows = doc_rows(scores)
    shuffled = random_scores([lengths[i] for i in order], 4, scheme)
    shuffled.emissions = numpy.concatenate([scores.emissions[rows[i]] for i in order])
    shuffled.transitions, shuffled.start, shuffled.end = (
        scores.transitions,
        scores.start,
        scores.end,
    )
    whole, other = posterior(scores), posterior(shuffled)
    path, other_path = best_path(scores), best_path(shuffled)
    tolerance = 1e-5 if dtype == "float32" else 1e-12
    for place, (i, there) in enumerate(zip(order, doc_rows(shuffled), strict=True)):
        close(other.log_partition[place], whole.log_partition[i], tolerance)
        close(other.marginals[there], whole.marginals[rows[i]], tolerance)
        assert other_path[there].tolist() == path[rows[i]].tolist()
        alone = random_scores([lengths[i]], 4, scheme)
        alone.emissions = scores.emissions[rows[i]]
        alone.transitions, alone.start, alone.end = scores.transitions, scores.start, scores.end
        close(posterior(alone).marginals, whole.marginals[rows[i]], tolerance)
        close(log_partition(alone)[0], whole.log_partition[i], tolerance)
        assert best_path(alone).tolist() == path[rows[i]].tolist()


def test_temperature():
    scores, _ = case("BILUO", 2, False)
    warmer = scale(scores, 2.0)
    close(posterior(warmer).marginals, marginals(warmer))
    close(warmer.emissions, scores.emissions / 2)
    assert best_path(warmer).tolist() == best_path(scores).tolist()
    for wrong in (0.0, -1.0, float("nan")):
        with pytest.raises(ValueError, match="L611"):
            scale(scores, wrong)


def test_nothing_at_all():
    for lengths in ([], [0, 0]):
        scores = random_scores(lengths, 2, "BILUO")
        found = posterior(scores)
        assert found.log_partition.tolist() == [0.0] * len(lengths)
        assert found.marginals.shape == (0, 9)
        assert found.span_marginals(numpy.zeros((0, 4), dtype="int32")).shape == (0,)
        assert [len(part) for part in found.candidates(0.5)] == [0, 0]
        assert best_path(scores).shape == (0,)
        assert [[log_p for _, log_p in doc] for doc in k_best(scores, 2)] == [[0.0]] * len(lengths)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_no_labels(scheme):
    scores = random_scores([2, 1], 0, scheme)
    assert best_path(scores).tolist() == [0, 0, 0]
    close(posterior(scores).marginals, numpy.ones((3, 1)))
    assert len(posterior(scores).candidates(0.1)[1]) == 0


def test_errors():
    scores = random_scores([2, 1], 1, "BILUO")
    found = posterior(scores)
    with pytest.raises(ValueError, match=r"L610.*`allowed`.*\(2, 5\).*\(3, 5\)"):
        posterior(scores, numpy.ones((2, 5), dtype=bool))
    with pytest.raises(ValueError, match="L002.*paths"):
        k_best(scores, 0)
    with pytest.raises(ValueError, match="L613"):
        found.candidates(0.0)
    for wrong in ([2, 0, 1, 0], [-1, 0, 1, 0], [1, 0, 2, 0], [0, 1, 1, 0], [0, 0, 1, 1]):
        with pytest.raises(ValueError, match="L612.*number 1 of.*2 documents"):
            found.span_marginals(numpy.array([[0, 0, 1, 0], wrong]))
    scores.lengths = numpy.array([2, 2])
    with pytest.raises(ValueError, match="L610.*`emissions`"):
        best_path(scores)


@pytest.mark.parametrize("scheme", ["BILUO", "BIO"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_document_in_two_parts_has_the_marginals_of_the_whole(scheme, dtype):
    rng = numpy.random.default_rng(5)
    n_tags = 1 + 2 * len(PREFIXES[scheme])
    E, T, start, end = (
        rng.normal(size=size).astype(dtype)
        for size in ((9, n_tags), (n_tags, n_tags), n_tags, n_tags)
    )
    allowed = rng.random(E.shape) < 0.8
    allowed[:, 0] = True
    whole = ChainScores(E, numpy.array([9]), T, start, end, scheme)
    for given in (None, allowed):
        expected = posterior(whole, given).marginals
        for n in (1, 4, 8):
            parts = [None, None] if given is None else [given[:n], given[n:]]
            first = replace(whole, emissions=E[:n], lengths=numpy.array([n]))
            message = message_after(replace(first, open_end=True), parts[0]).astype(dtype)
            rest = ChainScores(
                E[n:], numpy.array([9 - n]), T, message, end, scheme, open_start=True
            )
            found = posterior(rest, parts[1]).marginals
            numpy.testing.assert_allclose(found, expected[n:], rtol=0, atol=1e-5)
