"""Addresses."""

import pytest

from spacy_lstm.serve.server import bind, is_loopback


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
