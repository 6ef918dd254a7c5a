"""The one thread that owns a pipeline: memory zones can't be shared between threads."""

import logging
import threading
from collections import deque
from concurrent.futures import Future
from typing import Any, Deque, List, NamedTuple, Optional, Sequence

from spacy.language import Language

from ..errors import Errors
from .metrics import Metrics
from .request_error import RequestError
from .tasks import Task

#: The most characters of the texts that are predicted at once, so that none waits long for others.
MAX_CHARS = 100_000

logger = logging.getLogger("spacy_lstm.serve")


class Job(NamedTuple):
    """A task, and where its result goes. Cancelled jobs are never begun."""

    task: Task
    result: "Future[Any]"


class Worker:
    """Does tasks with a pipeline, one batch after another, in a thread of its own. What has come
    while a batch was computed makes the next one. If a batch fails, its tasks are done one by one,
    so that no text makes others fail.
    """

    def __init__(
        self, nlp: Language, *, batch_size: int, queue_length: int, metrics: Metrics
    ) -> None:
        """nlp (Language): The pipeline, which nobody else may use from now on.
        batch_size (int): The most texts that are predicted at once.
        queue_length (int): The most tasks that wait.
        metrics (Metrics): What is counted.
        """
        self.nlp = nlp
        self.batch_size = batch_size
        self.queue_length = queue_length
        self.metrics = metrics
        self._jobs: Deque[Job] = deque()
        self._changed = threading.Condition()
        self._is_closed = False
        self._thread = threading.Thread(target=self._work, name="spacy-lstm-serve", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def is_alive(self) -> bool:
        """RETURNS (bool): Whether tasks are taken and done."""
        return self._thread.is_alive() and not self._is_closed

    def submit(self, tasks: Sequence[Task]) -> List["Future[Any]"]:
        """Take on tasks: all, or none. Cancel a result that nobody waits for any more: if its task
        isn't begun, it never will be.

        tasks (Sequence[Task]): The tasks.
        RETURNS (List[Future[Any]]): Their results.
        RAISES (RequestError): If too many wait already, or no more are taken.
        """
        jobs = [Job(task, Future()) for task in tasks]
        with self._changed:
            if self._is_closed:
                raise RequestError(503, Errors.L908)
            if len(self._jobs) + len(jobs) > self.queue_length:
                self._drop_cancelled()
            if len(self._jobs) + len(jobs) > self.queue_length:
                raise RequestError(503, Errors.L906.format(n=len(self._jobs)))
            self._jobs.extend(jobs)
            self.metrics.waiting.set(len(self._jobs))
            self._changed.notify()
        return [job.result for job in jobs]

    def close(self, seconds: float) -> None:
        """Take no more tasks, cancel those that wait, and end the thread after the present batch.

        seconds (float): How long to wait for that.
        """
        with self._changed:
            self._is_closed = True
            for job in self._jobs:
                job.result.cancel()
            self._changed.notify()
        self._thread.join(seconds)

    def _drop_cancelled(self) -> None:
        kept = [job for job in self._jobs if not job.result.cancelled()]
        self.metrics.abandoned.inc(len(self._jobs) - len(kept))
        self._jobs = deque(kept)

    def _work(self) -> None:
        while (batch := self._next_batch()) is not None:
            if batch:
                self._run(batch)

    def _next_batch(self) -> Optional[List[Job]]:
        """The tasks that are done next; None where there will be none any more."""
        with self._changed:
            while not self._jobs and not self._is_closed:
                self._changed.wait()
            if self._is_closed:
                return None
            batch: List[Job] = []
            size = 0
            while self._jobs and len(batch) < self.batch_size:
                job = self._jobs[0]
                if batch and not self._fits(batch[0].task, job.task, size):
                    break
                self._jobs.popleft()
                if job.result.set_running_or_notify_cancel():
                    batch.append(job)
                    size += job.task.size
                else:
                    self.metrics.abandoned.inc()
            self.metrics.waiting.set(len(self._jobs))
        return batch

    def _fits(self, first: Task, task: Task, size: int) -> bool:
        return first.shared and type(task) is type(first) and size + task.size <= MAX_CHARS

    def _run(self, batch: List[Job]) -> None:
        tasks = [job.task for job in batch]
        error: Optional[RequestError] = None
        with self.metrics.computing.time(), self.nlp.memory_zone():
            # Within the zone: spaCy doesn't leave it where an exception goes through it.
            try:
                results = type(tasks[0]).run(self.nlp, tasks)
            except RequestError as err:
                error = err
            except Exception as err:
                error = RequestError(500, Errors.L909.format(reason=_reason_of(err)))
                if len(batch) == 1:
                    logger.exception("A text of %d characters failed", tasks[0].size)
        if error is None:
            self.metrics.batch_size.observe(len(batch))
            for job, result in zip(batch, results, strict=True):
                job.result.set_result(result)
        elif len(batch) == 1:
            self.metrics.failed.inc()
            # A new one, without the frames in which it was raised: they hold documents.
            batch[0].result.set_exception(RequestError(error.status, str(error)))
        else:
            for job in batch:
                self._run([job])


def _reason_of(err: Exception) -> str:
    message = " ".join(str(err).split())
    return f"{type(err).__name__}: {message}" if message else type(err).__name__
