"""Addresses."""

import asyncio
import socket

import pytest
import uvicorn
from uvicorn.server import ServerState

from spacy_lstm.serve.server import ImpatientProtocol, bind, is_loopback


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.5.0.1", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.0.1", False),
        ("example.org", False),
    ],
)
def test_which_addresses_only_this_machine_reaches(host, expected):
    assert is_loopback(host) is expected


def test_addresses_that_cannot_be_used():
    with bind("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ValueError, match=f"L921.*127.0.0.1:{port}"):
            bind("127.0.0.1", port)
    with pytest.raises(ValueError, match=r"L921.*no address"):
        bind("no address", 0)


def test_answers_do_not_wait_for_their_headers():
    made = []

    def protocol():
        made.append(ImpatientProtocol(uvicorn.Config(None, ws="none"), ServerState(), {}))
        return made[0]

    async def connect():
        with bind("127.0.0.1", 0) as listening:
            server = await asyncio.get_running_loop().create_server(protocol, sock=listening)
            async with server:
                _, writer = await asyncio.open_connection(*listening.getsockname())
                while not made or made[0].transport is None:
                    await asyncio.sleep(0.01)
                connection = made[0].transport.get_extra_info("socket")
                found = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
                made[0].transport.close()
                writer.close()
        return found

    assert asyncio.run(connect())
