"""Spoils a valid document in every way that its schema's plain rules forbid. Judges nothing.

The plain rules: `type`, `required`, `additionalProperties: false`, `enum`, `const`. They are read where the schema
applies them outright, through `properties`, `items`, `additionalProperties`, `$ref` and the branch of a `oneOf` whose
tags the value bears; what stands below other `oneOf`, `anyOf`, `if` and their like is for examples by hand.
"""

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple
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
Scope = tuple[str, dict[str, Any]]
Schema = tuple[Any, Scope]
# A schema, by its identity in memory, and what breaks it.
Rule = tuple[int, str]


class Mutation(NamedTuple):
    """A spoilt document: what was done to it in words, and which rule it breaks."""

    what: str
    document: Any
    rule: Rule


def mutations(
    document: Any, schema: dict[str, Any], known: Sequence[dict[str, Any]], seen: set[Rule] | None = None
) -> Iterator[Mutation]:
    """Each spoilt document. A rule is broken once: those in `seen` are left out."""
    by_id = {one["$id"]: one for one in known}
    scope = (str(schema.get("$id", "")), {**by_id, str(schema.get("$id", "")): schema})
    yield from _at(document, (), (schema, scope), set() if seen is None else seen)


def _at(document: Any, path: Path, node: Schema, seen: set[Rule]) -> Iterator[Mutation]:
    schema, scope = node
    if not isinstance(schema, dict):
        return
    value = _get(document, path)
    if "$ref" in schema:
        yield from _at(document, path, _resolved(schema["$ref"], scope), seen)
    if (branch := _tagged(value, schema.get("oneOf", ()), scope)) is not None:
        yield from _at(document, path, branch, seen)
    for what, spoilt in _spoilt(value, schema):
        if (rule := (id(schema), what)) not in seen:
            seen.add(rule)
            yield Mutation(f"/{'/'.join(map(str, path))} {what}", _with(document, path, spoilt), rule)
    for step, below in _children(value, schema):
        yield from _at(document, (*path, step), (below, scope), seen)


def _spoilt(value: Any, schema: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """What breaks a plain rule of this schema, and the value that does."""
    for name in schema.get("required", ()):
        yield f"without {name}", {key: value[key] for key in value if key != name}
    if schema.get("additionalProperties") is False and isinstance(value, dict):
        yield f"with {STRANGER}", {**value, STRANGER: 1}
    if "enum" in schema or "const" in schema:
        yield f"= {STRANGER}", STRANGER
    if "type" in schema:
        allowed = {schema["type"]} if isinstance(schema["type"], str) else set(schema["type"])
        for name in sorted(SAMPLES.keys() - allowed - ({"integer"} if "number" in allowed else set())):
            yield f"of type {name}", SAMPLES[name]


def _children(value: Any, schema: dict[str, Any]) -> Iterator[tuple[str | int, Any]]:
    if isinstance(value, dict):
        named = schema.get("properties", {})
        for key in value:
            yield key, named.get(key, schema.get("additionalProperties"))
    elif isinstance(value, list):
        for index in range(len(value)):
            yield index, schema.get("items")


def _tagged(value: Any, branches: Sequence[Any], scope: Scope) -> Schema | None:
    """The branch that the value's own constants choose, if all branches have constants to be told apart by."""
    found = [_resolved(branch["$ref"], scope) if "$ref" in branch else (branch, scope) for branch in branches]
    tags = [_constants(schema) for schema, _ in found]
    if not isinstance(value, dict) or not all(tags):
        return None
    chosen = [branch for branch, tag in zip(found, tags, strict=True) if tag.items() <= value.items()]
    return chosen[0] if len(chosen) == 1 else None


def _constants(schema: dict[str, Any]) -> dict[str, str]:
    """The required properties that have one text only."""
    named = ((name, schema.get("properties", {}).get(name, {})) for name in schema.get("required", ()))
    return {name: each["const"] for name, each in named if isinstance(each.get("const"), str)}


def _resolved(reference: str, scope: Scope) -> Schema:
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
