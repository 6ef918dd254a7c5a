"""What the heads have in common: how they learn from a batch."""

from abc import ABC, abstractmethod
from functools import partial
from typing import Any, Dict, Iterable, List, Optional, Tuple

from spacy.tokens import Doc
from spacy.training import Example, validate_examples
from thinc.api import Model, Optimizer, set_dropout_rate

from ..errors import Errors
from ..models.opinion_pool import learners
from .adversarial import (
    Adversarial,
    LossFunction,
    learn,
    learn_adversarially,
    perturbed_layer,
    read_setting,
)
from .guard import GuardedPipe, has_weights
from .serialization import SavedPipe


def upstream_of(model: Model) -> Optional[str]:
    """model (Model): The model of a component.
    RETURNS (Optional[str]): The name of the shared encoder that it listens to, if it does.
    """
    names = (getattr(node, "upstream_name", None) for node in model.walk())
    return next((name for name in names if name is not None), None)


def _contains(model: Model, layer: Model) -> bool:
    return any(node is layer for node in model.walk())


class Head(SavedPipe, GuardedPipe, ABC):
    """A component that learns from annotations: `update`, and `rehearse`, for any model and loss.

    The reported loss is the sum over the texts of a batch.
    """

    _rehearsal_model: Optional[Model]
    _adversarial: Optional[Adversarial] = None

    @property
    def adversarial(self) -> Optional[Dict[str, Any]]:
        """RETURNS (Optional[Dict[str, Any]]): `epsilon` and `method` of adversarial training, or
        None.
        """
        return None if self._adversarial is None else self._adversarial._asdict()

    @adversarial.setter
    def adversarial(self, value: Optional[Dict[str, Any]]) -> None:
        setting = read_setting(self.name, value)
        if setting is not None:
            perturbed_layer(self.name, self.model, setting.method)  # is there
        self._adversarial = setting

    def update(
        self,
        examples: Iterable[Example],
        *,
        drop: float = 0.0,
        sgd: Optional[Optimizer] = None,
        losses: Optional[Dict[str, float]] = None,
    ) -> Dict[str, float]:
        """Learn from a batch. Annotations that `eg.predicted` has already are not looked at.

        examples (Iterable[Example]): The batch.
        drop (float): The dropout rate.
        sgd (Optional[Optimizer]): The optimizer. Without one, gradients are added up for a later
            `finish_update`.
        losses (Optional[Dict[str, float]]): Where the loss is added, under the component's name:
            in adversarial training, that of the texts as they are. What learns apart has its own,
            and they are added up.
        RETURNS (Dict[str, float]): The losses.
        RAISES (ValueError): If an annotation contradicts itself, or has a label that a component
            should have and doesn't.
        """
        losses = {} if losses is None else losses
        losses.setdefault(self.name, 0.0)
        examples = list(examples)
        validate_examples(examples, f"{type(self).__name__}.update")
        truth = self._read_truth(examples)
        docs = [eg.predicted for eg in examples]
        if not any(len(doc) for doc in docs):
            return losses
        set_dropout_rate(self.model, drop)
        texts = self._texts(docs)

        def get_loss(scores: Any) -> Tuple[float, Any]:
            return self._loss(scores, truth)

        with self._watching(docs):
            loss = sum(self._learn(model, texts, get_loss) for model in learners(self.model))
        losses[self.name] += self._usable(loss)
        if sgd not in (None, False):
            self.finish_update(sgd)
        return losses

    def _learn(self, model: Model, texts: List[Doc], get_loss: LossFunction) -> float:
        if self._adversarial is None or not _contains(model, self.model.get_ref("tok2vec")):
            return learn(model, texts, get_loss)
        layer = perturbed_layer(self.name, self.model, self._adversarial.method)
        epsilon = self._adversarial.epsilon
        return learn_adversarially(self.name, model, layer, texts, get_loss, epsilon)

    def rehearse(
        self,
        examples: Iterable[Example],
        *,
        drop: float = 0.0,
        sgd: Optional[Optimizer] = None,
        losses: Optional[Dict[str, float]] = None,
    ) -> Dict[str, float]:
        """Learn to keep predicting what the model did when `nlp.resume_training` was called, so
        that it doesn't forget while it learns new things (distillation: Hinton et al. 2015).

        examples (Iterable[Example]): A batch. Its annotations are not used.
        drop (float): The dropout rate.
        sgd (Optional[Optimizer]): The optimizer.
        losses (Optional[Dict[str, float]]): Where the loss is added, under the component's name.
        RETURNS (Dict[str, float]): The losses.
        RAISES (ValueError): If the component listens to a shared encoder, or had no weights when
            `nlp.resume_training` was called.
        """
        losses = {} if losses is None else losses
        losses.setdefault(self.name, 0.0)
        if self._rehearsal_model is None:
            return losses
        upstream = upstream_of(self.model)
        if upstream is not None:
            raise ValueError(Errors.L209.format(name=self.name, upstream=upstream))
        examples = list(examples)
        validate_examples(examples, f"{type(self).__name__}.rehearse")
        docs = [eg.predicted for eg in examples]
        if not any(len(doc) for doc in docs):
            return losses
        texts = self._texts(docs)
        set_dropout_rate(self.model, drop)
        if not has_weights(self._rehearsal_model):
            raise ValueError(Errors.L217.format(name=self.name))
        teachers = learners(self._rehearsal_model)
        loss = 0.0
        with self._watching(docs):
            for model, teacher in zip(learners(self.model), teachers, strict=True):
                get_loss = partial(self._rehearsal_loss, teacher=teacher.predict(texts))
                loss += learn(model, texts, get_loss)
        losses[self.name] += self._usable(loss)
        if sgd not in (None, False):
            self.finish_update(sgd)
        return losses

    def _texts(self, docs: List[Doc]) -> List[Doc]:
        """What the model is given."""
        return docs

    @abstractmethod
    def _read_truth(self, examples: List[Example]) -> Any:
        """What the annotations of a batch say, for `_loss`."""

    @abstractmethod
    def _loss(self, scores: Any, truth: Any) -> Tuple[float, Any]:
        """The loss of a model's scores, summed over the texts, and its gradient."""

    @abstractmethod
    def _rehearsal_loss(self, student: Any, teacher: Any) -> Tuple[float, Any]:
        """The same, with the scores of another model in place of a truth."""
