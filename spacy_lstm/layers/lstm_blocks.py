"""How the padded blocks of a batch are read from its flat rows, and written back."""

from typing import Protocol

import torch

from .lstm_plan import Layout, Plan


class Access(Protocol):
    """Reads and writes the block `(n_steps, n_docs, width)` of segment `i`. Direction 0 is the
    forward one."""

    def inputs(self, rows: torch.Tensor) -> torch.Tensor:
        """What `block` reads, from `(n_rows, width)`."""

    def block(self, inputs: torch.Tensor, i: int, direction: int) -> torch.Tensor:
        """A block of the inputs. Padding holds any rows."""

    def gradient(self, d_rows: torch.Tensor, i: int, direction: int) -> torch.Tensor:
        """A block of `(n_rows, width)`, with padding of zeros."""

    def put(self, rows: torch.Tensor, i: int, direction: int, block: torch.Tensor) -> None:
        """Write a block's rows to `(n_rows + 1, width)`. The last row may be overwritten."""

    def add(self, rows: torch.Tensor, i: int, direction: int, block: torch.Tensor) -> None:
        """Add a block, whose padding is zero, to `(n_rows, width)`."""


class Dense:
    """Documents of one length are a block already, but for the order of its axes, and both
    directions read the same.

    plan (Plan): The layout of the batch, which is uniform.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    def inputs(self, rows: torch.Tensor) -> torch.Tensor:
        return self._steps_first(rows).contiguous()

    def block(self, inputs: torch.Tensor, i: int, direction: int) -> torch.Tensor:
        return inputs[self.plan.segments[i].steps]

    def gradient(self, d_rows: torch.Tensor, i: int, direction: int) -> torch.Tensor:
        return self._steps_first(d_rows)[self.plan.segments[i].steps].contiguous()

    def put(self, rows: torch.Tensor, i: int, direction: int, block: torch.Tensor) -> None:
        self._steps_first(rows[: self.plan.n_rows])[self.plan.segments[i].steps] = block

    def add(self, rows: torch.Tensor, i: int, direction: int, block: torch.Tensor) -> None:
        self._steps_first(rows)[self.plan.segments[i].steps] += block

    def _steps_first(self, rows: torch.Tensor) -> torch.Tensor:
        # A view.
        return rows.unflatten(0, (len(self.plan.lengths), -1)).transpose(0, 1)


class Scattered:
    """Documents of several lengths, by the indices of the plan.

    plan (Plan): The layout of the batch.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    def inputs(self, rows: torch.Tensor) -> torch.Tensor:
        return rows

    def block(self, inputs: torch.Tensor, i: int, direction: int) -> torch.Tensor:
        segment = self.plan.segments[i]
        cells = inputs.index_select(0, self._layout(direction).rows[i])
        return cells.view(segment.n_steps, segment.n_docs, -1)

    def gradient(self, d_rows: torch.Tensor, i: int, direction: int) -> torch.Tensor:
        block = self.block(d_rows, i, direction)
        if self.plan.n_cells > self.plan.n_rows:
            block.flatten(0, 1).index_fill_(0, self.plan.padding[i], 0.0)
        return block

    def put(self, rows: torch.Tensor, i: int, direction: int, block: torch.Tensor) -> None:
        target, values = self._layout(direction).targets[i], block.to(rows.dtype).flatten(0, 1)
        if rows.device.type == "cpu":
            # numpy's assignment takes a third of the time that torch's does.
            rows.numpy()[target.numpy()] = values.numpy()
        else:
            rows[target] = values

    def add(self, rows: torch.Tensor, i: int, direction: int, block: torch.Tensor) -> None:
        rows.index_add_(0, self._layout(direction).rows[i], block.flatten(0, 1))

    def _layout(self, direction: int) -> Layout:
        return self.plan.backward if direction else self.plan.forward
