"""Reads a JSON Schema 2020-12 document as formulas.

The document is self-contained: every `$ref` points into it. What cannot be read exactly is refused by name, so that a
proof never rests on a guess. Keywords that assert nothing (titles, defaults, content of strings) are passed over.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from dome_spec.contracts.compatibility.definitions import target
from dome_spec.contracts.compatibility.equality import exact
from dome_spec.contracts.compatibility.subsumption import unevaluated
from dome_spec.contracts.compatibility.subsumption.exclusive import exclude_each_other
from dome_spec.contracts.compatibility.subsumption.formula import Formulas
from dome_spec.contracts.compatibility.subsumption.keywords import KEYWORDS
from dome_spec.contracts.compatibility.subsumption.scalars import any_constant, constant
from dome_spec.contracts.compatibility.subsumption.terms import (
    FALSE,
    TRUE,
    Cases,
    Formula,
    Kind,
    MultipleOf,
)
from dome_spec.contracts.compatibility.subsumption.unreadable import Unreadable

_KINDS: Final[Mapping[str, Kind]] = {
    "null": Kind.NULL,
    "boolean": Kind.BOOLEAN,
    "number": Kind.NUMBER,
    "string": Kind.STRING,
    "array": Kind.ARRAY,
    "object": Kind.OBJECT,
}


class Reading:
    """One schema document, read on demand."""

    def __init__(self, document: Any, formulas: Formulas, *, label: Callable[[str], str]) -> None:
        """`label` says what a reference is called; equal labels mean that they lead to the same."""
        self.document: Final = document
        self.formulas: Final = formulas
        self._label = label
        self._open: set[str] = set()
        self._read: dict[int, Cases] = {}

    def whole(self) -> Cases:
        """What the document accepts."""
        return self.referred("#")

    def cases(self, schema: Any) -> Cases:
        """What a subschema of the document accepts."""
        if isinstance(schema, bool):
            return self.formulas.everything if schema else self.formulas.nothing
        found = self._read.get(id(schema))
        if found is None:
            found = self._read[id(schema)] = self.formulas.cases_all(self._parts(schema))
        return found

    def referred(self, reference: str) -> Cases:
        """What the definition accepts; a mere reference to it while it is being read."""
        label = self._label(reference)
        if label in self._open:
            return self.formulas.reference(label)
        found = self.formulas.definition(label)
        if found is None:
            self._open.add(label)
            found = self.cases(target(self.document, reference))
            self._open.remove(label)
            self.formulas.define(label, found)
        return found

    def schema_at(self, reference: str) -> Any:
        """The subschema a reference points at."""
        return target(self.document, reference)

    def _parts(self, schema: Mapping[str, Any]) -> list[Cases]:
        formulas = self.formulas
        by_kind: list[list[Formula]] = [[] for _ in Kind]
        parts = []
        for keyword, value in schema.items():
            if keyword in KEYWORDS:
                kind, read = KEYWORDS[keyword]
                by_kind[kind].append(read(self, schema, value))
            elif keyword in _OF_ALL:
                parts.append(_OF_ALL[keyword](self, schema, value))
            elif keyword in _UNEVALUATED:
                kind, read_rest = _UNEVALUATED[keyword]
                by_kind[kind].append(read_rest(self, schema, value))
            elif keyword in _UNREADABLE:
                raise Unreadable(f"`{keyword}` that could not be resolved")
        if any(by_kind):
            parts.append(formulas.cases([formulas.all_of(column) if column else TRUE for column in by_kind]))
        return parts


def _type(reading: Reading, schema: Mapping[str, Any], value: Any) -> Cases:
    formulas = reading.formulas
    allowed = [value] if isinstance(value, str) else value
    each: list[Formula] = [FALSE for _ in Kind]
    for name in allowed:
        if name == "integer":
            each[Kind.NUMBER] = formulas.any_of([each[Kind.NUMBER], formulas.literal(MultipleOf(exact(1)))])
        else:
            each[_KINDS[name]] = TRUE
    return formulas.cases(each)


def _enum(reading: Reading, schema: Mapping[str, Any], value: list[Any]) -> Cases:
    return any_constant(reading.formulas, value)


def _const(reading: Reading, schema: Mapping[str, Any], value: Any) -> Cases:
    return constant(reading.formulas, value)


def _all_of(reading: Reading, schema: Mapping[str, Any], value: list[Any]) -> Cases:
    return reading.formulas.cases_all([reading.cases(each) for each in value])


def _any_of(reading: Reading, schema: Mapping[str, Any], value: list[Any]) -> Cases:
    return reading.formulas.cases_any([reading.cases(each) for each in value])


def _one_of(reading: Reading, schema: Mapping[str, Any], value: list[Any]) -> Cases:
    formulas = reading.formulas
    branches = [reading.cases(each) for each in value]
    return formulas.cases([_exactly_one(formulas, [each.formulas[kind] for each in branches]) for kind in Kind])


def _exactly_one(formulas: Formulas, branches: list[Formula]) -> Formula:
    possible = [each for each in branches if each is not FALSE]
    if len(possible) < 2 or exclude_each_other(possible):
        return formulas.any_of(possible)
    if sum(each is TRUE for each in possible) > 1:
        return FALSE
    opposites = [formulas.negate(each) for each in possible]
    return formulas.any_of(
        formulas.all_of([each, *opposites[:position], *opposites[position + 1 :]])
        for position, each in enumerate(possible)
    )


def _not(reading: Reading, schema: Mapping[str, Any], value: Any) -> Cases:
    return reading.formulas.cases_not(reading.cases(value))


def _if(reading: Reading, schema: Mapping[str, Any], value: Any) -> Cases:
    formulas = reading.formulas
    condition = reading.cases(value)
    return formulas.cases_all(
        [
            formulas.cases_any([formulas.cases_not(condition), reading.cases(schema.get("then", True))]),
            formulas.cases_any([condition, reading.cases(schema.get("else", True))]),
        ]
    )


def _ref(reading: Reading, schema: Mapping[str, Any], value: str) -> Cases:
    return reading.referred(value)


_OF_ALL: Final[Mapping[str, Callable[[Reading, Mapping[str, Any], Any], Cases]]] = {
    "type": _type,
    "enum": _enum,
    "const": _const,
    "allOf": _all_of,
    "anyOf": _any_of,
    "oneOf": _one_of,
    "not": _not,
    "if": _if,
    "$ref": _ref,
}
_UNEVALUATED: Final = {
    "unevaluatedItems": (Kind.ARRAY, unevaluated.items),
    "unevaluatedProperties": (Kind.OBJECT, unevaluated.properties),
}
_UNREADABLE: Final = ("$dynamicRef", "$recursiveRef")
