"""Writes checkpoints of a training between its steps, and goes on from one."""

from dataclasses import asdict
from time import perf_counter
from typing import Any, Callable, Dict, List

from spacy.language import Language
from thinc.api import Optimizer

from ...errors import Errors
from ..readers.records import DataError
from .batches import Batch, Replayable, go_on
from .components import numbers_of, restore_components, write_components
from .identity import Identity, surroundings
from .optimizer_state import check_places, optimizer_state, restore_optimizer
from .pace import Pace
from .random_states import get_states, set_states
from .steps import Course
from .stop import Stop, Stopped
from .store import Checkpoint, CheckpointStore


class Keeper:
    """Keeps all that the rest of a training depends on.

    nlp (Language): The pipeline, initialized.
    optimizer (Optimizer): The optimizer.
    batches (Replayable[Tuple[int, List[Example]]]): The batches.
    dev_corpus (Callable[[Language], Iterable[Example]]): The reader of the texts to evaluate on.
    frozen (List[str]): The components that don't learn.
    course (Course): How far the training is.
    store (CheckpointStore): Where it is kept.
    identity (Identity): What training it is.
    pace (Pace): How often it is kept.
    stop (Stop): Says whether it is to stop.
    """

    def __init__(
        self,
        nlp: Language,
        optimizer: Optimizer,
        batches: Replayable[Batch],
        dev_corpus: Callable,
        frozen: List[str],
        course: Course,
        *,
        store: CheckpointStore,
        identity: Identity,
        pace: Pace,
        stop: Stop,
    ) -> None:
        self._nlp = nlp
        self._optimizer = optimizer
        self._batches = batches
        self._dev_corpus = dev_corpus
        self._frozen = frozen
        self._course = course
        self._store = store
        self._identity = identity
        self._surroundings = surroundings()
        self._pace = pace
        self._stop = stop
        self._is_checked = False

    def between_steps(self) -> None:
        """Keep the training if it is time, or if it is to stop.

        RAISES (Stopped): If it is to stop.
        RAISES (WriteError): If it can't be kept.
        RAISES (DataError): If the optimizer changed parameters that aren't in the pipeline.
        """
        if not self._is_checked:
            check_places(self._nlp, self._optimizer)
            self._is_checked = True
        reason = self._stop.reason
        if reason is None and not self._pace.is_due:
            return
        begin = perf_counter()
        self.write()
        self._pace.see(perf_counter() - begin)
        if reason is not None:
            message = (
                f"Stopped after step {self._course.step} ({reason}). The training is kept in "
                f"{self._store.path}: go on with the same command and --resume."
            )
            raise Stopped(message, self._stop.exit_code)

    def write(self) -> None:
        """Write a checkpoint.

        RAISES (WriteError): If that isn't possible.
        """
        optimizer, arrays = optimizer_state(self._nlp, self._optimizer)
        state = {
            "course": asdict(self._course),
            "optimizer": optimizer,
            "n_batches": self._batches.n_items,
            "journal": self._batches.journal,
            "dev": numbers_of(self._dev_corpus),
            "performance": self._nlp.meta.get("performance", {}),
            "strings": list(self._nlp.vocab.strings),
            "random": get_states(),
        }
        self._store.write(
            self._course.step,
            self._identity,
            self._surroundings,
            state=state,
            arrays=arrays,
            write_more=lambda path: write_components(self._nlp, self._frozen, path),
        )

    def restore(self, checkpoint: Checkpoint) -> Callable[[], None]:
        """Go on from a checkpoint.

        checkpoint (Checkpoint): The checkpoint.
        RETURNS (Callable[[], None]): To be called right before the next step: sets the generators
            of random numbers.
        RAISES (DataError): If it doesn't fit the pipeline, or the texts have changed.
        """
        try:
            state = checkpoint.read_state()
            self._restore(state, checkpoint)
        except DataError:
            raise
        # What thinc, components and NumPy raise on states that don't fit.
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as err:
            reason = f"{type(err).__name__}: {err}"
            message = Errors.L755.format(path=checkpoint.path, reason=reason)
            raise DataError(message) from err
        go_on(self._batches, state["n_batches"], state["journal"], self._course.words)
        return lambda: set_states(state["random"], step=self._course.step)

    def _restore(self, state: Dict[str, Any], checkpoint: Checkpoint) -> None:
        for name, value in state["course"].items():
            setattr(self._course, name, value)
        self._course.results = [(score, step) for score, step in self._course.results]
        for string in state["strings"]:
            self._nlp.vocab.strings.add(string)
        restore_components(self._nlp, self._frozen, checkpoint.path)
        restore_optimizer(
            self._nlp,
            self._optimizer,
            state["optimizer"],
            checkpoint.read_arrays(),
            n_steps=self._course.step + 1,
        )
        for name, value in state["dev"].items():
            setattr(self._dev_corpus, name, value)
        self._nlp.meta["performance"] = state["performance"]
