"""The fields that either side of a mapping has to account for. Judges nothing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ci.gates.registries import schema_place
from ci.gates.wire_fields import Messages


def properties(tree: Path, place: str, prefix: str, rows: list[str]) -> Iterator[str]:
    """Pointers of all properties; of an object of which rows name parts, those of the parts."""
    home, schema = _followed(tree, place)
    for name in schema.get("properties", {}):
        pointer = f"{prefix}/{name}"
        if any(row.startswith(f"{pointer}/") for row in rows):
            yield from properties(tree, f"{home}/properties/{name}", pointer, rows)
        else:
            yield pointer


def _followed(tree: Path, place: str) -> tuple[str, dict[str, Any]]:
    """Where a schema stands after its references, and what stands there."""
    schema = schema_place(tree, place)
    if not isinstance(schema, dict) or "$ref" not in schema:
        return place, schema if isinstance(schema, dict) else {}
    file, _, pointer = schema["$ref"].partition("#")
    family = place.partition("#")[0]
    if file:
        # "../../shared/v1/definitions.json" or "packet.json", from the folder of the family.
        parts = file.removesuffix(".json").split("/")
        family = f"{parts[-3] if len(parts) > 1 else family.partition('/')[0]}/{parts[-1]}"
    return _followed(tree, f"{family}#{pointer}")


def fields(messages: Messages, message: str, prefix: str, rows: list[str]) -> Iterator[str]:
    """Paths of all fields; of a oneof that a row names, its own name instead of its members'."""
    oneofs = {field.oneof for field in messages[message] if field.oneof and prefix + field.oneof in rows}
    yield from (prefix + oneof for oneof in sorted(oneofs))
    for field in messages[message]:
        path = prefix + field.name
        if any(row.startswith(f"{path}.") for row in rows):
            yield from fields(messages, field.message, f"{path}.", rows)
        elif field.oneof not in oneofs:
            yield path
