"""What a batch takes in memory is given back before the next one comes."""

import gc
import tracemalloc
import weakref

import pytest
from spacy.training import Example

from ..pipelines import shared_pipeline, textcat_pipeline, train

MAKERS = {"alone": textcat_pipeline, "shared": shared_pipeline}
TEXT = "what a great but tedious and cold story it was"
WIDTH = 24


def batch(nlp, n):
    cats = {"POS": 1.0, "NEG": 0.0}
    return [Example.from_dict(nlp.make_doc(f"{TEXT} {i}"), {"cats": cats}) for i in range(n)]


def watched(nlp):
    """RETURNS (List[weakref.ref]): Grows by the arrays that the embedding and the encoder give."""
    seen = []

    def watch(node):
        inner = node._func

        def forward(model, X, is_train):
            Ys, backprop = inner(model, X, is_train)
            seen.extend(weakref.ref(Y.base) for Y in Ys)
            return Ys, backprop

        node._func = forward

    name = "tok2vec" if nlp.has_pipe("tok2vec") else "textcat"
    model = nlp.get_pipe(name).model
    tok2vec = model if name == "tok2vec" else model.get_ref("tok2vec")
    for ref in ("embed", "encode"):
        watch(tok2vec.get_ref(ref))
    return seen


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_no_array_outlives_a_training_step(make):
    nlp = make()
    train(nlp, steps=1)
    seen = watched(nlp)
    optimizer = nlp.resume_training()
    examples = batch(nlp, 5)
    nlp.update(examples, sgd=optimizer)
    gc.collect()
    assert len(seen) >= 10
    assert not any(ref() is not None for ref in seen)


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_no_array_outlives_a_prediction(make):
    nlp = make()
    train(nlp, steps=1)
    seen = watched(nlp)
    docs = list(nlp.pipe([TEXT] * 6, batch_size=3))
    gc.collect()
    # An encoder's vectors are on the documents, as views, and nowhere else.
    kept = {id(doc.tensor.base) for doc in docs if doc.tensor.size}
    alive = {id(ref()) for ref in seen if ref() is not None}
    assert len(seen) == 24 // 2
    assert alive == kept
    assert len(kept) == (2 if nlp.has_pipe("tok2vec") else 0)
    del docs
    gc.collect()
    assert not any(ref() is not None for ref in seen)


def peak(function):
    gc.collect()
    tracemalloc.start()
    try:
        function()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_peak_does_not_grow_with_the_number_of_batches(make):
    nlp = make()
    train(nlp, steps=1)
    optimizer = nlp.resume_training()
    examples = batch(nlp, 64)

    def learn(n):
        for _ in range(n):
            nlp.update(examples, sgd=optimizer)

    def predict(n):
        for _ in nlp.pipe([TEXT] * 64 * n, batch_size=64):
            pass

    for work in (learn, predict):
        work(1)
        # While a batch is predicted, the pipeline still holds the documents of the one before.
        few, many = peak(lambda work=work: work(3)), peak(lambda work=work: work(12))
        assert many < 1.1 * few
