"""Lines in, lines out."""

import json

import pytest

from ..ner_pipelines import TEXTS
from .served import counted, serving, trained, trapped, wait_until
from .test_app import assert_same
from .test_refusals import connected, head, is_sent


@pytest.fixture(scope="module")
def client():
    with serving(trained(), text_length=100, body_bytes=500) as client:
        yield client


def stream(client, content, **settings):
    response = client.post("/v1/stream", content=content, params=settings).raise_for_status()
    assert response.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in response.text.splitlines()]


def test_each_line_gets_its_answer_in_order(client):
    asked = [
        json.dumps(text if i % 2 else {"text": text, "id": f"t{i}", "label": "ignored"})
        for i, (text, _) in enumerate(TEXTS)
    ]
    answers = stream(client, "\n\n".join(asked).encode(), readings=2, tokens=True)
    assert [answer["line"] for answer in answers] == [1 + 2 * i for i in range(len(TEXTS))]
    docs = trained().pipe([text for text, _ in TEXTS])
    for i, (answer, doc) in enumerate(zip(answers, docs, strict=True)):
        assert_same(answer, doc)
        assert answer.get("id") == (None if i % 2 else f"t{i}")
        assert len(answer["readings"]["ner"]) == 2
        assert len(answer["tokens"]) == len(doc)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"{", "L914"),
        (b"\xff", "L914"),
        (b"[" * 400, "L914"),
        (b"[1]", "L914"),
        (b'{"id": 1}', "L914"),
        (b'"\\ud800"', "L914"),
        (b'{"text": "a", "id": "\\ud800"}', "L914"),
        (b'"' + b"a" * 101 + b'"', "L902"),
        (b" " * 501, "L915"),
        (b'"' + b"a" * 5000 + b'"', "L915"),
    ],
)
def test_a_line_that_cannot_be_used_leaves_the_others_alone(client, line, code):
    first, wrong, last = stream(client, b'"Anna"\n' + line + b'\n"Anna"')
    assert (wrong["line"], wrong["error"]["code"]) == (2, code)
    assert first["ents"] == last["ents"]
    assert "error" not in first


def test_a_stream_without_lines_has_no_answers(client):
    assert stream(client, b"") == stream(client, b"\n \n") == []


def test_settings_that_cannot_be_used(client):
    response = client.post("/v1/stream?readings=-1", content=b'"a"')
    assert response.status_code == 422
    assert response.json()["error"]["code"] == "L910"


def test_answers_come_while_lines_are_sent(client):
    """And parts of a line, of a character even, are put together."""
    with connected(client) as connection:
        chunked = ("Transfer-Encoding: chunked", "Connection: close")
        connection.sendall(head("/v1/stream", *chunked))
        answers = connection.makefile("rb")
        for number in (1, 2, 3):
            line = json.dumps({"text": "Zoë 🙂", "id": number}, ensure_ascii=False).encode() + b"\n"
            for i in range(len(line)):
                connection.sendall(b"1\r\n" + line[i : i + 1] + b"\r\n")
            answer = next(line for line in answers if line.startswith(b"{"))
            assert json.loads(answer)["id"] == number
        connection.sendall(b"0\r\n\r\n")
        assert answers.read().endswith(b"0\r\n\r\n")


def test_a_client_that_does_not_read_is_not_read_from():
    """The lines that it sends don't fill the memory of the service: it stops reading."""
    nlp, trap = trapped()
    line = json.dumps("a " * 2000).encode() + b"\n"
    with serving(nlp, seconds=1) as client, connected(client) as connection:
        connection.sendall(head("/v1/stream?tokens=true", f"Content-Length: {len(line) * 10**6}"))
        assert not all(is_sent(connection, line) for _ in range(10**6))
        wait_until(lambda: counted(client, "spacy_lstm_open_requests") == 1)
        assert client.post("/v1/predict", json={"text": "a"}).status_code == 200
    assert len(trap.seen) < 1000


def test_a_stream_that_stops_is_told_so():
    nlp, _ = trapped()
    with serving(nlp, seconds=1) as client, connected(client) as connection:
        connection.sendall(
            head("/v1/stream", "Content-Length: 100", "Connection: close") + b'"a"\n"b'
        )
        lines = connection.makefile("rb").read().split(b"\r\n")
    answers = [json.loads(line) for line in lines if line.startswith(b"{")]
    assert answers[0]["line"] == 1
    assert answers[1] == {"line": None, "error": answers[1]["error"]}
    assert answers[1]["error"]["code"] == "L904"


def test_lines_of_clients_that_have_gone_are_never_predicted():
    nlp, trap = trapped()
    with serving(nlp, batch_size=1) as client:
        with connected(client) as leaving:
            content = b'"WAIT"\n"gone 1"\n"gone 2"\n'
            leaving.sendall(head("/v1/stream", "Content-Length: 1000") + content)
            assert trap.entered.wait(20)
            wait_until(lambda: counted(client, "spacy_lstm_waiting_texts") == 2)
        wait_until(lambda: counted(client, "spacy_lstm_open_requests") == 1)
        trap.go_on.set()
        assert client.post("/v1/predict", json={"text": "here"}).status_code == 200
    assert trap.seen == ["A text.", "WAIT", "here"]


def test_a_stream_waits_where_the_queue_is_full():
    nlp, trap = trapped()
    lines = b"".join(b'"%d"\n' % i for i in range(200))
    with serving(nlp, queue_length=2, batch_size=1) as client:
        answers = stream(client, lines)
    assert [answer["line"] for answer in answers] == list(range(1, 201))
    assert not any("error" in answer for answer in answers)
    assert sorted(trap.seen[1:], key=int) == [str(i) for i in range(200)]
