"""Numbers nearer to 0 than float32 can hold well (denormals) become 0.

Many processors compute with them many times slower, and training makes them in plenty: the moments
of a parameter that gets no gradient, as a rare word's, are multiplied with less than 1 at each
step, and so is a cell state that forgets.
"""

from contextlib import contextmanager
from typing import Iterator

import torch

#: Half of it is a denormal: 0 where those are flushed.
_SMALLEST = torch.tensor(torch.finfo(torch.float32).tiny)


def are_flushed() -> bool:
    """RETURNS (bool): Whether this thread takes denormals for 0."""
    return float(_SMALLEST * 0.5) == 0.0


@contextmanager
def flushed_denormals() -> Iterator[None]:
    """Take denormals for 0 in all that this thread computes inside the block, whatever library does
    it. The mode is that of the thread, and is put back: no other code of the process sees it. On a
    processor that doesn't have it, nothing is changed.
    """
    if are_flushed():
        yield
        return
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)
