"""When two JSON values are equal: numbers by what is written, and all else by its parts."""

from collections.abc import Hashable
from decimal import Decimal
from fractions import Fraction
from typing import Any


def exact(number: int | float | Decimal) -> Fraction:
    """The number that is written, not the nearest binary fraction: 0.1 is one tenth."""
    return Fraction(repr(number)) if isinstance(number, float) else Fraction(number)


def identity(value: Any) -> Hashable:
    """Equal for two JSON values exactly when JSON Schema takes them for equal: 1 is 1.0, and no 1 is true."""
    match value:
        case None | bool() | str():
            return (type(value), value)
        case list():
            return (list, tuple(identity(each) for each in value))
        case dict():
            return (dict, frozenset((name, identity(each)) for name, each in value.items()))
        case _:
            return (Fraction, exact(value))
