"""What stands between the network and the app: bodies that are too large or too slow, too many
requests, and clients that go away."""

import asyncio
from typing import Any, Awaitable, Callable, Dict, MutableMapping, NamedTuple

from fastapi.responses import JSONResponse

from ..errors import Errors
from .limits import Limits
from .request_error import RequestError

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

#: Bodies of up to so many times the limit are read to their end before they are refused: many
#: clients read no answer before they have sent all.
DRAINED = 8

#: What reads its body by itself.
STREAMS = ("/v1/stream",)


class ClientGoneError(Exception):
    """The client has gone away."""


class Body(NamedTuple):
    """A body that has been read.

    content (bytes): What is in it.
    is_complete (bool): Whether all of it was kept.
    """

    content: bytes
    is_complete: bool


class Guard:
    """An ASGI app that only lets requests through whose body is complete and not too large. While
    they are answered, it looks whether the client is still there: if it isn't, all work for it is
    cancelled.
    """

    def __init__(self, app: Any, limits: Limits) -> None:
        """app (Any): What answers the requests.
        limits (Limits): How much is let through.
        """
        self.app = app
        self.limits = limits
        self._n_open = 0

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self.app(scope, receive, send)
            return
        if self._n_open >= self.limits.requests:
            await refuse(
                RequestError(503, Errors.L907.format(n=self._n_open)), scope, receive, send
            )
            return
        self._n_open += 1
        try:
            if scope["path"] in STREAMS:
                await self.app(scope, receive, send)
            else:
                await self._answer(scope, receive, send)
        except ClientGoneError:
            pass
        finally:
            self._n_open -= 1

    async def _answer(self, scope: Any, receive: Receive, send: Send) -> None:
        try:
            body = await self._read(scope, receive)
        except RequestError as error:
            await refuse(error, scope, receive, send)
            return
        begun = False

        async def replay() -> Message:
            nonlocal begun
            if begun:
                await asyncio.Event().wait()  # the watcher hears of a disconnect
            begun = True
            return {"type": "http.request", "body": body, "more_body": False}

        answer = asyncio.ensure_future(self.app(scope, replay, send))
        watcher = asyncio.ensure_future(until_gone(receive))
        try:
            await asyncio.wait((answer, watcher), return_when=asyncio.FIRST_COMPLETED)
        finally:
            gone = not answer.done()
            answer.cancel()
            watcher.cancel()
            # Let both end before the request does.
            await asyncio.gather(answer, watcher, return_exceptions=True)
        if gone:
            raise ClientGoneError
        answer.result()

    async def _read(self, scope: Any, receive: Receive) -> bytes:
        """Read a body.

        RAISES (RequestError): If it is too large, or doesn't come.
        """
        headers: Dict[bytes, bytes] = dict(scope["headers"])
        limit = self.limits.body_bytes
        stated = headers.get(b"content-length", b"")
        size = int(stated) if stated.isdigit() else 0
        too_large = RequestError(413, Errors.L901.format(limit=limit))
        if size > limit * DRAINED or (size > limit and b"expect" in headers):
            raise too_large
        try:
            body = await asyncio.wait_for(read_body(receive, limit), self.limits.seconds)
        except asyncio.TimeoutError:
            raise RequestError(408, Errors.L904.format(seconds=self.limits.seconds)) from None
        if not body.is_complete:
            raise too_large
        return body.content


async def read_body(receive: Receive, limit: int) -> Body:
    """receive (Receive): Where its parts come from.
    limit (int): The most bytes that are kept.
    RETURNS (Body): The body, or nothing of it if it is larger.
    RAISES (ClientGoneError): If the client goes away before its end.
    """
    parts = []
    size = 0
    while size <= limit * DRAINED:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        part = message.get("body", b"")
        size += len(part)
        if size <= limit:
            parts.append(part)
        else:
            parts.clear()
        if not message.get("more_body", False):
            return Body(b"".join(parts), size <= limit)
    return Body(b"", False)


async def until_gone(receive: Receive) -> None:
    """Wait until the client has gone away, or has its answer.

    receive (Receive): What tells it.
    """
    while (await receive())["type"] != "http.disconnect":
        pass


async def refuse(error: RequestError, scope: Any, receive: Receive, send: Send) -> None:
    """Answer before the body is read, and close the connection: what is left of it would be taken
    for the next request.

    error (RequestError): The answer.
    """
    headers = {**error.headers(), "Connection": "close"}
    response = JSONResponse(error.body(), error.status, headers)
    await response(scope, receive, send)
