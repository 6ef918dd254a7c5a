import numpy
import pytest
import torch

from spacy_lstm.layers.denormals import are_flushed, flushed_denormals

SMALLEST = numpy.finfo("float32").tiny


def halves():
    """RETURNS: The half of the smallest normal number, by numpy and by torch."""
    by_numpy = numpy.full(4, SMALLEST) * numpy.float32(0.5)
    return float(by_numpy[0]), float(torch.tensor(SMALLEST) * 0.5)


def test_denormals_are_zero_inside_alone():
    assert min(halves()) > 0.0
    assert not are_flushed()
    with flushed_denormals():
        assert halves() == (0.0, 0.0)
        assert are_flushed()
        with flushed_denormals():
            assert are_flushed()
        assert are_flushed()
    assert min(halves()) > 0.0
    assert not are_flushed()


def test_the_mode_is_put_back_after_an_error():
    with pytest.raises(KeyError), flushed_denormals():
        raise KeyError
    assert not are_flushed()
