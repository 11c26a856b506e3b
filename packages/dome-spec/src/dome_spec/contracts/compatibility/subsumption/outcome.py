"""What a search for a value that satisfies a formula can end with."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Model:
    """There is a value: this one."""

    value: Any


@dataclass(frozen=True, slots=True)
class NoModel:
    """Proven: there is no value."""


@dataclass(frozen=True, slots=True)
class Open:
    """Neither: this stands in the way."""

    why: str


@dataclass(frozen=True, slots=True)
class Doubtful:
    """There are values, this one and a few more that were looked at, and who asked confirms none of them."""

    value: Any


Outcome = Model | NoModel | Open
