from itertools import chain, count, islice, pairwise

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.util import registry

from spacy_lstm.training.batchers import make_batcher

from ..pipelines import examples


def texts(*lengths):
    return ["x" * length for length in lengths]


def sizes(batches):
    return [[len(text) for text in batch] for batch in batches]


def batches_of(lengths, **settings):
    return sizes(make_batcher(**settings)(texts(*lengths)))


@pytest.mark.parametrize(
    ("lengths", "wanted"),
    [
        ([], []),
        ([3], [[3]]),
        ([1, 1, 1, 1, 1], [[1, 1, 1], [1, 1]]),  # full by texts
        ([6, 4, 1], [[6, 4], [1]]),  # full by tokens
        ([6, 5, 5, 1], [[6], [5, 5], [1]]),
        ([2, 30, 2], [[2], [30], [2]]),  # too long for any batch
        ([0, 0, 0, 0], [[0, 0, 0], [0]]),
        ([30, 0, 10], [[30], [0, 10]]),
    ],
)
def test_batches(lengths, wanted):
    assert batches_of(lengths, max_tokens=10, max_docs=3) == wanted


def test_leaves_out_what_is_too_long():
    settings = {"max_tokens": 10, "max_docs": 3, "discard_oversize": True}
    assert batches_of([2, 30, 2, 10, 11], **settings) == [[2, 2], [10]]
    assert batches_of([30, 11], **settings) == []


@given(st.lists(st.integers(0, 12)), st.integers(1, 15), st.integers(1, 5))
def test_keeps_both_limits_the_order_and_all_texts(lengths, max_tokens, max_docs):
    batches = batches_of(lengths, max_tokens=max_tokens, max_docs=max_docs)
    assert list(chain.from_iterable(batches)) == lengths
    for batch in batches:
        assert 1 <= len(batch) <= max_docs
        assert sum(batch) <= max_tokens or len(batch) == 1
    for batch, after in pairwise(batches):  # the next text had no room
        assert len(batch) == max_docs or sum(batch) + after[0] > max_tokens


def test_limits_may_change():
    batcher = make_batcher(max_tokens=100, max_docs=[1, 2, 3])
    assert sizes(batcher(texts(*[1] * 8))) == [[1], [1, 1], [1, 1, 1], [1, 1]]
    growing = make_batcher(max_tokens=(n + 0.5 for n in count(1)), max_docs=100)
    assert sizes(growing(texts(*[1] * 7))) == [[1], [1, 1], [1, 1, 1], [1]]
    assert sizes(islice(growing(texts(*[1] * 7)), 1)) == [[1] * 5]  # it goes on where it was


def test_takes_another_length():
    settings = {"max_tokens": 4, "max_docs": 9, "get_length": lambda text: 2}
    assert batches_of([1, 1, 1, 8], **settings) == [[1, 1], [1, 8]]


def test_from_a_config():
    config = {
        "@batchers": "spacy_lstm.batch_by_tokens_and_docs.v1",
        "max_tokens": {
            "@schedules": "compounding.v1",
            "start": 10,
            "stop": 20,
            "compound": 1.2,
        },
        "max_docs": 4,
    }
    batcher = registry.resolve({"batcher": config})["batcher"]
    data = examples(spacy.blank("en"))
    batches = list(batcher(data))
    assert [eg.text for batch in batches for eg in batch] == [eg.text for eg in data]
    tokens = [sum(len(eg.predicted) for eg in batch) for batch in batches]
    assert tokens[0] <= 10 < max(tokens) <= 20
    assert max(map(len, batches)) == 4


@pytest.mark.parametrize("name", ["max_tokens", "max_docs"])
def test_refuses_no_limit_at_all(name):
    settings = {"max_tokens": 5, "max_docs": 5}
    with pytest.raises(ValueError, match=f"L002.*{name}.*least 1.*0"):
        make_batcher(**{**settings, name: 0})
    with pytest.raises(ValueError, match=f"L002.*{name}.*least 1.*-2"):
        list(make_batcher(**{**settings, name: [1, -2]})(texts(9, 9)))
    with pytest.raises(ValueError, match=f"L002.*{name}.*a number.*'5'"):
        make_batcher(**{**settings, name: "5"})
    with pytest.raises(ValueError, match=f"L002.*{name}.*'x'"):
        list(make_batcher(**{**settings, name: ["x"]})(texts(9, 9)))
    with pytest.raises(ValueError, match=f"L656.*`{name}`"):
        list(make_batcher(**{**settings, name: []})(texts(1)))


def test_refuses_a_length_that_is_no_function():
    with pytest.raises(ValueError, match="L016.*`get_length`.*a function.*list"):
        make_batcher(max_tokens=5, max_docs=5, get_length=[1])
