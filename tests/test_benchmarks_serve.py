"""The benchmark of the service."""

import sys
from pathlib import Path

# As for `python benchmarks/NAME.py`, so that the files find each other.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "benchmarks"))

import serve as benchmark

from .serve.served import serving, trained


def test_texts_have_50_words_and_differ():
    texts = benchmark.read_texts(100)
    assert {len(text.split()) for text in texts} == {50}
    assert len(set(texts)) == 100


def test_measures_and_table(monkeypatch):
    monkeypatch.setattr(benchmark, "N_ALONE", 20)
    monkeypatch.setattr(benchmark, "N_WARM", 2)
    with serving(trained(), text_length=400) as client:
        alone = benchmark.measure_alone(client)
        together = benchmark.measure_together(client, 3, 20)
        assert 0 < alone["p50_ms"] <= alone["p95_ms"]
        assert together["requests"] == 20
        assert together["errors"] == 0
        assert len(together["memory_mib"]) == 3
        # What fails is counted.
        assert benchmark.ask(client, ["a" * 401, "a"])["errors"] == 1
    row = {"pipeline": "lstm_ner", "alone": alone, "together": together, "load": 0.5}
    lines = benchmark.table([row]).splitlines()
    cells = (alone["p50_ms"], alone["p95_ms"], alone["cpu_ms"], 0)
    assert lines[4] == f"| lstm_ner | {' | '.join(map(str, cells))} |"
    assert "The load of the machine was 0.5 " in lines[-1]
    assert lines[-3].startswith("| lstm_ner | 3 | 20 | 0 | ")
