"""Reads JSON Schemas of tools: judges values as the daemon does, and follows references within one document. Pure."""

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from dome_contracts.canonical import canonical_bytes
from dome_spec.kernel import Violation, read_json
from dome_spec.kernel.json_pointer import pointer

if TYPE_CHECKING:
    from jsonschema_rs import Validator

VIOLATIONS_MAX: Final = 16
_REFERENCES_MAX: Final = 32


def violations(schema: Mapping[str, Any], value: Any) -> tuple[Violation, ...]:
    """What the schema finds wrong with a value, in the order of the places; at most so many."""
    validator = _validator(canonical_bytes(dict(schema)))
    if validator.is_valid(value):
        return ()
    found = {Violation(pointer(each.instance_path), each.message).storable() for each in validator.iter_errors(value)}
    return tuple(sorted(found)[:VIOLATIONS_MAX])


def accepts(schema: Mapping[str, Any], value: Any) -> bool:
    """Whether the schema accepts a value."""
    return bool(_validator(canonical_bytes(dict(schema))).is_valid(value))


def resolved(part: Any, document: Mapping[str, Any]) -> Mapping[str, Any]:
    """A part of a schema behind its references within the document; empty where it says nothing that is read here."""
    for _ in range(_REFERENCES_MAX):
        if not isinstance(part, Mapping):
            return {}
        reference = part.get("$ref")
        if not isinstance(reference, str) or not reference.startswith("#"):
            return part
        part = _at(document, reference[1:])
    return {}


def _at(document: Any, place: str) -> Any:
    for token in place.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        document = document.get(name) if isinstance(document, Mapping) else None
    return document


@lru_cache(maxsize=64)
def _validator(schema: bytes) -> "Validator":
    from jsonschema_rs import Draft202012Validator

    return Draft202012Validator(read_json(schema), validate_formats=True)
