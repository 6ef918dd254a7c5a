"""Matrix products by the fastest library at hand."""

from typing import Any

from thinc.api import Model, NumpyOps

#: thinc's ops for the CPU, with numpy's matrix product in place of BLIS'.
FAST_OPS = NumpyOps(use_blis=False)


def without_blis(model: Model) -> Model:
    """Let every layer of a model multiply matrices by numpy's BLAS. thinc's own, BLIS, takes two to
    four times as long on current CPUs. Layers on a GPU, or with Apple's library, stay as they are.

    The ops of a layer aren't saved with it, nor are they copied by `Model.copy`: call this where
    the model is made, and again where it may be a copy.

    model (Model): Any model. Changed in place.
    RETURNS (Model): The model.
    """
    for node in model.walk():
        if _uses_blis(node):
            node.ops = FAST_OPS
    return model


def without_blis_again(model: Model) -> None:
    """The same for a model that `without_blis` has seen, unless it is still as that left it: takes
    no time then.

    model (Model): The model.
    """
    if _uses_blis(model):
        without_blis(model)


def _uses_blis(model: Model) -> bool:
    ops: Any = model.ops
    return type(ops) is NumpyOps and ops.use_blis
