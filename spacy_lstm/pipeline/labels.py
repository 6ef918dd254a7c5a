"""The labels that a component is given."""

from typing import Any, Iterable, List

from pydantic import ValidationError

from ..errors import Errors


def read_labels(name: str, labels: Iterable[Any]) -> List[str]:
    """name (str): The name of the component, for messages.
    labels (Iterable[Any]): What was given for labels.
    RETURNS (List[str]): The labels.
    RAISES (ValueError): If it is no list of strings.
    """
    shown: Any = labels
    try:
        # Those of a config are looked at by pydantic one by one, as they are read.
        if not isinstance(labels, str):
            shown = list(labels)
            if all(isinstance(label, str) for label in shown):
                return shown
    except ValidationError as err:
        raise ValueError(Errors.L213.format(name=name, labels=err.errors()[0]["input"])) from err
    raise ValueError(Errors.L213.format(name=name, labels=repr(shown)))
