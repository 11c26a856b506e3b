"""Inputs that break one rule of their schema each, made from one that it accepts. Pure and deterministic.

Whatever is made is judged by the schema before it is used, so what a keyword is misread for is at most left out.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from dome_contracts.canonical import canonical_bytes
from dome_spec.kernel.json_pointer import pointer
from dome_spec.standards.generated import kind_of, small_value
from dome_spec.standards.observed import Breach, Rule
from dome_spec.standards.schema import accepts, resolved

BREACHES_MAX: Final = 48
"""Most inputs that break a rule."""
_DEPTH_MAX: Final = 6
_TEXT_MAX: Final = 4096
_ITEMS_MAX: Final = 64
_STRANGER: Final = "dome_standard_stranger"
_OTHERS: Final[Mapping[str, tuple[Any, ...]]] = {
    "string": (7, []),
    "integer": ("seven", 0.5),
    "number": ("seven",),
    "boolean": ("true", 7),
    "array": ({}, "a"),
    "object": ([], "a"),
    "null": (7,),
}
"""Values of another type, by the type."""


def breaches(schema: Mapping[str, Any], base: Any) -> list[Breach]:
    """Values that break one rule each, made from one that the schema accepts."""
    found: list[Breach] = []
    seen: set[bytes] = set()
    made = _Breaking(schema).of(_Part(schema, base, (), lambda value: value))
    for breach in islice(made, 8 * BREACHES_MAX):
        named = canonical_bytes(breach.value)
        if named not in seen and not accepts(schema, breach.value):
            seen.add(named)
            found.append(breach)
    return found[:BREACHES_MAX]


def with_stranger(base: Any) -> Any:
    """The same with a key that no schema names."""
    return {**base, _STRANGER: True} if isinstance(base, Mapping) else base


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of the schema, and the value that stands there."""

    schema: Any
    value: Any
    place: tuple[str | int, ...]
    put: Callable[[Any], Any]
    """Makes the whole input with another value in this place."""

    def breach(self, rule: Rule, value: Any, *below: str) -> Breach:
        return Breach(rule, pointer([*self.place, *below]), self.put(value))


@dataclass(frozen=True, slots=True)
class _Breaking:
    """Breaks the rules of one schema."""

    document: Mapping[str, Any]

    def of(self, part: _Part) -> Iterator[Breach]:
        """What breaks a part, and the parts below it."""
        schema = resolved(part.schema, self.document)
        for other in _OTHERS.get(kind_of(schema) or "", ()):
            yield part.breach(Rule.TYPE, other)
        if "enum" in schema or "const" in schema:
            yield part.breach(Rule.ENUM, "dome-standard-none")
        for other in _beyond(schema, part.value):
            yield part.breach(Rule.BOUND, other)
        if len(part.place) < _DEPTH_MAX and isinstance(part.value, dict):
            yield from self._of_object(schema, part, part.value)
        elif len(part.place) < _DEPTH_MAX and isinstance(part.value, list) and part.value:
            yield from self._of_array(schema, part, part.value)

    def _of_object(self, schema: Mapping[str, Any], part: _Part, value: dict[str, Any]) -> Iterator[Breach]:
        for name in schema.get("required", []):
            left = {each: kept for each, kept in value.items() if each != name}
            yield part.breach(Rule.REQUIRED, left, name)
        yield part.breach(Rule.UNKNOWN, {**value, _STRANGER: True}, _STRANGER)
        for name, inner in schema.get("properties", {}).items():
            known = value.get(name, small_value(inner, self.document))

            def put(other: Any, name: str = name) -> Any:
                return part.put({**value, name: other})

            yield from self.of(_Part(inner, known, (*part.place, name), put))

    def _of_array(self, schema: Mapping[str, Any], part: _Part, value: list[Any]) -> Iterator[Breach]:
        heads = schema.get("prefixItems", [])
        inner = heads[0] if heads else schema.get("items", {})
        yield from self.of(_Part(inner, value[0], (*part.place, 0), lambda other: part.put([other, *value[1:]])))


def _beyond(schema: Mapping[str, Any], value: Any) -> Iterator[Any]:
    """Values just outside of the bounds that the part states."""
    for keyword, away in (("minimum", -1), ("maximum", 1), ("exclusiveMinimum", 0), ("exclusiveMaximum", 0)):
        if isinstance(schema.get(keyword), int | float):
            yield schema[keyword] + away
    if int(schema.get("minLength", 0)) > 0:
        yield ""
    if int(schema.get("maxLength", _TEXT_MAX + 1)) <= _TEXT_MAX:
        yield "a" * (int(schema["maxLength"]) + 1)
    if int(schema.get("minItems", 0)) > 0:
        yield []
    if isinstance(value, list) and value and int(schema.get("maxItems", _ITEMS_MAX + 1)) <= _ITEMS_MAX:
        yield [value[0]] * (int(schema["maxItems"]) + 1)
