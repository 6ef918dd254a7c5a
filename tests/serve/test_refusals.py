"""What can't be answered, is too much, comes too slowly, or nobody waits for."""

import json
import socket
import time

import pytest

from .served import code_of, counted, serving, trained, trapped, wait_until


@pytest.fixture(scope="module")
def small():
    """A service with low limits."""
    limits = {"text_length": 40, "explain_length": 20, "texts": 3, "body_bytes": 1000}
    with serving(trained(), **limits) as client:
        yield client


@pytest.fixture
def trap():
    """A service that waits and fails where the texts say so."""
    nlp, trap = trapped()
    with serving(nlp, queue_length=3, batch_size=2) as client:
        yield client, trap
        trap.go_on.set()


def post(client, content, path="/v1/predict", **headers):
    headers = {"Content-Type": "application/json", **headers}
    return client.post(path, content=content, headers=headers)


@pytest.mark.parametrize(
    ("asked", "place"),
    [
        ({}, "text"),
        ({"text": "a", "texts": ["b"]}, "text"),
        ({"text": 3}, "body.text"),
        ({"texts": []}, "body.texts"),
        ({"texts": ["a", None]}, "body.texts.1"),
        ({"text": "a", "txt": "b"}, "body.txt"),
        ({"text": "a", "readings": -1}, "body.readings"),
        ({"text": "a", "readings": 21}, "body.readings"),
        ([], "body"),
        ({"text": "a", "\ud800": 1}, "body"),
    ],
)
def test_malformed_requests_say_where(small, asked, place):
    response = post(small, json.dumps(asked).encode())
    assert code_of(response) == (422, "L910")
    assert place in response.json()["error"]["message"]


@pytest.mark.parametrize(
    "content", [b"", b"{", b'{"text": "\xff"}', b'{"text": "\\ud800"}', b"[" * 900, b"1" * 900]
)
def test_what_is_no_json_gets_an_answer(small, content):
    status, code = code_of(post(small, content))
    assert status in (400, 422)
    assert code == "L910"


def test_a_form_is_no_json(small):
    status, code = code_of(small.post("/v1/predict", data={"text": "a"}))
    assert (status, code) == (422, "L910")


def test_unknown_paths_and_methods(small):
    assert code_of(small.get("/v2/predict")) == (404, "L911")
    assert code_of(small.get("/v1/predict")) == (405, "L912")


def test_texts_that_are_too_long_or_too_many(small):
    response = small.post("/v1/predict", json={"texts": ["a", "a" * 41]})
    assert code_of(response) == (413, "L902")
    assert "Text 1 (from 0) has 41 characters, and 40" in response.json()["error"]["message"]
    assert code_of(small.post("/v1/predict", json={"texts": ["a"] * 4})) == (413, "L903")
    explained = {"text": "a" * 21, "component": "ner"}
    assert code_of(small.post("/v1/explain", json=explained)) == (413, "L902")


def test_spacys_own_limit_counts_too():
    nlp, _ = trapped()
    nlp.max_length = 10
    with serving(nlp) as client:
        assert client.get("/v1/model").json()["limits"]["text_length"] == 10
        assert code_of(client.post("/v1/predict", json={"text": "a" * 11})) == (413, "L902")


@pytest.mark.parametrize("size", [1001, 7000, 2_000_000])
def test_bodies_that_are_too_large_are_refused_with_their_length(small, size):
    # Of a body that is far too large, nothing is read: it isn't sent here either.
    with connected(small) as connection:
        connection.sendall(head("/v1/predict", f"Content-Length: {size}"))
        if size < 8000:
            connection.sendall(b"a" * size)
        assert b"413" in answer(connection)
    assert code_of(post(small, b" " * 1001)) == (413, "L901")


def test_bodies_that_are_too_large_are_refused_without_their_length(small):
    def chunks():
        for _ in range(30):
            yield b" " * 100

    response = small.post("/v1/predict", content=chunks())
    assert response.request.headers["transfer-encoding"] == "chunked"
    assert code_of(response) == (413, "L901")
    # A body without an end.
    with connected(small) as connection:
        connection.sendall(head("/v1/predict", "Transfer-Encoding: chunked"))
        chunk = b"64\r\n" + b" " * 100 + b"\r\n"
        assert not all(is_sent(connection, chunk) for _ in range(10_000))


def test_clients_that_expect_an_answer_first_are_refused_at_once(small):
    with connected(small) as connection:
        connection.sendall(head("/v1/predict", "Content-Length: 1001", "Expect: 100-continue"))
        assert answer(connection).startswith(b"HTTP/1.1 413")


def test_slow_bodies_are_given_up():
    nlp, _ = trapped()
    with serving(nlp, seconds=1) as client, connected(client) as connection:
        begin = time.monotonic()
        connection.sendall(head("/v1/predict", "Content-Length: 100"))
        for _ in range(3):
            connection.sendall(b" ")
        found = answer(connection)
        assert found.startswith(b"HTTP/1.1 408")
        assert b"L904" in found
        assert time.monotonic() - begin < 15
        # Others aren't held up.
        assert client.post("/v1/predict", json={"text": "a"}).status_code == 200


@pytest.mark.parametrize("sent", [b"", b"POST /v1/predict HTTP/1.1\r\nHo"])
def test_connections_without_a_request_are_closed(sent):
    nlp, _ = trapped()
    with serving(nlp, seconds=1) as client, connected(client) as connection:
        connection.sendall(sent)
        assert answer(connection) == b""


def test_results_that_take_too_long_are_given_up():
    nlp, trap = trapped()
    with serving(nlp, seconds=1) as client:
        response = client.post("/v1/predict", json={"text": "WAIT"})
        assert code_of(response) == (503, "L905")
        assert response.headers["retry-after"] == "1"
        # What waits behind it is dropped when nobody waits for it any more.
        assert code_of(client.post("/v1/predict", json={"text": "behind"})) == (503, "L905")
        trap.go_on.set()
        assert client.post("/v1/predict", json={"text": "later"}).status_code == 200
    assert trap.seen == ["A text.", "WAIT", "later"]


def test_more_texts_than_fit_in_are_refused(trap):
    client, trap = trap
    with connected(client) as waiting, connected(client) as behind:
        send(waiting, {"text": "WAIT"})
        assert trap.entered.wait(20)
        send(behind, {"texts": ["1", "2"]})
        wait_until(lambda: counted(client, "spacy_lstm_waiting_texts") == 2)
        response = client.post("/v1/predict", json={"texts": ["3", "4"]})
        assert code_of(response) == (503, "L906")
        assert response.headers["retry-after"] == "1"
        trap.go_on.set()
        assert b"200 OK" in answer(waiting)
        assert b"200 OK" in answer(behind)
    assert trap.seen == ["A text.", "WAIT", "1", "2"]


def test_texts_of_clients_that_have_gone_are_never_predicted(trap):
    client, trap = trap
    with connected(client) as waiting:
        send(waiting, {"text": "WAIT"})
        assert trap.entered.wait(20)
        with connected(client) as leaving:
            send(leaving, {"texts": ["gone 1", "gone 2", "gone 3"]})
            wait_until(lambda: counted(client, "spacy_lstm_waiting_texts") == 3)
        wait_until(lambda: counted(client, "spacy_lstm_open_requests") == 2)
        with connected(client) as staying:
            # There is room for it, as the others have gone.
            send(staying, {"text": "here"})
            trap.go_on.set()
            assert b"200 OK" in answer(staying)
        assert counted(client, "spacy_lstm_abandoned_texts_total") == 3
    assert trap.seen == ["A text.", "WAIT", "here"]


def test_a_text_that_fails_leaves_its_neighbours_alone(trap):
    client, _ = trap
    response = client.post("/v1/predict", json={"texts": ["a", "BOOM", "b"]}).raise_for_status()
    first, failed, last = response.json()["results"]
    assert first == last == {"cats": {}, "ents": [], "spans": {}}
    assert failed["error"]["code"] == "L909"
    assert "RuntimeError: the pipeline has exploded." in failed["error"]["message"]
    assert counted(client, "spacy_lstm_failed_texts_total") == 1
    assert code_of(client.post("/v1/predict", json={"text": "BOOM"})) == (500, "L909")
    assert client.post("/v1/predict", json={"text": "c"}).status_code == 200


def test_more_requests_than_may_be_open_are_refused():
    nlp, trap = trapped()
    with serving(nlp, requests=1) as client, connected(client) as waiting:
        send(waiting, {"text": "WAIT"})
        assert trap.entered.wait(20)
        response = client.post("/v1/predict", json={"text": "a"})
        assert code_of(response) == (503, "L907")
        # Those who watch over it still see it.
        assert client.get("/health").json()["ready"]
        trap.go_on.set()
        assert b"200 OK" in answer(waiting)


def test_what_goes_wrong_inside_gives_no_details_away(monkeypatch):
    nlp, _ = trapped()
    with serving(nlp) as client:
        monkeypatch.setattr("spacy_lstm.serve.app.asdict", lambda limits: 1 / 0)
        response = client.get("/v1/model")
    assert code_of(response) == (500, "L913")
    assert "division" not in response.text


def connected(client):
    return socket.create_connection((client.base_url.host, client.base_url.port), timeout=20)


def is_sent(connection, content):
    try:
        connection.sendall(content)
    except OSError:
        return False
    time.sleep(0.001)
    return True


def head(path, *headers):
    lines = [f"POST {path} HTTP/1.1", "Host: x", "Content-Type: application/json", *headers]
    return "\r\n".join([*lines, "", ""]).encode()


def send(connection, asked):
    content = json.dumps(asked).encode()
    connection.sendall(head("/v1/predict", f"Content-Length: {len(content)}") + content)


def answer(connection):
    """RETURNS: What comes, until there is a whole answer, or the connection is closed."""
    found = b""
    while part := connection.recv(65536):
        found += part
        top, _, body = found.partition(b"\r\n\r\n")
        stated = [line for line in top.lower().split(b"\r\n") if b"content-length" in line]
        if stated and len(body) >= int(stated[0].split(b":")[1]):
            break
    return found
