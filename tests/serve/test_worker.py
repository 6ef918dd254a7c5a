"""The thread that owns the pipeline."""

import threading

import pytest

from spacy_lstm.serve.limits import Limits
from spacy_lstm.serve.metrics import Metrics
from spacy_lstm.serve.request_error import RequestError
from spacy_lstm.serve.tasks import Explain, Predict
from spacy_lstm.serve.worker import MAX_CHARS, Worker

from .served import TEXT, trained, trapped


@pytest.fixture
def work():
    """A pipeline that waits, with a worker that isn't started."""
    nlp, trap = trapped()
    trap.go_on.set()
    worker = Worker(nlp, batch_size=4, queue_length=10, metrics=Metrics())
    yield worker, trap
    worker.close(20)
    assert not worker.is_alive()


def batches(worker):
    """RETURNS: The sizes of the batches that were computed, as their sum and number."""
    values = {
        sample.name: sample.value
        for sample in next(iter(worker.metrics.batch_size.collect())).samples
    }
    return values["spacy_lstm_batch_size_sum"], values["spacy_lstm_batch_size_count"]


def test_what_waits_is_computed_together(work):
    worker, _ = work
    results = worker.submit([Predict(str(i)) for i in range(6)])
    worker.start()
    assert [result.result(20)["cats"] for result in results] == [{}] * 6
    assert batches(worker) == (6, 2)


def test_long_texts_are_not_computed_with_others(work):
    worker, _ = work
    results = worker.submit([Predict("a"), Predict("a" * MAX_CHARS), Predict("a")])
    worker.start()
    for result in results:
        result.result(20)
    assert batches(worker) == (3, 3)


def test_all_tasks_of_a_request_fit_in_or_none(work):
    worker, _ = work
    worker.submit([Predict("a")] * 8)
    with pytest.raises(RequestError, match="L906.*8 texts"):
        worker.submit([Predict("b")] * 3)
    results = worker.submit([Predict("c")] * 2)
    # What nobody waits for any more makes room.
    for result in results:
        result.cancel()
    worker.submit([Predict("d")] * 2)
    worker.start()


def test_closing_cancels_what_waits_and_ends(work):
    worker, trap = work
    trap.go_on.clear()
    (running,) = worker.submit([Predict("WAIT")])
    worker.start()
    assert trap.entered.wait(20)
    (waiting,) = worker.submit([Predict("a")])
    closing = threading.Thread(target=worker.close, args=(20,))
    closing.start()
    while worker.is_alive():
        closing.join(0.01)
    assert waiting.cancelled()
    with pytest.raises(RequestError, match="L908"):
        worker.submit([Predict("b")])
    trap.go_on.set()
    closing.join(20)
    assert running.result(20)["ents"] == []
    assert trap.seen == ["WAIT"]


def test_the_vocabulary_does_not_grow():
    nlp = trained()
    worker = Worker(nlp, batch_size=4, queue_length=1000, metrics=Metrics())
    before = len(nlp.vocab.strings), sum(1 for _ in nlp.vocab)
    worker.start()
    texts = [f"word{i} met other{i}" for i in range(100)]
    tasks = [Explain("newword met Anna", "textcat"), *(Predict(text, 2) for text in texts)]
    for result in worker.submit(tasks):
        result.result(60)
    worker.close(20)
    assert (len(nlp.vocab.strings), sum(1 for _ in nlp.vocab)) == before


def test_after_a_failure_the_next_memory_zone_opens():
    nlp, _ = trapped()
    worker = Worker(nlp, batch_size=4, queue_length=10, metrics=Metrics())
    worker.start()
    failed, fine = worker.submit([Predict("BOOM"), Predict("a")])
    with pytest.raises(RequestError, match="L909.*exploded") as info:
        failed.result(20)
    # Nothing of the pipeline is held by what is told to the client.
    assert info.value.__cause__ is None
    assert info.value.__context__ is None
    assert fine.result(20)["ents"] == []
    assert not nlp.vocab.in_memory_zone
    worker.close(20)


def test_explanations_of_long_texts_take_fewer_steps(monkeypatch):
    monkeypatch.setattr("spacy_lstm.serve.tasks.MAX_STEP_TOKENS", 10)
    nlp = trained()
    with nlp.memory_zone():
        (short,) = Explain.run(nlp, [Explain(TEXT * 5, "ner")])
    monkeypatch.undo()
    with nlp.memory_zone():
        (long,) = Explain.run(nlp, [Explain(TEXT * 5, "ner")])
    assert short["attribution"]["n_steps"] < long["attribution"]["n_steps"]
    assert any("[LW852]" in warning for warning in short["warnings"])


@pytest.mark.parametrize("name", ["texts", "seconds", "queue_length"])
def test_limits_must_be_more_than_nothing(name):
    with pytest.raises(ValueError, match=f"L923.*--{name.replace('_', '-')}.* is 0"):
        Limits(**{name: 0})
