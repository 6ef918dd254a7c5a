"""thinc's operations on the CPU, by the fastest library at hand."""

from typing import Any, Optional, Tuple, cast

import numpy
import torch
from thinc.api import Model, NumpyOps
from thinc.types import Floats2d, Floats3d, Ints2d

from .joined import to_torch
from .lstm_onednn import takes

# From this size on, several passes of vector instructions are faster than one without.
LARGE = 10_000
MOST_PIECES = 127  # the largest number in one signed byte
# Multiplications from which on oneDNN gains more than its call costs.
LARGE_PRODUCT = 300_000


class FastOps(NumpyOps):
    """thinc's `NumpyOps`, with what embeddings and dense layers need most done elsewhere: the
    matrix product by oneDNN or numpy's BLAS (thinc's BLIS takes two to four times as long on
    current CPUs), the sum of embeddings by torch, and maxout by vector instructions. The results
    are the same, up to rounding.
    """

    def __init__(self) -> None:
        super().__init__(use_blis=False)

    def gemm(
        self,
        x: Floats2d,
        y: Floats2d,
        out: Optional[Floats2d] = None,
        trans1: bool = False,
        trans2: bool = False,
    ) -> Floats2d:
        """The matrix product.

        x (Floats2d): `(n_rows, n_each)`, or `(n_each, n_rows)` where it is to be transposed.
        y (Floats2d): `(n_each, n_columns)`, or `(n_columns, n_each)` where it is to be transposed.
        out (Optional[Floats2d]): Where the result goes, instead of a new array.
        trans1 (bool): Whether to transpose `x`.
        trans2 (bool): Whether to transpose `y`.
        RETURNS (Floats2d): The product, `(n_rows, n_columns)`.
        """
        columns = y.shape[0] if trans2 else y.shape[1]
        if out is not None or x.size * columns < LARGE_PRODUCT or not _onednn_multiplies(x, y):
            return super().gemm(x, y, out=out, trans1=trans1, trans2=trans2)
        A, B = to_torch(x), to_torch(y)
        if not trans1:
            A = _padded(A)  # the rows of the result
        elif not trans2:
            A, B = _padded(A), _padded(B)  # those that are summed over, as for gradients of weights
        product = torch.ops.mkldnn._linear_pointwise(
            A.T if trans1 else A, B if trans2 else B.T, None, "none", [], ""
        )
        return cast(Floats2d, product[: x.shape[1] if trans1 else x.shape[0]].numpy())

    def gather_add(self, table: Floats2d, indices: Ints2d) -> Floats2d:
        """table (Floats2d): Embeddings, `(n_embeddings, width)`.
        indices (Ints2d): Which of them to add up, `(n_rows, n_each)`.
        RETURNS (Floats2d): The sums, `(n_rows, width)`.
        """
        bags = torch.from_numpy(cast(Any, indices).astype("int64"))
        sums = torch.nn.functional.embedding_bag(bags, to_torch(table), mode="sum")
        return cast(Floats2d, sums.numpy())

    def maxout(self, X: Floats3d) -> Tuple[Floats2d, Ints2d]:
        """X (Floats3d): Values, `(n_rows, width, n_pieces)`.
        RETURNS (Tuple[Floats2d, Ints2d]): The largest of the pieces, and which it is (of equal
            ones the first), `(n_rows, width)` each.
        """
        n_pieces = X.shape[2]
        if X.size < LARGE or n_pieces > MOST_PIECES:
            return super().maxout(X)
        pieces: Any = X
        best = pieces[:, :, 0].copy()
        which = numpy.zeros(best.shape, dtype="int8")
        for i in range(1, n_pieces):
            piece = pieces[:, :, i].copy()
            numpy.maximum(which, (piece > best).view("int8") * numpy.int8(i), out=which)
            numpy.maximum(piece, best, out=best)
        return best, cast(Ints2d, which.astype("int32"))


def _padded(rows: torch.Tensor) -> torch.Tensor:
    """The rows, and rows of zeros until there are `few_sizes` of them."""
    n_more = few_sizes(len(rows)) - len(rows)
    return torch.nn.functional.pad(rows, (0, 0, 0, n_more)) if n_more else rows


def few_sizes(n: int) -> int:
    """Round up to one of eight sizes for each power of two.

    oneDNN makes code for each shape that it meets and never forgets it: with batches of all sizes
    some 300 kB for each batch.

    n (int): How many rows there are.
    RETURNS (int): At least as many, and at most an eighth more.
    """
    step = 1 << max(0, (n - 1).bit_length() - 4)
    return -(-n // step) * step


def _onednn_multiplies(x: Floats2d, y: Floats2d) -> bool:
    # Not a public operator of torch, so it may be missing.
    known = hasattr(torch.ops.mkldnn, "_linear_pointwise")
    return known and x.dtype == y.dtype == "float32" and takes(torch.float32)


FAST_OPS = FastOps()


def use_fast_ops(model: Model) -> Model:
    """Let every layer of a model compute by `FastOps`. Layers on a GPU, or with Apple's library,
    stay as they are.

    The ops of a layer aren't saved with it, nor are they copied by `Model.copy`: call this where
    the model is made, and again where it may be a copy.

    model (Model): Any model. Changed in place.
    RETURNS (Model): The model.
    """
    for node in model.walk():
        if _uses_blis(node):
            node.ops = FAST_OPS
    return model


def use_fast_ops_again(model: Model) -> None:
    """The same for a model that `use_fast_ops` has seen, unless it is still as that left it: takes
    no time then.

    model (Model): The model.
    """
    if _uses_blis(model):
        use_fast_ops(model)


def _uses_blis(model: Model) -> bool:
    ops: Any = model.ops
    return type(ops) is NumpyOps and ops.use_blis
