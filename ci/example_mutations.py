"""Spoils a valid document in every way that its schema's plain rules forbid. Judges nothing.

The plain rules: `type`, `required`, `additionalProperties: false`, `enum`, `const`. They are read where the schema
applies them outright, through `properties`, `items`, `additionalProperties` and `$ref`; what stands below `anyOf`,
`if` and their like is for examples by hand.
"""

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urljoin

STRANGER: Final = "x_not_in_the_contract"
SAMPLES: Final[Mapping[str, Any]] = {
    "null": None,
    "boolean": True,
    "integer": 7,
    "number": 7.5,
    "string": STRANGER,
    "array": [],
    "object": {},
}

Path = tuple[str | int, ...]
Mutation = tuple[str, Any]


def mutations(document: Any, schema: dict[str, Any], known: Sequence[dict[str, Any]]) -> Iterator[Mutation]:
    """Each spoilt document, with what was done to it in words."""
    by_id = {one["$id"]: one for one in known}
    yield from _at(document, (), schema, (str(schema.get("$id", "")), {**by_id, str(schema.get("$id", "")): schema}))


def _at(document: Any, path: Path, schema: Any, scope: tuple[str, dict[str, Any]]) -> Iterator[Mutation]:
    if not isinstance(schema, dict):
        return
    value = _get(document, path)
    where = "/" + "/".join(map(str, path))
    if "$ref" in schema:
        yield from _at(document, path, *_resolved(schema["$ref"], scope))
    for name in schema.get("required", ()):
        yield f"{where} without {name}", _with(document, path, {key: value[key] for key in value if key != name})
    if schema.get("additionalProperties") is False and isinstance(value, dict):
        yield f"{STRANGER} in {where}", _with(document, path, {**value, STRANGER: 1})
    if "enum" in schema or "const" in schema:
        yield f"{where} = {STRANGER}", _with(document, path, STRANGER)
    if "type" in schema:
        allowed = {schema["type"]} if isinstance(schema["type"], str) else set(schema["type"])
        for name in sorted(SAMPLES.keys() - allowed - ({"integer"} if "number" in allowed else set())):
            yield f"{where} of type {name}", _with(document, path, SAMPLES[name])
    for step, below in _children(value, schema):
        yield from _at(document, (*path, step), below, scope)


def _children(value: Any, schema: dict[str, Any]) -> Iterator[tuple[str | int, Any]]:
    if isinstance(value, dict):
        named = schema.get("properties", {})
        for key in value:
            yield key, named.get(key, schema.get("additionalProperties"))
    elif isinstance(value, list):
        for index in range(len(value)):
            yield index, schema.get("items")


def _resolved(reference: str, scope: tuple[str, dict[str, Any]]) -> tuple[Any, tuple[str, dict[str, Any]]]:
    base, by_id = scope
    document_id, _, pointer = urljoin(base, reference).partition("#")
    found: Any = by_id[document_id]
    for step in pointer.split("/")[1:]:
        found = found[step.replace("~1", "/").replace("~0", "~")]
    return found, (document_id, by_id)


def _get(document: Any, path: Path) -> Any:
    for step in path:
        document = document[step]
    return document


def _with(document: Any, path: Path, value: Any) -> Any:
    """A copy in which one place has another value."""
    if not path:
        return value
    changed = copy.deepcopy(document)
    _get(changed, path[:-1])[path[-1]] = value
    return changed
