"""Schemas over all keywords of 2020-12: nested, with references, recursion, patterns, formats and booleans."""

import json
from collections.abc import Callable
from random import Random
from typing import Any, Final

from tests.contract.schema_pairs.vocabulary import (
    COUNTS,
    FORMATS,
    NAMES,
    NUMBERS,
    PATTERNS,
    STEPS,
    TYPES,
    VALUES,
    likely,
    some,
)

DEPTH_MAX: Final = 3


def a_schema(chance: Random) -> Any:
    """A whole schema with its definitions. References stand below a keyword that reads further, or at the very top."""
    if likely(chance, 2):
        return likely(chance, 50)
    definitions = {"node": a_part(chance, 1), "leaf": a_part(chance, DEPTH_MAX)}
    schema = (
        chance.choice(COMBINED if likely(chance, 25) else OUTER)(chance, 1) if likely(chance, 85) else a_part(chance, 0)
    )
    if not isinstance(schema, dict):
        schema = {"anyOf": [schema, {"type": "integer"}]}
    if likely(chance, 8):
        schema = {**schema, "$ref": "#/$defs/node"}
    if likely(chance, 10) and isinstance(definitions["leaf"], dict):
        definitions["leaf"] = {**definitions["leaf"], "$dynamicAnchor": "leaf"}
        schema["properties"] = {**schema.get("properties", {}), "b": {"$dynamicRef": "#leaf"}}
    return schema | _used(schema, definitions)


def _used(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """The definitions that something refers to: changes of others change nothing."""
    used: set[str] = set()
    text = json.dumps(schema)
    for _ in definitions:
        used |= {name for name in definitions if f"#/$defs/{name}" in text or f'"#{name}"' in text}
        text += json.dumps([definitions[name] for name in sorted(used)])
    return {"$defs": {name: definitions[name] for name in sorted(used)}} if used else {}


def a_part(chance: Random, depth: int) -> Any:
    """A subschema."""
    dice = chance.randrange(100)
    if dice < 3:
        return likely(chance, 60)
    if dice < 12 and depth > 0:
        return {"$ref": chance.choice(("#/$defs/node", "#/$defs/leaf", "#"))}
    if dice < 17:
        return {"enum": some(chance, VALUES, 1, 4)} if likely(chance, 70) else {"const": chance.choice(VALUES)}
    if dice < 28 and depth < DEPTH_MAX:
        return chance.choice(COMBINED)(chance, depth + 1)
    if dice < 32:
        return asserted(chance)
    return chance.choice(TYPED if depth < DEPTH_MAX else SCALAR)(chance, depth + 1)


def _below(chance: Random, depth: int) -> Any:
    return chance.choice(SCALAR)(chance, depth) if likely(chance, 45) else a_part(chance, depth)


def text(chance: Random, _depth: int) -> dict[str, Any]:
    """Texts."""
    keywords: list[Callable[[], dict[str, Any]]] = [
        lambda: {"minLength": chance.choice(COUNTS)},
        lambda: {"maxLength": chance.choice(COUNTS) + 1},
        lambda: {"pattern": chance.choice(PATTERNS)},
        lambda: {"format": chance.choice(FORMATS)},
        lambda: {"enum": some(chance, ("a", "b", "c", "ab"))},
    ]
    return {"type": "string"} | _joined(chance.sample(keywords, chance.choice((0, 1, 1, 1, 2))))


def number(chance: Random, _depth: int) -> dict[str, Any]:
    """Numbers."""
    keywords: list[Callable[[], dict[str, Any]]] = [
        lambda: {"minimum": chance.choice(NUMBERS)},
        lambda: {"maximum": chance.choice(NUMBERS)},
        lambda: {"exclusiveMinimum": chance.choice(NUMBERS)},
        lambda: {"exclusiveMaximum": chance.choice(NUMBERS)},
        lambda: {"multipleOf": chance.choice(STEPS)},
    ]
    kind = chance.choice(("integer", "number"))
    return {"type": kind} | _joined(chance.sample(keywords, chance.choice((0, 1, 1, 2))))


def plain(chance: Random, _depth: int) -> dict[str, Any]:
    """Values of some types."""
    return {"type": chance.choice(TYPES) if likely(chance, 60) else some(chance, TYPES, 2, 3)}


def array(chance: Random, depth: int) -> dict[str, Any]:
    """Arrays."""
    keywords: list[Callable[[], dict[str, Any]]] = [
        lambda: {"items": _below(chance, depth)},
        lambda: {"prefixItems": [_below(chance, depth) for _ in range(chance.randint(1, 2))]},
        lambda: {"minItems": chance.choice(COUNTS)},
        lambda: {"maxItems": chance.choice(COUNTS)},
        lambda: {"uniqueItems": likely(chance, 80)},
        lambda: {"contains": _below(chance, depth)},
        lambda: {"contains": _below(chance, depth), "minContains": chance.choice(COUNTS)},
        lambda: {"contains": _below(chance, depth), "maxContains": chance.choice(COUNTS) + 1},
        lambda: {"unevaluatedItems": False, "prefixItems": [_below(chance, depth)]},
    ]
    return {"type": "array"} | _joined(chance.sample(keywords, chance.choice((0, 1, 1, 2, 3))))


def object_(chance: Random, depth: int) -> dict[str, Any]:
    """Objects."""
    names = some(chance, NAMES, 1, 3)
    schema: dict[str, Any] = {"type": "object", "properties": {name: _below(chance, depth) for name in names}}
    if likely(chance, 40):
        schema["required"] = chance.sample(names, chance.randint(1, len(names)))
    if likely(chance, 35):
        schema["additionalProperties"] = False
    keywords: list[Callable[[], dict[str, Any]]] = [
        lambda: {"additionalProperties": _below(chance, depth)},
        lambda: {"patternProperties": {chance.choice(PATTERNS): _below(chance, depth)}},
        lambda: {"propertyNames": {"pattern": chance.choice(PATTERNS)} if likely(chance, 50) else {"maxLength": 2}},
        lambda: {"minProperties": chance.choice(COUNTS)},
        lambda: {"maxProperties": chance.choice(COUNTS) + 1},
        lambda: {"dependentRequired": {chance.choice(NAMES): some(chance, NAMES, 1, 2)}},
        lambda: {"dependentSchemas": {chance.choice(NAMES): a_part(chance, depth)}},
        lambda: {"unevaluatedProperties": False if likely(chance, 70) else _below(chance, depth)},
    ]
    return schema | _joined(chance.sample(keywords, chance.choice((0, 0, 1, 1, 2))))


def asserted(chance: Random) -> dict[str, Any]:
    """Assertions without a type: they say nothing of values of other types."""
    return _joined([lambda: dict(list(chance.choice(TYPED)(chance, DEPTH_MAX).items())[1:]) for _ in range(2)])


def _any_of(chance: Random, depth: int) -> dict[str, Any]:
    return {"anyOf": [a_part(chance, depth) for _ in range(chance.randint(1, 3))]}


def _one_of(chance: Random, depth: int) -> dict[str, Any]:
    if likely(chance, 60):
        return {"oneOf": [_tagged(chance, depth, tag) for tag in some(chance, ("a", "b", "c"), 2, 3)]}
    return {"oneOf": [a_part(chance, depth) for _ in range(chance.randint(1, 3))]}


def _tagged(chance: Random, depth: int, tag: str) -> dict[str, Any]:
    schema = object_(chance, depth + 1)
    schema["properties"] = {**schema["properties"], "kind": {"const": tag}}
    return schema | {"required": sorted({*schema.get("required", ()), "kind"})}


def _all_of(chance: Random, depth: int) -> dict[str, Any]:
    schema = {"allOf": [chance.choice(TYPED)(chance, depth) for _ in range(chance.randint(1, 2))]}
    return schema | ({"unevaluatedProperties": False} if likely(chance, 25) else {})


def _not(chance: Random, depth: int) -> dict[str, Any]:
    return {"not": a_part(chance, depth)} | (plain(chance, depth) if likely(chance, 50) else {})


def _if(chance: Random, depth: int) -> dict[str, Any]:
    schema = {"if": a_part(chance, depth)}
    for keyword in ("then", "else"):
        if likely(chance, 60):
            schema[keyword] = a_part(chance, depth)
    return schema


def _joined(parts: list[Callable[[], dict[str, Any]]]) -> dict[str, Any]:
    return {keyword: value for part in parts for keyword, value in part().items()}


Maker = Callable[[Random, int], dict[str, Any]]
SCALAR: Final[tuple[Maker, ...]] = (text, text, number, number, plain)
TYPED: Final[tuple[Maker, ...]] = (*SCALAR, array, array, object_, object_, object_, object_)
OUTER: Final[tuple[Maker, ...]] = (object_, object_, object_, object_, array)
COMBINED: Final[tuple[Maker, ...]] = (_any_of, _one_of, _all_of, _not, _if)
