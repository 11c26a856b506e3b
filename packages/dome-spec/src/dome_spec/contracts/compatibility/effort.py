"""How much work it is at worst to judge a document by a schema, found out without judging it.

Validators follow every reference anew wherever they meet it. So a small schema whose definitions each refer to the next
one twice keeps them busy for ever, and they cannot be interrupted. For self-contained documents.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from dome_spec.contracts.compatibility.definitions import target
from dome_spec.contracts.compatibility.dialect import UNEVALUATED

PLACES_MAX: Final = 200_000
"""Schemas against parts of the document that are looked at; beyond it the work counts as too much."""

_LISTS: Final = ("allOf", "anyOf", "oneOf")
_SINGLE: Final = ("not", "if")
_AFTER_IF: Final = ("then", "else")
_MEMBERS: Final = ("additionalProperties", "propertyNames", "unevaluatedProperties")
_ITEMS: Final = ("items", "contains", "unevaluatedItems")


class _TooMuch(Exception):
    """There are more places than are looked at."""


def effort(schema: Any, document: Any, *, effort_max: int) -> int:
    """How often a schema is held against a part of the document, at most; `effort_max` + 1 where it is more.

    The schema is self-contained, and no reference in it leads back to where it began.
    """
    try:
        found = _Effort(schema).judging(schema, document)
    except (_TooMuch, RecursionError):
        return effort_max + 1
    return min(found, effort_max + 1)


def expanded(whole: Any, schema: Any, known: dict[int, int]) -> int:
    """How many schemas are held against one value by a schema of the document, each as often as it is referred to.

    Raises RecursionError. `known` keeps what was found out about the document.
    """
    if not isinstance(schema, dict):
        return 1
    found = known.get(id(schema))
    if found is None:
        found = known[id(schema)] = 1 + sum(expanded(whole, inner, known) for inner in _beside(schema, whole))
    return found


class _Effort:
    def __init__(self, whole: Any) -> None:
        self._whole = whole
        self._judging: dict[tuple[int, int], int] = {}
        self._collecting: dict[tuple[int, int], int] = {}

    def judging(self, schema: Any, value: Any) -> int:
        """How much it takes to judge the value."""
        if not isinstance(schema, dict):
            return 1
        key = id(schema), id(value)
        found = self._judging.get(key)
        if found is None:
            if len(self._judging) > PLACES_MAX:
                raise _TooMuch
            found = 1 + sum(self.judging(inner, value) for inner in _beside(schema, self._whole))
            found += sum(self.judging(inner, part) for inner, part in _within(schema, value))
            if not UNEVALUATED.isdisjoint(schema):
                found += self._collected(schema, value)
            self._judging[key] = found
        return found

    def _collected(self, schema: Any, value: Any) -> int:
        """How much it takes to collect what the schema evaluates in the value."""
        if not isinstance(schema, dict):
            return 1
        key = id(schema), id(value)
        found = self._collecting.get(key)
        if found is None:
            found = 1
            for inner in _beside(schema, self._whole):
                found += self.judging(inner, value) + self._collected(inner, value)
            self._collecting[key] = found
        return found


def _beside(schema: Mapping[str, Any], whole: Any) -> Iterator[Any]:
    """The schemas that are held against the same value."""
    if "$ref" in schema:
        yield target(whole, schema["$ref"])
    for keyword in _LISTS:
        yield from schema.get(keyword, ())
    for keyword in (*_SINGLE, *(_AFTER_IF if "if" in schema else ())):
        if keyword in schema:
            yield schema[keyword]
    yield from schema.get("dependentSchemas", {}).values()


def _within(schema: Mapping[str, Any], value: Any) -> Iterator[tuple[Any, Any]]:
    """The schemas that are held against parts of the value, each with that part."""
    if isinstance(value, dict):
        named = schema.get("properties", {})
        yield from ((named[name], part) for name, part in value.items() if name in named)
        others = [*schema.get("patternProperties", {}).values()]
        others += [schema[keyword] for keyword in _MEMBERS if keyword in schema]
        yield from ((other, part) for other in others for part in value.values())
    elif isinstance(value, list):
        yield from zip(schema.get("prefixItems", ()), value, strict=False)
        others = [schema[keyword] for keyword in _ITEMS if keyword in schema]
        yield from ((other, part) for other in others for part in value)
