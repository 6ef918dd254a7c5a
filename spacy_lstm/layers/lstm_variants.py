"""The variants of the LSTM that the literature names: one kernel for them all, slower than that of
the standard cell, and written to be read.

It follows the equations step by step over the segments of a batch: all documents that reach a step
go through it together. torch's autograd gives the gradient.
"""

from functools import partial
from typing import Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

import torch

from ..errors import Errors
from .lstm_autograd import Autograd, States
from .lstm_plan import Plan
from .lstm_segments import KernelMaker, run_segments
from .lstm_types import LayerResult, Weights

ACTIVATIONS: Dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "tanh": torch.tanh,
    "relu": torch.relu,
}

#: What the cell of a relu LSTM can hold at most. Nothing else bounds it: in a long text it could
#: grow by a factor at each step, up to infinity.
CELL_LIMIT = 50.0


class Variant(NamedTuple):
    """Which LSTM it is. The defaults are the standard one.

    forget_gate (bool): Whether a gate decides how much of the previous cell state stays (Gers,
        Schmidhuber & Cummins 2000). Without, all of it does (Hochreiter & Schmidhuber 1997).
    peepholes (bool): Whether the gates see the cell state (Gers & Schmidhuber 2000).
    activation (str): What squashes the candidate and the cell's output: "tanh" or "relu".
    """

    forget_gate: bool = True
    peepholes: bool = False
    activation: str = "tanh"

    @property
    def is_standard(self) -> bool:
        """RETURNS (bool): Whether the fast kernel can run it."""
        return self == Variant()

    @property
    def gates(self) -> Tuple[str, ...]:
        """RETURNS (Tuple[str, ...]): The order of the gates in the rows of `W`, `R` and `b`."""
        if self.forget_gate:
            return ("input", "forget", "candidate", "output")
        return ("input", "candidate", "output")

    @property
    def peeping(self) -> Tuple[str, ...]:
        """RETURNS (Tuple[str, ...]): The gates that see the cell state, in the order of the rows of
        `P`."""
        return tuple(g for g in self.gates if g != "candidate") if self.peepholes else ()

    @property
    def params(self) -> str:
        """RETURNS (str): The letters of a direction's params."""
        return "WRbP" if self.peepholes else "WRb"

    @property
    def recurrent_scale(self) -> float:
        """RETURNS (float): The factor of the recurrent weights at the start. At 1, the states of a
        relu LSTM of 128 reach their limit after some hundred steps; at one half they stay near 2.
        """
        return 0.5 if self.activation == "relu" else 1.0

    def check(self) -> None:
        """RAISES (ValueError): If there is no such LSTM."""
        if self.activation not in ACTIVATIONS:
            options = ", ".join(map(repr, ACTIVATIONS))
            raise ValueError(Errors.L013.format(activation=self.activation, options=options))
        if self.activation == "relu" and not self.forget_gate:
            raise ValueError(Errors.L014)


def run_variant(
    X: torch.Tensor, directions: Sequence[Weights], plan: Plan, is_train: bool, *, variant: Variant
) -> LayerResult:
    """One layer of any LSTM, in one direction or two.

    X (torch.Tensor): The rows of all documents, `(n_rows, n_in)`, float32 or float64.
    directions (Sequence[Weights]): The forward weights, and the backward ones if there are any: W,
        R and b, as in the fast kernel but with the gates of the variant, and P, the peepholes'
        weights, `(n_peeping, n_hidden)`, if it has any.
    plan (Plan): The layout of the batch.
    is_train (bool): Whether to keep what the backward pass needs.
    variant (Variant): Which LSTM.
    RETURNS (LayerResult): The hidden states, `(n_rows, n_directions * n_hidden)`, and a callback
        from their gradient to the gradients of `X` and of the weights.
    """

    make_kernel = kernel_of(variant)
    return run_segments(X, directions, plan, is_train, make_kernel, dtype=X.dtype)


def kernel_of(variant: Variant) -> KernelMaker:
    """variant (Variant): Which LSTM.
    RETURNS (KernelMaker): Makes the kernel of a direction of it.
    """

    def make_kernel(weights: Weights, plan: Plan, from_end: bool) -> Autograd:
        return Autograd(weights, partial(_run_block, variant=variant))

    return make_kernel


def _run_block(
    X: torch.Tensor,
    hidden: torch.Tensor,
    cell: torch.Tensor,
    weights: Weights,
    *,
    variant: Variant,
) -> States:
    W, R, b, *P = weights
    peepholes = dict(zip(variant.peeping, P[0], strict=True)) if P else {}
    # What the inputs give to the gates doesn't depend on the states: one product for all steps.
    drives = torch.addmm(b, X.flatten(0, 1), W.T).unflatten(0, X.shape[:2])
    states: List[torch.Tensor] = []
    for drive in drives.unbind():
        step = run_step(torch.addmm(drive, hidden, R.T), cell, peepholes, variant)
        hidden, cell = step.hidden, step.cell
        states.append(hidden)
    return torch.stack(states), hidden, cell


class Step(NamedTuple):
    """All that an LSTM computes in a step, `(n_docs, n_hidden)` each.

    input (torch.Tensor): How much of the candidate comes into the cell, 0 to 1.
    forget (torch.Tensor): How much of the cell state stays: 1 means that nothing is forgotten, as
        always without a forget gate.
    candidate (torch.Tensor): What may come into the cell.
    output (torch.Tensor): How much of the cell is shown, 0 to 1.
    cell (torch.Tensor): The new cell state.
    hidden (torch.Tensor): The new hidden state, which is what the layer gives.
    """

    input: torch.Tensor
    forget: torch.Tensor
    candidate: torch.Tensor
    output: torch.Tensor
    cell: torch.Tensor
    hidden: torch.Tensor


def run_step(
    drive: torch.Tensor,
    cell: torch.Tensor,
    peepholes: Dict[str, torch.Tensor],
    variant: Variant,
) -> Step:
    """One step of all documents that reach it.

    drive (torch.Tensor): What the inputs and the hidden states before give to the gates,
        `(n_docs, n_gates * n_hidden)`.
    cell (torch.Tensor): The cell states before, `(n_docs, n_hidden)`.
    peepholes (Dict[str, torch.Tensor]): The weights of those gates that see the cell, `(n_hidden,)`
        each.
    variant (Variant): Which LSTM.
    RETURNS (Step): The gates and the new states.
    """
    squash = ACTIVATIONS[variant.activation]
    drives = dict(zip(variant.gates, drive.chunk(len(variant.gates), dim=1), strict=True))

    def gate(name: str, seen: torch.Tensor) -> torch.Tensor:
        peephole: Optional[torch.Tensor] = peepholes.get(name)
        return torch.sigmoid(drives[name] if peephole is None else drives[name] + peephole * seen)

    forget = gate("forget", cell) if variant.forget_gate else torch.ones_like(cell)
    input_gate, candidate = gate("input", cell), squash(drives["candidate"])
    new = forget * cell + input_gate * candidate
    if variant.activation == "relu":
        new = new.clamp(max=CELL_LIMIT)
    # The output gate alone sees the new cell state.
    output = gate("output", new)
    return Step(input_gate, forget, candidate, output, new, output * squash(new))
