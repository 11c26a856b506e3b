"""Pairs of JSON Schemas as authors of contracts change them, to measure comparisons with. The same in every run."""

import copy
from collections.abc import Callable
from typing import Any, Final

Edit = Callable[[dict[str, Any]], None]


def family(number: int) -> dict[str, Any]:
    """A closed family with ids, times, vocabularies, a shared definition, a list and two kinds of payload."""
    name = f"family_{number}"
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"https://schemas.example/{name}.json",
        "title": name,
        "description": "What one step of the work has left behind.",
        "type": "object",
        "properties": {
            "id": {"type": "string", "pattern": f"^{name}_[0-9a-z]{{4,26}}$", "description": "Names the document."},
            "create_time": {"type": "string", "format": "date-time"},
            "state": {"enum": ["queued", "running", "done", "failed"]},
            "attempts": {"type": "integer", "minimum": 0, "maximum": 10 + number % 7, "default": 1},
            "ratio": {"type": "number", "minimum": 0, "maximum": 1},
            "owner": {"$ref": "#/$defs/person"},
            "labels": {
                "type": "object",
                "propertyNames": {"pattern": "^[a-z][a-z0-9-]*$"},
                "additionalProperties": {"type": "string", "maxLength": 64},
            },
            "artifacts": {"type": "array", "items": {"$ref": "#/$defs/artifact"}, "maxItems": 100},
            "payload": {"oneOf": [{"$ref": "#/$defs/command"}, {"$ref": "#/$defs/note"}]},
        },
        "required": ["id", "create_time", "state"],
        "additionalProperties": False,
        "$defs": {
            "person": _closed({"name": {"type": "string", "minLength": 1}, "email": {"format": "email"}}, "name"),
            "artifact": _closed(
                {
                    "digest": {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"},
                    "bytes": {"type": "integer", "minimum": 0},
                    "path": {"type": "string", "minLength": 1, "maxLength": 1024},
                },
                "digest",
                "bytes",
            ),
            "command": _closed(
                {"kind": {"const": "command"}, "argv": {"type": "array", "items": {"type": "string"}, "minItems": 1}},
                "kind",
                "argv",
            ),
            "note": _closed({"kind": {"const": "note"}, "text": {"type": "string"}}, "kind", "text"),
        },
    }


def _closed(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def _of(schema: dict[str, Any], name: str) -> dict[str, Any]:
    field: dict[str, Any] = schema["properties"][name]
    return field


def _moved(schema: dict[str, Any]) -> None:
    schema["$defs"]["ratio"] = schema["properties"]["ratio"]
    schema["properties"]["ratio"] = {"$ref": "#/$defs/ratio"}


EDITS: Final[tuple[tuple[str, Edit], ...]] = (
    ("an optional field more", lambda schema: schema["properties"].update(comment={"type": "string"})),
    ("a field becomes required", lambda schema: schema["required"].append("attempts")),
    ("a narrower pattern", lambda schema: _of(schema, "id").update(pattern="^family_[0-9]+_[0-9a-z]{4,25}$")),
    ("a value more", lambda schema: _of(schema, "state")["enum"].append("paused")),
    ("a value less", lambda schema: _of(schema, "state")["enum"].remove("failed")),
    ("another default", lambda schema: _of(schema, "attempts").update(default=2)),
    ("a lower bound", lambda schema: _of(schema, "attempts").update(maximum=5)),
    ("a higher bound", lambda schema: _of(schema, "attempts").update(maximum=50)),
    ("a field is gone", lambda schema: schema["properties"].pop("labels")),
    ("a definition of its own", _moved),
    ("deeper: a shorter path", lambda schema: schema["$defs"]["artifact"]["properties"]["path"].update(maxLength=512)),
    ("deeper: a kind is gone", lambda schema: _of(schema, "payload")["oneOf"].pop()),
    ("nothing but order", lambda schema: schema["required"].reverse()),
)
"""What authors do, one thing at a time."""


def pairs(count: int) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """So many pairs: each family with one edit, the edits in turn."""
    found = []
    for number in range(count):
        old = family(number)
        new = copy.deepcopy(old)
        EDITS[number % len(EDITS)][1](new)
        found.append((old, new))
    return found
