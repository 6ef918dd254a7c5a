"""What a stream gives."""

from typing import Dict, NamedTuple, Optional, Union


class Entity(NamedTuple):
    """An entity that is settled: nothing that comes later changes it.

    component (str): The name of the component that found it.
    text (str): Its text.
    label (str): Its label.
    start_char (int): Where it begins, in characters from the beginning of the stream.
    end_char (int): Where it ends.
    confidence (Optional[float]): Its probability, as in `span._.confidence`; None where the
        component computes none.
    """

    component: str
    text: str
    label: str
    start_char: int
    end_char: int
    confidence: Optional[float]


class Categories(NamedTuple):
    """The categories of all that was read so far.

    component (str): The name of the component.
    cats (Dict[str, float]): The probabilities of the labels, as in `doc.cats`.
    end_char (int): How many characters of the stream are in it.
    is_final (bool): Whether that is the whole stream.
    """

    component: str
    cats: Dict[str, float]
    end_char: int
    is_final: bool


StreamEvent = Union[Entity, Categories]
