"""The same results from workers of all kinds as from one process, and none of them hangs.

Run as a module in a process of its own, `python -m tests.soak.workers KIND MODEL RUNS`, it prints
a line for each run: "equal" or what differs. Who starts it sets a limit of time.
"""

import json
import multiprocessing
import os
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Tuple

import numpy
import spacy
import torch
from spacy.language import Language
from spacy.tokens import Doc

ROOT = Path(__file__).resolve().parent.parent.parent
SECONDS = 120.0  # for a run, however busy the machine is
TEXTS = [
    f"{begin} {middle} {end}"
    for begin in ("Marta", "a great film", "In Leeds, we", "")
    for middle in ("hated it", "loved the soup at Quillan's so much that", "…", "went to Porto and")
    for end in ("twice", "it was a cold and stupid story from start to end", "")
]

Result = Tuple[Dict[str, float], List[Tuple[int, int, str]]]


def result_of(doc: Doc) -> Result:
    """doc (Doc): A doc that the pipeline has annotated.
    RETURNS (Tuple[Dict[str, float], List[Tuple[int, int, str]]]): Its categories and entities.
    """
    return dict(doc.cats), [(ent.start, ent.end, ent.label_) for ent in doc.ents]


def difference(got: List[Result], expected: List[Result]) -> str:
    """got (List[Result]): What workers gave.
    expected (List[Result]): What one process gave.
    RETURNS (str): "equal", or what differs. Batches of another size may round in another way.
    """
    if len(got) != len(expected):
        return f"{len(got)} results and not {len(expected)}"
    for text, (cats, ents), (cats_0, ents_0) in zip(TEXTS, got, expected, strict=True):
        if ents != ents_0:
            return f"entities of {text!r}: {ents} and not {ents_0}"
        if list(cats) != list(cats_0) or not numpy.allclose(
            list(cats.values()), list(cats_0.values()), atol=1e-6
        ):
            return f"categories of {text!r}: {cats} and not {cats_0}"
    return "equal"


def sequentially(nlp: Language) -> List[Result]:
    """nlp (Language): The pipeline.
    RETURNS (List[Result]): The result of each text, alone.
    """
    return [result_of(nlp(text)) for text in TEXTS]


def by_pipe(nlp: Language) -> List[Result]:
    """`nlp.pipe(n_process=2)`, with the start method of this process."""
    return [result_of(doc) for doc in nlp.pipe(TEXTS, n_process=2, batch_size=8)]


def by_threads(nlp: Language) -> List[Result]:
    """Four threads that share the pipeline, each with texts of its own and batches of all sizes."""

    def work(part: List[str]) -> List[Result]:
        return [result_of(doc) for doc in nlp.pipe(part, batch_size=1 + len(part) % 7)]

    with ThreadPoolExecutor(4) as pool:
        parts = list(pool.map(work, (TEXTS[i::4] for i in range(4))))
    results: List[Any] = [None] * len(TEXTS)
    for i, part in enumerate(parts):
        results[i::4] = part
    return results


def by_forks(nlp: Language) -> List[Result]:
    """As a pre-fork server does (gunicorn, uWSGI): the pipeline is loaded, and has worked, before
    the process divides itself.
    """
    results: List[Any] = [None] * len(TEXTS)
    children = []
    for i in range(2):
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            status = 1
            try:
                os.close(reader)
                part = [result_of(nlp(text)) for text in TEXTS[i::2]]
                with os.fdopen(writer, "w") as file_:
                    json.dump(part, file_)
                status = 0
            finally:
                os._exit(status)
        os.close(writer)
        children.append((i, child, reader))
    for i, child, reader in children:
        with os.fdopen(reader) as file_:
            text = file_.read()
        _, status = os.waitpid(child, 0)
        if status:
            raise RuntimeError(f"a child ended with the status {status}")
        results[i::2] = [(cats, [tuple(ent) for ent in ents]) for cats, ents in json.loads(text)]
    return results


_of_worker: Dict[str, Language] = {}


def _set_up(path: str) -> None:
    _of_worker["nlp"] = spacy.load(path)


def _work(text: str) -> Result:
    return result_of(_of_worker["nlp"](text))


def by_pool(path: str, method: str) -> Iterator[List[Result]]:
    """As a pool of workers does (Celery, a process pool), each of which loads the pipeline.

    path (str): The pipeline.
    method (str): The start method.
    YIELDS (List[Result]): The results, time and again, with the same workers.
    """
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(2, context, _set_up, (path,)) as pool:
        while True:
            yield list(pool.map(_work, TEXTS, chunksize=5))


#: By kind: its start method, and how it works.
KINDS: Dict[str, Tuple[str, Callable[[Language], List[Result]]]] = {
    "nlp.pipe, fork": ("fork", by_pipe),
    "nlp.pipe, spawn": ("spawn", by_pipe),
    "threads": ("fork", by_threads),
    "pre-fork": ("fork", by_forks),
}
POOLS = {"worker pool, fork": "fork", "worker pool, spawn": "spawn"}


def runs(kind: str, path: str) -> Iterator[str]:
    """Work again and again.

    kind (str): One of `KINDS` or `POOLS`.
    path (str): The pipeline.
    YIELDS (str): "equal", or what differs.
    """
    torch.set_num_threads(2)
    nlp = spacy.load(path)
    expected = sequentially(nlp)  # with all threads of torch: a fork must live with that
    if kind in POOLS:
        for results in by_pool(path, POOLS[kind]):
            yield difference(results, expected)
    method, work = KINDS[kind]
    multiprocessing.set_start_method(method)
    while True:
        yield difference(work(nlp), expected)


def run_workers(kind: str, model: Path, n: int, *, seconds: float) -> Tuple[int, List[str]]:
    """Let workers work in a process of its own, and end it if it hangs.

    kind (str): One of `KINDS` or `POOLS`.
    model (Path): The pipeline.
    n (int): How often.
    seconds (float): How long it may take in all. What isn't begun then isn't done.
    RETURNS (Tuple[int, List[str]]): How many runs ended, and what was wrong with which.
    """
    command = [sys.executable, "-m", "tests.soak.workers", kind, str(model), str(n), str(seconds)]
    try:
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=seconds + SECONDS
        )
    except subprocess.TimeoutExpired as err:
        out = err.stdout.decode() if isinstance(err.stdout, bytes) else err.stdout or ""
        lines = out.splitlines()
        return len(lines), [*(line for line in lines if line != "equal"), "hang"]
    lines = done.stdout.splitlines()
    wrong = [line for line in lines if line != "equal"]
    return len(lines), wrong + ([done.stderr[-2000:]] if done.returncode else [])


def main(kind: str, path: str, n: str, seconds: str) -> None:
    """As above: prints the result of each run."""
    end = time.monotonic() + float(seconds)
    results = runs(kind, path)
    for _ in range(int(n)):
        print(next(results), flush=True)
        if time.monotonic() > end:
            break
    results.close()  # type: ignore[attr-defined]


if __name__ == "__main__":
    main(*sys.argv[1:])
