"""Formulas over JSON values: what a schema says, one formula for each kind of value.

A schema becomes six formulas, since no keyword speaks about two kinds at once. Within a kind the formula is plain
boolean logic over atoms, so `not`, `oneOf` and `if` are the laws of logic and nothing else. Only values: they are built
by `Formulas`, and by nothing else.
"""

from dataclasses import dataclass
from enum import IntEnum
from fractions import Fraction
from typing import Final


class Kind(IntEnum):
    """The kinds of JSON values, in the order in which a small document is looked for."""

    NULL = 0
    BOOLEAN = 1
    NUMBER = 2
    STRING = 3
    ARRAY = 4
    OBJECT = 5


@dataclass(frozen=True, slots=True)
class IsTrue:
    """The boolean is true."""


@dataclass(frozen=True, slots=True)
class Member:
    """The number or the string is one of these; of numbers the exact values."""

    values: frozenset[Fraction | str]


@dataclass(frozen=True, slots=True)
class AtLeast:
    """The number is not below the limit."""

    limit: Fraction


@dataclass(frozen=True, slots=True)
class Above:
    """The number is greater than the limit."""

    limit: Fraction


@dataclass(frozen=True, slots=True)
class MultipleOf:
    """The number is a whole multiple of the step, which is positive."""

    step: Fraction


@dataclass(frozen=True, slots=True)
class LongerThan:
    """The string, array or object has more characters, items or properties than this."""

    length: int


@dataclass(frozen=True, slots=True)
class Matches:
    """The pattern is found in the string."""

    pattern: str


@dataclass(frozen=True, slots=True)
class Conforms:
    """The string has the format."""

    format: str


@dataclass(frozen=True, slots=True)
class At:
    """If the array has an item at the index, it is one of these values."""

    index: int
    values: "Cases"


@dataclass(frozen=True, slots=True)
class Tail:
    """All items from the index on are among these values."""

    start: int
    values: "Cases"


@dataclass(frozen=True, slots=True)
class Holding:
    """At least `count` of the items are among these values."""

    count: int
    values: "Cases"


@dataclass(frozen=True, slots=True)
class Distinct:
    """No two items of the array are equal."""


@dataclass(frozen=True, slots=True)
class Has:
    """The object has the property."""

    name: str


@dataclass(frozen=True, slots=True)
class Property:
    """If the object has the property, its value is one of these."""

    name: str
    values: "Cases"


@dataclass(frozen=True, slots=True)
class Every:
    """All properties whose name satisfies `names`, a formula over strings, have one of these values."""

    names: "Formula"
    values: "Cases"


@dataclass(frozen=True, slots=True)
class Reference:
    """The formula of this kind that the definition has."""

    label: str
    kind: Kind


Atom = (
    IsTrue
    | Member
    | AtLeast
    | Above
    | MultipleOf
    | LongerThan
    | Matches
    | Conforms
    | At
    | Tail
    | Holding
    | Distinct
    | Has
    | Property
    | Every
    | Reference
)


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """Always or never."""

    value: bool


@dataclass(frozen=True, slots=True, eq=False)
class Literal:
    """An atom, or its negation."""

    atom: Atom
    holds: bool


@dataclass(frozen=True, slots=True, eq=False)
class All:
    """Every part holds. No part is an `All` or a `Truth`, and there are at least two."""

    parts: tuple["Formula", ...]


@dataclass(frozen=True, slots=True, eq=False)
class Either:
    """Some part holds. No part is an `Either` or a `Truth`, and there are at least two."""

    parts: tuple["Formula", ...]


Formula = Truth | Literal | All | Either

TRUE: Final = Truth(value=True)
FALSE: Final = Truth(value=False)


@dataclass(frozen=True, slots=True, eq=False)
class Cases:
    """A set of JSON values: one formula for each kind, in the order of `Kind`."""

    formulas: tuple[Formula, ...]
