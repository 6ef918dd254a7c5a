"""The steps of a training, as in spaCy's `train_while_improving`, from any step on."""

from dataclasses import dataclass, field
from timeit import default_timer
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Tuple

from spacy.language import Language
from spacy.training.loop import create_evaluation_callback, subdivide_batch
from thinc.api import Optimizer

from .batches import Batch

Info = Dict[str, Any]


@dataclass
class Course:
    """How far a training is, but for what the pipeline, the optimizer and the batches hold.

    step (int): The number of the last step; -1 before the first.
    epoch (int): The number of its epoch.
    words (int): How many words were in the batches.
    seconds (float): How long it has gone on.
    losses (Dict[str, float]): The losses since the last evaluation, by component.
    results (List[Tuple[float, int]]): The score and the step of each evaluation.
    weights (Dict[str, float]): The scores that count, and how much. As in spaCy, one that is
        missing once is left out from there on.
    """

    weights: Dict[str, float]
    step: int = -1
    epoch: int = 0
    words: int = 0
    seconds: float = 0.0
    losses: Dict[str, float] = field(default_factory=dict)
    results: List[Tuple[float, int]] = field(default_factory=list)

    @property
    def best_step(self) -> int:
        """RETURNS (int): The first step with the best score."""
        return -max((score, -step) for score, step in self.results)[1]


def train_steps(
    nlp: Language,
    optimizer: Optimizer,
    batches: Iterable[Batch],
    dev_corpus: Callable,
    course: Course,
    training: Dict[str, Any],
    between: Callable[[], None],
) -> Iterator[Tuple[Info, Optional[bool]]]:
    """Train until an evaluation stops improving, as spaCy does.

    nlp (Language): The pipeline.
    optimizer (Optimizer): The optimizer.
    batches (Iterable[Tuple[int, List[Example]]]): The epochs and batches of the steps to come.
    dev_corpus (Callable[[Language], Iterable[Example]]): The reader of the texts to evaluate on.
    course (Course): How far it is, which is kept up to date.
    training (Dict[str, Any]): The resolved section `[training]` of the config.
    between (Callable[[], None]): Called between two steps, when all of the first is done.
    YIELDS (Tuple[Dict[str, Any], Optional[bool]]): What loggers are told of a step, and whether it
        is the best so far; None if it wasn't evaluated.
    """
    # The arithmetic is line by line that of spacy.training.loop, so that the weights are.
    evaluate = create_evaluation_callback(nlp, dev_corpus, course.weights)
    exclude = training["frozen_components"]
    start = default_timer() - course.seconds
    for epoch, batch in batches:
        step = course.step + 1
        if training["before_update"]:
            training["before_update"](nlp, {"step": step, "epoch": epoch})
        for subbatch in subdivide_batch(batch, training["accumulate_gradient"]):
            nlp.update(
                subbatch,
                drop=training["dropout"],
                losses=course.losses,
                sgd=False,  # type: ignore[arg-type]
                exclude=exclude,
                annotates=training["annotating_components"],
            )
        for name, proc in nlp.pipeline:
            if (
                name not in exclude
                and getattr(proc, "is_trainable", False)
                and proc.model not in (True, False, None)  # type: ignore[attr-defined]
            ):
                proc.finish_update(optimizer)  # type: ignore[attr-defined]
        optimizer.step_schedules()
        score, other_scores, is_best = None, None, None
        if step % training["eval_frequency"] == 0:
            with nlp.use_params(optimizer.averages or {}):
                score, other_scores = evaluate()
            course.results.append((score, step))
            course.weights = {k: v for k, v in course.weights.items() if k in other_scores}
            is_best = score == max(course.results)[0]
        course.step, course.epoch = step, epoch
        course.words += sum(len(eg) for eg in batch)
        course.seconds = default_timer() - start
        info = {
            "epoch": epoch,
            "step": step,
            "score": score,
            "other_scores": other_scores,
            "losses": course.losses,
            "checkpoints": course.results,
            "seconds": int(course.seconds),
            "words": course.words,
        }
        yield info, is_best
        if is_best is not None:
            course.losses = {}
        if training["patience"] and step - course.best_step >= training["patience"]:
            break
        if training["max_steps"] and step >= training["max_steps"]:
            break
        between()
