"""Documents that a schema may accept, and documents near them. Naive on purpose: shares nothing with the engine."""

from random import Random
from typing import Any, Final

from tests.contract.schema_pairs.vocabulary import NAMES, NUMBERS, TEXTS, VALUES, likely

DEPTH_MAX: Final = 5
_BY_TYPE: Final[dict[str, tuple[Any, ...]]] = {
    "null": (None,),
    "boolean": (True, False),
    "integer": (-1, 0, 1, 2, 3, 5, 6, 10, 12, 30),
    "number": (*NUMBERS, 0.1, 0.3, 1.5, -2.5),
    "string": TEXTS,
}


def documents(old: Any, new: Any, chance: Random, *, count: int) -> list[Any]:
    """Documents for a pair of schemas: made after each, and those changed; then some of the pool."""
    found: list[Any] = []
    for _ in range(count):
        schema = chance.choice((old, new))
        document = a_document(schema, schema, chance, 0)
        found += [document, mutated(document, chance)]
    return found + chance.sample(VALUES, 6)


def a_document(schema: Any, root: Any, chance: Random, depth: int) -> Any:
    """A document that tries to follow the schema."""
    if not isinstance(schema, dict) or depth > DEPTH_MAX:
        return chance.choice(VALUES)
    for keyword in ("$ref", "$dynamicRef", "allOf", "anyOf", "oneOf", "then", "else"):
        if keyword in schema and (likely(chance, 60) or len(schema) == 1):
            inner = schema[keyword]
            target = _target(inner, root) if isinstance(inner, str) else inner
            return a_document(chance.choice(target) if isinstance(target, list) else target, root, chance, depth + 1)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return chance.choice(schema["enum"])
    types = schema.get("type") or _implied(schema)
    kind = chance.choice(types) if isinstance(types, list) else types
    if kind == "object":
        return _an_object(schema, root, chance, depth)
    if kind == "array":
        return _an_array(schema, root, chance, depth)
    bounds = [value for value in schema.values() if isinstance(value, int | float)]
    near = tuple(bound + step for bound in bounds for step in (-1, 0, 0.5, 1))
    if kind == "string":
        return "a" * min(20, int(chance.choice(near))) if near and likely(chance, 40) else chance.choice(TEXTS)
    return chance.choice((*_BY_TYPE.get(str(kind), VALUES), *near))


def _implied(schema: dict[str, Any]) -> str:
    if not {"properties", "required", "minProperties", "propertyNames", "patternProperties"}.isdisjoint(schema):
        return "object"
    return "array" if not {"items", "prefixItems", "contains", "minItems"}.isdisjoint(schema) else "string"


def _target(reference: str, root: Any) -> Any:
    value = root
    if reference.startswith("#/"):
        for part in reference[2:].split("/"):
            value = value.get(part, True)
    elif reference != "#":
        return root["$defs"].get(reference[1:], True)
    return value


def _an_object(schema: dict[str, Any], root: Any, chance: Random, depth: int) -> dict[str, Any]:
    members = schema.get("properties") or {}
    names = [name for name in members if likely(chance, 60)] + list(schema.get("required") or ())
    found = {name: a_document(members.get(name, True), root, chance, depth + 1) for name in names}
    if likely(chance, 25):
        extra = schema.get("additionalProperties", schema.get("unevaluatedProperties", True))
        found[chance.choice((*NAMES, "fresh"))] = a_document(extra, root, chance, depth + 1)
    return found


def _an_array(schema: dict[str, Any], root: Any, chance: Random, depth: int) -> list[Any]:
    length = chance.choice((0, 1, 2, 3, schema.get("minItems", 1), schema.get("maxItems", 2)))
    prefix = schema.get("prefixItems") or []
    parts = [schema.get("items", True), schema.get("contains", True)]
    return [
        a_document(prefix[index] if index < len(prefix) else chance.choice(parts), root, chance, depth + 1)
        for index in range(min(20, max(0, int(length))))
    ]


def mutated(document: Any, chance: Random) -> Any:
    """A document like this one with one thing changed."""
    if isinstance(document, dict) and document and likely(chance, 80):
        name = chance.choice(list(document))
        if likely(chance, 30):
            return {other: value for other, value in document.items() if other != name}
        if likely(chance, 25):
            return {**document, chance.choice((*NAMES, "fresh")): chance.choice(VALUES)}
        return {**document, name: mutated(document[name], chance)}
    if isinstance(document, list) and document and likely(chance, 80):
        index = chance.randrange(len(document))
        if likely(chance, 30):
            return document[:index] + document[index + 1 :]
        if likely(chance, 30):
            return [*document, document[index]]
        return [*document[:index], mutated(document[index], chance), *document[index + 1 :]]
    if isinstance(document, int | float) and not isinstance(document, bool):
        return document + chance.choice((-1, 1, 0.5))
    if isinstance(document, str) and likely(chance, 60):
        return document + "a" if likely(chance, 50) else document[:-1]
    return chance.choice(VALUES)
