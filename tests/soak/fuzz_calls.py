"""Calls in any order on a pipeline: each either works or is refused with a code, and no refusal
makes a later call fail."""

import random
import tempfile
from pathlib import Path
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence

import spacy
from spacy.training import Example
from spacy.util import load_model_from_config

from spacy_lstm.pipeline.guard import has_weights

from ..ner_pipelines import TEXTS, annotated, ner_model
from ..pipelines import NGRAMS, TOK2VEC, listener, textcat_model
from .outcome import Outcome, is_fault, soak
from .text_pipelines import BEST, FEATURES, LINEAR

#: Pipelines to begin with: the configs of their components.
PIPELINES: Dict[str, List[Any]] = {
    "textcat": [("lstm_textcat", textcat_model(BEST, linear_model=LINEAR))],
    "multilabel": [("lstm_textcat_multilabel", textcat_model(linear_model=NGRAMS))],
    "ner": [("lstm_ner", ner_model(BEST, linear_model=FEATURES))],
    "shared": [
        ("lstm_encoder", TOK2VEC),
        ("lstm_textcat", textcat_model(listener())),
        ("lstm_ner", ner_model(listener())),
    ],
}
NAMES = {
    "lstm_textcat": "textcat",
    "lstm_textcat_multilabel": "multilabel",
    "lstm_ner": "ner",
    "lstm_encoder": "tok2vec",
}
LABELS = ("A", "B", "NEW", "PERSON", "", 1, None)


class CallCase(NamedTuple):
    """Calls on a pipeline.

    pipeline (str): One of `PIPELINES`.
    calls (List[str]): The names of the calls, in order.
    seed (int): Of what the calls choose.
    """

    pipeline: str
    calls: List[str]
    seed: int


class Session:
    """A pipeline, and what a user has at hand beside it.

    pipeline (str): One of `PIPELINES`.
    rng (random.Random): The source of chance.
    """

    def __init__(self, pipeline: str, rng: random.Random) -> None:
        self.rng = rng
        self.nlp = spacy.blank("en")
        for factory, model in PIPELINES[pipeline]:
            self.nlp.add_pipe(factory, name=NAMES[factory], config={"model": model})
        self.pipeline = pipeline
        self.saved: Optional[bytes] = None
        self.stale: Any = None

    @property
    def name(self) -> str:
        """RETURNS (str): The name of one of the components."""
        return self.rng.choice(self.nlp.component_names or ["nothing"])

    @property
    def pipe(self) -> Any:
        """RETURNS (Any): One of the components."""
        return self.nlp.get_pipe(self.name)

    def data(self, cats: Sequence[str] = ("A", "B"), *, more: bool = False) -> List[Example]:
        """cats (Sequence[str]): The categories.
        more (bool): Whether entities have another label.
        RETURNS (List[Example]): Training data.
        """
        data = []
        for i, (text, entities) in enumerate([*TEXTS[: self.rng.randrange(2, 7)], ("", [])]):
            if more:
                entities = [(start, end, "NEW") for start, end, _ in entities]
            doc = annotated(self.nlp, text, entities)
            doc.cats = {label: float(i % len(cats) == j) for j, label in enumerate(cats)}
            data.append(Example(self.nlp.make_doc(text), doc))
        return data

    def docs(self) -> List[Any]:
        """RETURNS (List[Any]): Documents without predictions."""
        return [eg.predicted for eg in self.data()]


def initialize(s: Session) -> None:
    data = s.data()
    s.nlp.initialize(lambda: data)


def initialize_with_others(s: Session) -> None:
    data = s.data(s.rng.choice((("B", "C", "D"), ("A",), ())), more=True)
    s.nlp.initialize(lambda: data)


def initialize_one(s: Session) -> None:
    data = s.data()
    pipe = s.pipe
    labels = s.rng.choice((None, ["A", "B"], ["PERSON", "PLACE", "NEW"], []))
    if s.nlp.get_pipe_meta(pipe.name).factory == "lstm_encoder":
        pipe.initialize(lambda: data, nlp=s.nlp)
    else:
        pipe.initialize(lambda: data, nlp=s.nlp, labels=labels)


def predict(s: Session) -> None:
    for doc in s.nlp.pipe([text for text, _ in TEXTS] + [""]):
        assert all(0.0 <= value <= 1.0 for value in doc.cats.values())


def predict_one(s: Session) -> None:
    pipe, docs = s.pipe, s.docs()
    s.stale = (pipe, docs, pipe.predict(docs))


def set_stale_annotations(s: Session) -> None:
    if s.stale is not None:
        pipe, docs, predictions = s.stale
        pipe.set_annotations(docs, predictions)


def update(s: Session) -> None:
    s.nlp.update(s.data(), drop=s.rng.choice((0.0, 0.2)), sgd=s.nlp.create_optimizer())


def update_without_step(s: Session) -> None:
    s.nlp.update(s.data(), sgd=None)


def update_one(s: Session) -> None:
    s.pipe.update(s.data())


def update_with_nothing(s: Session) -> None:
    s.nlp.update([], sgd=s.nlp.create_optimizer())
    s.pipe.update([])


def begin_update(s: Session) -> None:
    """And never end it. What a thinc model without weights says is thinc's."""
    model = s.pipe.model
    if has_weights(model):
        model.begin_update(s.docs())


def finish_update(s: Session) -> None:
    s.pipe.finish_update(s.nlp.create_optimizer())


def get_loss(s: Session) -> None:
    pipe, data = s.pipe, s.data()
    if has_weights(pipe.model) and s.nlp.get_pipe_meta(pipe.name).factory != "lstm_encoder":
        pipe.get_loss(data, pipe.model.predict([eg.predicted for eg in data]))


def add_label(s: Session) -> None:
    pipe = s.pipe
    if s.nlp.get_pipe_meta(pipe.name).factory != "lstm_encoder":
        pipe.add_label(s.rng.choice(LABELS))


def evaluate(s: Session) -> None:
    s.nlp.evaluate(s.data())


def rename_pipe(s: Session) -> None:
    s.nlp.rename_pipe(s.name, s.rng.choice(("textcat", "ner", "tok2vec", "other")))


def remove_pipe(s: Session) -> None:
    s.nlp.remove_pipe(s.name)


def add_pipe(s: Session) -> None:
    factory, model = s.rng.choice(PIPELINES[s.rng.choice(sorted(PIPELINES))])
    before = s.rng.choice((None, 0))
    s.nlp.add_pipe(factory, name=NAMES[factory], config={"model": model}, before=before)


def disable_pipe(s: Session) -> None:
    s.nlp.disable_pipe(s.name)


def enable_pipe(s: Session) -> None:
    s.nlp.enable_pipe(s.name)


def select_pipes(s: Session) -> None:
    with s.nlp.select_pipes(disable=[s.name]):
        predict(s)
        update(s)


def resume_training(s: Session) -> None:
    s.nlp.resume_training()


def rehearse(s: Session) -> None:
    s.nlp.rehearse(s.data(), sgd=s.nlp.create_optimizer())


def save(s: Session) -> None:
    s.saved = s.nlp.to_bytes()


def load(s: Session) -> None:
    """Into the same pipeline, whatever became of it since."""
    if s.saved is not None:
        s.nlp.from_bytes(s.saved)


def reload(s: Session) -> None:
    """Into a new pipeline, that predicts the same."""
    data = s.nlp.to_bytes()
    nlp = load_model_from_config(s.nlp.config.copy())
    s.nlp = nlp.from_bytes(data)


def reload_from_disk(s: Session) -> None:
    with tempfile.TemporaryDirectory() as folder:
        s.nlp.to_disk(folder)
        s.nlp = spacy.load(Path(folder))


def pipe_to_bytes(s: Session) -> None:
    pipe = s.pipe
    pipe.from_bytes(pipe.to_bytes())


def replace_listeners(s: Session) -> None:
    s.nlp.replace_listeners("tok2vec", s.name, ["model.tok2vec"])


def source(s: Session) -> None:
    """From another pipeline, which may be untrained or trained."""
    other = Session(s.rng.choice(sorted(PIPELINES)), s.rng)
    if s.rng.random() < 0.7:
        initialize(other)
    name = other.name
    s.nlp.add_pipe(name, source=other.nlp, name=s.rng.choice((name, "sourced")))


def use_params(s: Session) -> None:
    optimizer = s.nlp.create_optimizer()
    s.nlp.update(s.data(), sgd=optimizer)
    with s.nlp.use_params(optimizer.averages):
        predict(s)
        s.nlp.to_bytes()


def readings(s: Session) -> None:
    pipe = s.pipe
    if hasattr(pipe, "readings"):
        pipe.readings(s.docs()[0], k=s.rng.choice((0, 1, 3)))


# Not among them is `pipe.model = pipe.model.copy()`: thinc's copies lose the refs to inner layers.
CALLS: Dict[str, Callable[[Session], None]] = {
    call.__name__: call
    for call in (
        initialize,
        initialize_with_others,
        initialize_one,
        predict,
        predict_one,
        set_stale_annotations,
        update,
        update_without_step,
        update_one,
        update_with_nothing,
        begin_update,
        finish_update,
        get_loss,
        add_label,
        evaluate,
        rename_pipe,
        remove_pipe,
        add_pipe,
        disable_pipe,
        enable_pipe,
        select_pipes,
        resume_training,
        rehearse,
        save,
        load,
        reload,
        reload_from_disk,
        pipe_to_bytes,
        replace_listeners,
        source,
        use_params,
        readings,
    )
}


def make_case(rng: random.Random) -> CallCase:
    """rng (random.Random): The source of chance.
    RETURNS (CallCase): A case.
    """
    calls = rng.choices(sorted(CALLS), k=rng.randrange(3, 13))
    if rng.random() < 0.7:  # most of what can be done needs it
        calls.insert(rng.randrange(len(calls)), "initialize")
    return CallCase(rng.choice(sorted(PIPELINES)), calls, rng.randrange(2**32))


def run_case(case: CallCase) -> int:
    """Make all calls, and then train the pipeline and save it, as if nothing had been.

    case (CallCase): A case.
    RETURNS (int): 1.
    """
    session = Session(case.pipeline, random.Random(case.seed))
    for name in [*case.calls, "initialize", "update", "predict", "reload"]:
        try:
            CALLS[name](session)
        except Exception as err:
            if is_fault(err):
                raise
    return 1


def fuzz_calls(n: int, seed: int, *, minutes: Optional[float] = None) -> Outcome:
    """n (int): The number of sequences of calls.
    seed (int): The seed.
    minutes (Optional[float]): When to stop before that.
    RETURNS (Outcome): What was found.
    """
    return soak("fuzzed calls", n, seed, minutes=minutes, make=make_case, run=run_case)
