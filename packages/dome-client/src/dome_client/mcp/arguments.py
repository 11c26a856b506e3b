"""Arguments of a tool call, checked against the tool's own small schema and told apart by type.

What a model gets wrong is answered with the place and what belongs there.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from dome_client.errors import FieldViolation
from dome_client.mcp.answers import refusal
from dome_client.mcp.surface import Definition

_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "object": (dict,),
}
_INTEGER_MAX: Final = 2**53 - 1
_NAMES: Final = {"string": "a text", "integer": "a whole number", "number": "a number", "object": "a JSON object"}


class Arguments:
    """The arguments of one call. Raises DomeError INVALID_REQUEST where they do not fit the definition."""

    def __init__(self, definition: Definition, given: Mapping[str, Any]) -> None:
        properties = definition.input_schema["properties"]
        self._values = {
            name: _parsed(value, properties.get(name)) for name, value in given.items() if value is not None
        }
        violations = [
            *(
                _violation(name, "is missing")
                for name in definition.input_schema.get("required", ())
                if not self.has(name)
            ),
            *(found for name, value in self._values.items() for found in _judge(name, value, properties)),
        ]
        if violations:
            what = "; ".join(f"{each.field} {each.description}" for each in violations)
            raise refusal("INVALID_REQUEST", f"{definition.name}: {what}.", violations=tuple(violations))

    def text(self, name: str) -> str:
        """A text, empty where none was given."""
        return str(self._values.get(name, ""))

    def integer(self, name: str) -> int:
        """A whole number, 0 where none was given."""
        return int(self._values.get(name, 0))

    def seconds(self, name: str, default_s: float) -> float:
        """A length of time."""
        return float(self._values.get(name, default_s))

    def value(self, name: str) -> dict[str, Any]:
        """A JSON object, empty where none was given."""
        return dict(self._values.get(name, {}))

    def has(self, name: str) -> bool:
        """Whether it was given."""
        return self._values.get(name) not in (None, "")


def _parsed(value: Any, schema: Mapping[str, Any] | None) -> Any:
    """The value; models write an object as its JSON text now and then, and a whole number as 3.0."""
    match value:
        case str() if schema is not None and schema["type"] == "object":
            try:
                return json.loads(value)
            except (ValueError, RecursionError):
                return value
        case float() if value.is_integer():
            return int(value)
    return value


def _judge(name: str, value: Any, properties: Mapping[str, Mapping[str, Any]]) -> list[FieldViolation]:
    if name not in properties:
        return [_violation(name, f"is unknown: there is {', '.join(properties)}")]
    schema = properties[name]
    kind = schema["type"]
    if isinstance(value, bool) or not isinstance(value, _TYPES[kind]):
        return [_violation(name, f"is no {_NAMES[kind].removeprefix('a ')}: write {_NAMES[kind]}")]
    if isinstance(value, int | float) and not _lowest(schema) <= value <= schema.get("maximum", _INTEGER_MAX):
        return [_violation(name, f"is out of range: {_lowest(schema)} to {schema.get('maximum', _INTEGER_MAX)}")]
    return []


def _lowest(schema: Mapping[str, Any]) -> int:
    return int(schema.get("minimum", -_INTEGER_MAX))


def _violation(name: str, description: str) -> FieldViolation:
    return FieldViolation(name, description)
