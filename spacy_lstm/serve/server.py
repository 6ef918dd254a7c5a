"""Listen on an address."""

import ipaddress
import socket
import warnings
from asyncio import TimerHandle, Transport
from typing import Callable, Dict, Optional

import h11
import uvicorn
from fastapi import FastAPI
from spacy.language import Language
from uvicorn.protocols.http.h11_impl import H11Protocol

from ..errors import Errors, Warnings
from .app import make_app
from .limits import Limits


def serve(
    nlp: Language, host: str, port: int, limits: Limits, on_start: Callable[[str], None]
) -> None:
    """Serve a pipeline until a signal ends the process. Requests that are open then get their
    answers first.

    nlp (Language): The pipeline.
    host (str): The address to listen on. If others than this machine reach it there is a coded
        warning.
    port (int): The port; with 0, any that is free.
    limits (Limits): How much is taken on.
    on_start (Callable[[str], None]): Gets the address of the page as soon as it listens.
    RAISES (ValueError): If the address can't be used.
    """
    app = make_app(nlp, limits)
    with bind(host, port) as listening:
        port = listening.getsockname()[1]
        if not is_loopback(host):
            warnings.warn(Warnings.LW901.format(host=host, port=port), stacklevel=2)
        on_start(f"http://{f'[{host}]' if ':' in host else host}:{port}/")
        make_server(app, limits).run(sockets=[listening])


def make_server(app: FastAPI, limits: Limits) -> uvicorn.Server:
    """app (FastAPI): An app.
    limits (Limits): How long it waits.
    RETURNS (uvicorn.Server): What runs it.
    """
    return uvicorn.Server(
        uvicorn.Config(
            app,
            http=ImpatientProtocol,
            ws="none",
            lifespan="on",
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_keep_alive=max(1, round(limits.seconds)),
            timeout_graceful_shutdown=max(1, round(limits.seconds)),
        )
    )


def bind(host: str, port: int) -> socket.socket:
    """host (str): An address.
    port (int): A port.
    RETURNS (socket.socket): It, taken.
    RAISES (ValueError): If it can't be.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as err:
        reason = err.strerror or str(err)
        raise ValueError(Errors.L921.format(host=host, port=port, reason=reason)) from err


def is_loopback(host: str) -> bool:
    """host (str): An address.
    RETURNS (bool): Whether only this machine reaches it.
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class ImpatientProtocol(H11Protocol):
    """uvicorn waits without end for the headers of a request, and for a client to read its answer.
    This closes the connection where they take longer than the time of keep-alive.
    """

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        self._timers: Dict[str, TimerHandle] = {}
        super().connection_made(transport)
        # asyncio only does so for sockets that name their protocol. Else the body of an answer
        # would wait for the acknowledgement of its headers, which comes 40 ms later.
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._watch_headers()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch_headers()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._start_timer("answer")

    def resume_writing(self) -> None:
        super().resume_writing()
        self._stop_timer("answer")

    def connection_lost(self, exc: Optional[Exception]) -> None:
        super().connection_lost(exc)
        for name in list(self._timers):
            self._stop_timer(name)

    def _watch_headers(self) -> None:
        if self.conn.their_state is not h11.IDLE:
            self._stop_timer("headers")
        elif "headers" not in self._timers:
            self._start_timer("headers")

    def _start_timer(self, name: str) -> None:
        timer = self.loop.call_later(self.timeout_keep_alive, self.transport.abort)
        self._timers[name] = timer

    def _stop_timer(self, name: str) -> None:
        if (timer := self._timers.pop(name, None)) is not None:
            timer.cancel()
