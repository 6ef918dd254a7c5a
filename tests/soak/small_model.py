"""A small pipeline of all of our components, for what is tested with many processes or texts."""

from pathlib import Path

from spacy.training import Example

from spacy_lstm.pipeline.ner_factory import DEFAULT_NER_MODEL

from ..pipelines import blank, examples, listener, textcat_model

WIDTH = 128  # of the encoder, where nothing else is said
PLACES = [
    ("Marta went to Porto and hated it", 14, 19),
    ("In Leeds, we loved it", 3, 8),
    ("the soup at Quillan's was cold", 12, 21),
]


def write_model(path: Path) -> None:
    """Train a pipeline, categories and entities on one encoder, and save it.

    path (Path): Where.
    """
    nlp = blank()
    nlp.add_pipe("lstm_encoder", name="tok2vec")
    tok2vec = listener(width=WIDTH)
    nlp.add_pipe("lstm_textcat", name="textcat", config={"model": textcat_model(tok2vec)})
    nlp.add_pipe(
        "lstm_ner", name="ner", config={"model": {**DEFAULT_NER_MODEL, "tok2vec": tok2vec}}
    )
    data = examples(nlp)
    for text, start, end in PLACES:
        cats = {"POS": 1.0, "NEG": 0.0}
        annotations = {"entities": [(start, end, "PLACE")], "cats": cats}
        data.append(Example.from_dict(nlp.make_doc(text), annotations))
    optimizer = nlp.initialize(lambda: data)
    for _ in range(30):
        nlp.update(data, sgd=optimizer, drop=0.1)
    nlp.to_disk(path)
