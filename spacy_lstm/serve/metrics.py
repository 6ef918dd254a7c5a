"""What a service counts, for Prometheus."""

from time import perf_counter
from typing import Any

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

#: The paths that are counted by their names: there must be no more of them than are known.
PATHS = (
    "/",
    "/health",
    "/metrics",
    "/openapi.json",
    "/v1/explain",
    "/v1/model",
    "/v1/predict",
    "/v1/stream",
)
SECONDS = (0.002, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
SIZES = (1, 2, 4, 8, 16, 32, 64, 128)


class Metrics:
    """What a service counts. Each service has its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self.requests = Counter(
            "spacy_lstm_requests",
            "Requests that were answered",
            ["path", "status"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "spacy_lstm_request_seconds",
            "The time from a request to the end of its answer",
            ["path"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self.open = Gauge(
            "spacy_lstm_open_requests", "Requests that are open", registry=self.registry
        )
        self.waiting = Gauge("spacy_lstm_waiting_texts", "Texts that wait", registry=self.registry)
        self.abandoned = Counter(
            "spacy_lstm_abandoned_texts",
            "Texts that nobody waited for any more, so that they were dropped",
            registry=self.registry,
        )
        self.failed = Counter(
            "spacy_lstm_failed_texts",
            "Texts on which the pipeline failed, or that couldn't be explained",
            registry=self.registry,
        )
        self.batch_size = Histogram(
            "spacy_lstm_batch_size",
            "How many texts were computed at once",
            buckets=SIZES,
            registry=self.registry,
        )
        self.computing = Histogram(
            "spacy_lstm_batch_seconds",
            "How long a batch took",
            buckets=SECONDS,
            registry=self.registry,
        )

    def to_text(self) -> bytes:
        """RETURNS (bytes): All of it, in Prometheus' text format."""
        return generate_latest(self.registry)


class Measured:
    """An ASGI app that counts requests and their time."""

    def __init__(self, app: Any, metrics: Metrics) -> None:
        """app (Any): What answers the requests.
        metrics (Metrics): Where they are counted.
        """
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path = scope["path"] if scope["path"] in PATHS else "other"
        # What no answer was given to, because the client went away.
        status = "none"

        async def counting(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        begin = perf_counter()
        with self.metrics.open.track_inprogress():
            try:
                await self.app(scope, receive, counting)
            finally:
                self.metrics.requests.labels(path, status).inc()
                self.metrics.seconds.labels(path).observe(perf_counter() - begin)
