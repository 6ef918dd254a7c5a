"""Load a trained pipeline, and find out what it gives."""

from pathlib import Path
from typing import Dict, List, NamedTuple

import spacy
from spacy.language import Language

from spacy_lstm.errors import Errors
from spacy_lstm.training.readers.records import DataError


class Heads(NamedTuple):
    """What a pipeline gives.

    categories (bool): Whether texts get categories.
    names (bool): Whether names are found in them.
    """

    categories: bool
    names: bool

    def gives(self) -> List[str]:
        """RETURNS (List[str]): The names of what it gives."""
        return [name for name, given in self._asdict().items() if given]


def use_device(gpu_id: int) -> None:
    """Use a GPU, or the CPU.

    gpu_id (int): The number of the GPU, or -1 for the CPU.
    RAISES (DataError): If there is no such GPU, or what spaCy needs to use it isn't installed.
    """
    if gpu_id < 0:
        spacy.require_cpu()
        return
    try:
        spacy.require_gpu(gpu_id)
    # ValueError is spaCy's, where there is no GPU at all; RuntimeError is CUDA's.
    except (ValueError, RuntimeError) as err:
        raise DataError(Errors.L326.format(gpu_id=gpu_id, reason=err)) from err


def load_model(path: Path, gpu_id: int) -> Language:
    """Load a pipeline that gives texts categories, or finds names in them.

    path (Path): Its folder.
    gpu_id (int): The number of the GPU to use, or -1 for the CPU.
    RETURNS (Language): The pipeline.
    RAISES (DataError): If there is no such pipeline, or no such GPU.
    """
    use_device(gpu_id)
    try:
        nlp = spacy.load(path)
    except OSError as err:
        raise DataError(Errors.L329.format(path=path, reason=err)) from err
    if not any(heads_of(nlp)):
        reason = "it gives no categories and no names"
        raise DataError(Errors.L329.format(path=path, reason=reason))
    return nlp


def heads_of(nlp: Language) -> Heads:
    """Find out what a pipeline gives.

    nlp (Language): The pipeline.
    RETURNS (Heads): Whether it gives categories and names.
    """
    names = any("doc.ents" in nlp.get_pipe_meta(name).assigns for name in nlp.pipe_names)
    return Heads(bool(nlp("A text").cats), names)


def threshold_of(nlp: Language) -> float | None:
    """Get the score from which on a category applies.

    nlp (Language): The pipeline.
    RETURNS (float | None): The threshold, or None where categories exclude each other, so that the
        one with the highest score applies.
    """
    for name in nlp.pipe_names:
        if nlp.get_pipe_meta(name).factory in ("lstm_textcat_multilabel", "textcat_multilabel"):
            return nlp.get_pipe_config(name)["threshold"]
    return None


def applying(cats: Dict[str, float], threshold: float | None) -> List[str]:
    """Get the categories that apply by their scores.

    cats (Dict[str, float]): The scores by category.
    threshold (float | None): The score from which on one applies; or None, if exactly one does.
    RETURNS (List[str]): The categories, sorted.
    """
    if threshold is None:
        return [max(cats, key=lambda label: cats[label])]
    return sorted(label for label, score in cats.items() if score >= threshold)
