"""What a setting in a config may be. Configs are checked for types before, but a number in quotes
gets through, and whatever another function has made."""

import math
from numbers import Integral, Real
from typing import Any

from thinc.model import Model

from . import Errors


def check_integer(name: str, value: Any, *, least: int = 1) -> None:
    """name (str): What a setting is called, for the message.
    value (Any): Its value.
    least (int): The least that it may be.
    RAISES (ValueError): If it is no integer, or less.
    """
    if isinstance(value, bool) or not isinstance(value, Integral) or int(value) < least:
        kind = "an integer"
        raise ValueError(Errors.L002.format(name=name, kind=kind, least=least, value=value))


def check_share(name: str, value: Any) -> None:
    """name (str): What a setting is called, for the message.
    value (Any): Its value.
    RAISES (ValueError): If it is no number, less than 0, or not less than 1.
    """
    if not is_number(value) or not 0.0 <= value < 1.0:
        raise ValueError(Errors.L003.format(name=name, value=value))


def check_positive(name: str, value: Any) -> None:
    """name (str): What a setting is called, for the message.
    value (Any): Its value.
    RAISES (ValueError): If it is no finite number, or not greater than 0.
    """
    if not is_number(value) or not 0.0 < value < math.inf:
        raise ValueError(Errors.L110.format(name=name, value=value))


def check_layer(name: str, value: Any) -> None:
    """name (str): What a setting is called, for the message.
    value (Any): Its value.
    RAISES (ValueError): If it is no layer.
    """
    if not isinstance(value, Model):
        kind, given = "a layer, which one of the `@architectures` makes", type(value).__name__
        raise ValueError(Errors.L016.format(name=name, kind=kind, type=given))


def check_function(name: str, value: Any) -> None:
    """name (str): What a setting is called, for the message.
    value (Any): Its value.
    RAISES (ValueError): If it is no function.
    """
    if not callable(value):
        kind, given = "a function", type(value).__name__
        raise ValueError(Errors.L016.format(name=name, kind=kind, type=given))


def is_number(value: Any) -> bool:
    """value (Any): A value.
    RETURNS (bool): Whether it is a number, and not true or false.
    """
    return isinstance(value, Real) and not isinstance(value, bool)
