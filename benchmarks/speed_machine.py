"""The machine: what it is, its matrix products, and the memory that work takes on it."""

import os
import platform
import sys
import time
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Callable, Dict, List

import numpy
import torch

PACKAGES = ("numpy", "torch", "thinc", "spacy", "nltk", "keras", "tensorflow-cpu")
MIB = 1024 * 1024


def describe() -> Dict[str, str]:
    """RETURNS (Dict[str, str]): The processor and the versions, and nothing that names a person's
    machine."""
    found = {
        "processor": _processor(),
        "processors": str(os.cpu_count()),
        "capability": torch.backends.cpu.get_cpu_capability(),
        "system": f"{platform.system()} {platform.machine()}",
        "Python": platform.python_version(),
    }
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text("utf8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown"


def matmul_peak(dtype: torch.dtype, *, tries: int = 8) -> float:
    """Measure the fastest matrix product, on one thread: torch's own, and in float32 numpy's and
    oneDNN's too, since which library is the fastest depends on the processor.

    dtype (torch.dtype): The type of the matrices.
    tries (int): How often each size is tried.
    RETURNS (float): GFLOP/s, the best of some sizes: a busy machine only ever slows it down.
    """
    # Imported here because it warns of what it uses itself.
    from torch.utils.mkldnn import to_mkldnn

    best = 0.0
    for size in (512, 1024, 2048):
        A, B = (torch.randn(size, size).to(dtype) for _ in range(2))
        products: List[Callable[[], Any]] = [partial(torch.mm, A, B)]
        if dtype == torch.float32:
            products.append(partial(numpy.matmul, A.numpy(), B.numpy()))
            if torch.backends.mkldnn.is_available():
                linear = to_mkldnn(torch.nn.Linear(size, size).eval())
                products.append(partial(linear, A.to_mkldnn()))
        for product in products:
            product()
            for _ in range(tries):
                start = time.process_time()
                product()
                best = max(best, 2 * size**3 / (time.process_time() - start) / 1e9)
    return best


def lstm_gflop(n_tokens: int, width: int, *, is_train: bool) -> float:
    """Count the work of a bidirectional LSTM whose input is as wide as its output: the matrix
    products of the tokens that are there, not of any padding.

    n_tokens (int): How many tokens.
    width (int): The width, both directions together.
    is_train (bool): With the backward pass, which is twice the forward pass.
    RETURNS (float): GFLOP.
    """
    hidden = width // 2
    forward = 2 * n_tokens * 2 * 4 * hidden * (width + hidden) / 1e9
    return 3 * forward if is_train else forward


def peak_over_now(work: Callable[[], Any]) -> float:
    """Measure the memory that work takes, above what the process has before. To be exact, the
    process should have done nothing big before, and should end after.

    work (Callable[[], Any]): The work.
    RETURNS (float): MiB.
    """
    status, reset = Path("/proc/self/status"), Path("/proc/self/clear_refs")
    if not status.exists():
        import resource

        unit = 1 if sys.platform == "darwin" else 1024
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        work()
        return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * unit / MIB
    reset.write_text("5")  # the peak starts again at what is in use
    before_kib = _kib(status, "VmRSS")
    work()
    return (_kib(status, "VmHWM") - before_kib) / 1024


def _kib(status: Path, name: str) -> int:
    [line] = [line for line in status.read_text("utf8").splitlines() if line.startswith(name)]
    return int(line.split()[1])
