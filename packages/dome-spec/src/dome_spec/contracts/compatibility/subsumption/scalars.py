"""Numbers as the validator compares them, and constants as sets of one value."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from dome_spec.contracts.compatibility.equality import exact
from dome_spec.contracts.compatibility.subsumption import statements
from dome_spec.contracts.compatibility.subsumption.formula import Formulas
from dome_spec.contracts.compatibility.subsumption.terms import (
    TRUE,
    Cases,
    Formula,
    Has,
    IsTrue,
    Kind,
)


def integer(number: int | float) -> int:
    """A length or a count; JSON Schema allows 2.0 for 2."""
    return int(number)


def written(number: Fraction) -> int | float | None:
    """The JSON number that is read as exactly this, if there is one."""
    if number.denominator == 1:
        return number.numerator
    try:
        nearest = float(number)
    except OverflowError:
        return None
    return nearest if exact(nearest) == number else None


def constant(formulas: Formulas, value: Any) -> Cases:
    """The set that holds this one value."""
    match value:
        case None:
            return formulas.of_kind(Kind.NULL)
        case bool():
            return formulas.of_kind(Kind.BOOLEAN, formulas.literal(IsTrue(), holds=value))
        case int() | float() | Decimal():
            return formulas.of_kind(Kind.NUMBER, formulas.member([exact(value)]))
        case str():
            return formulas.of_kind(Kind.STRING, formulas.member([value]))
        case list():
            return formulas.of_kind(Kind.ARRAY, _array(formulas, value))
        case dict():
            return formulas.of_kind(Kind.OBJECT, _object(formulas, value))
        case _:
            raise TypeError(f"{type(value).__name__} is not JSON")


def any_constant(formulas: Formulas, values: Iterable[Any]) -> Cases:
    """The set that holds these values."""
    numbers: list[Fraction] = []
    texts: list[str] = []
    others: list[Cases] = []
    for value in values:
        if isinstance(value, str):
            texts.append(value)
        elif isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            numbers.append(exact(value))
        else:
            others.append(constant(formulas, value))
    of_number = formulas.of_kind(Kind.NUMBER, formulas.member(numbers))
    of_string = formulas.of_kind(Kind.STRING, formulas.member(texts))
    return formulas.cases_any([of_number, of_string, *others])


def _array(formulas: Formulas, value: list[Any]) -> Formula:
    items = [constant(formulas, each) for each in value]
    return formulas.all_of(
        [
            statements.longer(formulas, len(value)),
            formulas.negate(statements.longer(formulas, len(value) + 1)),
            *(statements.at(formulas, index, each) for index, each in enumerate(items)),
        ]
    )


def _object(formulas: Formulas, value: dict[str, Any]) -> Formula:
    each = {name: constant(formulas, item) for name, item in value.items()}
    others = formulas.negate(formulas.member(value)) if value else TRUE
    return formulas.all_of(
        [
            *(formulas.literal(Has(name)) for name in each),
            *(statements.property_value(formulas, name, values) for name, values in each.items()),
            statements.every(formulas, others, formulas.nothing),
        ]
    )
