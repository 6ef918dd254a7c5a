import subprocess
import sys

import pytest

pytest.importorskip("resource", reason="Windows doesn't tell how much memory a process took")

SCRIPT = """
import pathlib, resource, sys
import numpy
from spacy_lstm.layers.lstm import LSTM

def peak():
    status = pathlib.Path("/proc/self/status")
    if status.exists():
        # Not by getrusage: on Linux it begins with the peak of the process that started this one.
        [line] = [line for line in status.read_text().splitlines() if line.startswith("VmHWM:")]
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

n_tokens, is_train = int(sys.argv[1]), sys.argv[2] == "train"
model = LSTM(256, 128)
model.initialize()
X = numpy.zeros((n_tokens, 128), dtype="float32")
model.predict([X[:10]])
before = peak()
Ys, backprop = model([X], is_train=is_train)
if is_train:
    backprop(Ys)
print(peak() - before)
"""


def added(n_tokens, mode):
    """The peak of memory over that of the loaded model, in MiB."""
    command = [sys.executable, "-c", SCRIPT, str(n_tokens), mode]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(result.stdout) / 2**20


def test_a_long_document_in_prediction():
    # The inputs take 49 MiB, the outputs 98.
    assert 10 < added(100_000, "predict") < 512


def test_training_keeps_what_the_tokens_need():
    # 2 * 8 KB a token by the kernel, and 2 KB each of inputs, outputs and gradients.
    assert 100 < added(10_000, "train") < 400
