import torch

from spacy_lstm.layers.lstm_packed import contiguous_weights
from spacy_lstm.layers.lstm_types import Direction

N_IN, N = 3, 2


def direction(seed):
    generator = torch.Generator().manual_seed(seed)
    shapes = [(4 * N, N_IN), (4 * N, N), (4 * N,)]
    return Direction(*(torch.randn(shape, generator=generator) for shape in shapes))


def test_weights_lie_in_one_buffer_in_cudnns_order():
    forward, backward = direction(0), direction(1)
    copies, zeros = contiguous_weights([forward, backward], torch.float64)
    order = [copies[0].W, copies[0].R, copies[1].W, copies[1].R]
    order += [copies[0].b, zeros[0], copies[1].b, zeros[1]]
    at = order[0].data_ptr()
    for weight in order:
        assert weight.dtype == torch.float64
        assert weight.data_ptr() == at
        at += weight.nbytes
    for copy, original in zip([*copies[0], *copies[1]], [*forward, *backward], strict=True):
        assert torch.equal(copy, original.double())
    assert not any(zero.any() for zero in zeros)


def test_weights_are_copied():
    forward = direction(0)
    copies, _ = contiguous_weights([forward], torch.float32)
    copies[0].W.zero_()
    assert forward.W.any()
