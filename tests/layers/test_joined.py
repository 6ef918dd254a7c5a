import numpy
import pytest
from thinc.api import NumpyOps

from spacy_lstm.layers.joined import join, join_ragged, split, to_torch

OPS = NumpyOps()


def flat_array():
    return numpy.arange(20.0, dtype="float32").reshape(10, 2)


@pytest.mark.parametrize("lengths", [[10], [3, 7], [0, 4, 0, 0, 6, 0], [1] * 10])
def test_views_are_joined_without_a_copy(lengths):
    flat = flat_array()
    joined = join(OPS, split(flat, lengths))
    numpy.testing.assert_array_equal(joined, flat)
    assert numpy.shares_memory(joined, flat)


def test_part_of_the_views_is_joined_without_a_copy():
    flat = flat_array()
    joined = join(OPS, split(flat, [2, 3, 5])[1:])
    numpy.testing.assert_array_equal(joined, flat[2:])
    assert numpy.shares_memory(joined, flat)


@pytest.mark.parametrize(
    "choose",
    [
        lambda a, b, c: [b, a],
        lambda a, b, c: [a, c],
        lambda a, b, c: [a, a],
        lambda a, b, c: [a, b.copy()],
        lambda a, b, c: [a[:, :1], b[:, :1]],
        lambda a, b, c: [a[::2], b],
    ],
)
def test_other_arrays_are_copied(choose):
    arrays = choose(*split(flat_array(), [2, 3, 5]))
    joined = join(OPS, arrays)
    numpy.testing.assert_array_equal(joined, numpy.concatenate(arrays))
    assert not numpy.shares_memory(joined, arrays[0])


def test_read_only_views_stay_read_only():
    flat = flat_array()
    flat.flags.writeable = False
    assert not join(OPS, split(flat, [4, 6])).flags.writeable


@pytest.mark.parametrize("lengths", [[], [0], [0, 0]])
def test_nothing_to_join(lengths):
    assert join(OPS, split(flat_array()[:0], lengths)).shape[0] == 0


@pytest.mark.parametrize(
    "arrays",
    [
        [numpy.zeros((2, 3)), numpy.zeros((2, 4))],
        [numpy.zeros((2, 3)), numpy.zeros((2, 3), dtype="float32")],
        [numpy.zeros(3)],
    ],
)
def test_refuses_what_does_not_fit_together(arrays):
    with pytest.raises(ValueError, match="L006"):
        join(OPS, arrays)


def test_to_torch_shares_memory_unless_read_only():
    array = flat_array()
    assert to_torch(array).data_ptr() == array.__array_interface__["data"][0]
    array.flags.writeable = False
    tensor = to_torch(array)
    tensor += 1
    assert array[0, 0] == 0


def test_join_ragged_there_and_back():
    arrays = split(flat_array(), [4, 0, 6])
    ragged, backprop = join_ragged()(arrays, is_train=True)
    assert ragged.lengths.tolist() == [4, 0, 6]
    for a, b in zip(backprop(ragged), arrays, strict=True):
        numpy.testing.assert_array_equal(a, b)
