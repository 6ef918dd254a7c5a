"""What the thread that owns a pipeline is asked to do. Results are plain data: nothing of them
belongs to the memory zone in which they are computed."""

import warnings
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Dict, List, Optional, Sequence, Tuple

from spacy.language import Language
from spacy.tokens import Doc

from ..errors import Errors
from ..explain import explain, gates
from ..explain.choice import is_ours
from ..explain.gradients import MIN_STEPS
from ..explain.heads import find_head
from ..explain.render_gates import mean_rows
from .read import read_doc, read_readings
from .request_error import RequestError

#: What integrated gradients may take: their steps times the tokens of the text, some seconds. Where
#: that isn't enough, a warning goes with the explanation.
MAX_STEP_TOKENS = 30_000
MOST_STEPS = 1024


class Task(ABC):
    """Something to do with a pipeline.

    shared (bool): Whether tasks of this kind are done together.
    """

    shared: ClassVar[bool] = False

    @property
    @abstractmethod
    def size(self) -> int:
        """RETURNS (int): How many characters it has."""

    @classmethod
    @abstractmethod
    def run(cls, nlp: Language, tasks: Sequence[Any]) -> List[Any]:
        """nlp (Language): The pipeline, in a memory zone.
        tasks (Sequence[Task]): Tasks of this kind: one, unless they are done together.
        RETURNS (List[Any]): The result of each.
        """


@dataclass(frozen=True)
class Predict(Task):
    """Predict what is in a text.

    text (str): The text.
    readings (int): How many readings of its entities to give.
    tokens (bool): Whether to give what is known of its tokens.
    """

    text: str
    readings: int = 0
    tokens: bool = False

    shared = True

    @property
    def size(self) -> int:
        return len(self.text)

    @classmethod
    def run(cls, nlp: Language, tasks: Sequence["Predict"]) -> List[Dict[str, Any]]:
        docs = nlp.pipe([task.text for task in tasks], batch_size=len(tasks))
        results = [read_doc(doc, task.tokens) for doc, task in zip(docs, tasks, strict=True)]
        for task, result in zip(tasks, results, strict=True):
            if task.readings:
                result["readings"] = read_readings(nlp, task.text, task.readings)
        return results


@dataclass(frozen=True)
class Explain(Task):
    """Explain a prediction.

    text (str): The text.
    component (Optional[str]): The component; None for the only one with categories or entities.
    label (Optional[str]): The label; None for that of the top prediction.
    span (Optional[Tuple[int, int]]): The first character of an entity, and the one after its last;
        None for the most probable.
    method (Optional[str]): The method; None for integrated gradients where the component is ours,
        and occlusion where it isn't.
    gates (bool): Whether to give the means of the LSTM's gates and states too.
    """

    text: str
    component: Optional[str] = None
    label: Optional[str] = None
    span: Optional[Tuple[int, int]] = None
    method: Optional[str] = None
    gates: bool = False

    @property
    def size(self) -> int:
        return len(self.text)

    @classmethod
    def run(cls, nlp: Language, tasks: Sequence["Explain"]) -> List[Dict[str, Any]]:
        return [task._explain(nlp) for task in tasks]

    def _explain(self, nlp: Language) -> Dict[str, Any]:
        try:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                head = find_head(nlp, self.component)
                method: Any = self.method
                if method is None:
                    method = "integrated_gradients" if is_ours(head) else "occlusion"
                doc = nlp.make_doc(self.text)
                steps = min(MOST_STEPS, MAX_STEP_TOKENS // max(1, len(doc)))
                result = explain(
                    nlp,
                    doc,
                    head.name,
                    self.label,
                    method,
                    span=self._tokens(doc),
                    max_steps=max(MIN_STEPS, steps),
                )
                inside = self._look_inside(nlp, head.name) if self.gates else None
        # What can't be explained is a ValueError with a coded message.
        except ValueError as err:
            raise RequestError(422, str(err)) from None
        return {
            "attribution": result.to_dict(),
            "gates": inside,
            "warnings": [str(warning.message) for warning in caught],
        }

    def _tokens(self, doc: Doc) -> Optional[Tuple[int, int]]:
        if self.span is None:
            return None
        start, end = self.span
        span = doc.char_span(start, end)
        if span is None:
            raise ValueError(Errors.L916.format(start=start, end=end))
        return span.start, span.end

    def _look_inside(self, nlp: Language, component: str) -> Dict[str, Any]:
        found = gates(nlp, self.text, component)
        return {
            "component": found.component,
            "tokens": found.tokens,
            "parts": [
                {
                    "layer": part.layer,
                    "direction": part.direction,
                    **{name: row.tolist() for name, row in mean_rows(part).items()},
                }
                for part in found.parts
            ],
        }
