import numpy
import pytest
import torch
from thinc.api import Linear, Maxout, NumpyOps, Relu, chain, fix_random_seed

from spacy_lstm.layers import fast_ops
from spacy_lstm.layers.fast_ops import FAST_OPS, few_sizes, use_fast_ops, use_fast_ops_again

from ..gradients import numeric_gradient, to_float64


def make():
    fix_random_seed(0)
    return chain(Relu(6), Maxout(5, nP=3, normalize=True), Linear(3)).initialize(
        X=numpy.zeros((1, 4), dtype="float32"), Y=numpy.zeros((1, 3), dtype="float32")
    )


def test_gives_the_same_as_blis():
    X = numpy.random.default_rng(0).normal(size=(9, 4)).astype("float32")
    with_blis, model = make(), use_fast_ops(make())
    for one in (with_blis, model):
        Y, backprop = one(X, is_train=True)
        one.attrs["result"] = [Y, backprop(Y)]
    for a, b in zip(with_blis.attrs["result"], model.attrs["result"], strict=True):
        numpy.testing.assert_allclose(a, b, atol=1e-5)
    for a, b in zip(with_blis.walk(), model.walk(), strict=True):
        for name in a.param_names:
            numpy.testing.assert_allclose(a.get_grad(name), b.get_grad(name), atol=1e-4)


@pytest.mark.parametrize("trans1", [False, True])
@pytest.mark.parametrize("trans2", [False, True])
@pytest.mark.parametrize("has_onednn", [False, True])
def test_product(trans1, trans2, has_onednn, monkeypatch):
    """By oneDNN, for which it is large enough, and by numpy."""
    if not has_onednn:
        monkeypatch.setattr(fast_ops, "takes", lambda dtype: False)
    rng = numpy.random.default_rng(0)
    A, B = (rng.normal(size=size).astype("float32") for size in ((90, 70), (70, 80)))
    assert A.size * 80 > fast_ops.LARGE_PRODUCT
    x = numpy.ascontiguousarray(A.T) if trans1 else A
    y = numpy.ascontiguousarray(B.T) if trans2 else B
    for given in (x, y):
        given.flags.writeable = False  # as what is read from disk may be
    expected = A.astype("float64") @ B.astype("float64")
    product = FAST_OPS.gemm(x, y, trans1=trans1, trans2=trans2)
    assert product.dtype == "float32"
    numpy.testing.assert_allclose(product, expected, atol=1e-4)
    out = numpy.empty_like(product)
    assert FAST_OPS.gemm(x, y, out=out, trans1=trans1, trans2=trans2) is out
    numpy.testing.assert_allclose(out, expected, atol=1e-4)


def test_product_of_what_onednn_does_not_take():
    rng = numpy.random.default_rng(0)
    wide, high = rng.normal(size=(90, 7000)), rng.normal(size=(7000, 80))
    numpy.testing.assert_allclose(FAST_OPS.gemm(wide, high), wide @ high)  # float64
    empty = numpy.zeros((0, 7000), dtype="float32")
    assert FAST_OPS.gemm(empty, high.astype("float32")).shape == (0, 80)


def test_gradients_in_float64():
    """Which BLIS can't: it multiplies float32 only."""
    rng = numpy.random.default_rng(1)
    X = rng.normal(size=(7, 4))
    model = to_float64(use_fast_ops(make()))
    for node in model.walk():
        for name in node.param_names:
            param = node.get_param(name)
            node.set_param(name, param + rng.normal(size=param.shape, scale=0.3))
    Y, backprop = model(X, is_train=True)
    weights = rng.normal(size=Y.shape)

    def loss():
        return float((model.predict(X) * weights).sum())

    assert Y.dtype == "float64"
    numpy.testing.assert_allclose(backprop(weights), numeric_gradient(loss, X), atol=1e-6)
    n = 0
    for node in model.walk():
        for name in node.param_names:
            expected = numeric_gradient(loss, node.get_param(name))
            numpy.testing.assert_allclose(node.get_grad(name), expected, atol=1e-6)
            n += 1
    assert n == 8


def test_is_done_again_after_a_copy():
    copied = use_fast_ops(make()).copy()
    assert any(node.ops is not FAST_OPS for node in copied.walk())
    use_fast_ops_again(copied)
    assert all(node.ops is FAST_OPS for node in copied.walk())


class OtherOps(NumpyOps):
    """As Apple's are."""


@pytest.mark.parametrize("ops", [OtherOps(), NumpyOps(use_blis=False)])
def test_leaves_other_ops(ops):
    model = make()
    for node in model.walk():
        node.ops = ops
    use_fast_ops(model)
    assert all(node.ops is ops for node in model.walk())


def test_sums_of_embeddings():
    rng = numpy.random.default_rng(2)
    table = rng.normal(size=(20, 5)).astype("float32")
    indices = rng.integers(0, 20, size=(30, 4)).astype("uint32")
    expected = NumpyOps().gather_add(table, indices)
    numpy.testing.assert_allclose(FAST_OPS.gather_add(table, indices), expected, atol=1e-6)
    assert FAST_OPS.gather_add(table, indices[:0]).shape == (0, 5)


@pytest.mark.parametrize("n_rows", [9, 1500])
@pytest.mark.parametrize("n_pieces", [1, 2, 3, 5, 130])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_maxout(n_pieces, dtype, n_rows):
    """Also of equal pieces, of which there are many here."""
    X = numpy.random.default_rng(3).integers(-2, 3, size=(n_rows, 7, n_pieces)).astype(dtype)
    best, which = FAST_OPS.maxout(X)
    expected_best, expected_which = NumpyOps().maxout(X)
    assert best.dtype == dtype
    numpy.testing.assert_array_equal(best, expected_best)
    numpy.testing.assert_array_equal(which, expected_which)
    assert which.dtype == expected_which.dtype
    d_best = numpy.ones_like(best)
    numpy.testing.assert_array_equal(
        FAST_OPS.backprop_maxout(d_best, which, n_pieces),
        NumpyOps().backprop_maxout(d_best, expected_which, n_pieces),
    )


def test_few_sizes():
    sizes = [few_sizes(n) for n in range(1, 5000)]
    assert all(n <= size <= 1.125 * n for n, size in enumerate(sizes, 1))
    assert len(set(sizes)) < 90
    assert sizes == sorted(sizes)
    assert few_sizes(0) == 0


def test_onednn_sees_few_shapes(monkeypatch):
    seen, operator = set(), torch.ops.mkldnn._linear_pointwise

    class Operators:
        @staticmethod
        def _linear_pointwise(A, B, *settings):
            seen.add((tuple(A.shape), tuple(B.shape)))
            return operator(A, B, *settings)

    monkeypatch.setattr(torch.ops, "mkldnn", Operators)
    W = numpy.random.default_rng(0).normal(size=(96, 128)).astype("float32")
    for n in range(257, 289):
        X, dY = numpy.ones((n, 128), dtype="float32"), numpy.ones((n, 96), dtype="float32")
        assert FAST_OPS.gemm(X, W, trans2=True).shape == (n, 96)
        numpy.testing.assert_allclose(FAST_OPS.gemm(dY, X, trans1=True), n, rtol=1e-5)
        assert FAST_OPS.gemm(dY, W).shape == (n, 128)
    assert len(seen) == 3  # a shape for each of the products
