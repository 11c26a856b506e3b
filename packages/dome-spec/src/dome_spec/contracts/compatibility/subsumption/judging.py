"""Whether one given value satisfies a formula.

Patterns and formats are judged by the validator whose acceptance counts.
"""

from functools import lru_cache
from typing import Any, Final, assert_never

from jsonschema_rs import Draft202012Validator

from dome_spec.contracts.compatibility.equality import exact, identity
from dome_spec.contracts.compatibility.subsumption.formula import Formulas
from dome_spec.contracts.compatibility.subsumption.terms import (
    Above,
    All,
    At,
    AtLeast,
    Atom,
    Cases,
    Conforms,
    Distinct,
    Every,
    Formula,
    Has,
    Holding,
    IsTrue,
    Kind,
    Literal,
    LongerThan,
    Matches,
    Member,
    MultipleOf,
    Property,
    Reference,
    Tail,
    Truth,
)

_VALIDATORS_MAX: Final = 4096
_GLANCES_AN_ATOM: Final = 4


def kind_of(value: Any) -> Kind:
    """The kind of a JSON value."""
    match value:
        case None:
            return Kind.NULL
        case bool():
            return Kind.BOOLEAN
        case str():
            return Kind.STRING
        case list():
            return Kind.ARRAY
        case dict():
            return Kind.OBJECT
        case _:
            return Kind.NUMBER


def belongs(formulas: Formulas, values: Cases, value: Any) -> bool:
    """Whether the value is in the set."""
    return holds(formulas, values.formulas[kind_of(value)], value)


def holds(formulas: Formulas, formula: Formula, value: Any) -> bool:
    """Whether the value, which is of the formula's kind, satisfies the formula."""
    return _holds(formulas, formula, value, {})


def _holds(formulas: Formulas, formula: Formula, value: Any, known: dict[Formula, bool]) -> bool:
    """The same. Formulas share their parts, so that each is judged once and the answer kept."""
    match formula:
        case Truth():
            return formula.value
        case Literal(Reference() as atom):
            # What refers to itself without a step into a part of the value was refused before.
            return _holds(formulas, formulas.unfold(atom), value, known) is formula.holds
        case Literal():
            formulas.glance(_GLANCES_AN_ATOM)
            return _atom_holds(formulas, formula.atom, value) is formula.holds
    found = known.get(formula)
    if found is None:
        formulas.glance(len(formula.parts))
        each = (_holds(formulas, part, value, known) for part in formula.parts)
        found = known[formula] = all(each) if isinstance(formula, All) else any(each)
    return found


def _atom_holds(formulas: Formulas, atom: Atom, value: Any) -> bool:
    match atom:
        case Reference():
            raise AssertionError(atom)
        case At() | Tail() | Holding() | Distinct():
            return _array_holds(formulas, atom, value)
        case Has() | Property() | Every():
            return _object_holds(formulas, atom, value)
        case _:
            return _scalar_holds(atom, value)


def matches(pattern: str, text: str) -> bool:
    """Whether the pattern is found in the text."""
    return _pattern(pattern).is_valid(text)


def conforms(name: str, text: str) -> bool:
    """Whether the text has the format."""
    return _format(name).is_valid(text)


@lru_cache(maxsize=_VALIDATORS_MAX)
def _pattern(pattern: str) -> Draft202012Validator:
    return Draft202012Validator({"pattern": pattern})


@lru_cache(maxsize=_VALIDATORS_MAX)
def _format(name: str) -> Draft202012Validator:
    return Draft202012Validator({"format": name}, validate_formats=True)


_ScalarAtom = IsTrue | Member | AtLeast | Above | MultipleOf | LongerThan | Matches | Conforms


def _scalar_holds(atom: _ScalarAtom, value: Any) -> bool:
    match atom:
        case IsTrue():
            return value is True
        case Member(values):
            return (value if isinstance(value, str) else exact(value)) in values
        case AtLeast(limit):
            return exact(value) >= limit
        case Above(limit):
            return exact(value) > limit
        case MultipleOf(step):
            return (exact(value) / step).denominator == 1
        case LongerThan(length):
            return len(value) > length
        case Matches(pattern):
            return matches(pattern, value)
        case Conforms(name):
            return conforms(name, value)
        case _:
            assert_never(atom)


def _array_holds(formulas: Formulas, atom: At | Tail | Holding | Distinct, value: list[Any]) -> bool:
    match atom:
        case At(index, values):
            return index >= len(value) or belongs(formulas, values, value[index])
        case Tail(start, values):
            return all(belongs(formulas, values, each) for each in value[start:])
        case Holding(count, values):
            return sum(belongs(formulas, values, each) for each in value) >= count
        case Distinct():
            return len({identity(each) for each in value}) == len(value)
        case _:
            assert_never(atom)


def _object_holds(formulas: Formulas, atom: Has | Property | Every, value: dict[str, Any]) -> bool:
    match atom:
        case Has(name):
            return name in value
        case Property(name, values):
            return name not in value or belongs(formulas, values, value[name])
        case Every(names, values):
            return all(belongs(formulas, values, each) for name, each in value.items() if holds(formulas, names, name))
        case _:
            assert_never(atom)
