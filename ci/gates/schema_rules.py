"""The house rules for schemas: closed objects, a description everywhere, and who owns what at the top."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from ci.gates.finding import Finding
from ci.gates.reading import json_at

FOLDER: Final = "contracts/jsonschema"
TIERS: Final = ("stable", "experimental", "internal")
INTENTS: Final = ("resource_spec", "job_invocation", "status", "event_log", "error")
# Definitions that several families use; no family, so it has no owner of its own.
SHARED: Final = "shared"
APPLICATORS: Final = ("allOf", "anyOf", "oneOf", "prefixItems")
# Not `if`, `then`, `else` and `not`: they narrow an object that is declared, described and closed beside them.
SINGLE: Final = ("items", "contains", "additionalProperties", "unevaluatedProperties")

CLOSING: Final = frozenset({"additionalProperties", "unevaluatedProperties"})
CLOSE: Final = 'Say `"additionalProperties": false`, or give their schema.'


def check(tree: Path) -> list[Finding]:
    """Open objects, missing descriptions, and families that do not say their tier, owner and intent."""
    folder = tree / FOLDER
    return [found for path in sorted(folder.rglob("*.json")) for found in _in_file(tree, path)]


def _in_file(tree: Path, path: Path) -> Iterator[Finding]:
    place = path.relative_to(tree).as_posix()
    schema = json_at(tree, path)
    context = path.relative_to(tree / FOLDER).parts[0]
    if not str(schema.get("$id", "")).endswith(path.relative_to(tree / FOLDER).as_posix()):
        yield Finding(place, "$id does not end with the file's own path", "Name it after its place.")
    wanted: dict[str, tuple[str, ...]] = {"title": (), "description": ()}
    if context != SHARED:
        wanted |= {"x-dome-tier": TIERS, "x-dome-intent": INTENTS, "x-dome-owner": ()}
    for key, allowed in wanted.items():
        value = schema.get(key)
        if not value or (allowed and value not in allowed):
            choice = f"one of {', '.join(allowed)}" if allowed else "a text"
            yield Finding(f"{place}#", f"{key} is {json.dumps(value)}", f"Give it {choice}.")
    yield from _closed(f"{place}#", schema)
    for name, definition in schema.get("$defs", {}).items():
        yield from _described(f"{place}#/$defs/{name}", definition)
        yield from _closed(f"{place}#/$defs/{name}", definition)


def _closed(place: str, schema: Any) -> Iterator[Finding]:
    """Objects that say nothing of further properties, here and below."""
    if not isinstance(schema, dict):
        return
    properties = schema.get("properties", {})
    is_object = schema.get("type") == "object" or bool(properties)
    if is_object and not CLOSING & schema.keys():
        yield Finding(place, "the object is open", CLOSE)
    if properties and any(schema.get(key) in (True, {}) for key in CLOSING):
        yield Finding(place, "the object names its fields, and is open for any other", CLOSE)
    for name, value in properties.items():
        yield from _described(f"{place}/properties/{name}", value)
        yield from _closed(f"{place}/properties/{name}", value)
    for key in SINGLE:
        yield from _closed(f"{place}/{key}", schema.get(key))
    for key in APPLICATORS:
        for index, part in enumerate(schema.get(key, ())):
            yield from _closed(f"{place}/{key}/{index}", part)


def _described(place: str, schema: Any) -> Iterator[Finding]:
    """A property or definition without a description. What it refers to may speak for it."""
    if isinstance(schema, dict) and not schema.get("description") and "$ref" not in schema:
        yield Finding(place, "there is no description", "Say what it is, in a sentence.")
