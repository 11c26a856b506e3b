"""Pointers from a manifest into a tool's input: whether the schema assures what they lead to, and what is there.

A pointer leads through properties only. What it leads to has to be written in place in the schema: a reference, or a
choice, would have to be understood to be sure of the type.
"""

from collections.abc import Mapping
from typing import Any

from domed.catalog import strict_json


def assures_text(pointer: str, schema: Mapping[str, Any]) -> bool:
    """Whether an input that fits the schema has a string at the pointer, or nothing."""
    return _is_text(_declared(pointer, schema, required=False))


def assures_texts(pointer: str, schema: Mapping[str, Any], *, one_at_least: bool) -> bool:
    """Whether an input that fits the schema has an array of strings at the pointer."""
    declared = _declared(pointer, schema, required=True)
    return (
        declared.get("type") == "array"
        and all(map(_is_text, (declared.get("items"), *declared.get("prefixItems", ()))))
        and (declared.get("minItems", 0) >= 1 or not one_at_least)
    )


def find(pointer: str, payload: bytes) -> Any:
    """What an input has at the pointer; None where it has nothing."""
    value = strict_json.parse(payload) if payload else {}
    for step in _steps(pointer):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _declared(pointer: str, schema: Mapping[str, Any], *, required: bool) -> Mapping[str, Any]:
    """The schema of what the pointer leads to. Empty where it is not written in place, or not required but is to be."""
    declared: object = schema
    for step in _steps(pointer):
        if not isinstance(declared, dict) or declared.get("type") != "object":
            return {}
        if required and step not in declared.get("required", ()):
            return {}
        declared = declared.get("properties", {}).get(step)
    return declared if isinstance(declared, dict) else {}


def _is_text(declared: object) -> bool:
    return isinstance(declared, dict) and declared.get("type") == "string"


def _steps(pointer: str) -> list[str]:
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
