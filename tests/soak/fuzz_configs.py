"""Configs with settings of any kind: each either works, from the construction to a saved model, or
is refused with a code."""

import io
import math
import random
import tempfile
from functools import cache
from importlib.metadata import entry_points
from itertools import islice
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional

import numpy
import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.training import Example
from spacy.util import load_model_from_config, registry

from ..ner_pipelines import TEXTS, annotated
from ..pipelines import TOK2VEC, textcat_model
from .config_cases import (
    BLOCKS,
    COMPONENTS,
    blocks_in,
    copied,
    random_value,
    settings_of,
)
from .outcome import Outcome, soak

#: The arguments of `initialize` that a config sets.
INITIALIZE = {
    "lstm_textcat": ("labels", "positive_label"),
    "lstm_textcat_multilabel": ("labels",),
    "lstm_ner": ("labels", "min_label_count"),
    "lstm_encoder": (),
}


class ConfigCase(NamedTuple):
    """A config.

    factory (Optional[str]): The name of a component's factory; None for another function.
    block (Dict[str, Any]): Its config.
    initialize (Dict[str, Any]): Its `[initialize]`.
    changed (List[str]): The names of the settings that were changed, for the reader.
    """

    factory: Optional[str]
    block: Dict[str, Any]
    initialize: Dict[str, Any]
    changed: List[str]


def make_case(rng: random.Random) -> ConfigCase:
    """rng (random.Random): The source of chance.
    RETURNS (ConfigCase): A case.
    """
    factory, base = rng.choice([*COMPONENTS, *((None, block) for block in BLOCKS)])
    block = copied(base)
    places = [(inner, settings_of(function)) for inner, function in _functions(factory, block)]
    changed = []
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        inner, settings = rng.choice(places)
        name = rng.choice(sorted(settings))
        if isinstance(inner.get(name), dict) and rng.random() < 0.8:
            continue  # rather change what is in it
        inner[name] = random_value(rng, name, settings[name])
        changed.append(f"{name} = {inner[name]!r}")
    initialize = {}
    for name in INITIALIZE.get(factory or "", ()):
        if rng.random() < 0.15:
            initialize[name] = random_value(rng, name, int if "count" in name else str)
    return ConfigCase(factory, block, initialize, changed)


def _functions(factory: Optional[str], block: Dict[str, Any]) -> List[Any]:
    found: List[Any] = []
    if factory is not None:
        (entry_point,) = entry_points(group="spacy_factories", name=factory)
        found.append((block, entry_point.load()))
    for inner in blocks_in(block):
        for key, name in inner.items():
            if key.startswith("@") and (name.startswith("spacy_lstm.") or "Listener" in name):
                found.append((inner, registry.get(key[1:], name)))
    # A component is one of many functions, but has most of the settings.
    return found


def run_case(case: ConfigCase) -> int:
    """case (ConfigCase): A case.
    RETURNS (int): 1.
    """
    if case.factory is not None:
        run_component(case)
    else:
        (kind,) = (key[1:] for key in case.block if key.startswith("@"))
        block = {**case.block}
        if block.get("corpus") == "FOLDER":
            block["corpus"] = f"{folder()}/corpus"
        RUNNERS[kind](registry.resolve({"block": block})["block"])
    return 1


def run_component(case: ConfigCase) -> None:
    """Build a pipeline, train it, predict, save and load.

    case (ConfigCase): A case with a component.
    """
    nlp = spacy.blank("en")
    if any("Listener" in str(block.get("@architectures")) for block in blocks_in(case.block)):
        nlp.add_pipe("lstm_encoder", name="tok2vec", config={"model": TOK2VEC})
    nlp.add_pipe(str(case.factory), name="pipe", config=copied(case.block))
    if case.factory == "lstm_encoder":
        nlp.add_pipe("tagger", config={"model": _tagger_model(nlp)})
    if case.initialize:
        nlp.config["initialize"]["components"]["pipe"] = case.initialize
    data = examples(nlp)
    optimizer = nlp.initialize(lambda: data)
    for _ in range(2):
        nlp.update(data, sgd=optimizer, drop=0.2)
    texts = [eg.text for eg in data]
    before = annotations(nlp, texts)
    again = load_model_from_config(nlp.config.copy(), auto_fill=False, validate=True)
    again.from_bytes(nlp.to_bytes())
    for expected, found in zip(before, annotations(again, texts), strict=True):
        assert numpy.allclose(expected, found, rtol=1e-4, atol=1e-4)


def _tagger_model(nlp: Language) -> Dict[str, Any]:
    width = nlp.get_pipe("pipe").model.maybe_get_dim("nO") or 24  # type: ignore[attr-defined]
    tok2vec = {"@architectures": "spacy.Tok2VecListener.v1", "width": width, "upstream": "pipe"}
    return {"@architectures": "spacy.Tagger.v2", "tok2vec": tok2vec}


def examples(nlp: Language) -> List[Example]:
    """nlp (Language): A pipeline.
    RETURNS (List[Example]): A few texts with everything that a component may learn.
    """
    data = []
    for i, (text, entities) in enumerate([*TEXTS[:4], ("", []), (" \n ", [])]):
        doc = annotated(nlp, text, entities)
        doc.cats = {"A": float(i % 2), "B": float(1 - i % 2)}
        for token in doc:
            token.tag_ = "X" if token.i % 2 else "Y"
            token.is_sent_start = token.i in (0, 3)
        if len(doc) > 1:
            doc.spans["wrong"] = [Span(doc, 1, 2, label="PLACE")]
        data.append(Example(nlp.make_doc(text), doc))
    return data


def annotations(nlp: Language, texts: List[str]) -> List[Any]:
    """nlp (Language): A pipeline.
    texts (List[str]): Texts.
    RETURNS (List[Any]): Of each text all numbers that the components have given it.
    """

    def of(doc: Doc) -> List[float]:
        ents = [float(value) for ent in doc.ents for value in (ent.start, ent.end)]
        numbers = [*map(float, doc.cats.values()), *ents, *map(float, doc.tensor.ravel())]
        assert all(map(math.isfinite, numbers))
        return numbers

    return [of(doc) for doc in nlp.pipe(texts)]


def run_layer(layer: Any) -> None:
    """layer (Any): A layer from vectors."""
    width = layer.maybe_get_dim("nI") or 3
    Xs = [layer.ops.alloc2f(n, width) + 0.1 for n in (3, 0, 1)]
    layer.initialize(X=Xs)
    Ys, backprop = layer.begin_update(Xs)
    if isinstance(Ys, list):
        assert all(numpy.isfinite(Y).all() for Y in Ys)
        backprop(Ys)
    layer.from_bytes(layer.to_bytes())


def run_optimizer(optimizer: Any) -> None:
    """optimizer (Any): An optimizer, that trains a component."""
    nlp = spacy.blank("en")
    nlp.add_pipe("lstm_textcat", config={"model": textcat_model(linear_model=None)})
    data = examples(nlp)
    nlp.initialize(lambda: data)
    for _ in range(3):
        nlp.update(data, sgd=optimizer)
        optimizer.step_schedules()


def run_schedule(schedule: Any) -> None:
    """schedule (Any): A schedule of rates."""
    assert all(value >= 0.0 for value in islice(schedule, 30))


def run_batcher(batcher: Any) -> None:
    """batcher (Any): A batcher, that loses no text unless it is told to."""
    items = ["x" * n for n in (1, 5, 9, 0, 100, 2, 2, 2)]
    batches = list(batcher(items))
    assert all(batches)
    if not batcher.keywords["discard_oversize"]:
        assert [item for batch in batches for item in batch] == items


def run_logger(logger: Any) -> None:
    """logger (Any): A logger of a training."""
    nlp = spacy.blank("en")
    nlp.add_pipe("lstm_textcat", name="textcat")
    log_step, close = logger(nlp, io.StringIO(), io.StringIO())
    info = {"epoch": 0, "step": 0, "score": 0.5, "other_scores": {"cats_score": math.nan}}
    info.update(losses={"textcat": math.inf}, checkpoints=[(0.5, 0)], seconds=1, words=2)
    log_step(None)
    log_step({**info, "output_path": folder() / "model-last"})
    close()


def run_reader(reader: Any) -> None:
    """reader (Any): A reader of a corpus."""
    nlp = spacy.blank("en")
    for _ in range(2):
        assert all(eg.text.strip() for eg in reader(nlp))


def run_tokenizer(make: Any) -> None:
    """make (Any): Makes a tokenizer."""
    nlp = spacy.blank("en")
    nlp.tokenizer = make(nlp)
    assert nlp.make_doc("It's (555) 123-4567!").text == "It's (555) 123-4567!"
    nlp.from_bytes(nlp.to_bytes())


RUNNERS = {
    "layers": run_layer,
    "optimizers": run_optimizer,
    "schedules": run_schedule,
    "batchers": run_batcher,
    "loggers": run_logger,
    "readers": run_reader,
    "tokenizers": run_tokenizer,
}


@cache
def folder() -> Path:
    """RETURNS (Path): A folder with a small corpus, that is there as long as the process."""
    kept = tempfile.TemporaryDirectory(prefix="soak")
    folder.kept = kept  # type: ignore[attr-defined]
    root = Path(kept.name)
    for label in ("pos", "neg"):
        (root / "corpus" / label).mkdir(parents=True)
        for i in range(4):
            (root / "corpus" / label / f"{i}.txt").write_text(f"{label} text {i}", encoding="utf8")
    return root


def fuzz_configs(n: int, seed: int, *, minutes: Optional[float] = None) -> Outcome:
    """n (int): The number of configs.
    seed (int): The seed.
    minutes (Optional[float]): When to stop before that.
    RETURNS (Outcome): What was found.
    """
    return soak("fuzzed configs", n, seed, minutes=minutes, make=make_case, run=run_case)
