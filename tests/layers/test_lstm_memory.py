import subprocess
import sys
from pathlib import Path

import pytest

# (`getrusage` would tell the peak of the process that started this one, if that was greater.)
pytestmark = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="only Linux tells the peak of a process's memory"
)

SCRIPT = """
import sys
import numpy
from spacy_lstm.layers.lstm import LSTM

def peak():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM"))

n_tokens, is_train, limit = int(sys.argv[1]), sys.argv[2] == "train", int(sys.argv[3])
model = LSTM(256, 128, max_tokens_per_batch=limit)
model.initialize()
X = numpy.zeros((n_tokens, 128), dtype="float32")
model.predict([X[:10]])
before = peak()
Ys, backprop = model([X], is_train=is_train)
if is_train:
    backprop(Ys)
print(peak() - before)
"""


def added(n_tokens, mode, limit=2**15):
    """The peak of memory over that of the loaded model, in MiB."""
    command = [sys.executable, "-c", SCRIPT, str(n_tokens), mode, str(limit)]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(result.stdout) / 2**10


def test_a_long_document_in_prediction():
    # The inputs take 20 MiB, the outputs 39.
    assert 10 < added(40_000, "predict") < 205


def test_training_keeps_what_the_tokens_need():
    # 2 * 8 KB a token by the kernel, and 2 KB each of inputs, outputs and gradients.
    assert 100 < added(10_000, "train") < 400


def test_training_keeps_no_more_than_its_limit():
    # Inputs and outputs and their gradients take 60 MiB; all that is kept else would take 310.
    assert 40 < added(20_000, "train", 1000) < 140
