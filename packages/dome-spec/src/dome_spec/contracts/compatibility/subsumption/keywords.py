"""The keywords that speak about one kind of value, each read as a formula of that kind."""

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from dome_spec.contracts.compatibility.equality import exact
from dome_spec.contracts.compatibility.subsumption import statements
from dome_spec.contracts.compatibility.subsumption.formats import FORMATS
from dome_spec.contracts.compatibility.subsumption.formula import Formulas
from dome_spec.contracts.compatibility.subsumption.scalars import integer
from dome_spec.contracts.compatibility.subsumption.terms import (
    TRUE,
    Above,
    AtLeast,
    Cases,
    Conforms,
    Distinct,
    Formula,
    Has,
    Kind,
    Matches,
    MultipleOf,
)


class Reader(Protocol):
    """Reads the subschemas that a keyword holds."""

    @property
    def formulas(self) -> Formulas:
        """Where formulas are built."""
        ...

    def cases(self, schema: Any) -> Cases:
        """What the subschema accepts."""
        ...


def _minimum(reader: Reader, schema: Mapping[str, Any], value: Any) -> Formula:
    return reader.formulas.literal(AtLeast(exact(value)))


def _maximum(reader: Reader, schema: Mapping[str, Any], value: Any) -> Formula:
    return reader.formulas.literal(Above(exact(value)), holds=False)


def _exclusive_minimum(reader: Reader, schema: Mapping[str, Any], value: Any) -> Formula:
    return reader.formulas.literal(Above(exact(value)))


def _exclusive_maximum(reader: Reader, schema: Mapping[str, Any], value: Any) -> Formula:
    return reader.formulas.literal(AtLeast(exact(value)), holds=False)


def _multiple_of(reader: Reader, schema: Mapping[str, Any], value: Any) -> Formula:
    return reader.formulas.literal(MultipleOf(exact(value)))


def _length_min(reader: Reader, schema: Mapping[str, Any], value: Any) -> Formula:
    return statements.longer(reader.formulas, integer(value))


def _length_max(reader: Reader, schema: Mapping[str, Any], value: Any) -> Formula:
    return reader.formulas.negate(statements.longer(reader.formulas, integer(value) + 1))


def _pattern(reader: Reader, schema: Mapping[str, Any], value: str) -> Formula:
    return reader.formulas.literal(Matches(value))


def _format(reader: Reader, schema: Mapping[str, Any], value: str) -> Formula:
    return reader.formulas.literal(Conforms(value)) if value in FORMATS else TRUE


def _prefix_items(reader: Reader, schema: Mapping[str, Any], value: list[Any]) -> Formula:
    formulas = reader.formulas
    each = [reader.cases(item) for item in value]
    return formulas.all_of(statements.at(formulas, index, values) for index, values in enumerate(each))


def _items(reader: Reader, schema: Mapping[str, Any], value: Any) -> Formula:
    return statements.tail(reader.formulas, len(schema.get("prefixItems", ())), reader.cases(value))


def _contains(reader: Reader, schema: Mapping[str, Any], value: Any) -> Formula:
    formulas = reader.formulas
    values = reader.cases(value)
    parts = [statements.holding(formulas, integer(schema.get("minContains", 1)), values)]
    if "maxContains" in schema:
        parts.append(formulas.negate(statements.holding(formulas, integer(schema["maxContains"]) + 1, values)))
    return formulas.all_of(parts)


def _unique_items(reader: Reader, schema: Mapping[str, Any], value: Any) -> Formula:
    return reader.formulas.literal(Distinct()) if value else TRUE


def _required(reader: Reader, schema: Mapping[str, Any], value: list[str]) -> Formula:
    return reader.formulas.all_of(reader.formulas.literal(Has(name)) for name in value)


def _properties(reader: Reader, schema: Mapping[str, Any], value: Mapping[str, Any]) -> Formula:
    formulas = reader.formulas
    each = [(name, reader.cases(item)) for name, item in value.items()]
    return formulas.all_of(statements.property_value(formulas, name, values) for name, values in each)


def _pattern_properties(reader: Reader, schema: Mapping[str, Any], value: Mapping[str, Any]) -> Formula:
    formulas = reader.formulas
    each = [(formulas.literal(Matches(pattern)), reader.cases(item)) for pattern, item in value.items()]
    return formulas.all_of(statements.every(formulas, names, values) for names, values in each)


def _additional_properties(reader: Reader, schema: Mapping[str, Any], value: Any) -> Formula:
    formulas = reader.formulas
    names = statements.declared(formulas, schema.get("properties", ()), schema.get("patternProperties", ()))
    return statements.every(formulas, formulas.negate(names), reader.cases(value))


def _property_names(reader: Reader, schema: Mapping[str, Any], value: Any) -> Formula:
    formulas = reader.formulas
    names = reader.cases(value).formulas[Kind.STRING]
    return statements.every(formulas, formulas.negate(names), formulas.nothing)


def _dependent_required(reader: Reader, schema: Mapping[str, Any], value: Mapping[str, list[str]]) -> Formula:
    formulas = reader.formulas
    return formulas.all_of(
        formulas.any_of(
            [
                formulas.literal(Has(name), holds=False),
                formulas.all_of(formulas.literal(Has(other)) for other in needed),
            ]
        )
        for name, needed in value.items()
    )


def _dependent_schemas(reader: Reader, schema: Mapping[str, Any], value: Mapping[str, Any]) -> Formula:
    formulas = reader.formulas
    each = [(name, reader.cases(item).formulas[Kind.OBJECT]) for name, item in value.items()]
    return formulas.all_of(
        formulas.any_of([formulas.literal(Has(name), holds=False), formula]) for name, formula in each
    )


KEYWORDS: Final[Mapping[str, tuple[Kind, Callable[[Reader, Mapping[str, Any], Any], Formula]]]] = {
    "minimum": (Kind.NUMBER, _minimum),
    "maximum": (Kind.NUMBER, _maximum),
    "exclusiveMinimum": (Kind.NUMBER, _exclusive_minimum),
    "exclusiveMaximum": (Kind.NUMBER, _exclusive_maximum),
    "multipleOf": (Kind.NUMBER, _multiple_of),
    "minLength": (Kind.STRING, _length_min),
    "maxLength": (Kind.STRING, _length_max),
    "pattern": (Kind.STRING, _pattern),
    "format": (Kind.STRING, _format),
    "minItems": (Kind.ARRAY, _length_min),
    "maxItems": (Kind.ARRAY, _length_max),
    "prefixItems": (Kind.ARRAY, _prefix_items),
    "items": (Kind.ARRAY, _items),
    "contains": (Kind.ARRAY, _contains),
    "uniqueItems": (Kind.ARRAY, _unique_items),
    "minProperties": (Kind.OBJECT, _length_min),
    "maxProperties": (Kind.OBJECT, _length_max),
    "required": (Kind.OBJECT, _required),
    "properties": (Kind.OBJECT, _properties),
    "patternProperties": (Kind.OBJECT, _pattern_properties),
    "additionalProperties": (Kind.OBJECT, _additional_properties),
    "propertyNames": (Kind.OBJECT, _property_names),
    "dependentRequired": (Kind.OBJECT, _dependent_required),
    "dependentSchemas": (Kind.OBJECT, _dependent_schemas),
}
