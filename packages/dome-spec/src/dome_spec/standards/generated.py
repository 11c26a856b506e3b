"""Values made from a schema that it accepts: small ones first. Pure and deterministic.

Whatever is made is judged by the schema before it is used, so what a keyword is misread for is at most left out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from dome_contracts.canonical import canonical_bytes
from dome_spec.standards.schema import accepts, resolved

INPUTS_MAX: Final = 4
"""Most values that are made for runs."""
_DEPTH_MAX: Final = 6
_TEXT_MAX: Final = 4096
_ITEMS_MAX: Final = 64
_TEXTS: Final = ("a", "a/b", "A", "0", "a.b", "a-1", "1.0.0", "a@example.org", "https://example.org/", "/a", "a" * 40)
_OF_TEXT: Final = ("type", "pattern", "format", "minLength", "maxLength", "allOf", "not")


def inputs(schema: Mapping[str, Any]) -> list[Any]:
    """Values that the schema accepts: the smallest one, one with everything, and some between."""
    found: list[Any] = []
    seen: set[bytes] = set()
    for value in _candidates(schema):
        if accepts(schema, value) and (named := canonical_bytes(value)) not in seen:
            seen.add(named)
            found.append(value)
    return found[:INPUTS_MAX]


def small_value(part: Any, document: Mapping[str, Any]) -> Any:
    """A value that a part of the schema probably accepts, with no more in it than is required."""
    return _Making(document, is_full=False).value(part, 0)


def kind_of(schema: Mapping[str, Any]) -> str | None:
    """The type of the values; None where the schema says none."""
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((each for each in kind if each != "null"), None)
    if kind is None and ("properties" in schema or "required" in schema):
        return "object"
    return kind if isinstance(kind, str) else None


def _candidates(schema: Mapping[str, Any]) -> Iterator[Any]:
    small = small_value(schema, schema)
    full = _Making(schema, is_full=True).value(schema, 0)
    yield small
    yield full
    if isinstance(small, dict) and isinstance(full, dict):
        for name in full:
            if name not in small:
                yield {**small, name: full[name]}


@dataclass(frozen=True, slots=True)
class _Making:
    """Makes values for the parts of one schema."""

    document: Mapping[str, Any]
    is_full: bool
    """Whether it makes also what is not required."""

    def value(self, part: Any, depth: int) -> Any:
        """A value that the part probably accepts; None where nothing better is known."""
        schema = resolved(part, self.document)
        stated = _stated(schema)
        if stated:
            return stated[0]
        chosen = next((schema[each] for each in ("anyOf", "oneOf") if schema.get(each) and "type" not in schema), None)
        if isinstance(chosen, list):
            return self.value(chosen[0], depth)
        match kind_of(schema):
            case "object":
                return self._object(schema, depth)
            case "array":
                return self._array(schema, depth)
            case "string":
                return _text(schema)
            case "integer":
                return _number(schema, step=1)
            case "number":
                return _number(schema, step=0.5)
            case kind:
                return False if kind == "boolean" else None

    def _object(self, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
        properties = schema.get("properties", {})
        required = [each for each in schema.get("required", []) if each in properties]
        names = list(properties) if self.is_full and depth < _DEPTH_MAX else required
        return {name: self.value(properties[name], depth + 1) for name in names}

    def _array(self, schema: Mapping[str, Any], depth: int) -> list[Any]:
        heads = schema.get("prefixItems", [])
        count = min(max(int(schema.get("minItems", 0)), int(self.is_full and depth < _DEPTH_MAX)), _ITEMS_MAX)
        parts = [heads[place] if place < len(heads) else schema.get("items", {}) for place in range(count)]
        return [self.value(each, depth + 1) for each in parts]


def _stated(schema: Mapping[str, Any]) -> list[Any]:
    """Values that the schema itself names."""
    for keyword in ("const", "default"):
        if keyword in schema:
            return [schema[keyword]]
    for keyword in ("enum", "examples"):
        if isinstance(schema.get(keyword), list):
            return list(schema[keyword])
    return []


def _text(schema: Mapping[str, Any]) -> str:
    low, high = int(schema.get("minLength", 0)), int(schema.get("maxLength", _TEXT_MAX))
    texts = [text if len(text) >= low else (text * (low // len(text) + 1))[:low] for text in _TEXTS]
    alone = {name: schema[name] for name in _OF_TEXT if name in schema}
    return next((text for text in texts if len(text) <= high and accepts(alone, text)), texts[0])


def _number(schema: Mapping[str, Any], *, step: float) -> Any:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is None and "exclusiveMinimum" in schema:
        low = schema["exclusiveMinimum"] + step
    if high is None and "exclusiveMaximum" in schema:
        high = schema["exclusiveMaximum"] - step
    if low is not None:
        return low
    return high if high is not None and high < 1 else 1
