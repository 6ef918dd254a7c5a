"""The components of a pipeline in training, as they are: not with the averages of their weights."""

from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Tuple

from spacy.language import Language
from thinc.api import Model


def write_components(nlp: Language, frozen: List[str], folder: Path) -> None:
    """Write what training may change: all weights and, beside them, what else a component has.

    nlp (Language): The pipeline.
    frozen (List[str]): The components that don't learn, which stay as the config makes them.
    folder (Path): Where the files are written.
    RAISES (OSError): If they can't be.
    """
    for number, (model, rest) in _states(nlp, frozen):
        for kind, state in (("model", model), ("rest", rest)):
            if state is not None:
                (folder / f"component-{number}.{kind}").write_bytes(state)


def restore_components(nlp: Language, frozen: List[str], folder: Path) -> None:
    """Take the components back.

    nlp (Language): The pipeline, initialized as at its beginning.
    frozen (List[str]): The components that don't learn.
    folder (Path): Where the files are.
    RAISES (Exception): Whatever components, spaCy or thinc raise where the files don't fit.
    """
    pipes = list(_learning(nlp, frozen))
    for number, (_, rest) in _states(nlp, frozen, with_model=False):
        pipe = pipes[number]
        path = folder / f"component-{number}.rest"
        # Where it is the same it is left alone: JSON in these files rounds numbers.
        if rest is not None and rest != (before := path.read_bytes()):
            pipe.from_bytes(before, exclude=["vocab", "model"])
        if isinstance(getattr(pipe, "model", None), Model):
            pipe.model.from_bytes((folder / f"component-{number}.model").read_bytes())


def _learning(nlp: Language, frozen: List[str]) -> Iterator[Any]:
    for name, pipe in nlp.components:
        if name not in frozen:
            yield pipe


def _states(
    nlp: Language, frozen: List[str], *, with_model: bool = True
) -> Iterator[Tuple[int, Tuple[Optional[bytes], Optional[bytes]]]]:
    for number, pipe in enumerate(_learning(nlp, frozen)):
        model, rest = getattr(pipe, "model", None), None
        if hasattr(pipe, "to_bytes"):
            rest = pipe.to_bytes(exclude=["vocab", "model"])
        weights = model.to_bytes() if with_model and isinstance(model, Model) else None
        yield number, (weights, rest)


def numbers_of(reader: Any) -> Dict[str, int]:
    """Read the counters of a reader of a corpus, such as the number of its epoch.

    reader (Any): The reader.
    RETURNS (Dict[str, int]): Its attributes that are whole numbers.
    """
    attributes = getattr(reader, "__dict__", {})
    return {name: value for name, value in attributes.items() if type(value) is int}
