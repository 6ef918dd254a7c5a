"""How much of a batch an LSTM takes into memory at once, and how far its gradients go back."""

import json
from typing import Any, NamedTuple, Optional

from thinc.api import Model, deserialize_attr, serialize_attr


class Limits(NamedTuple):
    """Among the attributes of a layer. As with `Precision`, these are for the machine and the
    training at hand to say: a layer that is loaded keeps those that its config says now, not the
    ones that it was saved with.

    max_tokens (int): The most tokens, with padding, that are computed at once, and the most of
        which all that the backward pass needs is kept.
    tbptt (Optional[int]): Over how many tokens gradients go back at most; None for all.
    """

    max_tokens: int
    tbptt: Optional[int]


@serialize_attr.register(Limits)
def _save(_: Limits, value: Limits, name: str, model: Model) -> bytes:
    return json.dumps(value._asdict()).encode("utf8")


@deserialize_attr.register(Limits)
def _load(_: Limits, value: Any, name: str, model: Model) -> Any:
    return model.attrs[name]
