"""The app: what is at which path."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from typing import Annotated, Any, AsyncIterator, Dict, List, Sequence

from fastapi import FastAPI, Query
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST
from spacy.language import Language
from starlette.exceptions import HTTPException
from starlette.requests import Request

from .. import __version__
from ..errors import Errors
from . import request_schemas as asks
from . import response_schemas as answers
from .describe import describe
from .guard import Guard
from .limits import Limits
from .metrics import Measured, Metrics
from .page import make_page
from .request_error import RequestError
from .stream import StreamResponse
from .tasks import Explain, Predict, Task
from .worker import Worker

DESCRIPTION = """Predictions of a spaCy pipeline, and explanations of them. What is wrong is told
in the form {"error": {"code", "message"}}."""

#: The answers of every path that computes something, besides the good one.
FAILURES: Dict[Any, Dict[str, Any]] = {
    status: {"model": answers.Failure, "description": what}
    for status, what in {
        400: "No JSON",
        408: "The body doesn't come",
        413: "Too large",
        422: "Can't be used",
        500: "The pipeline failed",
        503: "Too busy: try again after `Retry-After` seconds",
    }.items()
}

STREAM_BODY = {
    "description": 'A line of JSON for each text: a string, or {"text": …, "id": …}.',
    "required": True,
    "content": {"application/x-ndjson": {"schema": asks.StreamedText.model_json_schema()}},
}


def make_app(nlp: Language, limits: Limits) -> FastAPI:
    """Make an ASGI app that serves a pipeline.

    nlp (Language): The pipeline, any of spaCy's. Nobody else may use it while the app runs.
    limits (Limits): How much the app takes on.
    RETURNS (FastAPI): The app.
    """
    metrics = Metrics()
    worker = Worker(
        nlp,
        batch_size=limits.batch_size,
        queue_length=limits.queue_length,
        metrics=metrics,
    )
    with nlp.memory_zone():
        described = describe(nlp)
    limits = _allowed_by(nlp, limits)
    page = make_page(described["name"])

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        worker.start()
        yield
        await asyncio.to_thread(worker.close, limits.seconds)

    app = FastAPI(
        title="spacy-lstm",
        description=DESCRIPTION,
        version=__version__,
        lifespan=lifespan,
        # Their pages load scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
    )

    async def compute(tasks: Sequence[Task]) -> List[Any]:
        """The results of tasks; a RequestError in the place of what failed."""
        results = [asyncio.wrap_future(result) for result in worker.submit(tasks)]
        try:
            together = asyncio.gather(*results, return_exceptions=True)
            return await asyncio.wait_for(together, limits.seconds)
        except asyncio.TimeoutError:
            raise RequestError(503, Errors.L905.format(seconds=limits.seconds)) from None

    @app.post("/v1/predict", responses=FAILURES, response_model_exclude_unset=True)
    async def predict(asked: asks.PredictRequest) -> answers.Predictions:
        """Find categories, entities and spans in a text, or in several."""
        texts = asked.all_texts
        limits.check_texts(texts)
        found = await compute([Predict(text, asked.readings, asked.tokens) for text in texts])
        if len(found) == 1:
            _raised(found[0])
        results = [one.body() if isinstance(one, RequestError) else _raised(one) for one in found]
        return answers.Predictions.model_validate({"results": results})

    @app.post("/v1/explain", responses=FAILURES)
    async def explain(asked: asks.ExplainRequest) -> answers.Explanation:
        """Explain a prediction: which words speak for it, and which against."""
        limits.check_explained(asked.text)
        settings: Dict[str, Any] = asked.model_dump()
        if asked.span is not None:
            settings["span"] = (asked.span.start, asked.span.end)
        (found,) = await compute([Explain(**settings)])
        return answers.Explanation.model_validate(_raised(found))

    @app.post(
        "/v1/stream",
        status_code=200,
        response_class=StreamResponse,
        responses=FAILURES,
        openapi_extra={"requestBody": STREAM_BODY},
    )
    async def stream(
        readings: Annotated[asks.Readings, Query()] = 0,
        tokens: Annotated[asks.Tokens, Query()] = False,
    ) -> Response:
        """Send a line of JSON for each text, and get a line for each, while you send. A line that
        can't be used is answered by its error."""
        return StreamResponse(worker, limits, readings=readings, tokens=tokens)

    @app.get("/v1/model")
    async def model() -> answers.Model:
        """What the pipeline can do, and the limits of the service."""
        return answers.Model.model_validate({**described, "limits": asdict(limits)})

    @app.get("/health", responses={503: {"model": answers.Health}})
    async def health(response: Response) -> answers.Health:
        """Whether the service lives, and is ready."""
        ready = worker.is_alive()
        response.status_code = 200 if ready else 503
        return answers.Health(live=True, ready=ready)

    @app.get("/metrics", response_class=Response)
    async def show_metrics() -> Response:
        """Counts and times, for Prometheus."""
        return Response(metrics.to_text(), media_type=CONTENT_TYPE_LATEST)

    @app.get("/", response_class=HTMLResponse, include_in_schema=False)
    async def show_page() -> Response:
        return HTMLResponse(page.html, headers=page.headers)

    _add_handlers(app)
    app.add_middleware(Guard, limits=limits)
    app.add_middleware(Measured, metrics=metrics)
    return app


def _allowed_by(nlp: Language, limits: Limits) -> Limits:
    """The limits, where spaCy's own isn't less."""
    text_length = min(limits.text_length, nlp.max_length)
    explain_length = min(limits.explain_length, nlp.max_length)
    return replace(limits, text_length=text_length, explain_length=explain_length)


def _raised(found: Any) -> Any:
    if isinstance(found, BaseException):
        raise found
    return found


def _add_handlers(app: FastAPI) -> None:
    """Answer all that goes wrong in the same form."""

    def answer(error: RequestError) -> JSONResponse:
        return JSONResponse(error.body(), error.status, error.headers())

    @app.exception_handler(RequestError)
    async def known(_: Request, error: RequestError) -> JSONResponse:
        return answer(error)

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, err: RequestValidationError) -> JSONResponse:
        reasons = (".".join(map(str, error["loc"])) + ": " + error["msg"] for error in err.errors())
        return answer(RequestError(422, Errors.L910.format(reason="; ".join(reasons))))

    @app.exception_handler(HTTPException)
    async def http(request: Request, err: HTTPException) -> JSONResponse:
        path = request.url.path
        if err.status_code == 404:
            message = Errors.L911.format(path=path)
        elif err.status_code == 405:
            message = Errors.L912.format(path=path, method=request.method)
        else:
            message = Errors.L910.format(reason=err.detail)
        return answer(RequestError(err.status_code, message))

    @app.exception_handler(Exception)
    async def unknown(_: Request, err: Exception) -> JSONResponse:
        # It goes on to the log from here.
        return answer(RequestError(500, Errors.L913))
