"""`spacy lstm serve`: how long an answer takes, and whether it stays as fast and as small.

    python -m spacy project run all project
    python benchmarks/serve.py project/training/bundled_shared/model-best

Each pipeline is served by a process of its own, with one thread, on one core where the system can
pin it; the clients run in this one. Of texts of 50 words, first one after another is asked for its
predictions, then many clients ask at once. The service counts its own processor time and memory.
"""

import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Dict, Iterator, List
from xml.etree import ElementTree

import httpx
import numpy
import srsly
import typer
from cells import RESULTS, markdown
from speed_machine import MIB, describe

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT / "corpus" / "bundled"
N_WORDS = 50
N_ALONE = 1000
N_WARM = 200


@contextmanager
def service(model: Path) -> Iterator[httpx.Client]:
    """model (Path): A pipeline.
    YIELDS (httpx.Client): A client of it, served with one thread on the first core.
    """
    command = [sys.executable, "-u", "-m", "spacy", "lstm", "serve", str(model), "--port", "0"]
    env = {**os.environ, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as process:
        try:
            if hasattr(os, "sched_setaffinity"):
                os.sched_setaffinity(process.pid, {min(os.sched_getaffinity(process.pid))})
            line = process.stdout.readline() if process.stdout else ""
            found = re.search(r"http://\S+/", line)
            if found is None:
                raise RuntimeError(f"{model} isn't served: {line}")
            with httpx.Client(base_url=found[0], timeout=60) as client:
                yield client
        finally:
            process.terminate()


def read_texts(n: int) -> List[str]:
    """n (int): How many.
    RETURNS (List[str]): Different texts of 50 words each, of the words of the bundled corpus.
    """
    words = [
        word
        for path in sorted(CORPUS.glob("*/*.xml"))
        for text in ElementTree.parse(path).iter("text")
        for word in "".join(text.itertext()).split()
    ]
    starts = numpy.random.RandomState(0).choice(len(words) - N_WORDS, n, replace=False)
    return [" ".join(words[start : start + N_WORDS]) for start in starts]


def figure(client: httpx.Client, name: str) -> float:
    """client (httpx.Client): A client.
    name (str): One of its /metrics.
    RETURNS (float): Its value.
    """
    lines = client.get("/metrics").text.splitlines()
    return float(next(line.split()[-1] for line in lines if line.startswith(f"{name} ")))


def ask(client: httpx.Client, texts: List[str]) -> Dict[str, Any]:
    """Ask for the predictions of texts, one after another.

    RETURNS (Dict[str, Any]): The milliseconds that each took, and how many failed.
    """
    milliseconds, errors = [], 0
    for text in texts:
        start = time.perf_counter()
        try:
            response = client.post("/v1/predict", json={"text": text})
            errors += response.status_code != 200
        except httpx.HTTPError:
            errors += 1
        milliseconds.append(1000 * (time.perf_counter() - start))
    return {"milliseconds": milliseconds, "errors": errors}


def percentiles(milliseconds: List[float]) -> Dict[str, float]:
    """RETURNS (Dict[str, float]): The median, and what 95 % stay below."""
    p50, p95 = numpy.percentile(milliseconds, [50, 95])
    return {"p50_ms": round(float(p50), 1), "p95_ms": round(float(p95), 1)}


def measure_alone(client: httpx.Client) -> Dict[str, Any]:
    """RETURNS (Dict[str, Any]): How long one client waits that is alone, and the processor time."""
    texts = read_texts(N_WARM + N_ALONE)
    ask(client, texts[:N_WARM])
    before = figure(client, "process_cpu_seconds_total")
    found = ask(client, texts[N_WARM:])
    spent = figure(client, "process_cpu_seconds_total") - before
    return {
        **percentiles(found["milliseconds"]),
        "cpu_ms": round(1000 * spent / N_ALONE, 1),
        "errors": found["errors"],
    }


def measure_together(client: httpx.Client, n_clients: int, n_requests: int) -> Dict[str, Any]:
    """RETURNS (Dict[str, Any]): How long each of many clients waits, what fails, and the memory at
    the start, in the middle and at the end."""
    texts = read_texts(n_requests)

    def one(number: int, half: List[str]) -> Dict[str, Any]:
        with httpx.Client(base_url=client.base_url, timeout=60) as own:
            return ask(own, half[number::n_clients])

    memory = [figure(client, "process_resident_memory_bytes")]
    milliseconds: List[float] = []
    errors = 0
    start = time.perf_counter()
    middle = n_requests // 2
    with ThreadPoolExecutor(n_clients) as pool:
        for half in (texts[:middle], texts[middle:]):
            for found in pool.map(one, range(n_clients), [half] * n_clients):
                milliseconds += found["milliseconds"]
                errors += found["errors"]
            memory.append(figure(client, "process_resident_memory_bytes"))
    seconds = time.perf_counter() - start
    batches = figure(client, "spacy_lstm_batch_size_count")
    return {
        "clients": n_clients,
        "requests": len(milliseconds),
        "errors": errors,
        **percentiles(milliseconds),
        "requests_per_second": round(n_requests / seconds),
        "texts_per_batch": round(figure(client, "spacy_lstm_batch_size_sum") / batches, 1),
        "memory_mib": [round(size / MIB, 1) for size in memory],
    }


def table(results: List[Dict[str, Any]]) -> str:
    """results (List[Dict[str, Any]]): What was measured, of each pipeline.
    RETURNS (str): The tables.
    """
    alone = [
        [
            row["pipeline"],
            *(str(row["alone"][name]) for name in ("p50_ms", "p95_ms", "cpu_ms", "errors")),
        ]
        for row in results
    ]
    together = []
    for row in results:
        found = row["together"]
        memory = " → ".join(f"{size:.0f}" for size in found["memory_mib"])
        names = ("clients", "requests", "errors", "p50_ms", "p95_ms", "requests_per_second")
        together.append([row["pipeline"], *(f"{found[name]:,}" for name in names), memory])
    loads = ", ".join(str(row["load"]) for row in results)
    header = ["clients", "requests", "errors", "median, ms", "95 %, ms", "requests/s"]
    return "\n\n".join(
        [
            f"One client, a text of {N_WORDS} words a request:",
            markdown(["pipeline", "median, ms", "95 %, ms", "processor, ms", "errors"], alone),
            "Many clients at once:",
            markdown(["pipeline", *header, "memory: start → middle → end, MiB"], together),
            f"The load of the machine was {loads} in the last minute, on {os.cpu_count()} "
            "processors: above their number, all of it takes longer.",
        ]
    )


def main(
    models: Annotated[List[Path], typer.Argument(help="Trained pipelines.")],
    clients: Annotated[int, typer.Option(help="How many ask at once.")] = 16,
    requests: Annotated[int, typer.Option(help="How often they ask, together.")] = 10_000,
) -> None:
    """Measure what a service takes for an answer."""
    results = []
    for model in models:
        with service(model) as client:
            components = client.get("/v1/model").json()["components"]
            results.append(
                {
                    "pipeline": ", ".join(component["factory"] for component in components),
                    "alone": measure_alone(client),
                    "together": measure_together(client, clients, requests),
                    "load": round(os.getloadavg()[0], 1),
                }
            )
        print(table(results[-1:]), file=sys.stderr, flush=True)
    found = {"machine": describe(), "pipelines": results}
    srsly.write_json(RESULTS / "serve.json", found)
    (RESULTS / "serve.md").write_text(table(results) + "\n", encoding="utf8")
    print(table(results))


if __name__ == "__main__":
    typer.run(main)
