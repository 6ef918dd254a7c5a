"""Services to test, over real HTTP."""

import threading
import time
from contextlib import contextmanager
from functools import lru_cache

import httpx
from spacy.language import Language
from spacy.training import Example

from spacy_lstm.serve.app import make_app
from spacy_lstm.serve.limits import Limits
from spacy_lstm.serve.server import bind, make_server

from ..ner_pipelines import TEXTS, annotated, ner_model
from ..pipelines import TOK2VEC, blank, listener, textcat_model

TEXT = "Anna met Ben Moss in New York"


class Trap:
    """What texts the pipeline has seen; it fails on some, and waits at others."""

    def __init__(self):
        self.seen = []
        self.entered = threading.Event()
        self.go_on = threading.Event()

    def __call__(self, doc):
        self.seen.append(doc.text)
        if "BOOM" in doc.text:
            raise RuntimeError("the pipeline has\nexploded")
        if "WAIT" in doc.text:
            self.entered.set()
            assert self.go_on.wait(20)
        return doc


@Language.factory("test_serve_trap")
def make_trap(nlp, name):
    return Trap()


@lru_cache
def trained():
    """One encoder for categories and entities, for all tests, which must leave it as it is."""
    nlp = blank()
    nlp.add_pipe("lstm_encoder", name="tok2vec", config={"model": TOK2VEC})
    nlp.add_pipe("lstm_textcat", name="textcat", config={"model": textcat_model(listener())})
    nlp.add_pipe("lstm_ner", name="ner", config={"model": ner_model(listener())})
    data = []
    for text, entities in TEXTS:
        reference = annotated(nlp, text, entities)
        reference.cats = {"NAMES": float(bool(entities)), "NONE": float(not entities)}
        data.append(Example(nlp.make_doc(text), reference))
    optimizer = nlp.initialize(lambda: data)
    optimizer.learn_rate = 0.02
    for _ in range(20):
        nlp.update(data, sgd=optimizer)
    return nlp


def trapped():
    """RETURNS: A pipeline with nothing but a trap, and the trap."""
    nlp = blank()
    return nlp, nlp.add_pipe("test_serve_trap", name="trap")


@contextmanager
def serving(nlp, **limits):
    """A client of a service."""
    settings = Limits(**limits)
    server = make_server(make_app(nlp, settings), settings)
    with bind("127.0.0.1", 0) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            wait_until(lambda: server.started)
            port = listening.getsockname()[1]
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join(30)
            assert not thread.is_alive()


def wait_until(is_so):
    for _ in range(2000):
        if is_so():
            return
        time.sleep(0.01)
    raise AssertionError("it never came to be so")


def counted(client, name):
    """RETURNS: A figure of /metrics."""
    lines = client.get("/metrics").text.splitlines()
    return float(next(line.split()[-1] for line in lines if line.startswith(f"{name} ")))


def code_of(response):
    error = response.json()["error"]
    assert not error["message"].startswith("[")
    return response.status_code, error["code"]
