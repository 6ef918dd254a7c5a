"""What a call of the LSTM kernel costs on this machine: a straight-line fit of its time over the
number of calls, steps and rows. `CALL_COST` in `spacy_lstm/layers/lstm_plan.py` comes from it.

    python benchmarks/kernel_tuning.py --width 128

Each shape is timed many times, in turn with the others, and its median in CPU time counts."""

import argparse
import statistics
import time
from typing import Callable, Dict, List, Tuple

import numpy
import torch

from spacy_lstm.layers.lstm_kernel import run_layer
from spacy_lstm.layers.lstm_onednn import takes
from spacy_lstm.layers.lstm_plan import Plan
from spacy_lstm.layers.lstm_types import Direction

SHAPES = [(steps, docs) for steps in (2, 4, 8, 16) for docs in (1, 2, 4, 8, 16, 33, 64, 100, 200)]


def timer(
    width: int, shape: Tuple[int, int], dtype: torch.dtype, train: bool
) -> Callable[[], None]:
    """A function that runs one call, or in training one call forth and one back.

    width (int): The width of the input, and of the one direction.
    shape (Tuple[int, int]): The number of steps and of documents.
    dtype (torch.dtype): What to compute in.
    train (bool): Whether to run the backward pass too.
    RETURNS (Callable[[], None]): The function.
    """
    steps, docs = shape
    X = torch.randn(steps * docs, width)
    d_Y = torch.randn(steps * docs, width)
    weights = Direction(
        torch.randn(4 * width, width) / width**0.5,
        torch.randn(4 * width, width) / width**0.5,
        torch.zeros(4 * width),
    )
    plan = Plan([steps] * docs, X.device)

    def run() -> None:
        _, backprop = run_layer(X, [weights], plan, train, dtype=dtype)
        if train:
            backprop(d_Y)

    return run


def measure(functions: Dict[Tuple[int, int], Callable[[], None]], repeats: int) -> List[float]:
    times: Dict[Tuple[int, int], List[float]] = {shape: [] for shape in functions}
    for repeat in range(repeats + 1):
        for shape, function in functions.items():
            start = time.process_time()
            function()
            if repeat:
                times[shape].append(time.process_time() - start)
    return [statistics.median(times[shape]) for shape in functions]


def fit(seconds: List[float]) -> numpy.ndarray:
    """Microseconds a call, a step and a row, with the relative error least."""
    design = numpy.array([[1.0, steps, steps * docs] for steps, docs in SHAPES])
    scale = 1.0 / numpy.array(seconds)
    return numpy.linalg.lstsq(design * scale[:, None], numpy.ones(len(SHAPES)), rcond=None)[0] * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--width", type=int, default=128, help="of the input and the direction")
    parser.add_argument("--repeats", type=int, default=30)
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    print("type      pass       µs a call  µs a step  µs a row  a call in rows")
    for dtype in (torch.float32, torch.bfloat16):
        if not takes(dtype):
            continue
        for train in (False, True):
            functions = {shape: timer(args.width, shape, dtype, train) for shape in SHAPES}
            call, step, row = fit(measure(functions, args.repeats))
            name = str(dtype).removeprefix("torch.")
            print(
                f"{name:9} {'training' if train else 'inference':9} "
                f"{call:10.1f} {step:10.2f} {row:9.2f} {call / row:15.0f}"
            )


if __name__ == "__main__":
    main()
