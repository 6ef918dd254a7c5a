"""Resident memory while a pipeline reads texts for ever, with new words all the time.

Run as a module in a process of its own, `python -m tests.soak.memory_zone MODEL DOCS SECONDS`, it
prints the number of texts, and the resident bytes after a tenth of them and at the end.
"""

import ctypes
import gc
import json
import random
import string
import subprocess
import sys
import time
from pathlib import Path
from typing import Iterator, List, NamedTuple

import spacy

from .workers import ROOT, TEXTS

BATCH = 200


class Growth(NamedTuple):
    """How memory grew.

    n_docs (int): How many texts were read.
    before (int): The resident bytes after a tenth of them.
    after (int): Those at the end.
    """

    n_docs: int
    before: int
    after: int

    @property
    def share(self) -> float:
        """RETURNS (float): By what part it grew."""
        return self.after / self.before - 1


def texts(n: int, seed: int = 0) -> Iterator[List[str]]:
    """n (int): How many texts.
    seed (int): The seed.
    YIELDS (List[str]): Batches of texts of 5 to 60 words, of which every 50th is a new one.
    """
    rng = random.Random(seed)
    known = " ".join(TEXTS).split()

    def word() -> str:
        if rng.random() < 0.98:
            return rng.choice(known)
        return "".join(rng.choices(string.ascii_letters, k=rng.randint(3, 12)))

    for _ in range(0, n, BATCH):
        yield [" ".join(word() for _ in range(rng.randint(5, 60))) for _ in range(BATCH)]


def resident() -> int:
    """RETURNS (int): The bytes of this process in memory (Linux), without what glibc only keeps for
    later: its heap gets holes from arrays of all sizes.
    """
    gc.collect()
    ctypes.CDLL("libc.so.6").malloc_trim(0)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


def main(path: str, n: str, seconds: str) -> None:
    """As above: prints a line of JSON."""
    nlp = spacy.load(path)
    end = time.monotonic() + float(seconds)
    marks, done = [], 0
    for batch in texts(int(n)):
        with nlp.memory_zone():
            for doc in nlp.pipe(batch):
                assert len(doc.cats) == 2
        done += len(batch)
        if done % (int(n) // 10) < BATCH:
            marks.append(resident())
        if time.monotonic() > end:
            break
    print(json.dumps(Growth(done, marks[0], resident())))


def measure_growth(model: Path, n: int, *, seconds: float) -> Growth:
    """model (Path): A pipeline.
    n (int): How many texts it is to read.
    seconds (float): How long it may take.
    RETURNS (Growth): How memory grew.
    """
    command = [sys.executable, "-m", "tests.soak.memory_zone", str(model), str(n), str(seconds)]
    out = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return Growth(*json.loads(out))


if __name__ == "__main__":
    main(*sys.argv[1:])
