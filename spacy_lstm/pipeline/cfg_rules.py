"""What the settings may be that components keep in their file `cfg`."""

from typing import Any, Callable, Dict, Mapping, Tuple

from ..errors import Errors

#: Beyond it, a number can't be meant.
MOST = 1e100


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and -MOST < value < MOST


def _is_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


def _is_labels(value: Any) -> bool:
    return _is_names(value) and len(set(value)) == len(value)


def _is_weights(value: Any) -> bool:
    return isinstance(value, dict) and all(_is_number(v) and v > 0 for v in value.values())


def _is_label(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _is_temperature(value: Any) -> bool:
    return _is_number(value) and value > 0


def _is_threshold(value: Any) -> bool:
    return _is_number(value) and 0 <= value <= 1


def _is_switch(value: Any) -> bool:
    return value is None or isinstance(value, bool)


#: For each setting what it must be, and whether a value is that. Others are the user's own.
RULES: Dict[str, Tuple[str, Callable[[Any], bool]]] = {
    "kind": ("a name", lambda value: isinstance(value, str)),
    "label_weights": ("a positive number for each label", _is_weights),
    "labels": ("a list of different names", _is_labels),
    "match_phone_numbers": ("true, false or null", _is_switch),
    "positive_label": ("a label or null", _is_label),
    "rare_labels": ("a list of names", _is_names),
    "temperature": ("a number greater than 0", _is_temperature),
    "threshold": ("a number from 0 to 1", _is_threshold),
}


def check_cfg(cfg: Mapping[str, Any], *, where: str, owner: str) -> None:
    """Check settings that were read from a file.

    cfg (Mapping[str, Any]): The settings.
    where (str): The file.
    owner (str): The name of the component.
    RAISES (ValueError): If one can't be right.
    """
    for name, (expected, is_right) in RULES.items():
        if name in cfg and not is_right(cfg[name]):
            message = Errors.L806.format(
                where=where,
                name=owner,
                what=f"`{name}`",
                got=repr(cfg[name])[:80],
                expected=expected,
            )
            raise ValueError(message)
