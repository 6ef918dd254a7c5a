import numpy
import pytest
from thinc.api import Linear, NumpyOps, Relu, chain, fix_random_seed, with_array

from spacy_lstm.layers import parts
from spacy_lstm.layers.joined import join, join_ragged, split, to_torch, with_joined

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


def test_with_joined_is_with_array(monkeypatch):
    monkeypatch.setattr(parts, "ROWS_AT_ONCE", 4)
    fix_random_seed(0)
    ours, theirs = (make(chain(Relu(3, 2), Linear(2))) for make in (with_joined, with_array))
    rng = numpy.random.default_rng(0)
    Xs = [rng.normal(size=(n, 2)).astype("float32") for n in (3, 0, 9, 1)]
    Ys = [X[:, ::-1].copy() for X in Xs]
    ours.initialize(Xs, Ys)
    theirs.initialize(Xs, Ys)
    assert (ours.get_dim("nI"), ours.get_dim("nO")) == (2, 2)
    theirs.from_bytes(ours.to_bytes())
    for a, b in zip(ours.predict(Xs), theirs.predict(Xs), strict=True):
        numpy.testing.assert_allclose(a, b, atol=1e-6)
    results = []
    for model in (ours, theirs):
        outputs, backprop = model(Xs, is_train=True)
        gradients = backprop([Y * 2 for Y in outputs])
        results.append([*outputs, *gradients, model.layers[0].layers[0].get_grad("W")])
    for a, b in zip(*results, strict=True):
        numpy.testing.assert_allclose(a, b, atol=1e-6)


def test_with_joined_takes_what_has_no_rows():
    model = with_joined(Linear(2, 3))
    model.initialize()
    assert [Y.shape for Y in model.predict([numpy.zeros((0, 3), dtype="float32")])] == [(0, 2)]
