"""Whether JSON is a schema: folders hold examples, settings and data beside their schemas. Judges no schema."""

import re
from collections.abc import Iterator
from typing import Any, Final

TYPES: Final = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})
_OBJECTS: Final = ("$defs", "definitions", "properties", "patternProperties")
_LIKELY: Final = re.compile(rb'"(?:\$schema|\$id|\$ref|\$defs|properties|additionalProperties)"\s*:')
_DIALECT: Final = "json-schema.org/"


def is_schema(document: Any) -> bool:
    """Whether the document says that it is a schema, or is built like one."""
    if not isinstance(document, dict):
        return False
    dialect = document.get("$schema")
    if isinstance(dialect, str) and _DIALECT in dialect:
        return True
    return any(_signs(document, has_foreign_dialect=isinstance(dialect, str)))


def is_likely_schema(data: bytes) -> bool:
    """Whether bytes that are no JSON look as if they were meant to be a schema."""
    return _LIKELY.search(data) is not None


def _signs(document: dict[str, Any], *, has_foreign_dialect: bool) -> Iterator[bool]:
    # A setting names the schema that describes it under the same word by which a schema names its dialect.
    yield isinstance(document.get("$id"), str) and not has_foreign_dialect
    yield any(_is_schemas(document.get(key)) for key in _OBJECTS)
    yield _is_type(document.get("type"))
    yield any(
        isinstance(document.get(key), list) and all(map(_is_part, document[key])) for key in ("allOf", "anyOf", "oneOf")
    )
    yield isinstance(document.get("$ref"), str) and document.keys() <= {"$ref", "$comment", "title", "description"}


def _is_schemas(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_part, value.values()))


def _is_part(value: Any) -> bool:
    return isinstance(value, dict | bool)


def _is_type(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and all(isinstance(each, str) and each in TYPES for each in value)
    return isinstance(value, str) and value in TYPES
