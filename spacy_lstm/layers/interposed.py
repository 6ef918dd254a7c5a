"""Something that runs in the place of a layer for a while."""

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Any, Callable, Optional, Tuple, Type, TypeVar

from thinc.api import Model

SelfT = TypeVar("SelfT", bound="Interposed")


class Interposed(ABC):
    """In the block, each pass through a layer runs `_forward` in its place; after it the layer is
    as it was before.
    """

    def __init__(self, layer: Model) -> None:
        """layer (Model): Any layer."""
        self._layer = layer
        self._func = layer._func

    def __enter__(self: SelfT) -> SelfT:
        self._layer._func = self._forward
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self._layer._func = self._func

    @abstractmethod
    def _forward(self, layer: Model, X: Any, is_train: bool) -> Tuple[Any, Callable[[Any], Any]]:
        """As a layer's forward function. `_func` is that of the layer itself."""
