"""Keywords of a schema that say nothing of the type beside them. A part of the gate on lint, which overlooks some."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from ci.gates.finding import Finding
from ci.gates.reading import all_json
from dome_spec.kernel import nearest, positions
from dome_spec.kernel.json_pointer import pointer

NUMBER: Final = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"})
SAYS: Final[Mapping[str, frozenset[str]]] = {
    "string": frozenset({"minLength", "maxLength", "pattern"}),
    "number": NUMBER,
    "integer": NUMBER,
    "array": frozenset({"items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains"}),
    "object": frozenset(
        {"properties", "required", "additionalProperties", "minProperties", "maxProperties", "propertyNames"}
    ),
}
EVERY: Final = frozenset().union(*SAYS.values())
MAPS: Final = ("$defs", "properties", "patternProperties", "dependentSchemas")
LISTS: Final = ("allOf", "anyOf", "oneOf", "prefixItems")
SINGLE: Final = ("items", "contains", "additionalProperties", "propertyNames", "if", "then", "else", "not")

Place = tuple[str | int, ...]


def without_effect(tree: Path, folder: str) -> Iterator[Finding]:
    """Each keyword that can never refuse anything, because no value of its type is allowed there."""
    for path, document in all_json(tree, folder).items():
        for place, keyword, types in _in_schema(document, ()):
            known = positions(path.read_text(encoding="utf-8"))
            line = nearest(known, pointer((*place, keyword))).line
            what = f"{keyword} says nothing of {' or '.join(types)}"
            yield Finding(f"{path.relative_to(tree).as_posix()}:{line}", what, "Take it away, or mend the type.")


def _in_schema(schema: Any, place: Place) -> Iterator[tuple[Place, str, list[str]]]:
    if not isinstance(schema, dict):
        return
    said = schema.get("type", [])
    types = [said] if isinstance(said, str) else [str(each) for each in said]
    if types:
        fitting = frozenset().union(*(SAYS.get(each, frozenset()) for each in types))
        yield from ((place, keyword, types) for keyword in schema if keyword in EVERY - fitting)
    for key, inner in _below(schema):
        yield from _in_schema(inner, (*place, *key))


def _below(schema: Mapping[str, Any]) -> Iterator[tuple[Place, Any]]:
    for keyword in MAPS:
        members = schema.get(keyword)
        yield from (((keyword, name), inner) for name, inner in (members or {}).items())
    for keyword in LISTS:
        yield from (((keyword, index), inner) for index, inner in enumerate(schema.get(keyword) or ()))
    yield from (((keyword,), schema[keyword]) for keyword in SINGLE if keyword in schema)
