"""A line of JSON in, a line of JSON out: streams of any length in constant memory."""

import asyncio
import json
from typing import Any, AsyncIterator, Dict, NamedTuple, Optional

from fastapi.responses import Response
from pydantic import ValidationError

from ..errors import Errors
from .guard import ClientGoneError, Receive, Send, until_gone
from .limits import Limits
from .request_error import RequestError
from .request_schemas import StreamedText
from .response_schemas import Prediction
from .tasks import Predict
from .worker import Worker

#: The most lines that are read ahead of the answers.
WINDOW = 64

#: How often it is looked whether there is room again for texts that wait, in seconds.
PAUSE = 0.02


class Line(NamedTuple):
    """A line of a stream.

    number (int): Its number, from 1 on.
    content (Optional[bytes]): What is in it; None if it is too long.
    """

    number: int
    content: Optional[bytes]


async def iter_lines(receive: Receive, limits: Limits) -> AsyncIterator[Line]:
    """Divide a body into lines. Of one that is too long, nothing is kept.

    receive (Receive): Where the parts of the body come from.
    limits (Limits): How long a line may be, and how long a part may take to come.
    YIELDS (Line): The lines.
    RAISES (RequestError): If nothing comes for long.
    RAISES (ClientGoneError): If the client goes away.
    """
    number, more = 1, True
    line = bytearray()
    while more:
        try:
            message = await asyncio.wait_for(receive(), limits.seconds)
        except asyncio.TimeoutError:
            raise RequestError(408, Errors.L904.format(seconds=limits.seconds)) from None
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        more = message.get("more_body", False)
        first, *others = message.get("body", b"").split(b"\n")
        _add(line, first, limits)
        for part in others:
            yield _to_line(number, line, limits)
            number += 1
            line.clear()
            _add(line, part, limits)
    yield _to_line(number, line, limits)


def _add(line: bytearray, part: bytes, limits: Limits) -> None:
    """Add a part of a line, though not more than tells that the line is too long."""
    line += part[: limits.body_bytes + 1 - len(line)]


def _to_line(number: int, line: bytearray, limits: Limits) -> Line:
    return Line(number, None if len(line) > limits.body_bytes else bytes(line))


class StreamResponse(Response):
    """Reads texts and answers at once, in order, each line on its own: what is wrong with one is
    its answer. Where the client doesn't read the answers, no more texts are read.
    """

    media_type = "application/x-ndjson"

    def __init__(self, worker: Worker, limits: Limits, *, readings: int, tokens: bool) -> None:
        """worker (Worker): What predicts.
        limits (Limits): How much is taken on.
        readings (int): How many readings of the entities of each text to give.
        tokens (bool): Whether to give what is known of tokens.
        """
        super().__init__()
        del self.headers["content-length"]
        self.worker = worker
        self.limits = limits
        self.readings = readings
        self.tokens = tokens

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Answer.

        RAISES (ClientGoneError): If the client goes away.
        """
        answers: asyncio.Queue[Optional[asyncio.Future[Dict[str, Any]]]] = asyncio.Queue(WINDOW)
        reading = asyncio.ensure_future(self._read(receive, answers))
        writing = asyncio.ensure_future(self._write(send, answers))
        try:
            await asyncio.wait((reading, writing), return_when=asyncio.FIRST_COMPLETED)
            if writing.done():
                writing.result()
            else:
                reading.result()
        finally:
            reading.cancel()
            writing.cancel()
            await asyncio.gather(reading, writing, return_exceptions=True)
            await _cancel_all(answers)

    async def _read(self, receive: Receive, answers: "asyncio.Queue[Any]") -> None:
        """Read lines and pass them on, until the client has gone."""
        try:
            async for line in iter_lines(receive, self.limits):
                if line.content is not None and not line.content.strip():
                    continue
                await answers.put(asyncio.ensure_future(self._answer(line)))
        except RequestError as error:
            await answers.put(asyncio.ensure_future(_failed(None, error)))
        await answers.put(None)
        await until_gone(receive)
        raise ClientGoneError

    async def _write(self, send: Send, answers: "asyncio.Queue[Any]") -> None:
        """Write the answers, in order."""
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        await send(start)
        while (answer := await answers.get()) is not None:
            try:
                line = await answer
            finally:
                answer.cancel()
            content = json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
            body = {"type": "http.response.body", "body": content, "more_body": True}
            await send(body)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _answer(self, line: Line) -> Dict[str, Any]:
        known: Dict[str, Any] = {"line": line.number}
        try:
            asked = self._parse(line)
            if asked.id is not None:
                known["id"] = asked.id
            self.limits.check_texts([asked.text])
            task = Predict(asked.text, self.readings, self.tokens)
            found = await asyncio.wrap_future(await self._submit(task))
        except RequestError as error:
            return {**known, **error.body()}
        return {**known, **Prediction(**found).model_dump(exclude_unset=True)}

    async def _submit(self, task: Predict) -> Any:
        """Pass a text on as soon as there is room for it."""
        while True:
            try:
                (result,) = self.worker.submit([task])
                return result
            except RequestError:
                if not self.worker.is_alive():
                    raise
            await asyncio.sleep(PAUSE)

    def _parse(self, line: Line) -> StreamedText:
        if line.content is None:
            limit = self.limits.body_bytes
            raise RequestError(413, Errors.L915.format(line=line.number, limit=limit))
        try:
            value = json.loads(line.content)
            return StreamedText.model_validate({"text": value} if isinstance(value, str) else value)
        except ValidationError as err:
            reason = "; ".join(error["msg"] for error in err.errors())
        # No UTF-8, no JSON, or nested too deep.
        except (ValueError, RecursionError) as err:
            reason = " ".join(str(err).split())
        raise RequestError(422, Errors.L914.format(line=line.number, reason=reason))


async def _cancel_all(answers: "asyncio.Queue[Any]") -> None:
    """Cancel what nobody reads any more, and let it end before the request does: once that counts
    as closed, no text of it may still be taken from the queue.
    """
    unread = []
    while not answers.empty():
        if (answer := answers.get_nowait()) is not None:
            answer.cancel()
            unread.append(answer)
    await asyncio.gather(*unread, return_exceptions=True)


async def _failed(line: Optional[int], error: RequestError) -> Dict[str, Any]:
    return {"line": line, **error.body()}
