"""Statements about arrays, objects and lengths as formulas, in one way of saying each.

Two keywords that say the same give the same formula, so that a proof sees that they do.
"""

from collections.abc import Iterable

from dome_spec.contracts.compatibility.subsumption.formula import Formulas
from dome_spec.contracts.compatibility.subsumption.terms import (
    FALSE,
    TRUE,
    At,
    Cases,
    Every,
    Formula,
    Has,
    Holding,
    LongerThan,
    Matches,
    Property,
    Tail,
)


def longer(formulas: Formulas, length: int) -> Formula:
    """The value has at least that many characters, items or properties."""
    return formulas.literal(LongerThan(length - 1)) if length > 0 else TRUE


def at(formulas: Formulas, index: int, values: Cases) -> Formula:
    """If there is an item at the index, it is one of the values."""
    return TRUE if values is formulas.everything else formulas.literal(At(index, values))


def tail(formulas: Formulas, start: int, values: Cases) -> Formula:
    """All items from the index on are among the values."""
    if values is formulas.everything:
        return TRUE
    if values is formulas.nothing:
        return formulas.negate(longer(formulas, start + 1))
    return formulas.literal(Tail(start, values))


def holding(formulas: Formulas, count: int, values: Cases) -> Formula:
    """At least that many items are among the values."""
    if count <= 0:
        return TRUE
    if values is formulas.everything:
        return longer(formulas, count)
    if values is formulas.nothing:
        return FALSE
    if count == 1:
        return formulas.negate(tail(formulas, 0, formulas.cases_not(values)))
    return formulas.literal(Holding(count, values))


def property_value(formulas: Formulas, name: str, values: Cases) -> Formula:
    """If the object has the property, its value is one of these."""
    if values is formulas.everything:
        return TRUE
    if values is formulas.nothing:
        return formulas.literal(Has(name), holds=False)
    return formulas.literal(Property(name, values))


def every(formulas: Formulas, names: Formula, values: Cases) -> Formula:
    """All properties with such a name have one of the values."""
    if values is formulas.everything or names is FALSE:
        return TRUE
    if names is TRUE and values is formulas.nothing:
        return formulas.negate(longer(formulas, 1))
    return formulas.literal(Every(names, values))


def declared(formulas: Formulas, names: Iterable[str], patterns: Iterable[str]) -> Formula:
    """The name is one of these or matches one of the patterns."""
    return formulas.any_of(
        [formulas.member(names), *(formulas.literal(Matches(pattern)) for pattern in sorted(patterns))]
    )
